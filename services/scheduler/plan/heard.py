"""What one person last heard of a hearing or of having to come, by what left for them: uncertain counts as heard (PR09). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective, effective
from services.scheduler.plan.case import Case
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.statement import facts_of
from services.scheduler.plan.told import told
from services.scheduler.plan.types import OnLedger

_HEARD: Final = frozenset({"sent", "told", "unconfirmed"})
_SAME: Final = ("starts_at", "window", "court", "vacated", "entrance", "live_link")
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_HEARING: Final = frozenset({"r8-hearing-date", "w-hearing-date", "w-hearing-changed"})
NOT_NEEDED: Final = frozenset({"r8-not-needed", "w-stood-down"})
_COMING: Final = frozenset({"r8-attend", "w-attend", "f-reminder"}) | NOT_NEEDED
_OTHERWISE: Final = "heard_otherwise"
COMPARED: Final = _HEARING | (_COMING - {"f-reminder"})
"""Points whose news is compared with what the person heard last of the same matter."""


def may_have_heard(entry: OnLedger) -> bool:
    """Whether the person heard it, or may have."""
    return entry.live_attempt or entry.state in _HEARD


def as_at(item: Effective, at: datetime) -> Effective:
    """An event as it stood at an instant, by what had been said of it until then."""
    then = [said for said in item.fixes if said.time <= at]
    return item if len(then) == len(item.fixes) else effective([item.event, *then])[0]


def last_heard(case: Case, item: Effective, recipient: Recipient, point: UpdatePoint) -> Mapping[str, Any] | None:
    """The facts that somebody last heard of the hearing in `item`, from events before it; None if they heard nothing of it.

    Heard is what left for them, and what a recorded conversation told them before the event.
    """
    matter = _matter(point)
    here = case.file.position[key_of(item)]
    found: tuple[int, datetime, str, Mapping[str, Any]] | None = None
    for candidate in (
        *_by_what_left(case, item, recipient.person.id, matter, here),
        *_by_word(case, item, recipient, matter, here),
    ):
        if found is None or candidate[:2] >= found[:2]:
            found = candidate
    if found is None:
        return None
    _, _, update_point, facts = found
    return {**facts, _OTHERWISE: True} if (update_point in NOT_NEEDED) != (point.id in NOT_NEEDED) else facts


def _matter(point: UpdatePoint) -> frozenset[str]:
    """Whoever need not come has in mind the day that they heard last, whether of the hearing or of their own coming."""
    if point.id in NOT_NEEDED:
        return _HEARING | _COMING
    return _HEARING if point.id in _HEARING else _COMING


_Heard = tuple[int, datetime, str, Mapping[str, Any]]
"""From which event in order, when, by which point, and what."""


def _by_what_left(case: Case, item: Effective, person: str, matter: frozenset[str], here: int) -> Iterator[_Heard]:
    file, hearing = case.file, item.get("hearing")
    for entry in case.known.ledger:
        if (
            entry.person != person
            or entry.update_point not in matter
            or entry.settled_by_plan
            or not may_have_heard(entry)
        ):
            continue
        position = file.position.get((entry.source, entry.event_id), -1)
        # A correction may have put its event to another hearing since.
        told: Any = entry.facts.get("hearing")
        about = told if told is not None or position < 0 else file.events[position].get("hearing")
        if position < here and about == hearing:
            yield position, entry.told_at or _BEGINNING, entry.update_point, entry.facts


def _by_word(case: Case, item: Effective, recipient: Recipient, matter: frozenset[str], here: int) -> Iterator[_Heard]:
    file, hearing, person = case.file, item.get("hearing"), recipient.person.id
    if not any(contact.data.person == person for contact in file.contacts):
        return
    hearings = file.chains.get(("hearing", hearing), ()) if matter & _HEARING else ()
    attendances = file.chains.get(("attendance", person, hearing), ()) if matter & _COMING else ()
    for before in (*hearings, *attendances):
        position = file.position[key_of(before)]
        if position >= here:
            continue
        raised = next((points for one, points in case.raised if one is before), ())
        for point in raised:
            if point.id not in matter or point.timed:
                continue
            how = told(file, before, point, person, frozenset(), None, recipient.for_whom)
            if how is not None and how.at < item.time:
                then = as_at(before, how.at)
                yield position, how.at, point.id, facts_of(point.id, then, file, person, recipient.role)


def says_the_same(facts: Mapping[str, Any], heard: Mapping[str, Any]) -> bool:
    """Whether a person who heard `heard` would read nothing new: date, time, place and whether it is on are the same."""
    return _OTHERWISE not in heard and all(facts.get(name) == heard.get(name) for name in _SAME)


def with_what_was_heard(
    facts: dict[str, Any], heard: Mapping[str, Any] | None, *, need_not_come: bool = False
) -> dict[str, Any]:
    """The facts with the old date and court beside the new ones, where a person heard others."""
    if heard is None:
        return facts
    was = {"was_at": heard.get("starts_at"), "was_court": heard.get("court")}
    if need_not_come and was["was_at"] is None and heard.get("window") is not None:
        facts = {name: value for name, value in facts.items() if name != "starts_at"}  # they have no one day in mind
    return {**facts, **{name: value for name, value in was.items() if value is not None}}
