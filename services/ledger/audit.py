"""The audit chain: append-only, hash-chained, written in the transaction that it records.

There are a few gapless streams, so that processes of different kinds do not queue behind one another. The tail of a stream is
locked last, after every other row of the transaction, so it can never be part of a deadlock. An entry carries pseudonymous ids
only; what was disclosed to whom is the id of a contact point, never its number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from services.ledger.connection import Connection
from services.values import value

STREAMS: Final[Mapping[str, int]] = {"intake": 1, "release": 2, "dispatch": 3, "receipts": 4, "people": 5}
START: Final = b"\0" * 32
_DOMAIN: Final = b"kept-audit-1\0"


@value(frozen=True, slots=True)
class Entry:
    """One thing that happened: `action` to `subject` (an id), by `actor`, with a few facts."""

    action: str
    force: str
    subject: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk of the whole chain found. `first_bad` is (stream, index)."""

    ok: bool
    streams: int
    entries: int
    first_bad: tuple[int, int] | None
    reason: str | None


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link(
    previous: bytes,
    stream: int,
    index: int,
    at: str,
    case_at: str,
    action: str,
    force: str,
    subject: str,
    actor: str,
    data: str,
) -> bytes:
    """The hash of one entry: SHA-256 over a domain mark, the hash before it and every field in a fixed order."""
    line = orjson.dumps([stream, index, at, case_at, action, force, subject, actor, data])
    return hashlib.sha256(_DOMAIN + previous + line).digest()


_APPEND = """
with entries as (
    insert into audit_entry (stream, index, at, case_at, action, force, subject, actor, data, hash)
    select $1, $2 + n - 1, $3, $4, action, force, subject, actor, data, hash
    from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[])
        with ordinality as e (action, force, subject, actor, data, hash, n)
)
update audit_stream set next_index = $11, tail = $12 where stream = $1
"""


async def append(connection: Connection, stream: str, entries: Sequence[Entry], case_now: datetime) -> None:
    """Add `entries` in order to `stream`. Call it last in a transaction, just before the commit."""
    if not entries:
        return
    number = STREAMS[stream]
    tail = await connection.fetchrow(
        "select next_index, tail, clock_timestamp() as at from audit_stream where stream = $1 for update", number
    )
    if tail is None:
        raise RuntimeError(f"the audit has no stream {number}: run `kept migrate`")
    index, previous, at = tail["next_index"], tail["tail"], tail["at"]
    at_text, case_text = _instant(at), _instant(case_now)
    lines, hashes = [], []
    for step, entry in enumerate(entries):
        data = orjson.dumps(entry.data, option=orjson.OPT_SORT_KEYS).decode()
        previous = link(
            previous,
            number,
            index + step,
            at_text,
            case_text,
            entry.action,
            entry.force,
            entry.subject,
            entry.actor,
            data,
        )
        lines.append(data)
        hashes.append(previous)
    await connection.execute(
        _APPEND,
        number,
        index,
        at,
        case_now,
        [entry.action for entry in entries],
        [entry.force for entry in entries],
        [entry.subject for entry in entries],
        [entry.actor for entry in entries],
        lines,
        hashes,
        index + len(entries),
        previous,
    )


async def verify(connection: Connection) -> Verified:
    """Recompute every stream from its first entry and name the first entry that does not hold."""
    entries = 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        tails = await connection.fetch("select stream, next_index, tail from audit_stream order by stream")
        if {row["stream"] for row in tails} != set(STREAMS.values()):
            return Verified(False, len(tails), 0, None, "a stream of the audit is missing")
        for tail in tails:
            stream, expected, previous = tail["stream"], 0, START
            async for row in connection.cursor(
                "select * from audit_entry where stream = $1 order by index", stream, prefetch=2000
            ):
                if row["index"] != expected:
                    return Verified(False, len(tails), entries, (stream, expected), "an entry is missing")
                previous = link(
                    previous,
                    stream,
                    row["index"],
                    _instant(row["at"]),
                    _instant(row["case_at"]),
                    row["action"],
                    row["force"],
                    row["subject"],
                    row["actor"],
                    row["data"],
                )
                if previous != row["hash"]:
                    return Verified(False, len(tails), entries, (stream, expected), "an entry was altered")
                expected += 1
                entries += 1
            if expected != tail["next_index"] or previous != tail["tail"]:
                return Verified(False, len(tails), entries, (stream, expected), "the end of the stream was cut off")
    return Verified(True, len(tails), entries, None, None)
