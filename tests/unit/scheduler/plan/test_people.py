"""Who is told and by which contact, over the shipped books: spokespersons, witnesses, linked cases, changed contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.force_rules import Switch, careful_default
from services.ledger.people import Person
from services.scheduler.birthdays import to_ask
from services.scheduler.plan import plan
from services.scheduler.plan.types import Known, Plan, Planned
from services.scheduler.review import shared_contacts
from tests.unit.scheduler.plan.cases import (
    BEFORE,
    BOOKS,
    CALENDAR,
    EMAIL,
    FORCE,
    MONDAY,
    PHONE,
    arrest,
    assessed,
    codes,
    crime,
    event,
    known,
    person,
    plain_case,
    planned,
)

DAY = timedelta(days=1)
EVERYTHING = replace(careful_default(FORCE), switches=(Switch(("*",), (), "any", "automated"),))
"""A force that lets a machine do all it may."""
LISTED = event(
    "wcu.received.hearing_listed",
    {"hearing": "h1", "listing": "fixed", "starts_at": "2026-04-14T08:30:00Z", "court": {"name": "Cannock"}},
    id="listed",
)


def required(who: str, at: datetime = MONDAY) -> CaseEvent:
    """Somebody must come."""
    data = {"person": who, "hearing": "h1", "at": "2026-04-14T08:30:00Z", "place": "Cannock"}
    return event("wcu.received.attendance_required", data, at=at, id=f"required-{who}")


def not_required(who: str, at: datetime = MONDAY + timedelta(hours=1)) -> CaseEvent:
    """Or need not."""
    data = {"person": who, "hearing": "h1"}
    return event("wcu.received.attendance_not_required", data, at=at, id=f"not-required-{who}")


def told(found: Plan, *points: str) -> list[tuple[str, str, str]]:
    """Update point, person and role."""
    return sorted((one.update_point, one.person, one.role) for one in found.updates if one.update_point in points)


def of(found: Plan, update_point: str, who: str) -> Planned:
    """The one update."""
    return next(one for one in found.updates if (one.update_point, one.person) == (update_point, who))


# ---------------------------------------------------------------- both books


HEARING = ("r8-hearing-date", "w-hearing-date")
ATTEND = ("r8-attend", "w-attend")
STOOD_DOWN = ("r8-not-needed", "w-stood-down")
MEASURES = ("r8-special-measures", "w-special-measures")
GUARDIAN = person("g1", "parent_guardian", stands_for="v1")
DECIDED = event("special_measures.decided", {"person": "v1", "measures": ["screens"], "granted": True}, id="measures")
BOTH: dict[str, tuple[tuple[str, ...], list[CaseEvent], tuple[str, ...], list[tuple[str, str, str]]]] = {
    "a victim hears a date by the Code": (("victim",), [LISTED], HEARING, [("r8-hearing-date", "v1", "victim")]),
    "a witness by the Charter": (("witness",), [LISTED], HEARING, [("w-hearing-date", "v1", "witness")]),
    "who is both by both, in one role": (
        ("victim", "witness"),
        [LISTED],
        HEARING,
        [("r8-hearing-date", "v1", "victim"), ("w-hearing-date", "v1", "victim")],
    ),
    "a victim is called by the Code": (("victim",), [required("v1")], ATTEND, [("r8-attend", "v1", "victim")]),
    "a witness by the Charter too": (("witness",), [required("v1")], ATTEND, [("w-attend", "v1", "witness")]),
    "who is both by both": (
        ("victim", "witness"),
        [required("v1")],
        ATTEND,
        [("r8-attend", "v1", "victim"), ("w-attend", "v1", "victim")],
    ),
    "a victim is stood down": (
        ("victim",),
        [required("v1"), not_required("v1")],
        STOOD_DOWN,
        [("r8-not-needed", "v1", "victim")],
    ),
    "a witness once": (
        ("witness",),
        [required("v1"), not_required("v1")],
        STOOD_DOWN,
        [("w-stood-down", "v1", "witness")],
    ),
    "who is both is stood down by both": (
        ("witness", "victim"),
        [required("v1"), not_required("v1")],
        STOOD_DOWN,
        [("r8-not-needed", "v1", "victim"), ("w-stood-down", "v1", "victim")],
    ),
    "measures by both": (
        ("victim", "witness"),
        [DECIDED],
        MEASURES,
        [("r8-special-measures", "v1", "victim"), ("w-special-measures", "v1", "victim")],
    ),
    "a bereaved witness by both, as the family": (
        ("bereaved_relative", "witness"),
        [LISTED],
        HEARING,
        [("r8-hearing-date", "v1", "bereaved_relative"), ("w-hearing-date", "v1", "bereaved_relative")],
    ),
}


@pytest.mark.parametrize("case", BOTH)
def test_a_victim_who_is_a_witness_is_owed_both_books_each_in_its_own_row(case: str) -> None:
    """Victims-code 4.1: the Code says it to victims, the Charter to witnesses; who is both has both rows, in one role."""
    roles, happened, points, expected = BOTH[case]
    assert told(planned([crime(), person("v1", *roles), assessed(), *happened]), *points) == expected


def test_what_only_the_charter_says_is_said_to_a_victim_witness_too() -> None:
    """Nothing of the Charter's falls away where the Code says nothing: under the 2015 Code nobody else calls them."""
    old = event(
        "wcu.received.attendance_required",
        {"person": "v1", "hearing": "h1", "at": "2019-05-14T08:30:00Z", "occurred_on": "2019-03-11"},
        at=datetime(2019, 3, 11, 10, tzinfo=UTC),
        id="old",
    )
    early = datetime(2019, 1, 7, 10, tzinfo=UTC)
    case = [crime(at=early), person("v1", "victim", "witness", at=early), old]
    assert told(planned(case), *ATTEND) == [("w-attend", "v1", "victim")]


def test_a_witness_hears_nothing_of_the_code_and_neither_does_who_stands_for_one() -> None:
    """A witness who is no victim gets the Charter alone; so does the guardian of a child who is one."""
    child = person("v1", "witness", born="2012-01-01")
    found = planned([crime(), child, GUARDIAN, arrest(), LISTED, required("v1")])
    assert {one.edition for one in found.updates if one.person in {"v1", "g1"}} <= {"wc-2013", "force"}
    assert told(found, *ATTEND) == [("w-attend", "g1", "parent_guardian"), ("w-attend", "v1", "witness")]


# ---------------------------------------------------------------- who stands for whom


def test_several_contacts_of_a_business_are_a_question() -> None:
    """2.4, PR20: a business is told through one contact, so with two somebody asks which; a word that names one is clear."""
    b1, b2 = person("b1", "business_contact"), person("b2", "business_contact")
    found = planned([crime(), b1, b2, arrest()], rules=EVERYTHING)
    for who in ("b1", "b2"):
        update = of(found, "r6-arrest", who)
        assert (update.state, "business_contacts" in codes(update)) == ("held", True)
        assert "Recorded as contacts: b1, b2." in update.say
    named = event("suspect.arrested", {"suspect": "s1", "people": ["b1"]}, id="named")
    assert "business_contacts" not in codes(of(planned([crime(), b1, b2, named]), "r6-arrest", "b1"))


SPOKEN: dict[str, tuple[dict[str, Any], list[CaseEvent], dict[str, bool]]] = {
    "nobody asked": ({}, [], {"v1": False, "sp": True}),
    "they asked": ({"preference": {"spokesperson": "sp"}}, [], {"sp": False}),
    "they asked for somebody else": ({"preference": {"spokesperson": "x"}}, [], {"v1": False, "sp": True}),
    "they cannot communicate": ({"access_needs": ["no_voice", "no_text"]}, [], {"v1": False, "sp": False}),
    "they cannot write": ({"access_needs": ["no_text"]}, [], {"v1": False, "sp": True}),
    "they died": (
        {"preference": {"spokesperson": "sp"}},
        [event("person.died", {"person": "v1"}, at=BEFORE + DAY)],
        {"v1": False, "sp": True},
    ),
    "they are a child": ({"preference": {"spokesperson": "sp"}, "born": "2012-01-01"}, [], {"v1": False, "sp": True}),
}


@pytest.mark.parametrize("case", SPOKEN)
def test_a_spokesperson_is_told_where_the_adult_asked_or_cannot_communicate(case: str) -> None:
    """Small print of the practice: otherwise an officer looks first, and who asked to be told through another is not told too."""
    of_victim, more, expected = SPOKEN[case]
    found = planned([crime(), person(**of_victim), person("sp", "spokesperson", stands_for="v1"), *more, arrest()])
    assert {
        one.person: "spokesperson_check" in codes(one) for one in found.updates if one.update_point == "r6-arrest"
    } == expected


def test_pr14_the_liaison_officer_is_named() -> None:
    """PR14: everything for the bereaved, and for who stands for them, goes through the liaison officer, who is named."""
    family = [person("r1", "bereaved_relative"), person("sp", "spokesperson", stands_for="r1")]
    officer = {"name": "Pat Lee", "phone": "01632 960555"}
    found = planned([crime("homicide", liaison_officer=officer), *family, arrest()], rules=EVERYTHING)
    for who in ("r1", "sp"):
        update = of(found, "r6-arrest", who)
        assert (update.state, update.kind, "bereaved" in codes(update)) == ("held", None, True)
        assert "The liaison officer is Pat Lee, 01632 960555." in update.say
    nobody = of(planned([crime("homicide"), *family, arrest()]), "r6-arrest", "r1")
    assert any(line.startswith("No liaison officer is recorded") for line in nobody.say)


# ---------------------------------------------------------------- linked cases, shared contacts


def beside(events: Sequence[CaseEvent], *others: Person, roles: Mapping[str, tuple[str, ...]], **more: Any) -> Known:
    """A case with people of a linked case."""
    return replace(known(events, **more), linked={one.id: one for one in others}, linked_roles=roles)


def with_number_of(events: Sequence[CaseEvent], who: str = "v1", name: str = "s9", **more: Any) -> Person:
    """Somebody of another case who has the first number of `who`."""
    contact = known(events).people[who].contacts[0]
    return Person(FORCE, name, contacts=(replace(contact, id="x"),), **more)


def decided(case: Known) -> Plan:
    """The plan."""
    return plan(case, BOOKS, CALENDAR)


def test_s03_a_contact_shared_with_a_suspect_of_a_linked_case_is_used_by_no_machine() -> None:
    """S03, PR11: nothing goes there, not even a prompt, and what went there before is reviewed."""
    events = plain_case(LISTED)
    case = beside(events, with_number_of(events), roles={"s9": ("suspect",)}, rules=EVERYTHING)
    alone = of(decided(replace(case, linked={}, linked_roles={})), "r8-hearing-date", "v1")
    assert alone.kind is not None
    update = of(decided(case), "r8-hearing-date", "v1")
    assert (update.state, update.kind, update.safety_hold) == ("held", None, True)
    assert "shared_contact" in codes(update)
    assert [(one.person, one.other, one.grave) for one in shared_contacts(case)] == [("v1", "s9", True)]


def test_pr24_a_letter_to_a_door_that_is_shared_says_so() -> None:
    """PR24, PR11: who asked for letters is held for one anyway, and whoever writes it learns that the door is shared."""
    post = {"id": "c3", "channel": "letter", "value": "1 High Street", "safe": True}
    events = plain_case(LISTED, contacts=[post], preference={"channel": "letter"})
    case = beside(events, with_number_of(events), roles={"s9": ("associate",)})
    found = codes(of(decided(case), "r8-hearing-date", "v1"))
    assert {"prefers_letter", "shared_contact"} <= set(found)
    assert "shared_contact" not in codes(of(planned(events), "r8-hearing-date", "v1"))


def test_2_4_a_victim_who_is_a_suspect_of_a_linked_case_is_the_officer_s_to_tell() -> None:
    """2.4: here or in a linked case; a witness there is none."""
    events = plain_case(arrest())
    assert "also_suspect" in codes(of(decided(beside(events, roles={"v1": ("suspect",)})), "r6-arrest", "v1"))
    assert "also_suspect" not in codes(of(decided(beside(events, roles={"v1": ("witness",)})), "r6-arrest", "v1"))


def test_a_guardian_who_lives_with_a_suspect_of_a_linked_case_is_not_safe() -> None:
    """2.4, PR14: households count across linked cases, and a child's own word that they live with the suspect counts for both."""
    child = person("k1", born="2012-01-01")
    guardian = person("g1", "parent_guardian", stands_for="k1", household="h1")
    case = beside([crime(), child, guardian, arrest()], Person(FORCE, "s9", household="h1"), roles={"s9": ("suspect",)})
    assert "suspect_household" in codes(of(decided(case), "r6-arrest", "g1"))
    at_home = person("k1", born="2012-01-01", safety={"lives_with_suspect": True})
    plain = person("g1", "parent_guardian", stands_for="k1")
    assert "suspect_household" in codes(of(planned([crime(), at_home, plain, arrest()]), "r6-arrest", "g1"))


def test_who_shares_a_household_with_a_suspect_is_flagged() -> None:
    """Addresses are matched too (PR11): they are treated as one with a safety profile."""
    events = plain_case(LISTED, person("s9", "suspect", household="h1"), household="h1")
    assert of(planned(events), "r8-hearing-date", "v1").flagged
    assert not of(planned(plain_case(LISTED, household="h1")), "r8-hearing-date", "v1").flagged


# ---------------------------------------------------------------- changed contacts, contradictions


CHANGED = event(
    "person.recorded",
    {"person": "v1", "contacts": [{**PHONE, "value": "07700 900777"}]},
    at=BEFORE + DAY,
    id="changed",
)
STAND_DOWN = (required("v1", MONDAY - DAY), not_required("v1", MONDAY))
ASKS_NOTHING: dict[str, Any] = {"preference": {"channel": "sms", "wants_outcome": True}}
HELD: dict[str, tuple[list[CaseEvent], str | None]] = {
    "S06 changed, domestic abuse": (
        [crime("domestic_abuse"), person(**ASKS_NOTHING), CHANGED, assessed(enhanced=True)],
        "contact_not_confirmed",
    ),
    "S06 changed, safety profile": (
        [crime(), person(**ASKS_NOTHING, safety={"voicemail_safe": False}), CHANGED, assessed()],
        "contact_not_confirmed",
    ),
    "S06 changed, not assessed": ([person(**ASKS_NOTHING), CHANGED, assessed()], "contact_not_confirmed"),
    "changed, ordinary": ([crime(), person(**ASKS_NOTHING), CHANGED, assessed()], None),
    "PR11 safe hours loosened": (
        [
            crime(),
            person(**ASKS_NOTHING, safety={"safe_hours": [{"days": ["mon"], "from": "10:00", "to": "16:00"}]}),
            event("safety.changed", {"person": "v1", "safety": {"safe_hours": []}}, at=BEFORE + DAY),
            assessed(),
        ],
        "safety_not_confirmed",
    ),
    "texts wanted and not safe": (
        [crime(), person(**ASKS_NOTHING, safety={"texts_safe": False}), assessed()],
        "preference_against_safety",
    ),
    "plain words wanted, safety profile": (
        [crime(), person(safety={"voicemail_safe": False}), assessed()],
        "preference_against_safety",
    ),
    "plain words wanted, domestic abuse": (
        [crime("domestic_abuse"), person(), assessed(enhanced=True)],
        "preference_against_safety",
    ),
    "quiet whenever it is safe": (
        [
            crime(),
            person(
                preference={"channel": "sms", "quiet_hours": [{"days": ["mon"], "from": "09:00", "to": "17:00"}]},
                safety={"safe_hours": [{"days": ["mon"], "from": "10:00", "to": "16:00"}]},
            ),
            assessed(),
        ],
        "preference_against_safety",
    ),
}


@pytest.mark.parametrize("case", HELD)
def test_what_is_not_confirmed_or_not_safe_is_asked_about(case: str) -> None:
    """PR11, S06: kept, not obeyed, and a person is asked; an ordinary person's new number is simply theirs."""
    events, code = HELD[case]
    update = of(planned([*events, *STAND_DOWN], rules=EVERYTHING), "r8-not-needed", "v1")
    if code is None:
        assert (update.state, update.contact) == ("planned", "c1")
    else:
        assert (update.state, update.kind) == ("held", None)
        assert code in codes(update)


def test_a_mailbox_that_was_safe_never_stands_in_for_a_number_that_was_shared() -> None:
    """T2: no switch to a contact that was not itself marked safe; one that was stands in where no channel was asked for."""
    events = plain_case(*STAND_DOWN, contacts=[PHONE, {**EMAIL, "safe": None}], preference={})
    case = beside(events, with_number_of(events), roles={"s9": ("suspect",)}, rules=EVERYTHING)
    assert of(decided(case), "r8-not-needed", "v1").kind is None


# ---------------------------------------------------------------- turning 18


PARENTS = {**PHONE, "value": "07700 900555"}


def of_age(now: datetime, **of_child: Any) -> Known:
    """A young person of whom a parent's number is recorded as their own; 18 on 10 March 2026."""
    child = person("k1", born="2008-03-10", **of_child)
    parent = person("g1", "parent_guardian", stands_for="k1", contacts=[PARENTS])
    return known(
        [crime(), child, parent, assessed("k1"), required("k1"), not_required("k1")], now=now, rules=EVERYTHING
    )


@pytest.mark.parametrize(
    ("contacts", "code"),
    [
        ([PARENTS], "inherited_contact"),
        ([PARENTS, {**EMAIL, "value": "k@example.org"}], None),
        ([{**PHONE, "value": "07700 900556"}], None),
    ],
    ids=["the parent's", "the parent's and their own", "their own"],
)
def test_pr14_somebody_turning_18_inherits_nobody_s_contacts(contacts: list[dict[str, Any]], code: str | None) -> None:
    """PR14, 6.18: on the birthday the parent hears nothing more, and what was the parent's is not used for the young adult."""
    preference = {"wants_outcome": True}
    young = decided(of_age(MONDAY + timedelta(hours=3), contacts=contacts, preference=preference))
    assert {one.person for one in young.updates if one.update_point == "r8-not-needed"} == {"k1", "g1"}
    assert "shared_contact" not in codes(of(young, "r8-not-needed", "k1"))
    adult = decided(of_age(datetime(2026, 3, 10, 12, tzinfo=UTC), contacts=contacts, preference=preference))
    assert {one.person for one in adult.updates if one.update_point == "r8-not-needed"} == {"k1"}
    update = of(adult, "r8-not-needed", "k1")
    if code is None:
        assert update.contact == ("c2" if len(contacts) > 1 else "c1")
    else:
        assert (update.kind, code in codes(update)) == (None, True)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (datetime(2026, 2, 9, 12, tzinfo=UTC), (set(), set())),
        (datetime(2026, 2, 10, 12, tzinfo=UTC), ({"staffs/k1"}, set())),
        (datetime(2026, 3, 9, 23, 59, tzinfo=UTC), ({"staffs/k1"}, set())),
        (datetime(2026, 3, 10, 0, 0, tzinfo=UTC), (set(), {"staffs/k1"})),
    ],
)
def test_6_18_the_young_are_asked_in_the_four_weeks_before(on: datetime, expected: tuple[set[str], set[str]]) -> None:
    """6.18: they are asked about parents' contact before the birthday, and the question ends with it."""
    assert to_ask(of_age(on)) == expected
