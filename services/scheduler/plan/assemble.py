"""Put the plan of one case together."""

from __future__ import annotations

from schemas.editions.model import Books
from services.scheduler.plan.types import Known, Plan
from services.scheduler.working_days import WorkingDays


def plan(known: Known, books: Books, calendar: WorkingDays) -> Plan:  # noqa: ARG001  # filled in by the next commits
    """What ought to exist for the case, by everything known of it. Pure: the same `known` in any order gives the same plan."""
    return Plan((), (), (), None)
