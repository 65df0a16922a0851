"""When a message that was accepted counts as told, or is asked after, if no receipt says more. Pure.

A standard email that did not bounce is evidence; a text never is, nor an email of enhanced or safety-critical news.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from schemas.editions.load import load_books

QUIET: Final = timedelta(hours=24)
"""Case time without a bounce after which an email counts as told, unless its deadline is later still."""
RECEIPT_WAIT: Final = timedelta(hours=4)
RECEIPT_MARGIN: Final = timedelta(hours=2)
"""A missing receipt is somebody's task this long after acceptance, or this long before the deadline if that is sooner."""
RECEIPT_LEAST: Final = timedelta(minutes=30)
"""How long a receipt may take even when the deadline is near or past: most come within seconds."""


def no_bounce_suffices(edition: str, update_point: str, cls: str, *, enhanced: bool) -> bool:
    """Whether an accepted email without a bounce fulfils the rule; a rule that no book holds wants a receipt."""
    if enhanced or cls == "safety_critical":
        return False
    try:
        return "no_bounce" in load_books().point(edition, update_point).fulfil_by
    except KeyError:
        return False


def look_at(now: datetime, due_at: datetime | None, *, receipt: bool) -> datetime:
    """When (case time) to look at a message accepted `now` again, if nothing was heard of it."""
    if not receipt:
        return now + QUIET if due_at is None else max(due_at, now + QUIET)
    latest = now + RECEIPT_WAIT
    return latest if due_at is None else min(latest, max(due_at - RECEIPT_MARGIN, now + RECEIPT_LEAST))
