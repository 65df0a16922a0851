"""Fewer messages (PR17), and moves that settle before anybody hears of them (PR09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.ledger.force_rules import careful_default
from services.scheduler.plan.messages import BAD_NEWS, OFFERS, WITH_LATER, messages
from services.scheduler.plan.types import Planned, Reason
from tests.unit.scheduler.plan.cases import FORCE, MONDAY, event, on_ledger, only, person, plain_case
from tests.unit.scheduler.plan.cases import planned as plan_of
from tests.unit.scheduler.plan.test_states import BACK, LISTED, MOVED, A, B, by_event, hearing
from tests.unit.scheduler.plans import AT, planned

HOUR = timedelta(hours=1)
NIGHT = datetime(2026, 3, 9, 22, 0, tzinfo=UTC)


def said(name: str, hours: float = 0, **given: Any) -> Planned:
    """News of one person that may go together, of an event so many hours after another."""
    whole: dict[str, Any] = {"combine": "v1", "clock_start": AT + HOUR * hours}
    return planned(name, **(whole | given))


def together(*updates: Planned, fit: Any = lambda _: True) -> list[list[str]]:
    """The events whose news shares a message, in the order in which it is told."""
    names = {update.id: update.event_id for update in updates}
    return [[names[update] for update in message.updates] for message in messages(updates, fit)]


# ---------------------------------------------------------------- PR17


def test_pr17_news_that_waits_for_the_same_hour_goes_together_in_order_of_time() -> None:
    """Across the events of a case: one message, told as it happened."""
    assert together(said("later", 3), said("first"), said("then", 1)) == [["first", "then", "later"]]


def test_pr17_nothing_waits_so_as_to_be_combined() -> None:
    """What may go now goes now: custody news is never delayed for company."""
    assert together(said("now"), said("tomorrow", send_at=AT + 20 * HOUR)) == [["now"], ["tomorrow"]]


@pytest.mark.parametrize("points", [("r7-vps-offer", "r6-police-nfa"), ("r6-closed-no-charge", "r4-referral")])
def test_pr17_a_routine_offer_never_stands_beside_bad_news(points: tuple[str, str]) -> None:
    """An offer of support in one breath with the end of the case is no support."""
    assert not OFFERS & BAD_NEWS
    one, other = (said(point, number, update_point=point) for number, point in enumerate(points))
    assert together(one, other) == [[points[0]], [points[1]]]
    assert together(one, said("arrest", update_point="r6-arrest")) == [[points[0], "arrest"]] or together(
        one, said("arrest", update_point="r6-arrest")
    ) == [["arrest", points[0]]]


@pytest.mark.parametrize("fact", ["was_at", "vacated", "corrects"])
def test_pr17_what_replaces_an_earlier_message_stands_alone(fact: str) -> None:
    """ "This replaces our earlier messages" must leave no doubt which."""
    assert together(said("news"), said("moved", 1, facts={fact: True})) == [["news"], ["moved"]]


def test_pr17_what_would_be_too_long_is_split() -> None:
    """As few messages as hold it, by the words that would go, still in order."""
    updates = [said(name, number) for number, name in enumerate("abcde")]

    def two(group: Sequence[Planned]) -> bool:
        return len(group) <= 2

    assert together(*updates, fit=two) == [["a", "b"], ["c", "d"], ["e"]]


def test_pr02_overtaken_news_stays_with_what_overtook_it() -> None:
    """PR02: where the message must be split, what goes only with later news goes with it."""
    overtaken = said("arrest", 1, reasons=(Reason("due", ""), Reason(WITH_LATER, "")))
    updates = [said("plan"), overtaken, said("released", 2)]
    assert together(*updates, fit=lambda group: len(group) <= 2) == [["plan"], ["arrest", "released"]]


def test_pr17_the_real_words_say_what_fits() -> None:
    """Two hearings fixed at night are one text in the morning, each fulfilled in its own row."""
    second = event(
        "wcu.received.hearing_listed",
        {"hearing": "h2", "listing": "fixed", "court": {"name": "Stafford"}, "starts_at": B},
        at=NIGHT + HOUR,
        id="second",
    )
    first = event(
        "wcu.received.hearing_listed",
        {"hearing": "h1", "listing": "fixed", "court": {"name": "Cannock"}, "starts_at": A},
        at=NIGHT,
        id="first",
    )
    found = plan_of(plain_case(second, first))
    hearings = {item.id: item.event_id for item in found.updates if item.update_point == "r8-hearing-date"}
    (message,) = [message for message in found.messages if hearings.keys() & set(message.updates)]
    assert [hearings[update] for update in message.updates] == ["first", "second"]
    assert message.send_at == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def test_pr17_never_across_roles_people_or_what_they_stand_for() -> None:
    """Each key of the rule keeps apart what differs in it."""
    listed = hearing(0, A, "listed")
    found = plan_of(plain_case(listed, person("v2")))
    keys = {
        item.person: item.combine for item in found.updates if item.update_point == "r8-hearing-date" and item.combine
    }
    assert len(set(keys.values())) == len(keys) == 2


# ---------------------------------------------------------------- PR09


@pytest.mark.parametrize(
    ("events", "told", "waits"),
    [
        ([LISTED], "h0", timedelta()),
        ([LISTED, MOVED], "h1", timedelta(minutes=45)),
        ([LISTED, MOVED, hearing(2, None, "vacated")], "h2", timedelta(minutes=45)),
        ([LISTED, hearing(1, "2026-03-10T09:00:00Z")], "h1", timedelta()),
    ],
    ids=["first date", "moved", "off", "under two working days away"],
)
def test_pr09_moves_settle_unless_the_hearing_is_near(events: list[Any], told: str, waits: timedelta) -> None:
    """PR09: a change waits for 45 minutes after it reached us; what is near is a call at once."""
    last = events[-1].time
    update = by_event(plain_case(*events))[told]
    if update.send_at is not None:
        assert update.send_at == last + waits


def test_pr09_the_force_says_how_long() -> None:
    """The minutes are the force's own; none at all is allowed."""
    rules = replace(careful_default(FORCE), settle_minutes=0)
    assert by_event(plain_case(LISTED, MOVED), rules=rules)["h1"].send_at == MOVED.time


def test_pr09_a_to_b_to_a_while_it_settles_says_nothing() -> None:
    """PR09: back where it was before anybody heard of the move: nothing goes, and nothing is owed."""
    heard = by_event(plain_case(LISTED))["h0"]
    quick = hearing(1, A)
    back = event("wcu.received.hearing_changed", dict(quick.data.model_dump(exclude_none=True, mode="json")),
                 at=MOVED.time + timedelta(minutes=20), id="back")  # fmt: skip
    found = plan_of(plain_case(LISTED, MOVED, back), ledger=[on_ledger(heard)])
    assert {item.event_id: item.state for item in found.updates if item.update_point == "r8-hearing-date"} == {
        "h0": "withdrawn",
        "h1": "withdrawn",
        "back": "withdrawn",
    }
    assert not [message for message in found.messages if message.kind == "news"]


def test_pr09_a_conversation_counts_as_heard_whatever_the_ledger_holds() -> None:
    """PR09: told of A in person, moved to B and back: there is nothing new, in whatever order it came."""
    call = event(
        "contact.made",
        {"person": "v1", "update_points": ["r8-hearing-date"], "substantive": True, "how": "phone"},
        at=MONDAY + timedelta(minutes=30),
    )
    found = by_event(plain_case(LISTED, call, MOVED, BACK))
    assert [found[name].state for name in ("h0", "h1", "h2")] == ["told", "withdrawn", "withdrawn"]


def test_pr09_a_stand_down_is_said_at_once() -> None:
    """Nobody travels for nothing because a date was settling."""
    required = event("wcu.received.attendance_required", {"person": "v1", "hearing": "h1", "at": A}, id="a")
    spared = event("wcu.received.attendance_not_required", {"person": "v1", "hearing": "h1"}, at=MONDAY + HOUR, id="n")
    update = only(plain_case(LISTED, required, spared), "r8-not-needed")
    assert update.send_at in {None, MONDAY + HOUR}
