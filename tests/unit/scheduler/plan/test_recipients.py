"""Who is told: roles of the case, whom the event names, guardians of children, and nobody who is only a suspect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.force_rules import careful_default
from services.scheduler.plan.types import Plan, Waits
from tests.unit.scheduler.plan.cases import (
    BEFORE,
    FORCE,
    MONDAY,
    after_report,
    arrest,
    codes,
    crime,
    event,
    only,
    person,
    planned,
)


def told(plan: Plan, update_point: str = "r6-arrest") -> list[tuple[str, str, str]]:
    """Person, role and for whom."""
    return [(item.person, item.role, item.for_whom) for item in plan.updates if item.update_point == update_point]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (["victim"], [("v1", "victim", "")]),
        (["victim", "witness"], [("v1", "victim", "")]),
        (["business_contact"], [("v1", "business_contact", "")]),
        (["bereaved_relative"], [("v1", "bereaved_relative", "")]),
        (["witness"], []),
        (["suspect"], []),
        (["associate"], []),
    ],
    ids=lambda value: "+".join(value) if value and isinstance(value[0], str) else "",
)
def test_roles_decide(roles: list[str], expected: list[tuple[str, str, str]]) -> None:
    """One update a person whose role the rule names; never for a suspect or an associate."""
    assert told(planned([crime(), person("v1", *roles), arrest()])) == expected


def test_every_victim_and_every_suspect_is_one_duty() -> None:
    """Two victims and two arrests are four updates, each with an id of its own."""
    plan = after_report([crime(), person("v1"), person("v2"), arrest(), arrest(suspect="s2")])
    assert len({item.id for item in plan.updates}) == 4
    assert {(item.person, item.suspect) for item in plan.updates} == {
        (v, s) for v in ("v1", "v2") for s in ("s1", "s2")
    }


def test_an_event_narrows_who_is_concerned() -> None:
    """`people` names who is told."""
    plan = planned(
        [crime(), person("v1"), person("v2"), event("suspect.arrested", {"suspect": "s1", "people": ["v2"]})]
    )
    assert told(plan) == [("v2", "victim", "")]


def test_who_is_named_and_not_recorded_is_waited_for() -> None:
    """The recorded are told meanwhile; the event waits for the others, and is never rejected."""
    named = event("suspect.arrested", {"suspect": "s1", "people": ["v2", "v1", "v3"]})
    plan = planned([crime(), person("v1"), named])
    assert told(plan) == [("v1", "victim", "")]
    assert plan.waiting == (Waits(named.source, named.id, ("v2", "v3")),)


def test_attendance_is_told_to_whom_it_names() -> None:
    """`person` narrows as `people` does, and is waited for."""
    required = event("wcu.received.attendance_required", {"person": "v2", "hearing": "h1"})
    assert told(planned([crime(), person("v1"), person("v2"), required]), "r8-attend") == [("v2", "victim", "")]
    assert planned([crime(), person("v1"), required]).waiting == (Waits(required.source, required.id, ("v2",)),)


@pytest.mark.parametrize(
    "data", [{"person": "v9", "supports_prosecution": True}, {"suspect": "s9"}], ids=["owes nothing", "a suspect"]
)
def test_nobody_is_waited_for_without_news(data: dict[str, Any]) -> None:
    """What tells nobody anything waits for nobody, and suspects need no record."""
    kind = "participation.changed" if "person" in data else "suspect.arrested"
    assert planned([crime(), person(), event(kind, data)]).waiting == ()


def test_the_last_roles_of_the_case_stand() -> None:
    """Roles are a state: one who turns out to be a witness only is told no victim's news."""
    later = person("v1", "witness", at=BEFORE + timedelta(days=1))
    assert told(planned([crime(), person("v1"), later, arrest()])) == []
    silent = event("person.recorded", {"person": "v1", "language": "en"}, at=BEFORE + timedelta(days=1))
    assert told(planned([crime(), person("v1"), silent, arrest()])) == [("v1", "victim", "")]


CHILD = person("k1", born="2010-06-01")
GUARDIAN = person("g1", "parent_guardian", stands_for="k1")


def test_a_guardian_and_the_child_are_both_told() -> None:
    """2.4: child and guardian may both receive, the guardian for the child."""
    plan = planned([crime(), CHILD, GUARDIAN, arrest()])
    assert told(plan) == [("g1", "parent_guardian", "k1"), ("k1", "victim", "")]


def test_a_guardian_is_told_until_the_birthday_and_the_plan_asks_to_look_again_then() -> None:
    """6.18: recipients go by the day; the plan asks to be made again at the birthday in London."""
    born = person("k1", born="2008-03-10")
    plan = planned([crime(), born, GUARDIAN, arrest()])
    birthday = datetime(2026, 3, 10, tzinfo=UTC)
    assert (told(plan)[0], plan.again_at) == (("g1", "parent_guardian", "k1"), birthday)
    after = planned([crime(), born, GUARDIAN, arrest()], now=birthday)
    assert told(after) == [("k1", "victim", "")]


def test_a_birth_date_outranks_the_word_that_somebody_turned_18() -> None:
    """person.turned_18 ends a guardian's part only where no date of birth says otherwise."""
    turned = event("person.turned_18", {"person": "k1"}, at=BEFORE + timedelta(days=2))
    unknown = person("k1", born=...)
    assert told(planned([crime(), unknown, GUARDIAN, turned, arrest()])) == [("k1", "victim", "")]
    assert told(planned([crime(), CHILD, GUARDIAN, turned, arrest()]))[0] == ("g1", "parent_guardian", "k1")


@pytest.mark.parametrize(
    ("ward", "guardian", "more", "code"),
    [
        (person("k1", born=...), GUARDIAN, [], "age_unknown"),
        (CHILD, person("g1", "parent_guardian"), [], "for_whom_unknown"),
        (CHILD, person("g1", "parent_guardian", "suspect", stands_for="k1"), [], "also_suspect"),
        (
            CHILD,
            person("g1", "parent_guardian", safety={"lives_with_suspect": True}, stands_for="k1"),
            [],
            "suspect_household",
        ),
        (
            CHILD,
            person("g1", "parent_guardian", household="h1", stands_for="k1"),
            [person("s1", "suspect", household="h1")],
            "suspect_household",
        ),
        (CHILD, person("g1", "spokesperson", stands_for="k1"), [], "spokesperson_check"),
    ],
    ids=[
        "age not known",
        "for whom not known",
        "is a suspect",
        "lives with a suspect",
        "same household",
        "spokesperson",
    ],
)
def test_no_guardian_is_assumed_safe(ward: CaseEvent, guardian: CaseEvent, more: list[CaseEvent], code: str) -> None:
    """2.4, PR14: never a parent who is a suspect or lives with one; what is not known is looked at by a person."""
    plan = planned([crime(), ward, guardian, *more, arrest()])
    update = next(item for item in plan.updates if item.person == "g1")
    assert (update.state, update.kind) == ("held", None)
    assert code in codes(update)


def test_pr14_a_machine_tells_nothing_about_a_child_who_died() -> None:
    """PR14: neither the child nor the guardian is addressed by a machine."""
    plan = planned([crime(), CHILD, GUARDIAN, event("person.died", {"person": "k1"}), arrest()])
    owed = [item for item in plan.updates if item.state != "withdrawn"]
    assert {(item.state, item.kind, codes(item)[0]) for item in owed} == {("held", None, "person_died")}


def test_a_guardian_is_concerned_where_the_child_is_named() -> None:
    """`people` that names the child tells the guardian too, and nobody else."""
    named = event("suspect.arrested", {"suspect": "s1", "people": ["k1"]})
    plan = planned([crime(), CHILD, GUARDIAN, person("v2"), named])
    assert told(plan) == [("g1", "parent_guardian", "k1"), ("k1", "victim", "")]


def test_pr22_what_happened_before_the_force_went_live_owes_nothing() -> None:
    """Events before `live_from` change state and owe nothing."""
    rules = replace(careful_default(FORCE), live_from=MONDAY)
    events = [crime(), person(), arrest(MONDAY - timedelta(minutes=1)), arrest(MONDAY, suspect="s2")]
    assert [item.suspect for item in planned(events, rules=rules).updates] == ["s2"]


def test_the_edition_goes_by_the_date_of_the_event() -> None:
    """6.1: what happened before the 2020 edition was in force is owed under the one before it, by the local date."""
    before = datetime(2021, 3, 31, 22, 30, tzinfo=UTC)  # 23:30 on 31 March in London
    reported = [crime(at=before), person(at=before)]
    assert only([*reported, arrest(before)], "r6-arrest").edition == "vc-2015"
    assert only([*reported, arrest(before + timedelta(hours=1))], "r6-arrest").edition == "vc-2020"
