"""An update written out: what its row holds as JSON, and the digest that stands for all that a plan says of it. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from operator import attrgetter
from typing import Final

import orjson

from services.ledger.states import UPDATE_STATES, UpdateState
from services.scheduler.plan.types import Planned
from services.values import value

_TAGS: Final = {state: bytes([number]) for number, state in enumerate(UPDATE_STATES)}
_NAMES: Final = frozenset({"id", "force", "case", "person", "for_whom", "update_point", "source", "event_id", "part"})
"""What names an update: of one update it is always the same."""
_EXPLAINS: Final = (
    "clock_start", "due_on", "due_on_standard", "due_on_enhanced", "counted_days", "late_on_arrival", "late_qualified",
    "enhanced", "flagged", "role", "suspect", "language", "style", "content_required",
)  # fmt: skip
"""How it came to stand so. What a person says of it is kept with its hold: here it would make every row a page long."""
_explains: Final = attrgetter(*_EXPLAINS)
_rest: Final = attrgetter(
    *(
        field.name
        for field in fields(Planned)
        if field.name not in {*_NAMES, *_EXPLAINS, "facts", "facts_hash", "reasons"}
    )
)


@value(frozen=True, slots=True)
class Written:
    """JSON of the columns of one update, and its digest."""

    facts: bytes
    reasons: bytes
    explanation: bytes
    digest: bytes
    """Equal digests need no writing. The first byte is the state (`says_state`)."""


def write_out(planned: Planned) -> Written:
    """Write one update out."""
    facts, reasons = orjson.dumps(planned.facts), orjson.dumps(planned.reasons)
    explanation = orjson.dumps(dict(zip(_EXPLAINS, _explains(planned), strict=True)))
    whole = b"\0".join((facts, reasons, explanation, orjson.dumps(_rest(planned))))
    return Written(facts, reasons, explanation, _TAGS[planned.state] + hashlib.sha256(whole).digest()[:15])


def digest_of(planned: Planned) -> bytes:
    """Stands for everything that the plan says of one update."""
    return write_out(planned).digest


def says_state(digest: bytes, state: UpdateState) -> bool:
    """Whether the plan from which this digest comes had the update in `state`."""
    return digest[:1] == _TAGS[state]
