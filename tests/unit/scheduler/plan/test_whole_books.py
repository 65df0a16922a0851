"""What the whole books ask of the plan: who is concerned, what shows that something was done, which edition and Act govern."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from tests.unit.scheduler.plan.cases import MONDAY, arrest, assessed, crime, event, only, person, plain_case, planned

LATER = MONDAY + timedelta(days=1)


def who(events: list[CaseEvent], update_point: str) -> set[tuple[str, str]]:
    """Person and role of everybody who has an update of the point."""
    return {(item.person, item.role) for item in planned(events).updates if item.update_point == update_point}


@pytest.mark.parametrize(
    ("data", "helped"),
    [
        ({}, False),
        ({"language": "en-GB"}, False),
        ({"language": "pl"}, True),
        ({"access_needs": ["interpreter"]}, True),
        ({"access_needs": ["large_print"]}, True),
        ({"access_needs": []}, False),
    ],
)
def test_right_1_is_for_those_who_need_it(data: dict[str, Any], helped: bool) -> None:
    """`r1-language` is raised with the crime for whoever has another language or a need in communicating."""
    assert bool(who([crime(), person(**data)], "r1-language")) is helped


def test_only_a_condition_that_safeguards_them_is_notified() -> None:
    """The Act's duty is owed to whom the conditions protect; Right 6 tells every victim that they changed."""
    changed = event("police_bail.conditions_changed", {"suspect": "s1", "protects": ["v2"]})
    people = [crime(), person("v1"), person("v2")]
    assert who([*people, changed], "pace-bail-notify") == {("v2", "victim")}
    assert who([*people, changed], "r6-bail-varied") == {("v1", "victim"), ("v2", "victim")}
    unsaid = event("police_bail.conditions_changed", {"suspect": "s1"})
    assert who([*people, unsaid], "pace-bail-notify") == {("v1", "victim"), ("v2", "victim")}
    nobody = event("police_bail.conditions_changed", {"suspect": "s1", "protects": []})
    assert who([*people, nobody], "pace-bail-notify") == set()


def test_an_order_is_told_to_whom_it_protects() -> None:
    """A protected witness is told; where nobody is named the victims are, and no witness learns of somebody's order."""
    people = [crime(), person("v1"), person("w1", "witness")]
    of_witness = event("protective_order.made", {"order": "o1", "protects": ["w1"]})
    assert who([*people, of_witness], "f-order-changed") == {("w1", "witness")}
    assert who([*people, event("protective_order.made", {"order": "o1"})], "f-order-changed") == {("v1", "victim")}


@pytest.mark.parametrize(
    ("received", "late"), [("2026-04-09T14:00:00+00:00", False), ("2026-04-14T14:00:00+00:00", True)]
)
def test_22_the_courts_duty_is_met_by_the_news_itself(received: str, late: bool) -> None:
    """Row 22: due five working days from the court's day; what the unit received shows that it was told, and when."""
    data = {"suspect": "s1", "occurred_on": "2026-03-31", "received_at": received, "vcs_qualifying": False}
    at = datetime(2026, 3, 31, 15, tzinfo=UTC)
    update = only(plain_case(event("wcu.received.sentence", data, at=at)), "r8-court-to-wcu")
    assert (update.due_on, update.state, update.evidence) == (date(2026, 4, 9), "told", "done")
    assert update.told_at == datetime.fromisoformat(received)
    assert update.due_at is not None
    assert (update.told_at > update.due_at) is late


@pytest.mark.parametrize(
    ("service", "state"),
    [("vcs", "told"), ("Victim Contact Scheme", "told"), ("victim_support", "held"), (None, "held")],
    ids=["it", "by its name", "another", "unsaid"],
)
def test_a_referral_counts_for_the_contact_scheme_only_by_name(service: str | None, state: str) -> None:
    """Most referrals go elsewhere: only one that names the scheme shows that Right 11 was kept."""
    sentence = event("wcu.received.sentence", {"suspect": "s1", "vcs_qualifying": True})
    referral: dict[str, Any] = {"person": "v1"} if service is None else {"person": "v1", "service": service}
    events = plain_case(sentence, event("referral.made", referral, at=LATER))
    assert only(events, "r11-vcs-referral").state == state
    assert bool(who(events, "r11-vlo-contact")) is (state == "told")


def test_26_a_release_under_investigation_before_april_2021() -> None:
    """Row 26: told as a release without charge under the 2015 Code, never as `r6-rui`."""
    at = datetime(2021, 3, 31, 16, tzinfo=UTC)
    before = at - timedelta(days=2)
    events = [crime(at=before), person(at=before), assessed(at=before)]
    events.append(event("suspect.released", {"suspect": "s1", "mode": "rui"}, at=at))
    update = only(events, "r6-released-no-charge")
    assert (update.edition, update.due_on, update.due_on_enhanced) == ("vc-2015", date(2021, 4, 9), date(2021, 4, 1))
    assert not who(events, "r6-rui")


def test_victim_and_witness_has_both_books_and_is_one_person() -> None:
    """Whoever is both has the Code's row and the Charter's, told in one role."""
    both = person("v1", "victim", "witness")
    required = event(
        "wcu.received.attendance_required", {"person": "v1", "hearing": "h1", "at": "2026-04-14T08:30:00Z"}
    )
    events = [crime(), both, assessed(), required]
    assert {point for point in ("r8-attend", "w-attend") if who(events, point)} >= {"r8-attend"}
    assert {role for point in ("r8-attend", "w-attend") for _, role in who(events, point)} == {"victim"}
    assert who([crime(), person("w1", "witness"), arrest()], "r6-arrest") == set()
