"""States that replace one another, what a person last heard, and putting right what was told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.scheduler.plan.types import OnLedger, Planned
from tests.unit.scheduler.plan.cases import (
    MONDAY,
    after_report,
    arrest,
    codes,
    event,
    on_ledger,
    only,
    person,
    plain_case,
    planned,
)

A, B = "2026-04-14T08:30:00+00:00", "2026-05-11T08:30:00+00:00"


def hearing(hours: int, starts: str | None = A, kind: str = "changed", **data: Any) -> CaseEvent:
    at = MONDAY + timedelta(hours=hours)
    said = {"hearing": "h1", "listing": "fixed", "court": {"name": "Cannock"}, "received_at": at.isoformat(), **data}
    return event(f"wcu.received.hearing_{kind}", {**said, "starts_at": starts}, at=at, id=f"h{hours}")


def by_event(events: list[CaseEvent], **more: Any) -> dict[str, Planned]:
    """The updates of the hearing by the event that raised them."""
    return {item.event_id + item.part: item for item in after_report(events, **more).updates}


LISTED, MOVED, BACK = hearing(0, kind="listed"), hearing(1, B), hearing(2, A)


def test_a_moved_hearing_replaces_what_was_not_told() -> None:
    """Nobody heard the first date: it is withdrawn as superseded, and the new one says nothing of it."""
    found = by_event(plain_case(LISTED, MOVED))
    assert (found["h0"].state, codes(found["h0"])) == ("withdrawn", ["superseded"])
    assert found["h0"].kind is None
    assert (found["h1"].state, found["h1"].facts["starts_at"], "was_at" in found["h1"].facts) == ("planned", B, False)


@pytest.mark.parametrize(
    ("changes", "heard"),
    [
        ({}, True),
        ({"state": "sent", "evidence": None}, True),
        ({"state": "unconfirmed", "evidence": None}, True),
        ({"state": "held", "evidence": None, "live_attempt": True}, True),
        ({"state": "released", "evidence": None, "live_attempt": True}, True),
        ({"state": "held", "evidence": None}, False),
        ({"state": "planned", "evidence": None}, False),
    ],
    ids=["told", "sent", "unconfirmed", "unknown", "on its way", "undelivered", "proven not sent"],
)
def test_pr09_a_move_is_compared_with_what_this_person_last_heard(changes: dict[str, Any], heard: bool) -> None:
    """PR09: uncertain counts as heard; what is proven not to have arrived does not."""
    first = by_event(plain_case(LISTED))["h0"]
    moved = by_event(plain_case(LISTED, MOVED), ledger=[on_ledger(first, **changes)])["h1"]
    assert moved.facts.get("was_at") == (A if heard else None)
    assert moved.facts.get("was_court") == ("Cannock" if heard else None)


def test_pr09_a_to_b_to_a() -> None:
    """PR09: for whoever heard B the return to A is news; for whoever heard only A there is nothing new."""
    first = by_event(plain_case(LISTED))["h0"]
    second = by_event(plain_case(LISTED, MOVED), ledger=[on_ledger(first)])["h1"]
    only_a = by_event(plain_case(LISTED, MOVED, BACK), ledger=[on_ledger(first)])
    assert (only_a["h2"].state, codes(only_a["h2"])) == ("withdrawn", ["nothing_new"])
    both = by_event(plain_case(LISTED, MOVED, BACK), ledger=[on_ledger(first), on_ledger(second)])
    assert (both["h2"].state, both["h2"].facts["was_at"], both["h2"].facts["starts_at"]) == ("planned", B, A)


def test_each_person_has_heard_for_themselves() -> None:
    """What one person heard says nothing of another."""
    events = plain_case(LISTED, MOVED, person("v2"))
    first = only(plain_case(LISTED), "r8-hearing-date")
    found = {(item.person, item.event_id): item for item in planned(events, ledger=[on_ledger(first)]).updates}
    assert found["v1", "h1"].facts["was_at"] == A
    assert "was_at" not in found["v2", "h1"].facts


def test_a_feed_that_repeats_itself_tells_nobody_twice_and_moves_no_deadline() -> None:
    """The same hearing listed again adds nothing; the first update stands with its deadline."""
    again = hearing(30, A, "listed")
    found = by_event(plain_case(LISTED, again))
    assert (found["h0"].state, found["h0"].due_on) == ("planned", date(2026, 3, 10))
    assert (found["h30"].state, codes(found["h30"])) == ("withdrawn", ["nothing_new"])


def test_a_vacated_hearing_replaces_it_and_frees_those_who_had_to_come() -> None:
    """PR07: nobody need come to a hearing that is off."""
    required = event("wcu.received.attendance_required", {"person": "v1", "hearing": "h1", "at": A})
    found = {
        item.update_point + item.event_id: item
        for item in planned(plain_case(LISTED, required, hearing(3, None, "vacated"))).updates
    }
    assert found["r8-hearing-dateh0"].state == "withdrawn"
    assert found["r8-hearing-dateh3"].facts["vacated"] is True
    assert [item.state for item in found.values() if item.update_point == "r8-attend"] == ["withdrawn"]


def test_attendance_is_one_state_a_person_and_hearing() -> None:
    """The last word on whether somebody must come stands, and a hearing's news says it."""
    required = event("wcu.received.attendance_required", {"person": "v1", "hearing": "h1", "at": A})
    spared = event(
        "wcu.received.attendance_not_required", {"person": "v1", "hearing": "h1"}, at=MONDAY + timedelta(hours=1)
    )
    assert only(plain_case(LISTED, required), "r8-hearing-date").facts["need_attend"] is True
    both = plain_case(LISTED, required, spared)
    assert only(both, "r8-hearing-date").facts["need_attend"] is False
    assert only(both, "r8-attend").state == "withdrawn"
    assert only(both, "r8-not-needed").state != "withdrawn"


def test_somebody_told_in_person_before_the_move_stays_told() -> None:
    """A conversation about the old date happened, and the new one is owed beside it."""
    call = event(
        "contact.made",
        {"person": "v1", "update_points": ["r8-hearing-date"], "substantive": True, "how": "phone"},
        at=MONDAY + timedelta(minutes=30),
    )
    found = by_event(plain_case(LISTED, call, MOVED))
    assert (found["h0"].state, found["h1"].state) == ("told", "planned")


def test_changed_conditions_of_bail_replace_one_another_and_the_release_stays_owed() -> None:
    """The conditions are one state; the release itself is a happening."""
    events = plain_case(
        event("suspect.released", {"suspect": "s1", "mode": "bail"}, id="r"),
        event(
            "police_bail.conditions_changed",
            {"suspect": "s1", "conditions": ["a"]},
            at=MONDAY + timedelta(hours=1),
            id="c1",
        ),
        event(
            "police_bail.conditions_changed",
            {"suspect": "s1", "conditions": ["b"]},
            at=MONDAY + timedelta(hours=2),
            id="c2",
        ),
        event(
            "police_bail.conditions_changed",
            {"suspect": "s2", "conditions": ["b"]},
            at=MONDAY + timedelta(hours=3),
            id="o",
        ),
    )
    assert {name: item.state for name, item in by_event(events).items()} == {
        "r": "held",
        "c1": "withdrawn",
        "c2": "held",
        "o": "held",
    }


def test_happenings_never_replace_one_another() -> None:
    """Two arrests of one suspect are two updates."""
    found = after_report(plain_case(arrest(), arrest(MONDAY + timedelta(hours=1)))).updates
    assert [item.state for item in found] == ["planned", "planned"]


# ---------------------------------------------------------------- corrections and withdrawals


def corrected(of: CaseEvent, data: dict[str, Any] | None, hours: int = 5, **more: Any) -> CaseEvent:
    said = {"event": of.id, **more}
    if data is not None:
        said["data"] = data
    return event("event.corrected", said, at=MONDAY + timedelta(hours=hours), id=f"x{hours}")


def withdrawn(of: CaseEvent, hours: int = 6) -> CaseEvent:
    return event("event.withdrawn", {"event": of.id}, at=MONDAY + timedelta(hours=hours), id=f"w{hours}")


def right(starts: str = B, **data: Any) -> dict[str, Any]:
    return {
        "hearing": "h1",
        "listing": "fixed",
        "court": {"name": "Cannock"},
        "starts_at": starts,
        "received_at": MONDAY.isoformat(),
        **data,
    }


def test_a_correction_before_anything_left_changes_the_update_and_keeps_its_name() -> None:
    """The identity is that of the original event."""
    before = by_event(plain_case(LISTED))["h0"]
    after = by_event(plain_case(LISTED, corrected(LISTED, right())))["h0"]
    assert (after.id, after.facts["starts_at"]) == (before.id, B)
    assert after.facts_hash != before.facts_hash


def test_of_several_corrections_the_last_in_order_stands() -> None:
    """A withdrawal that comes after a correction stands, and the other way round."""
    mend, take_back = corrected(LISTED, right(), 5), withdrawn(LISTED, 6)
    assert by_event(plain_case(LISTED, mend, take_back))["h0"].state == "withdrawn"
    assert by_event(plain_case(LISTED, take_back, corrected(LISTED, right(), 7)))["h0"].state == "planned"


def test_a_corrected_time_moves_the_clock() -> None:
    """`time` of a correction is where the clock starts."""
    late = corrected(arrest(), None, time=(MONDAY - timedelta(days=3)).isoformat())
    assert only(plain_case(arrest(), late), "r6-arrest").due_on == date(2026, 3, 13)


def test_an_event_of_another_case_is_withdrawn_from_this_one() -> None:
    """`subject` of a correction takes the event out of this case."""
    update = only(plain_case(arrest(), corrected(arrest(), None, subject="case-2")), "r6-arrest")
    assert (update.state, codes(update)) == ("withdrawn", ["event_withdrawn"])


def told_wrong(events: list[CaseEvent], **changes: Any) -> OnLedger:
    return on_ledger(by_event(events)["h0"], **changes)


def test_pr10_a_told_date_corrects_itself() -> None:
    """PR10: what was told stays as it is; a second update says the right date and names the wrong one."""
    entry = told_wrong(plain_case(LISTED))
    found = after_report(plain_case(LISTED, corrected(LISTED, right())), ledger=[entry]).updates
    kept, mend = found
    assert (kept.id, kept.state, kept.evidence, kept.facts, kept.facts_hash, kept.kind) == (
        entry.id,
        "told",
        "delivered",
        entry.facts,
        entry.facts_hash,
        None,
    )
    assert (mend.part, mend.corrects) == (f"correct:{entry.id}", entry.id)
    assert (mend.facts["starts_at"], mend.facts["was_at"], mend.facts["corrects"]) == (B, A, True)
    assert (mend.state, mend.kind) in {("planned", "news"), ("held", "prompt")}
    assert "correction_by_person" not in codes(mend)
    assert mend.due_on == date(2026, 3, 10)


def test_a_correction_that_a_reader_would_not_notice_is_none() -> None:
    """PR10: only where what the person reads differs."""
    entry = told_wrong(plain_case(LISTED))
    same = corrected(LISTED, right(A, received_at=(MONDAY + timedelta(hours=1)).isoformat()))
    assert len(after_report(plain_case(LISTED, same), ledger=[entry]).updates) == 1


def test_what_did_not_arrive_is_simply_said_right() -> None:
    """Proven not sent: no correction, the update itself says the right date."""
    entry = told_wrong(plain_case(LISTED), state="planned", evidence=None)
    found = after_report(plain_case(LISTED, corrected(LISTED, right())), ledger=[entry]).updates
    assert [(item.part, item.facts["starts_at"]) for item in found] == [("", B)]


def test_a_correction_of_a_correction_names_what_was_said_last() -> None:
    """Wrong twice: the second correction corrects the first, and the first stays as it left."""
    entry = told_wrong(plain_case(LISTED))
    once = plain_case(LISTED, corrected(LISTED, right(), 5))
    first = after_report(once, ledger=[entry]).updates[1]
    third = "2026-06-01T08:30:00+00:00"
    twice = [*once, corrected(LISTED, right(third), 9)]
    found = after_report(twice, ledger=[entry, on_ledger(first)]).updates
    assert [(item.part, item.state) for item in found[:2]] == [("", "told"), (first.part, "told")]
    assert (found[2].corrects, found[2].facts["was_at"], found[2].facts["starts_at"]) == (first.id, B, third)


def test_a_told_charge_is_put_right_by_a_person() -> None:
    """PR10: anything but date, time and place is an officer's task, and no machine says a word more."""
    charge = event("suspect.charged", {"suspect": "s1", "custody": "remand", "charges": ["Theft."]}, id="c")
    entry = on_ledger(only(plain_case(charge), "r6-charge"))
    mend = event(
        "event.corrected",
        {"event": "c", "data": {"suspect": "s1", "custody": "remand", "charges": ["Fraud."]}},
        at=MONDAY + timedelta(hours=4),
    )
    kept, task = after_report(plain_case(charge, mend), ledger=[entry]).updates
    assert (kept.state, task.state, task.kind, task.task) == ("told", "held", None, "call")
    assert "correction_by_person" in codes(task)


def test_an_event_withdrawn_after_it_was_told_is_a_task_for_an_officer() -> None:
    """What was told did not happen: somebody rings, once, whatever else is planned again."""
    entry = on_ledger(only(plain_case(arrest()), "r6-arrest"))
    events = plain_case(arrest(), withdrawn(arrest()))
    kept, task = after_report(events, ledger=[entry]).updates
    assert (kept.state, task.state, task.kind, codes(task)[0]) == ("told", "held", None, "event_withdrawn")
    settled = on_ledger(task, evidence="conversation")
    again = after_report(events, ledger=[entry, settled]).updates
    assert [(item.id, item.state) for item in again[:1]] == [(kept.id, "told")]
    assert {item.id for item in again} == {kept.id, task.id}


def test_what_was_put_right_in_conversation_leaves_nothing_to_put_right() -> None:
    """They were told of an arrest that was withdrawn, and somebody has rung them since: one call, and no more."""
    entry = on_ledger(only(plain_case(arrest()), "r6-arrest"))
    said = {"person": "v1", "update_points": ["r6-arrest"], "how": "phone", "substantive": True}
    call = event("contact.made", said, at=MONDAY + timedelta(days=2), id="call")
    kept, task = [
        item
        for item in after_report(plain_case(arrest(), withdrawn(arrest()), call), ledger=[entry]).updates
        if item.update_point == "r6-arrest"
    ]
    assert (kept.state, kept.part, task.corrects) == ("told", "", kept.id)
    assert (task.state, task.evidence, task.told_at) == ("told", "conversation", call.time)


def test_a_person_whom_it_did_not_concern_is_never_texted_again() -> None:
    """PR10: a corrected event that concerns somebody else is an officer's task for whoever was told."""
    entry = on_ledger(only(plain_case(arrest()), "r6-arrest"))
    events = plain_case(arrest(), person("v2"), corrected(arrest(), {"suspect": "s1", "people": ["v2"]}))
    found = {(item.person, item.part != ""): item for item in planned(events, ledger=[entry]).updates}
    assert found["v2", False].state in {"planned", "held"}
    task = found["v1", True]
    assert (task.state, task.kind, task.corrects) == ("held", None, entry.id)
    assert "wrong_person" in codes(task)


def test_a_correction_that_is_another_rule_leaves_a_task_for_what_was_told() -> None:
    """Released under investigation, not on bail: the new news is owed, and an officer puts the old right."""
    released = event("suspect.released", {"suspect": "s1", "mode": "bail"}, id="r")
    entry = on_ledger(only(plain_case(released), "r6-bail"), evidence="conversation")
    mend = event(
        "event.corrected", {"event": "r", "data": {"suspect": "s1", "mode": "rui"}}, at=MONDAY + timedelta(hours=4)
    )
    found = {
        item.update_point + item.part[:8]: item.state
        for item in after_report(plain_case(released, mend), ledger=[entry]).updates
    }
    assert found == {"r6-rui": "held", "r6-bailcorrect:": "held"}


def test_no_correction_without_a_correcting_event() -> None:
    """A told update whose words would be different today is left alone: only a correction corrects."""
    entry = on_ledger(only(plain_case(arrest()), "r6-arrest"), facts={"happened_on": "2026-03-01"}, facts_hash="old")
    assert len(after_report(plain_case(arrest()), ledger=[entry]).updates) == 1


def test_dates_of_facts_are_whole_and_utc() -> None:
    """An instant in the facts has its offset."""
    starts = by_event(plain_case(LISTED))["h0"].facts["starts_at"]
    assert datetime.fromisoformat(starts) == datetime(2026, 4, 14, 8, 30, tzinfo=UTC)
