"""What one person last heard of a hearing, by what left for them: uncertain counts as heard (PR09). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from services.ledger.effective import Effective
from services.scheduler.plan.facts import CaseFile
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.types import OnLedger

_HEARD: Final = frozenset({"sent", "told", "unconfirmed"})
_SAME: Final = ("starts_at", "window", "court", "vacated")
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


def may_have_heard(entry: OnLedger) -> bool:
    """Whether the person heard it, or may have."""
    return entry.live_attempt or entry.state in _HEARD


def last_heard(ledger: tuple[OnLedger, ...], file: CaseFile, item: Effective, person: str) -> Mapping[str, Any] | None:
    """The facts that `person` last heard of the hearing in `item`, from events before it; None if they heard nothing of it."""
    hearing = item.data.hearing
    here = file.position[key_of(item)]
    found: Mapping[str, Any] | None = None
    rank: tuple[int, datetime] | None = None
    for entry in ledger:
        if entry.person != person or entry.update_point != "r8-hearing-date" or entry.facts.get("hearing") != hearing:
            continue
        position = file.position.get((entry.source, entry.event_id), -1)
        if position >= here or not may_have_heard(entry):
            continue
        when = position, entry.told_at or _BEGINNING
        if rank is None or when >= rank:
            found, rank = entry.facts, when
    return found


def says_the_same(facts: Mapping[str, Any], heard: Mapping[str, Any]) -> bool:
    """Whether a person who heard `heard` would read nothing new: date, time, place and whether it is on are the same."""
    return all(facts.get(name) == heard.get(name) for name in _SAME)


def with_what_was_heard(facts: dict[str, Any], heard: Mapping[str, Any] | None) -> dict[str, Any]:
    """The facts with the old date and court beside the new ones, where a person heard others."""
    if heard is None:
        return facts
    was = {"was_at": heard.get("starts_at"), "was_court": heard.get("court")}
    return {**facts, **{name: value for name, value in was.items() if value is not None}}
