"""Who was in which arm of a force's trial of its reminders, and who came: what `kept updates trial` counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from schemas.envelope import CaseEvent
from services.ledger import inbox
from services.ledger.connection import Connection
from services.ledger.effective import Effective, effective

Arm = Literal["reminded", "control"]
Hearing = tuple[str, str]
"""Person and hearing."""

_ARMS: Final[dict[str, Arm]] = {"trial_reminded": "reminded", "trial_control": "control"}
_ASSIGNED: Final = """
select distinct u.case_id, u.source, u.event_id, r ->> 'code' as arm
from updates u cross join jsonb_array_elements(u.reasons) r
where u.force = $1 and u.update_point = 'f-reminder' and r ->> 'code' = any($2::text[])
"""


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many of one arm came. `unknown`: nobody said."""

    came: int
    stayed_away: int
    unknown: int


async def trial_outcomes(connection: Connection, force: str) -> list[tuple[Arm, bool | None]]:
    """One entry for each person who had to come to a hearing and was assigned: the arm, and whether they came (None: not said).

    Who was stood down, or whose hearing was off in the end, is in neither arm: they had nothing to come to.
    """
    rows = await connection.fetch(_ASSIGNED, force, list(_ARMS))
    assigned: dict[str, dict[tuple[str, str], Arm]] = {}
    for row in rows:
        assigned.setdefault(row["case_id"], {})[row["source"], row["event_id"]] = _ARMS[row["arm"]]
    events = await inbox.events_of_cases(connection, [(force, case) for case in sorted(assigned)])
    found: list[tuple[Arm, bool | None]] = []
    for case, arms in sorted(assigned.items()):
        came = who_came([event for event, _ in events.get((force, case), [])])
        of_hearing = {came[key][0]: (arm, came[key][1]) for key, arm in arms.items() if key in came}
        found += of_hearing.values()
    return found


def who_came(events: Iterable[CaseEvent]) -> dict[tuple[str, str], tuple[Hearing, bool | None]]:
    """By source and id of each event that asked somebody to come who had to until the end: where to, and whether they came."""
    asked: dict[tuple[str, str], Hearing] = {}
    must: dict[Hearing, bool] = {}
    off: dict[str, bool] = {}
    came: dict[Hearing, bool | None] = {}
    for item in effective(events):
        if not item.withdrawn and item.type.startswith("wcu.received."):
            _follow(item, asked, must, off, came)
    return {
        key: (hearing, came.get(hearing))
        for key, hearing in asked.items()
        if must.get(hearing) is True and not off.get(hearing[1], False)
    }


def _follow(
    item: Effective,
    asked: dict[tuple[str, str], Hearing],
    must: dict[Hearing, bool],
    off: dict[str, bool],
    came: dict[Hearing, bool | None],
) -> None:
    kind, data = item.type.removeprefix("wcu.received."), item.data
    if kind.startswith("hearing_"):
        off[data.hearing] = kind == "hearing_vacated"
    elif kind.startswith("attendance_"):
        must[data.person, data.hearing] = kind == "attendance_required"
        if kind == "attendance_required":
            asked[item.event.source, item.event.id] = data.person, data.hearing
    elif kind == "attended":
        came[data.person, data.hearing] = data.attended


def attendance(came: Iterable[tuple[Arm, bool | None]]) -> dict[Arm, Attendance]:
    """Count by arm; one entry a person and hearing: the arm, and what `wcu.received.attended` said (None: nothing)."""
    counted = Counter(came)
    arms: tuple[Arm, ...] = ("reminded", "control")
    return {arm: Attendance(counted[arm, True], counted[arm, False], counted[arm, None]) for arm in arms}
