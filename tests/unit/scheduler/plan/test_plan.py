"""The plan of a whole case: the same in every order, at the right moment, in as few messages as may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.envelope import CaseEvent
from services.scheduler.plan import plan
from services.scheduler.plan.identity import facts_hash, update_id
from tests.unit.scheduler.plan.cases import (
    BOOKS,
    CALENDAR,
    EMAIL,
    MONDAY,
    PHONE,
    after_report,
    arrest,
    assessed,
    crime,
    event,
    known,
    only,
    person,
    plain_case,
    planned,
)

HOUR = timedelta(hours=1)


def _pool() -> list[CaseEvent]:
    """Events of one case that touch one another."""
    listed = {"hearing": "h1", "listing": "fixed", "court": {"name": "Cannock"}}
    return [
        crime(),
        crime("domestic_abuse", at=MONDAY + HOUR),
        event("crime.reclassified", {"offence_classes": ["hate"]}, at=MONDAY + 2 * HOUR),
        person(),
        person(at=MONDAY, contacts=[{**PHONE, "safe": None}, EMAIL]),
        person("v2", "victim", "witness"),
        person("k1", born="2008-03-12"),
        person("g1", "parent_guardian", stands_for="k1"),
        person("s1", "suspect", contacts=[PHONE]),
        assessed(),
        assessed(enhanced=True, at=MONDAY + 30 * HOUR),
        event("preference.changed", {"person": "v1", "preference": {"channel": "email"}}, at=MONDAY + HOUR),
        event("safety.changed", {"person": "v1", "safety": {"texts_safe": False}}, at=MONDAY + HOUR),
        event("person.died", {"person": "v2"}, at=MONDAY + 40 * HOUR),
        arrest(),
        arrest(MONDAY + HOUR, "s2"),
        event("suspect.interviewed", {"suspect": "s1", "people": ["v1", "v9"]}, at=MONDAY + 3 * HOUR),
        event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=MONDAY + 4 * HOUR),
        event("police_bail.conditions_changed", {"suspect": "s1", "conditions": ["a"]}, at=MONDAY + 5 * HOUR),
        event("police_bail.cancelled", {"suspect": "s1"}, at=MONDAY + 6 * HOUR),
        event(
            "suspect.charged",
            {"suspect": "s1", "first_hearing": {"starts_at": "2026-04-14T08:30:00Z"}},
            at=MONDAY + 7 * HOUR,
        ),
        event("wcu.received.hearing_listed", {**listed, "starts_at": "2026-04-14T08:30:00Z"}, at=MONDAY + 20 * HOUR),
        event("wcu.received.hearing_changed", {**listed, "starts_at": "2026-05-11T08:30:00Z"}, at=MONDAY + 21 * HOUR),
        event("wcu.received.hearing_vacated", listed, at=MONDAY + 22 * HOUR),
        event("wcu.received.attendance_required", {"person": "v1", "hearing": "h1"}, at=MONDAY + 21 * HOUR),
        event(
            "contact.made", {"person": "v1", "update_points": ["r6-arrest"], "substantive": True}, at=MONDAY + 2 * HOUR
        ),
        event("operational_hold.set", {"hold": "o", "until": "2026-03-10T09:00:00Z"}, at=MONDAY),
        event("operational_hold.lifted", {"hold": "o"}, at=MONDAY + HOUR),
        event("event.corrected", {"event": arrest().id, "data": {"suspect": "s3"}}, at=MONDAY + 8 * HOUR),
        event("event.withdrawn", {"event": arrest().id}, at=MONDAY + 9 * HOUR),
        event(
            "case.handed_over", {"owner": "wcu", "to": {"name": "Jo", "phone": "01632 960123"}}, at=MONDAY + 9 * HOUR
        ),
    ]


POOL = _pool()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(POOL), min_size=5, max_size=5, unique_by=lambda item: item.id))
def test_r13_every_order_of_five_events_gives_the_same_plan(events: list[CaseEvent]) -> None:
    """R13: five events of one case, in all 120 orders, corrections and withdrawals included."""
    now = MONDAY + timedelta(days=2)
    expected = planned(events, now=now)
    for order in permutations(events):
        assert planned(list(order), now=now) == expected


@settings(max_examples=60, deadline=None)
@given(st.permutations(POOL))
def test_a_whole_story_in_any_order_gives_the_same_plan(events: list[CaseEvent]) -> None:
    """Everything that may happen to one case, shuffled: the same plan."""
    now = MONDAY + timedelta(days=2)
    assert planned(events, now=now) == planned(POOL, now=now)


def test_a_plan_is_deterministic_and_still_without_news() -> None:
    """The same case planned later, before the time that the plan names, is the same plan."""
    events = plain_case(arrest())
    first = planned(events)
    assert first.again_at is not None
    assert planned(events, now=first.again_at - timedelta(seconds=1)) == first


def test_every_update_says_why() -> None:
    """Every update of the whole story has reasons with words, and every hold a task and a queue."""
    for item in planned(POOL, now=MONDAY + timedelta(days=2)).updates:
        assert len(item.reasons) >= 2
        assert all(reason.code and reason.text for reason in item.reasons)
        assert (item.state == "held") == (item.task is not None) == (item.queue is not None)


def test_nothing_known_plans_nothing() -> None:
    """A case without news owes nothing and asks for nothing."""
    found = planned([person(born="2010-01-01")])
    assert (found.updates, found.messages, found.waiting, found.again_at) == ((), (), (), None)


# ---------------------------------------------------------------- identity


def test_the_names_of_updates_never_change() -> None:
    """Fixed: another id would owe every update of every force anew."""
    found = update_id("staffs", "case-1", "v1", "", "r6-arrest", "/force/staffs/rms", "e7")
    assert found == UUID("7e2005a0-0145-5bb1-9692-76398d8c3018")


def test_every_part_of_the_identity_counts() -> None:
    """Each part of an identity makes another update, and no two identities run together."""
    parts = ["a", "b", "c", "d", "e", "f", "g", "h"]
    ids = {update_id(*parts)}
    for place in range(len(parts)):
        ids.add(update_id(*(part + "x" if here == place else part for here, part in enumerate(parts))))
    assert len(ids) == 9
    assert update_id("a", "bc", "", "", "", "", "") != update_id("ab", "c", "", "", "", "", "")


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"officer_name": "Jo"}, True),
        ({"suspects": 2}, True),
        ({"was_at": "x"}, True),
        ({"where": "custody"}, False),
    ],
)
def test_the_hash_covers_what_is_stated(changes: dict[str, Any], same: bool) -> None:
    """A new officer makes no told update untrue; another place does."""
    assert (facts_hash({"happened_on": "2026-03-09", **changes}) == facts_hash({"happened_on": "2026-03-09"})) is same


# ---------------------------------------------------------------- the moment


@pytest.mark.parametrize(
    ("at", "of_person", "expected"),
    [
        (MONDAY, {}, MONDAY),
        (datetime(2026, 3, 9, 22, 0, tzinfo=UTC), {}, datetime(2026, 3, 10, 8, 0, tzinfo=UTC)),
        (
            MONDAY,
            {"preference": {"channel": "sms", "quiet_hours": [{"days": ["mon"], "from": "09:00", "to": "17:30"}]}},
            datetime(2026, 3, 9, 17, 30, tzinfo=UTC),
        ),
        (MONDAY, {"contacts": [PHONE, EMAIL], "preference": {"channel": "email"}}, MONDAY),
    ],
    ids=["in office hours", "at night", "in quiet hours", "by email"],
)
def test_news_goes_in_the_next_allowed_hour(at: datetime, of_person: dict[str, Any], expected: datetime) -> None:
    """At once, but never in the night or in the person's own quiet hours."""
    listed = {"hearing": "h1", "listing": "fixed", "starts_at": "2026-04-14T08:30:00Z", "court": {"name": "Cannock"}}
    events = plain_case(event("wcu.received.hearing_listed", listed, at=at), **of_person)
    update = only(events, "r8-hearing-date")
    assert update.send_at == expected


def test_33_no_safe_window_before_the_deadline_is_a_task_for_a_person() -> None:
    """33: safe hours on Tuesdays and Thursdays only, a deadline on Friday: no machine, a person in time."""
    at = datetime(2026, 6, 4, 17, 20, tzinfo=UTC)
    hours = [{"days": ["tue", "thu"], "from": "10:00", "to": "12:00"}]
    events = [
        crime("domestic_abuse"),
        person(safety={"safe_hours": hours}),
        assessed(enhanced=True),
        event("police_bail.conditions_changed", {"suspect": "s1"}, at=at),
    ]
    update = only(events, "r6-bail-varied")
    assert (update.state, update.kind, str(update.due_on)) == ("held", None, "2026-06-05")
    assert update.target_at == at + 2 * HOUR
    assert "no_allowed_hour" in [reason.code for reason in update.reasons]


def test_what_was_late_on_arrival_is_still_sent() -> None:
    """A deadline that had gone before anything could be sent holds nothing up."""
    events = plain_case(event("suspect.arrested", {"suspect": "s1"}, known=MONDAY + timedelta(hours=60)))
    events[2] = assessed(enhanced=True)
    update = only(events, "r6-arrest")
    assert (update.late_on_arrival, update.state) == (True, "planned")


def test_the_moment_counts_from_the_last_thing_that_it_hangs_on() -> None:
    """A person recorded after the event is told from then on, not from before."""
    late = person(at=MONDAY + 3 * HOUR)
    assert only([crime(), assessed(), arrest(), late], "r6-arrest").send_at == MONDAY + 3 * HOUR


def test_arrival_counts_not_the_force_s_knowledge() -> None:
    """What came late is sent from when it came."""
    events = plain_case(arrest())
    came = {(item.source, item.id): MONDAY + 2 * HOUR for item in events}
    assert only(events, "r6-arrest", arrived=came).send_at == MONDAY + 2 * HOUR


# ---------------------------------------------------------------- messages


def test_news_is_a_message_to_one_contact() -> None:
    """A message serves its update, at its instant, in its words."""
    found = after_report(plain_case(arrest()))
    (message,) = found.messages
    (update,) = found.updates
    assert (message.updates, message.kind, message.contact, message.send_at) == ((update.id,), "news", "c1", MONDAY)


def test_one_event_asks_a_person_to_ring_once() -> None:
    """6.9, PR17: the call about the sentence tells of the review scheme too, so nothing else asks for it."""
    outcome = {
        "suspect": "s1",
        "sentence_kind": "custody",
        "court_type": "crown",
        "uls_scheme": True,
        "vcs_qualifying": False,
    }
    found = after_report(plain_case(event("wcu.received.sentence", outcome)))
    by_point = {item.update_point: item for item in found.updates}
    together = [by_point["r9-sentence"], by_point["r9-uls"]]
    assert [item.state for item in together] == ["held", "held"]
    (message,) = found.messages
    assert message.updates == (by_point["r9-sentence"].id,)


def test_nothing_is_combined_across_events_or_people() -> None:
    """Two arrests and two victims are four messages."""
    found = after_report(
        [
            crime(),
            *(person(who) for who in ("v1", "v2")),
            *(assessed(who) for who in ("v1", "v2")),
            arrest(),
            arrest(MONDAY + HOUR),
        ]
    )
    assert len(found.messages) == 4
    assert {len(message.updates) for message in found.messages} == {1}


def test_what_nobody_sends_makes_no_message() -> None:
    """Held without a prompt, told, declined and withdrawn updates are in no message."""
    found = planned(POOL, now=MONDAY + timedelta(days=2))
    sending = {update for message in found.messages for update in message.updates}
    assert sending == {item.id for item in found.updates if item.kind is not None}


def test_a_plan_does_not_touch_what_it_is_given() -> None:
    """Pure: what is known is the same afterwards."""
    given_to_it = known(POOL)
    before = repr(given_to_it)
    plan(given_to_it, BOOKS, CALENDAR)
    assert repr(given_to_it) == before
