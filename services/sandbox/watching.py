"""What a person sees of a running system: the audit's new entries, told as lines, with the words of the messages beside them.

What befalls several updates of one person at one look is one line. The clock of the next regular contact is not shown while it
only runs: it is set anew by whatever somebody is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten
from typing import Any, Final
from uuid import UUID

import orjson

from schemas.editions.load import load_books
from schemas.editions.model import Books
from services.ledger.connection import Connection
from services.sandbox.lines import Line, Piece, fold, when

_NEW: Final = """
select e.stream, e.index, e.case_at, e.action, e.subject, e.actor, e.data
from audit_entry e join unnest($1::smallint[], $2::bigint[]) s (stream, next) on s.stream = e.stream and e.index >= s.next
order by e.case_at, e.at, e.stream, e.index limit 500
"""
_UPDATES: Final = """
select id::text, case_id, person_id, for_whom, update_point, edition, state, channel, send_at, due_at, target_at, evidence,
    reasons from updates where id::text = any($1::text[])
"""
_ATTEMPTS: Final = """
select a.id::text, m.case_id, m.person_id, m.kind, m.channel, m.subject, m.body, a.reason, a.code
from attempts a join messages m on m.id = a.message_id where a.id::text = any($1::text[])
"""

STYLES: Final[Mapping[str, str]] = {
    "event": "dim",
    "planned": "cyan",
    "taken": "yellow",
    "passed on": "red",
    "back": "dim",
    "released": "dim",
    "sent": "blue",
    "receipt": "green",
    "told": "bold green",
    "held": "yellow",
    "declined": "magenta",
    "withdrawn": "dim",
    "late": "red",
    "failed": "red",
}
_SHOWN: Final = frozenset({"planned", "told", "held", "declined", "withdrawn", "late", "unconfirmed"})
_OF_A_HOLD: Final = {"taken": "taken", "moved_on": "passed on", "back": "back"}
_LEFT: Final = frozenset({"accepted", "delivered", "undelivered"})
_LONGEST: Final = 420
"""How much of an email a line shows; `kept preview` shows it whole."""
_CLOCK: Final = "f-cadence"
UNVERIFIED: Final = ", unverified"
_CHANNEL: Final = {"sms": "text", "email": "email"}


def cited(books: Books, edition: str, update_point: str) -> str:
    """The rule by its citation and confidence."""
    try:
        point = books.point(edition, update_point)
    except KeyError:
        return edition
    right = "" if point.citation.right is None else f", Right {point.citation.right}"
    paragraph = "" if point.citation.paragraph is None else f" ({point.citation.paragraph})"
    unverified = UNVERIFIED if point.status == "unverified" else ""
    return f"{point.citation.instrument}{right}{paragraph}, confidence {point.confidence}{unverified}"


@dataclass(slots=True)
class Watcher:
    """Reads on from where it stopped."""

    books: Books = field(default_factory=load_books)
    at: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(1, 6), 0))
    shown: set[str] = field(default_factory=set)
    """Attempts whose words were shown."""
    first_delivered: datetime | None = None
    """Real time of the first receipt that says delivered, as the ledger has it."""

    async def lines(self, connection: Connection) -> list[Line]:
        """What is new."""
        entries = await connection.fetch(_NEW, list(self.at), list(self.at.values()))
        for entry in entries:
            self.at[entry["stream"]] = max(self.at[entry["stream"]], entry["index"] + 1)
        subjects = sorted({entry["subject"] for entry in entries if _is_id(entry["subject"])})
        updates = {row["id"]: row for row in await connection.fetch(_UPDATES, subjects)}
        attempts = {row["id"]: row for row in await connection.fetch(_ATTEMPTS, subjects)}
        if self.first_delivered is None:
            self.first_delivered = await connection.fetchval(
                "select min(ended_machine) from attempts where state = 'delivered'"
            )
        pieces, found = [], []
        for entry in entries:
            area, _, state = entry["action"].partition(".")
            data = orjson.loads(entry["data"])
            if area == "update" and entry["subject"] in updates:
                pieces += self._update(entry, state, data, updates[entry["subject"]])
            elif area == "hold" and state in _OF_A_HOLD and entry["subject"] in updates:
                pieces += self._hold(entry, state, data, updates[entry["subject"]])
            elif area == "attempt" and entry["subject"] in attempts:
                found += self._attempt(entry, state, attempts[entry["subject"]])
        return sorted([*found, *fold(pieces)], key=lambda line: line.at)

    def _attempt(self, entry: Any, state: str, row: Any) -> list[Line]:
        """A receipt may come before the provider's answer to whoever sent it: the words are shown at whichever is first."""
        lines = []
        if state in _LEFT and entry["subject"] not in self.shown:
            self.shown.add(entry["subject"])
            lines.append(_attempt(entry, "accepted", row))
        if state != "accepted":
            lines.append(_attempt(entry, state, row))
        return [line for line in lines if line is not None]

    def _piece(self, entry: Any, word: str, row: Any, **more: Any) -> Piece:
        cite = cited(self.books, row["edition"], row["update_point"])
        point = f"{row['update_point']} (unverified)" if cite.endswith(UNVERIFIED) else row["update_point"]
        whom = f"{row['person_id']}, for {row['for_whom']}" if row["for_whom"] else row["person_id"]
        return Piece(entry["case_at"], row["case_id"], word, whom, point, **({"cite": cite} | more))

    def _update(self, entry: Any, state: str, data: Mapping[str, Any], row: Any) -> list[Piece]:
        if state not in _SHOWN or (row["update_point"] == _CLOCK and row["state"] in {"planned", "withdrawn"}):
            return []
        if state == "planned":
            how = _CHANNEL.get(row["channel"] or "", row["channel"] or "no channel")
            return [self._piece(entry, state, row, due=row["due_at"], how=f"by {how} at {when(row['send_at'])}")]
        why = tuple(reason["text"] for reason in row["reasons"] if _worth_saying(reason["code"]))
        if state == "held" and row["state"] == "planned":
            return []  # a machine sends it after all
        if state == "held":
            target = "" if row["target_at"] is None else f"target {when(row['target_at'])}"
            return [self._piece(entry, state, row, due=row["due_at"], how=target, why=why)]
        if state == "told":
            return [self._piece(entry, state, row, cite="", how=(row["evidence"] or "").replace("_", " "))]
        if state == "late":
            return [self._piece(entry, state, row, cite="", how="the deadline passed before anybody told them")]
        return [self._piece(entry, state, row, cite="", why=why or (str(data.get("why", "")).replace("_", " "),))]

    def _hold(self, entry: Any, state: str, data: Mapping[str, Any], row: Any) -> list[Piece]:
        how = f"by {entry['actor']}"
        if state == "moved_on":
            how = f"to {_name(data['to'])}: nobody at {_name(data['from'])} took it in time"
        return [self._piece(entry, _OF_A_HOLD[state], row, cite="", how=how)]


def _name(queue: str) -> str:
    return queue.replace("_", " ")


def _attempt(entry: Any, state: str, row: Any) -> Line | None:
    who = f"{_CHANNEL.get(row['channel'], row['channel'])}{' (a prompt)' if row['kind'] == 'prompt' else ''}"
    who += f" to {row['person_id']}"
    if state == "accepted":
        subject = f"{row['subject']}: " if row["subject"] else ""
        words = shorten(subject + " ".join((row["body"] or "").split()), _LONGEST, placeholder=" …")
        return Line(entry["case_at"], row["case_id"], "sent", f"{who}: “{words}”")
    if state == "undelivered":  # what arrived is told
        return Line(entry["case_at"], row["case_id"], "receipt", f"{who}: {state}{_code(row)}")
    if state in {"refused", "not_sent", "unknown"}:
        return Line(entry["case_at"], row["case_id"], "failed", f"{who}: {state.replace('_', ' ')}{_code(row)}")
    return None


def _worth_saying(code: str) -> bool:
    """How the deadline was counted stands in `kept updates show`; that a machine meant to send it explains no hold."""
    return not code.startswith("due_") and code not in {"no_limit", "sent_by_machine", "prompt"}


def _code(row: Any) -> str:
    return f" ({row['code']})" if row["code"] else ""


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def totals(connection: Connection) -> dict[str, int]:
    """The figures at the foot of the screen."""
    rows = await connection.fetch("select state, count(*) from updates group by 1")
    found = {row[0]: row[1] for row in rows}
    found["events"] = await connection.fetchval("select count(*) from case_event")
    found["rejected"] = await connection.fetchval("select count(*) from rejected_event")
    found["late"] = await connection.fetchval("select count(*) from updates where late")
    # What only runs until the next regular contact is no work for anybody yet.
    running = await connection.fetchval(
        "select count(*) from updates where update_point = $1 and state = 'planned'", _CLOCK
    )
    found["planned"] = found.get("planned", 0) - running
    found["taken"] = await connection.fetchval(
        "select count(*) from holds where closed_at is null and taken_by is not null"
    )
    return found
