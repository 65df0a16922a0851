"""When each source was last heard, and how late what it says arrives: a silent feed is a silent breach (PR23).

Intake notes it as it goes. A row is written only when it says something new, so that intake does not queue for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from schemas.envelope import CaseEvent
from services.ledger.connection import Connection

SourceKey: TypeAlias = tuple[str, str]  # force, source

_OFTEN_ENOUGH: Final = timedelta(minutes=5)
"""Case time by which a row may be behind: nothing beside the hours that a source may be silent."""
_SAME_LAG: Final = timedelta(minutes=10)

_KEEP: Final = """
insert into feed as f (force, source, heard_at, lag, lagged_at, known_at)
select force, source, $4, $4 - known_at, $4, known_at from unnest($1::text[], $2::text[], $3::timestamptz[])
    w (force, source, known_at) order by force, source
on conflict (force, source) do update set
    heard_at = greatest(f.heard_at, excluded.heard_at),
    lag = case when {slower} then excluded.lag else f.lag end,
    lagged_at = case when {slower} then excluded.lagged_at else f.lagged_at end,
    known_at = case when {slower} then excluded.known_at else f.known_at end
""".format(slower="excluded.lag >= f.lag or f.lagged_at <= excluded.heard_at - interval '1 hour'")


@dataclass(frozen=True, slots=True)
class Feed:
    """One source, as far as the ledger knows: `lag` is that of the slowest event of its last hour, known at `known_at`."""

    force: str
    source: str
    heard_at: datetime
    lag: timedelta
    known_at: datetime


@dataclass(slots=True)
class Hearing:
    """What one process has noted already. Use it for all batches of the process."""

    _noted: dict[SourceKey, tuple[datetime, timedelta]] = field(default_factory=dict)

    async def note(
        self, connection: Connection, events: Iterable[CaseEvent], now: datetime
    ) -> Mapping[SourceKey, tuple[datetime, timedelta]]:
        """Note events that arrive `now` (case time) where that is news; give what it returns to `noted` after the commit."""
        slowest: dict[SourceKey, datetime] = {}
        for event in events:
            key = (event.force, event.source)
            before = slowest.get(key)
            if before is None or event.known_at < before:
                slowest[key] = event.known_at
        news = {key: known for key, known in slowest.items() if self._is_news(key, now, now - known)}
        if news:
            await connection.execute(
                _KEEP, [force for force, _ in news], [source for _, source in news], list(news.values()), now
            )
        return {key: (now, now - known) for key, known in news.items()}

    def noted(self, news: Mapping[SourceKey, tuple[datetime, timedelta]]) -> None:
        """It is committed."""
        self._noted.update(news)

    def _is_news(self, key: SourceKey, now: datetime, lag: timedelta) -> bool:
        before = self._noted.get(key)
        return before is None or abs(now - before[0]) >= _OFTEN_ENOUGH or lag > before[1] + _SAME_LAG


async def list_feeds(connection: Connection) -> list[Feed]:
    """Every source that ever spoke."""
    rows = await connection.fetch("select force, source, heard_at, lag, known_at from feed order by force, source")
    return [Feed(row["force"], row["source"], row["heard_at"], row["lag"], row["known_at"]) for row in rows]
