"""How long a plan takes: `python -m tests.unit.scheduler.plan.speed` prints microseconds of processor time. Not a test."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from time import process_time

from schemas.envelope import CaseEvent
from services.scheduler.plan import plan
from tests.unit.scheduler.plan.cases import BOOKS, CALENDAR, MONDAY, arrest, event, known, plain_case

CASES: dict[str, Sequence[CaseEvent]] = {
    "1 update by text, 4 events": plain_case(arrest()),
    "1 hold with a prompt, 4 events": plain_case(event("suspect.released", {"suspect": "s1", "mode": "bail"})),
    "2 updates, 5 events": plain_case(
        arrest(), event("suspect.interviewed", {"suspect": "s1"}, at=MONDAY + timedelta(hours=3))
    ),
}


def microseconds(events: Sequence[CaseEvent], rounds: int = 40, plans: int = 50) -> float:
    """The best of `rounds`, of `plans` plans each."""
    given, best = known(events), float("inf")
    for _ in range(rounds):
        start = process_time()
        for _ in range(plans):
            plan(given, BOOKS, CALENDAR)
        best = min(best, (process_time() - start) / plans)
    return best * 1e6


if __name__ == "__main__":
    for name, story in CASES.items():
        sys.stdout.write(f"{name}: {microseconds(story):.0f} us a plan\n")
