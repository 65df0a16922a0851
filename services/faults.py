"""Named points at which a process can be made to die at once, for fault tests: `KEPT_CRASH_AT=point:n` (the n-th time)."""

from __future__ import annotations

import os
from typing import Final, Literal, get_args

Point = Literal[
    "intake.before_commit",
    "intake.after_commit",
    "release.before_commit",
    "release.after_commit",
    "release.after_publish",
    "dispatch.before_intent_commit",
    "dispatch.after_intent_commit",
    "dispatch.after_send",
    "dispatch.before_outcome_commit",
    "dispatch.after_outcome_commit",
    "email.before_data",
    "email.after_data",
    "receipts.before_store",
    "receipts.after_store",
    "receipts.after_apply",
    "outbox.after_publish",
]
POINTS: Final[tuple[Point, ...]] = get_args(Point)

CRASHED: Final = 70
"""The exit status of a process that died at a named point."""

_armed: dict[str, int] = {}


def read(setting: str) -> tuple[str, int]:
    """Read `point:n`; raises ValueError with a sentence when the point is not one of POINTS."""
    point, _, count = setting.partition(":")
    if point not in POINTS or not (count or "1").isdigit() or int(count or "1") < 1:
        raise ValueError(f"give POINT:N with N from 1 and POINT one of {', '.join(POINTS)}")
    return point, int(count or "1")


def arm(setting: str | None) -> None:
    """Arm `point:n`, or nothing; raises what `read` raises."""
    _armed.clear()
    if setting:
        point, count = read(setting)
        _armed[point] = count


def point(name: Point) -> None:
    """Die here, without any clean-up, if this is the armed point's turn."""
    if not _armed or name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] == 0:
        os._exit(CRASHED)
