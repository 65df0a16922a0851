"""The codes of good reasons for not telling somebody, as the rule books name them, with what each means.

Since 29 January 2025 a body must deliver the Code's services unless it has good reasons not to (Victims and Prisoners Act 2024,
section 5), so what is rightly not told says why. Each rule lists the codes that it allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from schemas.editions.load import load_books
from services.ledger.connection import Connection

GOOD_REASONS: Final[Mapping[str, str]] = {
    "VICTIM_DECLINED": "the person does not want this news",
    "SAFETY_RISK": "telling it would put somebody at risk",
    "OPERATIONAL_HOLD": "telling it now would harm an operation, as a named officer decided",
    "NO_SAFE_CONTACT": "no safe way to reach the person was found",
    "VICTIM_DECEASED": "the person has died",
    "TOLD_IN_PERSON": "the person was told face to face already",
}


async def allowed_for(connection: Connection, update: UUID) -> tuple[str, ...]:
    """The codes that the rule of an update allows; all of them where no book holds the rule any more."""
    row = await connection.fetchrow("select edition, update_point from updates where id = $1", update)
    try:
        return (
            tuple(GOOD_REASONS) if row is None else load_books().point(row["edition"], row["update_point"]).good_reasons
        )
    except KeyError:
        return tuple(GOOD_REASONS)


def why_refused(code: str, allowed: tuple[str, ...]) -> str | None:
    """Why `code` is no good reason for a rule that allows `allowed`, as a sentence with the remedy; None if it is one."""
    if code in allowed:
        return None
    if not allowed:
        return "This rule has no good reason for not telling it: somebody must."
    choices = "; ".join(f"{each} ({GOOD_REASONS[each]})" if each in GOOD_REASONS else each for each in allowed)
    return f"Give the code of a good reason that this rule allows: {choices}."
