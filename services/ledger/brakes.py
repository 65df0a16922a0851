"""Brakes: what stops sending at once. Everything, a channel, a template or a force; set by one name, lifted by two.

Two more come from outside the ledger, for when it or the staff's pages are away: a setting and a file (`KEPT_STOP`,
`KEPT_STOP_FILE`). Brakes are read in the transaction that commits an intent; where they cannot be read, nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args
from uuid import UUID

from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.ledger.names import same_name
from services.refusals import Refused

Scope = Literal["all", "channel", "template", "force"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
CHANNELS: Final = ("sms", "email")


class BrakeError(Refused, ValueError):
    """A command on a brake that cannot be done; the text is a sentence for whoever gave it."""


@dataclass(frozen=True, slots=True)
class Brakes:
    """The brakes that are on."""

    everything: bool = False
    channels: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    forces: frozenset[str] = frozenset()


NONE: Final = Brakes()


@dataclass(frozen=True, slots=True)
class OutsideStop:
    """The kill switch from outside: on while the setting is set or the file is there."""

    setting: str | None = None
    file: Path | None = None

    def is_on(self) -> bool:
        """Whether nothing may be sent. A file that cannot be looked at counts as there."""
        if self.setting:
            return True
        if self.file is None:
            return False
        try:
            self.file.lstat()
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True


async def read_brakes(connection: Connection) -> Brakes:
    """The brakes that are on now."""
    rows = await connection.fetch("select scope, value from brakes where lifted_at is null")
    on: dict[str, set[str]] = {scope: set() for scope in SCOPES}
    for row in rows:
        on[row["scope"]].add(row["value"])
    return Brakes(bool(on["all"]), frozenset(on["channel"]), frozenset(on["template"]), frozenset(on["force"]))


async def list_brakes(connection: Connection) -> Sequence[dict[str, Any]]:
    """The brakes that are on, oldest first: {id, scope, value, set_by, set_at, lift_asked_by}."""
    rows = await connection.fetch(
        "select id, scope, value, set_by, set_at, lift_asked_by from brakes where lifted_at is null order by set_at, id"
    )
    return [dict(row) | {"id": str(row["id"])} for row in rows]


async def set_brake(connection: Connection, scope: Scope, value: str, by: str, journal: Journal) -> UUID:
    """Put a brake on; one name is enough. One that is on already stays, and any wish to lift it is forgotten."""
    if scope not in SCOPES:
        raise BrakeError(f"give one of {', '.join(SCOPES)}")
    if (scope == "all") == bool(value):
        raise BrakeError("`all` takes no value" if value else f"say which {scope}")
    if scope == "channel" and value not in CHANNELS:
        raise BrakeError(f"the channels are {', '.join(CHANNELS)}")
    if not by.strip():
        raise BrakeError("give your name with --by")
    found: UUID = await connection.fetchval(
        "insert into brakes (scope, value, set_by, set_at) values ($1, $2, $3, $4)"
        " on conflict (scope, value) where lifted_at is null do update set lift_asked_by = null returning id",
        scope,
        value,
        by,
        journal.now,
    )
    journal.note("brake.set", value if scope == "force" else "", found, {"scope": scope, "value": value, "by": by})
    return found


async def lift_brake(connection: Connection, brake: UUID, by: str, journal: Journal) -> bool:
    """Ask to lift a brake, or lift it if somebody else has asked; returns whether it is off now."""
    if not by.strip():
        raise BrakeError("give your name with --by")
    row = await connection.fetchrow(
        "select scope, value, lift_asked_by, lifted_at from brakes where id = $1 for update", brake
    )
    if row is None or row["lifted_at"] is not None:
        raise BrakeError("no brake of this id is on: see `kept brakes show`")
    force = row["value"] if row["scope"] == "force" else ""
    if row["lift_asked_by"] is None:
        await connection.execute("update brakes set lift_asked_by = $2 where id = $1", brake, by)
        journal.note("brake.lift_asked", force, brake, {"by": by})
        return False
    if same_name(row["lift_asked_by"], by):
        raise BrakeError("a second person must lift it: you have asked already")
    await connection.execute("update brakes set lifted_at = $2, lifted_by = $3 where id = $1", brake, journal.now, by)
    journal.note("brake.lifted", force, brake, {"by": by, "asked_by": row["lift_asked_by"]})
    journal.wake("kept_due")
    return True


def covers(brakes: Brakes, *, force: str, channel: str, template: str | None) -> str | None:
    """Which brake, if any, stops a message: `all`, `channel`, `force` or `template` (a whole name, or a part between `+`)."""
    if brakes.everything:
        return "all"
    if channel in brakes.channels:
        return "channel"
    if force in brakes.forces:
        return "force"
    if template is not None and not brakes.templates.isdisjoint({template, *template.split("+")}):
        return "template"
    return None
