"""When an update that its event does not raise one-to-one is due and sent: reminders, cadence, lapses, handovers. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from services.scheduler.plan.types import Reason
from services.values import value


@value(frozen=True, slots=True)
class Timing:
    """The instants of one timed update, reckoned by whoever expands its rule; `decide` uses them instead of its own count."""

    clock_start: datetime
    due_at: datetime | None
    due_on: date | None
    """Both None where the list of bank holidays ends before it: no date is better than a wrong one, and a person looks."""
    send_not_before: datetime
    """Nothing goes sooner; hours that force and person allow still count from here."""
    target_at: datetime | None
    """The force's own target in hours, where it sets one (bail or an order that ended with no word)."""
    reason: Reason
    """Why it is due then."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the news states besides what its event says."""
    holds: tuple[str, ...] = ()
    """Codes of `holds.HOLDS`: why only a person may see to it."""
    gone: Reason | None = None
    """Why it is not owed any more. Whatever replaces a timed update is known to whoever expands its rule, never to `decide`."""
    quiet: Reason | None = None
    """Why it troubles nobody yet: it is planned, nothing goes, and no queue has it."""
    told_from: datetime | None = None
    """A conversation before this does not fulfil it; None is from its event on."""
