"""Events that belong to another case than the one they came for, whichever of event and correction comes first."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from schemas.editions.load import load_books
from services.ledger.connection import Pool
from services.scheduler.intake import Intake
from services.scheduler.working_days import england_and_wales
from tests.integration.scheduler.support import CLOCK, arrest, event, recorded, records

VICTIM: dict[str, Any] = {"roles": ["victim"], "born": "1980-01-01"}


def put(to: str | None, name: str, minutes: int, *, of: str = "e1", case: str = "case-1") -> bytes:
    """A correction that moves an event to a case, or says nothing of one."""
    said = {"event": of} | ({} if to is None else {"subject": to})
    return event(name, "event.corrected", said, case=case, minutes=minutes)


async def arrests(pool: Pool) -> dict[str, str]:
    """The state of the arrest's update, by case."""
    rows = await pool.fetch("select case_id, state from updates where update_point = 'r6-arrest' order by case_id")
    return {row["case_id"]: row["state"] for row in rows}


async def apply(intake: Intake, *values: bytes, at: int = 0) -> None:
    """One by one, as a feed brings them."""
    for step, value in enumerate(values):
        assert not (await intake.apply(records([value], start=at + step))).rejected


@pytest.fixture
def intake(pool: Pool) -> Intake:
    """With the shipped books."""
    return Intake(pool, CLOCK, load_books(), england_and_wales())


async def test_an_event_is_withdrawn_here_and_appears_there(pool: Pool, intake: Intake) -> None:
    """Each case has its own victim: what moved is owed to the other's, and not any more to this one's."""
    people = [recorded("v1", **VICTIM), recorded("v2", case="case-2", **VICTIM)]
    await apply(intake, *people, arrest("e1"))
    assert await arrests(pool) == {"case-1": "held"}
    await apply(intake, put("case-2", "x1", 5), at=10)
    assert await arrests(pool) == {"case-1": "withdrawn", "case-2": "held"}
    (row,) = await pool.fetch("select person_id, source, event_id from updates where case_id = 'case-2' and event_id = 'e1'"
                              " and update_point = 'r6-arrest'")  # fmt: skip
    assert (row["person_id"], row["event_id"]) == ("v2", "e1")
    await apply(intake, put(None, "x2", 6), at=20)
    assert await arrests(pool) == {"case-1": "held", "case-2": "withdrawn"}


def _ends(name: str, here: str) -> bytes:
    """What is said last of an arrest of case A that was moved to case B; ids are their own in every run."""
    match here:
        case "on to a third":
            return put(f"{name}-3", f"{name}x2", 6, of=f"{name}e1", case=f"{name}-2")
        case "back again":
            return put(f"{name}-1", f"{name}x2", 6, of=f"{name}e1", case=f"{name}-2")
        case "the correction is withdrawn":
            return event(f"{name}x2", "event.withdrawn", {"event": f"{name}x1"}, minutes=6, case=f"{name}-1")
        case _:
            return event(f"{name}x2", "event.withdrawn", {"event": f"{name}e1"}, minutes=6, case=f"{name}-1")


async def test_in_any_order_it_ends_where_it_belongs(pool: Pool, intake: Intake) -> None:
    """An arrest moved on, moved back, or not at all: by the set of what was said, in a batch or one by one."""
    stands = {"on to a third": "3", "back again": "1", "the correction is withdrawn": "1", "it never happened": ""}
    at = 0
    for here, ends in stands.items():
        for number, order in enumerate(permutations(range(3))):
            name = f"{here.replace(' ', '')}{number}"
            people = [recorded(f"{name}v{case}", case=f"{name}-{case}", **VICTIM) for case in (1, 2, 3)]
            moved = put(f"{name}-2", f"{name}x1", 5, of=f"{name}e1", case=f"{name}-1")
            said = [arrest(f"{name}e1", case=f"{name}-1"), moved, _ends(name, here)]
            batches = (
                [people, *([said[step]] for step in order)] if number % 2 else [people, [said[step] for step in order]]
            )
            for batch in batches:
                assert not (await intake.apply(records(batch, start=at))).rejected
                at += len(batch)
            found = {
                case for case, state in (await arrests(pool)).items() if case.startswith(name) and state != "withdrawn"
            }
            assert found == ({f"{name}-{ends}"} if ends else set()), (here, order)
    assert await pool.fetchval("select count(*) from waiting_event") == 0


async def test_a_person_moved_to_another_case_is_told_there(pool: Pool, intake: Intake) -> None:
    """Who was recorded in the wrong case belongs to the other, with what was agreed with them, in either order."""
    who: dict[str, Any] = {"event_id": "who", "language": "cy", **VICTIM}
    await apply(intake, put("case-2", "x1", 5, of="who"), arrest("e2", case="case-2"), recorded("v1", **who))
    assert await arrests(pool) == {"case-2": "held"}
    assert await pool.fetchval("select person_id from updates where update_point = 'r6-arrest'") == "v1"


async def test_a_correction_before_its_event_waits_and_is_listed(pool: Pool, intake: Intake) -> None:
    """It waits for its original, and goes when that comes."""
    await apply(intake, recorded("v1", **VICTIM), put("case-2", "x1", 5))
    (row,) = await pool.fetch("select * from waiting_event")
    assert (row["case_id"], row["event_id"], row["waits_for"]) == ("case-1", "x1", ["/force/staffs/rms e1"])
    await apply(intake, arrest("e1"), at=10)
    assert await pool.fetchval("select count(*) from waiting_event") == 0


async def test_a_correction_may_name_somebody_before_the_event_that_it_corrects_comes(
    pool: Pool, intake: Intake
) -> None:
    """The person was another: what is known is known of them, whichever came first."""
    said = {"person": "v2", **VICTIM, "language": "cy"}
    fix = event("x1", "event.corrected", {"event": "who", "data": said}, minutes=5)
    await apply(intake, fix, recorded("v1", event_id="who", **VICTIM), arrest("e1"))
    states = {row["person_id"]: row["state"] for row in await pool.fetch("select person_id, state from person")}
    assert (states["v2"].get("language"), states["v1"].get("born")) == ("cy", None)
    owed = await pool.fetch("select distinct person_id from updates where state <> 'withdrawn'")
    assert [row["person_id"] for row in owed] == ["v2"]
