"""Loading a force's rules, kept with history: what loosens something takes two names, everything else takes effect at once.

A file that loosens anything waits whole as a proposal until a second person loads the very same file; any other file that is
loaded meanwhile takes its place. The first file of a force is compared with the careful default that it ran on before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.editions.load import load_books
from schemas.editions.model import Books
from services.ledger.connection import Connection
from services.ledger.force_check import read_checked
from services.ledger.force_rules import ForceRules, rules_of
from services.ledger.journal import Journal
from services.ledger.loosening import loosening
from services.ledger.names import same_name
from services.ledger.outbox import instant
from services.refusals import Refused


class ForceError(Refused, ValueError):
    """A force's rules that cannot be loaded by this person; the text is a sentence for whoever tried."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: its rules are in force as `revision`, or (None) they wait for a second person."""

    rules: ForceRules
    revision: int | None
    loosens: tuple[str, ...]
    proposed_by: str | None = None


async def load_rules(connection: Connection, toml: str, by: str, now: datetime, books: Books | None = None) -> Loaded:
    """Load a force's file in the name of `by`: as its newest revision, or as a proposal; audited.

    A new revision has every case of the force planned again. One transaction of its own (a savepoint inside another), which ends
    with the audit; raises ValueError as `read_checked` does, and ForceError.
    """
    if not by.strip():
        raise ForceError("Say who you are.")
    books = books or load_books()
    rules = read_checked(toml, books)
    journal = Journal("people", by, now)
    async with connection.transaction():
        # Two loads at once take their turn: a revision is a place in a history, never a race.
        await connection.execute(
            "select pg_advisory_xact_lock(hashtext('kept force rules'), hashtext($1))", rules.force
        )
        before = (await rules_of(connection, [rules.force]))[rules.force]
        loosens = loosening(before, rules, books)
        digest = hashlib.sha256(toml.encode()).digest()
        waiting = await connection.fetchrow(
            "select id, digest, proposed_by from force_proposal where force = $1 and closed_at is null", rules.force
        )
        first = None if waiting is None or waiting["digest"] != digest else waiting["proposed_by"]
        if loosens and first is not None and same_name(first, by):
            raise ForceError(f"A second person must load this file too: {first} has proposed it already.")
        if waiting is not None:
            await _close(connection, waiting["id"], rules.force, "loaded" if first is not None else "replaced", journal)
        if loosens and first is None:
            await _propose(connection, rules.force, toml, digest, loosens, journal)
            done = Loaded(rules, None, loosens, by)
        else:
            done = Loaded(rules, await _keep(connection, rules.force, toml, first, loosens, journal), loosens, first)
        await journal.write(connection)
    return done


async def _propose(
    connection: Connection, force: str, toml: str, digest: bytes, loosens: Sequence[str], journal: Journal
) -> None:
    await connection.execute(
        "insert into force_proposal (force, toml, digest, loosens, proposed_at, proposed_by) values ($1, $2, $3, $4, $5, $6)",
        force,
        toml,
        digest,
        list(loosens),
        journal.now,
        journal.actor,
    )
    journal.note("force.proposed", force, force, {"sha256": digest.hex(), "loosens": list(loosens)})


async def _close(connection: Connection, proposal: Any, force: str, how: str, journal: Journal) -> None:
    await connection.execute(
        "update force_proposal set closed_at = $2, closed_how = $3 where id = $1", proposal, journal.now, how
    )
    if how == "replaced":
        journal.note("force.proposal_replaced", force, force)


async def _keep(
    connection: Connection, force: str, toml: str, proposed_by: str | None, loosens: Sequence[str], journal: Journal
) -> int:
    revision: int = await connection.fetchval(
        "insert into force_rules (force, revision, toml, loaded_at, loaded_by, proposed_by, loosens)"
        " select $1, coalesce(max(revision), 0) + 1, $2, $3, $4, $5, $6 from force_rules where force = $1 returning revision",
        force,
        toml,
        journal.now,
        journal.actor,
        proposed_by,
        list(loosens),
    )
    await connection.execute(
        "insert into replan (force, case_id, why)"
        " select force, case_id, 'force_rules' from case_file where force = $1 order by case_id",
        force,
    )
    data: dict[str, Any] = {"revision": revision, "sha256": hashlib.sha256(toml.encode()).hexdigest()}
    if proposed_by is not None:
        data |= {"proposed_by": proposed_by, "loosens": list(loosens)}
    journal.note("force.loaded", force, force, data)
    journal.wake("kept_replan")
    return revision


async def history(connection: Connection, force: str) -> list[dict[str, Any]]:
    """Every revision of a force's rules, the newest first, and before them what waits: as `kept force show --json` prints."""
    waiting = await connection.fetch(
        "select toml, loosens, proposed_at, proposed_by from force_proposal where force = $1 and closed_at is null",
        force,
    )
    revisions = await connection.fetch("select * from force_rules where force = $1 order by revision desc", force)
    lines = [_line(force, row, None, "waiting", row["proposed_at"], None) for row in waiting]
    for place, row in enumerate(revisions):
        state = "past" if place else "in_force"
        lines.append(_line(force, row, row["revision"], state, row["loaded_at"], row["loaded_by"]))
    return lines


def _line(
    force: str, row: Any, revision: int | None, state: str, at: datetime, loaded_by: str | None
) -> dict[str, Any]:
    return {
        "force": force,
        "revision": revision,
        "state": state,
        "at": instant(at),
        "proposed_by": row["proposed_by"],
        "loaded_by": loaded_by,
        "sha256": hashlib.sha256(row["toml"].encode()).hexdigest(),
        "loosens": list(row["loosens"]),
        "toml": row["toml"],
    }
