"""A rival edition beside the one in force: what cases would be owed by it, computed and compared, never acted on.

It is the scheduler's own plan twice, once with the books as they are and once with the rival in the place of the edition that it
rivals. An update's identity does not name its edition, so the same update is found on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from schemas.editions.model import Books
from schemas.envelope import ReadEvent
from services.ledger.connection import Connection
from services.ledger.force_rules import careful_default
from services.scheduler.as_known import RulesOf
from services.scheduler.explain import explain
from services.scheduler.plan import plan
from services.scheduler.plan.types import Known, Planned
from services.scheduler.replan import read_cases
from services.scheduler.working_days import WorkingDays

_AT_ONCE: Final = 200
What = Literal["appears", "disappears", "due_moves", "state_changes"]


@dataclass(frozen=True, slots=True)
class Change:
    """What would be otherwise for one update. `old` and `new` are due days or states; None where there is none."""

    update: UUID
    force: str
    case: str
    person: str
    update_point: str
    event_id: str
    part: str
    what: What
    old: str | None
    new: str | None
    unverified: bool
    """Nobody has checked the rule: whatever its day, it is a hold."""


def shadow(known: Known, books: Books, rival: Books, calendar: WorkingDays) -> list[Change]:
    """What one case would be owed otherwise with the books `rival`."""
    return compare(plan(known, books, calendar).updates, plan(known, rival, calendar).updates)


def compare(old: Iterable[Planned], new: Iterable[Planned]) -> list[Change]:
    """The changes between two plans of one case, in the order of the old and then of what is new. Withdrawn is not owed."""
    before, now = _owed(old), _owed(new)
    found: list[Change] = []
    for update in dict.fromkeys((*before, *now)):
        was, is_now = before.get(update), now.get(update)
        if was is None and is_now is not None:
            found.append(_change(is_now, "appears", None, _due(is_now)))
        elif was is not None and is_now is None:
            found.append(_change(was, "disappears", _due(was), None))
        elif was is not None and is_now is not None:
            if _due(was) != _due(is_now) or was.due_at != is_now.due_at:
                found.append(_change(is_now, "due_moves", _due(was), _due(is_now)))
            if was.state != is_now.state:
                found.append(_change(is_now, "state_changes", was.state, is_now.state))
    return found


def _owed(updates: Iterable[Planned]) -> Mapping[UUID, Planned]:
    return {update.id: update for update in updates if update.state != "withdrawn"}


def _due(update: Planned) -> str | None:
    return None if update.due_on is None else update.due_on.isoformat()


def _change(update: Planned, what: What, old: str | None, new: str | None) -> Change:
    return Change(
        update=update.id,
        force=update.force,
        case=update.case,
        person=update.person,
        update_point=update.update_point,
        event_id=update.event_id,
        part=update.part,
        what=what,
        old=old,
        new=new,
        unverified=any(reason.code == "unverified" for reason in update.reasons),
    )


def over_events(
    reads: Sequence[ReadEvent], books: Books, rival: Books, calendar: WorkingDays, rules_of: RulesOf = careful_default
) -> tuple[int, list[Change]]:
    """The changes over the cases of a file, as `kept explain` reads them; and how many cases there are."""
    old = explain(reads, books, calendar, rules_of=rules_of)
    new = explain(reads, rival, calendar, rules_of=rules_of)
    changes = [
        change for was, now in zip(old, new, strict=True) for change in compare(was.plan.updates, now.plan.updates)
    ]
    return len(old), changes


async def over_ledger(
    connection: Connection, books: Books, rival: Books, calendar: WorkingDays, now: datetime
) -> tuple[int, list[Change]]:
    """The changes over every case of the ledger at `now` (case time), locking nothing; and how many cases there are."""
    rows = await connection.fetch("select force, case_id from case_file order by force, case_id")
    keys = [(row["force"], row["case_id"]) for row in rows]
    found: list[Change] = []
    for start in range(0, len(keys), _AT_ONCE):
        for known in (await read_cases(connection, keys[start : start + _AT_ONCE], now)).values():
            found += shadow(known, books, rival, calendar)
    return len(keys), found
