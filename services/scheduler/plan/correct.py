"""Putting right what somebody was told: what left stays as it is, and an update of its own corrects it (PR10). Pure.

Only date, time and place correct themselves, and only where what a person reads would differ. A wrong person, a wrong case, what
did not happen, bail, charge or outcome is a person's to put right: an incident and a call, never another message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any, Final
from uuid import UUID

import orjson

from schemas.editions.model import Books, UpdatePoint
from services import wording
from services.ledger.effective import CORRECTIONS, Effective
from services.ledger.fixes import target_of
from services.ledger.people import Person
from services.scheduler.plan.case import Case, rules_of
from services.scheduler.plan.decide import Correcting, decide
from services.scheduler.plan.heard import as_at, may_have_heard
from services.scheduler.plan.identity import facts_hash
from services.scheduler.plan.recipients import Recipient, recipients
from services.scheduler.plan.statement import DRESS, HEARINGS, facts_of
from services.scheduler.plan.types import Known, OnLedger, Planned, Waits

CORRECT_THEMSELVES: Final = HEARINGS | {"r8-attend", "r9-appeal-hearing", "w-attend"}
"""Points whose date, time and place are all that can be wrong in them, besides whom they concern."""
_WHEN_AND_WHERE: Final = frozenset(
    {"starts_at", "window", "court", "address", "place", "entrance", "live_link", "listing", "happened_on"}
)
_HEARD_BEFORE: Final = frozenset({"was_at", "was_court", "corrects"})
_UNTRUE: Final = "withdrawn"
_WAYS: Final = tuple(product(("sms", "email"), ("plain", "neutral")))
_FRAME: Final = wording.Frame(wording.ANY_REFERENCE, "Police", "01632 960000", None)
Ledger = Mapping[UUID, OnLedger]


def without_original(known: Known) -> list[Waits]:
    """Corrections and withdrawals of what has not come: they wait for it, whoever it will concern."""
    corrections = [event for event in known.events if event.type in CORRECTIONS and event.case == known.case]
    if not corrections:
        return []
    here = {(event.source, event.id) for event in known.events}
    return [
        Waits(event.source, event.id, (" ".join(target),))
        for event in sorted(corrections, key=lambda event: (event.source, event.id))
        if (target := target_of(event)) not in here
    ]


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody heard by one update: what left for them, or what a recorded conversation said (then there is no `entry`)."""

    facts: Mapping[str, Any]
    entry: OnLedger | None = None


def with_corrections(
    case: Case, ledger: Ledger, item: Effective, point: UpdatePoint, recipient: Recipient, planned: Planned
) -> list[Planned]:
    """The update, untouched if it may have been heard, and what puts it right; corrections of corrections too.

    What counts is what the person heard last: told B for A and then A again, there is nothing left to say.
    """
    found = [planned]
    at = max((said.time for said in item.fixes), default=item.time)
    heard = _heard(case, ledger, item, point, recipient, planned)
    while heard is not None:
        latest = found[-1]
        codes = _codes(point, item, heard.facts, planned.facts)
        right = decide(case, item, point, recipient, Correcting(latest.id, heard.facts, at, codes))
        then = _heard(case, ledger, item, point, recipient, right)
        if then is None and _is_true(point, item, heard, planned):
            if len(found) > 1 or item.withdrawn:
                found[-1] = _as_left(latest, heard)
            break
        found[-1] = _as_left(latest, heard)
        found.append(right)
        if then is not None and then.entry is None:
            break  # somebody told them since how it stands, and no correction is newer than that
        heard = then
    return found


def _heard(
    case: Case, ledger: Ledger, item: Effective, point: UpdatePoint, recipient: Recipient, update: Planned
) -> Heard | None:
    entry = ledger.get(update.id)
    if entry is not None and may_have_heard(entry) and not entry.settled_by_plan:
        return Heard(entry.facts, entry)
    if update.state != "told" or update.told_at is None or update.evidence == "done":
        return None
    if update.corrects is not None:
        return Heard(update.facts)
    then = as_at(item, update.told_at)
    return Heard(facts_of(point.id, then, case.file, recipient.person.id, recipient.role))


def wrongly_told(case: Case, books: Books, planned: Mapping[UUID, Planned]) -> list[Planned]:
    """What a correction shows should not have been told to somebody at all: an incident and a call, never another message."""
    found: list[Planned] = []
    for entry in case.known.ledger:
        here = case.file.position.get((entry.source, entry.event_id))
        if entry.id in planned or entry.part or here is None or entry.settled_by_plan or not may_have_heard(entry):
            continue
        item = case.file.events[here]
        if not item.fixes:
            continue
        original = Effective(item.event, item.type, item.event.time, item.event.data)
        raised = rules_of(original, case.file, case.known.rules, books)
        point = next((point for point in raised if point.id == entry.update_point), None)
        if point is not None:
            person = case.known.people.get(entry.person) or Person(case.known.force, entry.person)
            found.append(_not_theirs(case, item, point, Recipient(person, ""), entry.id, entry.facts))
    return found


def wrongly_spoken(case: Case, books: Books, planned: Mapping[UUID, Planned]) -> list[Planned]:
    """The same of what somebody was told in conversation before it was put right: what was said, and the incident."""
    found: list[Planned] = []
    known, file = case.known, case.file
    for item in file.events if file.contacts else ():
        for contact in file.contacts:
            if all(said.time <= contact.time for said in item.fixes):
                continue
            then = as_at(item, contact.time)
            for point in () if then.withdrawn else rules_of(then, file, known.rules, books):
                if point.timed or point.id not in (contact.data.update_points or ()):
                    continue
                for recipient in recipients(point, then, file, known.people, known.force, case.today):
                    if recipient.person.id != contact.data.person:
                        continue
                    told = decide(case, then, point, recipient)
                    if told.state == "told" and told.id not in planned:
                        found += [told, _not_theirs(case, item, point, recipient, told.id, told.facts)]
    return found


def _not_theirs(
    case: Case, item: Effective, point: UpdatePoint, recipient: Recipient, update: UUID, said: Mapping[str, Any]
) -> Planned:
    at = max(said.time for said in item.fixes)
    return decide(case, item, point, recipient, Correcting(update, said, at, ("wrong_person",)))


def reads_the_same(update_point: str, said: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether nobody who read the one would learn anything from the other: nothing that it states has changed, or of when and
    where nothing that any words for it say.
    """
    told, true = _stated(said), _stated(now)
    changed = _changed(told, true)
    if not changed:
        return True
    if update_point not in CORRECT_THEMSELVES and not changed <= _WHEN_AND_WHERE:
        return False
    dress = {name: value for name, value in now.items() if name in DRESS - _HEARD_BEFORE}
    return _same_words(update_point, _key({**dress, **told}), _key({**dress, **true}))


def _is_true(point: UpdatePoint, item: Effective, heard: Heard, planned: Planned) -> bool:
    """Whether what the person last heard is how it stands."""
    if item.withdrawn or heard.facts.get(_UNTRUE) is True:
        return item.withdrawn and heard.facts.get(_UNTRUE) is True
    return reads_the_same(point.id, heard.facts, planned.facts)


def _as_left(planned: Planned, heard: Heard) -> Planned:
    """As it was told: nothing that left, and nothing that was said, is changed."""
    entry = heard.entry
    if entry is None:
        return replace(planned, facts=heard.facts, facts_hash=facts_hash(heard.facts))
    return replace(
        planned,
        state=entry.state,
        evidence=entry.evidence,
        told_at=entry.told_at,
        kind=None,
        combine="",
        facts=entry.facts,
        facts_hash=entry.facts_hash,
        due_at=entry.due_at,
    )


def _codes(point: UpdatePoint, item: Effective, said: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Why only a person may put it right; empty where it corrects itself."""
    if item.moved:
        return ("wrong_person",)
    if item.withdrawn:
        return ("event_withdrawn",)
    changed = _changed(_stated(said), _stated(now))
    if point.id in CORRECT_THEMSELVES and changed <= _WHEN_AND_WHERE and _UNTRUE not in said:
        return ()
    return ("correction_by_person",)


def _changed(told: Mapping[str, Any], true: Mapping[str, Any]) -> set[str]:
    return {name for name in told.keys() | true.keys() if told.get(name) != true.get(name)}


def _stated(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in DRESS and name != _UNTRUE}


def _key(facts: Mapping[str, Any]) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)


@lru_cache(maxsize=1024)
def _same_words(update_point: str, said: bytes, now: bytes) -> bool:
    texts = [(_text(update_point, said, *way), _text(update_point, now, *way)) for way in _WAYS]
    written = [pair for pair in texts if pair != (None, None)]
    return bool(written) and all(one == other for one, other in written)


def _text(update_point: str, facts: bytes, channel: str, style: str) -> str | None:
    item = wording.Item(update_point, orjson.loads(facts))
    try:
        return wording.write("news", channel, style, "en", [item], _FRAME).body
    except wording.CannotSay:
        return None
