"""One update that the calendar raises, before it is decided: what reminders, cadence and lapses hand to `assemble`. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.states import UpdateState
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.types import Planned, Reason
from services.scheduler.working_days import LONDON
from services.values import value

_OPEN: Final = frozenset({"planned", "held"})


@value(frozen=True, slots=True)
class Owed:
    """What `decide` is asked, and what is settled about its answer beforehand."""

    item: Effective
    """The event that set it going: its source and id name the update for ever."""
    point: UpdatePoint
    recipient: Recipient
    part: str
    timing: Timing
    again: tuple[datetime, ...] = ()
    """When it changes by time alone."""
    ends_at: datetime | None = None
    """From then on nobody is told any more, unless it left."""
    passed: Reason | None = None
    """Why not, once it has ended."""
    quiet_until: datetime | None = None
    """Until then it troubles nobody: it is planned, and nothing waits in a queue."""
    quiet: Reason | None = None
    trial: Reason | None = None
    """The arm of a force's trial."""
    untold: bool = False
    """The trial leaves this person without it."""


def settled(owed: Owed, planned: Planned, now: datetime, *, left: bool) -> Planned:
    """The answer of `decide`, with what was settled beforehand. `left`: it was sent, or may have been."""
    if owed.trial is not None:
        planned = replace(planned, reasons=(*planned.reasons, owed.trial))
    if planned.state not in _OPEN or left:
        return planned
    if owed.ends_at is not None and now > owed.ends_at and owed.passed is not None:
        return silent(planned, "withdrawn", (*planned.reasons[:1], owed.passed))
    if owed.untold:
        return silent(planned, "declined", planned.reasons)
    if owed.quiet is not None and owed.quiet_until is not None and now < owed.quiet_until and planned.state == "held":
        return silent(planned, "planned", (*planned.reasons[:1], owed.quiet))
    return planned


@lru_cache(maxsize=4096)
def start_of(day: date) -> datetime:
    """The first instant of `day` in Europe/London, as UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def silent(planned: Planned, state: UpdateState, reasons: tuple[Reason, ...]) -> Planned:
    """As it is, with nothing that goes and nobody who is asked."""
    return replace(
        planned,
        state=state,
        reasons=reasons,
        kind=None,
        channel=None,
        contact=None,
        send_at=None,
        combine="",
        task=None,
        queue=None,
        safety_hold=False,
        say=(),
        never_say=(),
    )
