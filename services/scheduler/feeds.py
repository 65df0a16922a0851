"""Tells somebody when a source is silent for too long, or when what it knows arrives late (PR23)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.ledger.alerts import clear_alert, raise_alert
from services.ledger.connection import Connection, Pool
from services.ledger.feeds import Feed, list_feeds
from services.ledger.force_rules import ForceRules, rules_of

_OWNER: Final = "engineers"


class Feeds:
    """Looks at every source that ever spoke; one that never did is nobody's alarm."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def once(self, now: datetime) -> datetime | None:
        """Raise and clear alerts; returns when (case time) the next source will have been silent for too long."""
        async with self._pool.acquire() as connection, connection.transaction():
            feeds = await list_feeds(connection)
            if not feeds:
                return None
            rules = await rules_of(connection, sorted({feed.force for feed in feeds}))
            opened = {
                (row["kind"], row["about"])
                for row in await connection.fetch(
                    "select kind, about from alerts where kind = any($1::text[]) and cleared_at is null",
                    ["feed_silent", "feed_lagging"],
                )
            }
            ends = [await self._look(connection, feed, rules[feed.force], opened, now) for feed in feeds]
        return min((end for end in ends if end is not None), default=None)

    async def _look(
        self, connection: Connection, feed: Feed, rules: ForceRules, opened: set[tuple[str, str]], now: datetime
    ) -> datetime | None:
        """See to one source; returns when its silence will be too long, None if it is already."""
        rhythm = rules.feed(feed.source)
        silent_at = rhythm.silent_at(feed.heard_at)
        silent = silent_at is not None and silent_at <= now
        hours = int(rhythm.silent.total_seconds() // 3600)
        await _tell(
            connection,
            "feed_silent",
            feed.source,
            silent,
            opened,
            f"Nothing has come from this source for longer than the {hours} hours that are usual: what has happened since"
            " is owed, and nobody is told of it. See to the record system and its feed.",
            "Clears itself when the source speaks.",
            now,
        )
        # What was known before the force went live is a first load, not a feed that lags (PR22).
        before_live = rules.live_from is not None and feed.known_at < rules.live_from
        minutes = int(rhythm.lag.total_seconds() // 60)
        await _tell(
            connection,
            "feed_lagging",
            feed.source,
            feed.lag > rhythm.lag and not before_live,
            opened,
            f"What this source knows arrives more than {minutes} minutes later: people hear late, and deadlines are missed"
            " before we know of them. See to its feed.",
            "Clears itself when an hour has passed in which all arrived in time.",
            now,
        )
        return None if silent else silent_at


async def _tell(
    connection: Connection,
    kind: str,
    source: str,
    wrong: bool,
    opened: set[tuple[str, str]],
    text: str,
    clears: str,
    now: datetime,
) -> None:
    """One alert a silence, not one a look."""
    if wrong and (kind, source) not in opened:
        await raise_alert(connection, kind, source, text, _OWNER, clears, now)
    elif not wrong and (kind, source) in opened:
        await clear_alert(connection, kind, source, now)
