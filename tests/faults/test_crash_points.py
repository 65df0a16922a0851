"""A process that dies at each named point and is started again: the end is right, whatever the point."""

from __future__ import annotations

from typing import Final

import pytest

from services.faults import CRASHED, POINTS, Point
from tests.road import Road

_SERVICE: Final = {
    "intake": "scheduler",
    "release": "scheduler",
    "outbox": "scheduler",
    "dispatch": "dispatcher",
    "email": "dispatcher",
    "receipts": "receipts",
}
_DOUBT: Final[frozenset[Point]] = frozenset(
    {
        "dispatch.after_intent_commit",
        "dispatch.after_send",
        "dispatch.before_outcome_commit",
        "dispatch.after_outcome_commit",
        "email.before_data",
        "email.after_data",
        "receipts.before_store",
        "receipts.after_store",
        "receipts.after_apply",
    }
)
"""Where something is in the provider's hands, or its callback on the way to us, while the process dies."""
_UNKNOWN: Final[frozenset[Point]] = frozenset(
    {
        "dispatch.after_intent_commit",
        "dispatch.after_send",
        "dispatch.before_outcome_commit",
        "email.before_data",
        "email.after_data",
    }
)
"""Where an intent is in the ledger and no answer ever will be: nobody may send it again."""
_NUMBERED: Final = {"intake.after_commit": "R04"}


@pytest.mark.parametrize(
    "point", [pytest.param(point, id="-".join(filter(None, (_NUMBERED.get(point), point)))) for point in POINTS]
)
async def test_a_crash_at_a_named_point_does_no_harm(standing: Road, point: Point) -> None:
    """R04, R16, R26 in short: it dies there; afterwards everybody is told once, or their update is rightly in doubt."""
    area = point.partition(".")[0]
    service = _SERVICE[area]
    assert await standing.stop(service) == 0
    await standing.run.start(service, service, {"KEPT_CRASH_AT": f"{point}:1"})
    if area == "email":
        cases = [standing.case(point, f"someone.{point}@example.org")]  # of which the relay never says a word
    elif point in _UNKNOWN:
        cases = standing.unheard(point, 6)
    else:
        cases = standing.some(point, 8)
    if point in _DOUBT:
        standing.doubt(cases)
    await standing.publish(*cases)
    assert await standing.ends(service) == CRASHED, "the point was never reached"
    await standing.start(service)
    await standing.quiet()
    assert await standing.problems() == []
    if point in _UNKNOWN:
        unknown = "select count(*) from attempts a join messages m on m.id = a.message_id where a.state = 'unknown'"
        assert await standing.value(f"{unknown} and m.case_id = any($1::text[])", [case.id for case in cases]) > 0
