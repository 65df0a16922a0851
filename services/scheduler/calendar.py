"""The list of bank holidays as data that may change under open deadlines: what was counted by another list is counted again.

The ledger keeps every list that was in use. A scheduler that starts with another one than the last plans every case with open
updates again and writes to the audit which days came and went. It also says, 90 days ahead, that the list runs out, and when two
schedulers count by different lists, as they do while a new version is rolled out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, Final

from services.ledger.alerts import clear_alert, raise_alert
from services.ledger.connection import Connection, Pool
from services.ledger.journal import Journal
from services.scheduler.working_days import LONDON, WARN_DAYS, WorkingDays, local_date

_ABOUT: Final = "bank holidays"
_LOOK_AGAIN: Final = timedelta(minutes=10)
"""Case time between two looks, and how long no scheduler may have counted by another list before all is counted once more."""
_ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(hashtext('holiday_list'))"
_LATEST: Final = "select digest, version, last_day, days from holiday_list order by id desc limit 1"
_COUNT_AGAIN: Final = """
insert into replan (force, case_id, why)
select distinct force, case_id, 'holiday_list' from updates where not settled order by force, case_id
"""


class Holidays:
    """Keeps the ledger's deadlines and one process's list of bank holidays together."""

    def __init__(self, pool: Pool, calendar: WorkingDays) -> None:
        self._pool = pool
        self._calendar = calendar

    async def adopt(self, now: datetime) -> int:
        """Make this process's list the one in use; returns how many cases are planned again because another one was."""
        journal = Journal("intake", "scheduler", now)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_ONE_AT_A_TIME)
            before = await connection.fetchrow(_LATEST)
            if before is not None and before["digest"] == self._calendar.digest:
                return 0
            await self._keep(connection, now)
            cases = 0 if before is None else await _count_again(connection, journal)
            journal.note("holidays.changed", "", _ABOUT, self._change(before, cases))
            await journal.write(connection)
        return cases

    async def once(self, now: datetime) -> datetime | None:
        """Raise and clear the alerts; returns when (case time) to look again."""
        async with self._pool.acquire() as connection, connection.transaction():
            await self._runs_out(connection, now)
            await self._differ(connection, now)
        warn = datetime.combine(self._calendar.last - timedelta(WARN_DAYS), time(), LONDON)
        return min(warn, now + _LOOK_AGAIN) if warn > now else now + _LOOK_AGAIN

    async def _runs_out(self, connection: Connection, now: datetime) -> None:
        if not self._calendar.runs_out_soon(local_date(now)):
            await clear_alert(connection, "holidays_run_out", _ABOUT, now)
            return
        await _raise_once(
            connection,
            "holidays_run_out",
            f"The list of bank holidays ends on {self._calendar.last}: no deadline is counted beyond it, and what would lie there"
            " is held without a date.",
            "Clears itself when the schedulers run with a list that goes on.",
            now,
        )

    async def _differ(self, connection: Connection, now: datetime) -> None:
        """Somebody else's list is newer than ours; or theirs was, and has not been seen for a while."""
        latest = await connection.fetchval("select digest from holiday_list order by id desc limit 1")
        if latest is not None and latest != self._calendar.digest:
            await raise_alert(
                connection,
                "holiday_lists_differ",
                _ABOUT,
                "Schedulers count deadlines by different lists of bank holidays: end those of the older version.",
                "engineers",
                "Clears itself when no scheduler has done so for a while; every open deadline is then counted again.",
                now,
            )
            return
        seen = await connection.fetchval(
            "select last_at from alerts where kind = 'holiday_lists_differ' and cleared_at is null for update"
        )
        if seen is None or now - seen < 2 * _LOOK_AGAIN:
            return
        journal = Journal("intake", "scheduler", now)
        cases = await _count_again(connection, journal)
        await clear_alert(connection, "holiday_lists_differ", _ABOUT, now)
        journal.note("holidays.counted_again", "", _ABOUT, {"digest": latest[:16], "cases": cases})
        await journal.write(connection)

    async def _keep(self, connection: Connection, now: datetime) -> None:
        calendar = self._calendar
        await connection.execute(
            "insert into holiday_list (digest, version, last_day, days, since) values ($1, $2, $3, $4, $5)",
            calendar.digest,
            calendar.version,
            calendar.last,
            sorted(calendar.holidays),
            now,
        )

    def _change(self, before: Any, cases: int) -> dict[str, Any]:
        calendar = self._calendar
        days = set() if before is None else set(before["days"])
        return {
            "version": calendar.version,
            "digest": calendar.digest[:16],
            "last_day": calendar.last.isoformat(),
            "before": None if before is None else before["version"],
            "came": [] if before is None else _text(calendar.holidays - days),
            "went": _text(days - calendar.holidays),
            "cases": cases,
        }


async def _count_again(connection: Connection, journal: Journal) -> int:
    status = await connection.execute(_COUNT_AGAIN)
    journal.wake("kept_replan")
    return int(status.rpartition(" ")[2])


async def _raise_once(connection: Connection, kind: str, text: str, clears: str, now: datetime) -> None:
    known = await connection.fetchval(
        "select true from alerts where kind = $1 and about = $2 and cleared_at is null", kind, _ABOUT
    )
    if not known:
        await raise_alert(connection, kind, _ABOUT, text, "engineers", clears, now)


def _text(days: Iterable[Any]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]
