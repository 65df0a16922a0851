"""Where the obvious reading of a practice rule would leave somebody waiting, misled or in the wrong place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.envelope import CaseEvent
from services import wording
from services.scheduler.plan.types import Planned
from tests.unit.scheduler.plan.cases import MONDAY, assessed, codes, crime, event, only, person, plain_case, planned
from tests.unit.scheduler.plan.ledger import Ledger
from tests.unit.scheduler.plan.test_both import EVERYTHING, FRAME, come, hearing, stay

DAY = timedelta(days=1)
OFF = hearing("vacated", None, DAY)
MOVED = hearing("changed", "2026-07-06T09:00:00Z", DAY)


def of(events: list[CaseEvent], happened: CaseEvent, who: str = "v1") -> Planned:
    """What the event owes that person of a hearing."""
    found = planned(events, rules=EVERYTHING).updates
    return next(
        one for one in found if (one.event_id, one.person, one.update_point) == (happened.id, who, "r8-hearing-date")
    )


@pytest.mark.parametrize("opt_out", [["hearings"], ["all"]])
@pytest.mark.parametrize("happened", [OFF, MOVED], ids=["PR09-off", "PR09-moved"])
def test_pr09_who_was_asked_to_come_is_rung_though_they_opted_out(opt_out: list[str], happened: CaseEvent) -> None:
    """PR09, 6.16: an opt-out stops routine messages; it sends nobody to court in vain or on the wrong day."""
    preference = {"channel": "sms", "opt_out": opt_out}
    update = of(plain_case(hearing(), come(), happened, preference=preference), happened)
    assert (update.state, update.kind, update.task) == ("held", None, "call")
    assert "may_come_in_vain" in codes(update)


def test_pr09_who_need_not_come_is_left_in_peace() -> None:
    """Nobody who was not asked to come, was stood down, or is asked anew by itself, hears what they opted out of."""
    preference = {"channel": "sms", "opt_out": ["hearings"]}
    for before in ([], [come(), stay(after=timedelta(hours=1))]):
        update = of(plain_case(hearing(), *before, MOVED, preference=preference), MOVED)
        assert (update.state, codes(update)) == ("declined", ["opted_out"])


def test_pr09_whoever_brings_a_child_is_rung_though_they_opted_out() -> None:
    """The child is asked to come, and the guardian is who would travel with it."""
    child = person("k1", "victim", born="2014-01-01", contacts=[])
    guardian = person("g1", "parent_guardian", stands_for="k1", preference={"channel": "sms", "opt_out": ["hearings"]})
    update = of([*plain_case()[:1], child, guardian, hearing(), come("k1"), OFF], OFF, "g1")
    assert (update.state, "may_come_in_vain" in codes(update)) == ("held", True)


@pytest.mark.parametrize("last", [True, False, None])
def test_pr07_another_defendant_whom_no_event_names_counts(last: bool | None) -> None:
    """PR07: where the court says that this was not the last defendant, "the person charged" would be one of several."""
    data = {"suspect": "s1", "outcome": "convicted", "in_custody_today": True}
    outcome = event("wcu.received.case_outcome", data if last is None else {**data, "last_defendant": last})
    update = only(plain_case(outcome), "r9-outcome", rules=EVERYTHING)
    assert (update.state, "several_suspects" in codes(update)) == (
        ("held", True) if last is False else ("planned", False)
    )


def test_pr03_news_of_bail_stays_at_a_staffed_desk_when_something_ordinary_overtakes_it() -> None:
    """PR02, PR03: told together with a caution, and yet with the desk that answers at night."""
    bail = event("suspect.released", {"suspect": "s1", "mode": "bail", "conditions": ["stay away"]})
    caution = event(
        "disposal.out_of_court.given", {"suspect": "s1", "disposal": "caution"}, at=MONDAY + timedelta(hours=9)
    )
    update = only(plain_case(bail, caution), "r6-bail", rules=EVERYTHING)
    assert ("overtaken" in codes(update), update.safety_hold, update.queue) == (True, True, "control_room")


# ---------------------------------------------------------------- the day that somebody has in mind

WARNED = event(
    "wcu.received.hearing_changed",
    {
        "hearing": "h1",
        "listing": "warned",
        "window": {"from": "2026-07-06", "to": "2026-07-17"},
        "court": {"name": "C"},
    },
    at=MONDAY + DAY,
    id="warned",
)


def stood_down(role: str, *heard: CaseEvent, at: CaseEvent) -> Planned:
    """The news that somebody need not come, after they heard all that went before."""
    ledger = Ledger()
    events = [crime(), person("v1", role), assessed()]
    for happened in (*heard, at):
        if ledger.last is not None:
            for message in ledger.sending():
                for update in message.updates:
                    ledger.send(update)
        events.append(happened)
        ledger.see(events, happened.time + timedelta(hours=2), rules=EVERYTHING)
    assert ledger.last is not None
    return next(one for one in ledger.last.updates if one.event_id == at.id and one.update_point in STAND_DOWNS)


STAND_DOWNS = {"r8-not-needed", "w-stood-down"}


@pytest.mark.parametrize("role", ["victim", "witness"])
def test_pr09_nobody_is_stood_down_from_a_day_that_they_were_moved_from(role: str) -> None:
    """PR09: asked for 15 June, then told that it is 6 July: they need not come on 6 July, and that is what is said."""
    update = stood_down(role, hearing(), come(), MOVED, at=stay(after=DAY * 2))
    assert update.kind == "news"
    text = wording.write("news", "sms", "plain", "en", [wording.Item(update.update_point, update.facts)], FRAME).body
    assert "Mon 6 Jul" in text
    assert "15 Jun" not in text


@pytest.mark.parametrize("role", ["victim", "witness"])
def test_pr09_without_one_day_in_mind_a_person_stands_them_down(role: str) -> None:
    """Told since that it is some day in July, a text about 15 June would send them to court in July."""
    ledger_told = event(
        "contact.made",
        {
            "person": "v1",
            "update_points": ["r8-hearing-date", "w-hearing-changed"],
            "how": "phone",
            "by": "Jo",
            "substantive": True,
        },
        at=WARNED.time + timedelta(hours=1),
        id="spoke",
    )
    update = stood_down(role, hearing(), come(), WARNED, ledger_told, at=stay(after=DAY * 2))
    assert (update.state, update.kind) == ("held", "prompt")


def test_pr09_a_witness_who_heard_a_date_is_told_in_writing_that_it_is_off() -> None:
    """What they heard of the hearing is the day that is off, though nobody has asked them to come yet."""
    update = stood_down("witness", hearing(), at=hearing("vacated", None, DAY))
    assert (update.state, update.kind, update.facts["was_at"]) == ("planned", "news", "2026-06-15T09:00:00+00:00")
