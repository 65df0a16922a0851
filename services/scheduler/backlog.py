"""What a force owes from before it went live: computed by the plan, shown to people, never sent and never stored (PR22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from schemas.editions.model import Books
from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.ledger.force_rules import ForceRules
from services.ledger.outbox import instant
from services.scheduler.plan import plan
from services.scheduler.plan.types import Known, Planned
from services.scheduler.replan import read_cases
from services.scheduler.working_days import WorkingDays, local_date

_AT_ONCE: Final = 200
_OWED: Final = frozenset({"planned", "held"})


async def backlog(
    connection: Connection, rules: ForceRules, books: Books, calendar: WorkingDays, now: datetime
) -> list[dict[str, Any]]:
    """Every update that is owed only if `live_from` is left aside, the most overdue first, as `kept force backlog` prints it.

    `now` is case time. Raises ValueError for rules without a `live_from`.
    """
    if rules.live_from is None:
        raise ValueError("a force without a live_from has no backlog")
    rows = await connection.fetch(
        "select distinct case_id from case_event where force = $1 and time < $2 order by case_id",
        rules.force,
        rules.live_from,
    )
    cases: Sequence[CaseKey] = [(rules.force, row["case_id"]) for row in rows]
    found: list[Planned] = []
    for start in range(0, len(cases), _AT_ONCE):
        for known in (await read_cases(connection, cases[start : start + _AT_ONCE], now)).values():
            found += owed_before(known, books, calendar)
    found.sort(
        key=lambda update: (update.due_at is None, update.due_at, update.case, update.person, update.update_point)
    )
    return [_line(update, books, now) for update in found]


def owed_before(known: Known, books: Books, calendar: WorkingDays) -> list[Planned]:
    """The updates of one case that are still owed, and that nobody would be told of because of `live_from`. Pure."""
    live = {update.id for update in plan(known, books, calendar).updates}
    whole = plan(replace(known, rules=replace(known.rules, live_from=None)), books, calendar)
    return [update for update in whole.updates if update.id not in live and update.state in _OWED]


def _line(update: Planned, books: Books, now: datetime) -> dict[str, Any]:
    point = books.point(update.edition, update.update_point)
    late = None if update.due_at is None or update.due_at >= now else (local_date(now) - local_date(update.due_at)).days
    return {
        "id": str(update.id),
        "force": update.force,
        "case": update.case,
        "person": update.person,
        "update_point": update.update_point,
        "edition": update.edition,
        "status": "unverified" if point.is_unverified(local_date(update.clock_start or now)) else point.status,
        "source": update.source,
        "event_id": update.event_id,
        "due_at": instant(update.due_at),
        "days_late": late,
        "enhanced": update.enhanced,
        "task": update.task or "call",
        "reasons": [{"code": reason.code, "text": reason.text} for reason in update.reasons],
    }
