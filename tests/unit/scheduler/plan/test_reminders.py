"""Reminders: on which days, for whom, and what ends them. They follow an attendance, never a hearing (PR08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.envelope import CaseEvent
from services.ledger.force_rules import careful_default
from services.scheduler.plan.reminders import reminder_days
from services.scheduler.plan.types import Planned
from services.scheduler.working_days import end_of
from tests.unit.scheduler.plan.cases import (
    CALENDAR,
    FORCE,
    MONDAY,
    assessed,
    codes,
    crime,
    event,
    on_ledger,
    person,
    plain_case,
    planned,
)

TRIAL = datetime(2026, 4, 7, 9, 0, tzinfo=UTC)
"""Tuesday 7 April 2026, 10:00 in London, the day after Easter Monday."""
NEXT = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)


def required(
    at: datetime | None = TRIAL, *, when: datetime = MONDAY, who: str = "v1", hearing: str = "h1", **data: Any
) -> CaseEvent:
    """`wcu.received.attendance_required`."""
    said = {"person": who, "hearing": hearing, "place": "Cannock", **data}
    if at is not None:
        said["at"] = at.isoformat()
    return event("wcu.received.attendance_required", said, at=when, id=f"required-{who}-{when.isoformat()}")


def spared(*, when: datetime, who: str = "v1", hearing: str = "h1") -> CaseEvent:
    """`wcu.received.attendance_not_required`."""
    said = {"person": who, "hearing": hearing}
    return event("wcu.received.attendance_not_required", said, at=when, id=f"spared-{who}-{when.isoformat()}")


def heard(
    kind: str = "listed", starts: datetime | None = TRIAL, listing: str | None = "fixed", *, when: datetime = MONDAY
) -> CaseEvent:
    """A hearing as the court lists, changes or vacates it."""
    said: dict[str, Any] = {"hearing": "h1", "court": {"name": "Cannock"}}
    if starts is not None:
        said["starts_at"] = starts.isoformat()
    if listing is not None:
        said["listing"] = listing
    return event(f"wcu.received.hearing_{kind}", said, at=when, id=f"{kind}-{when.isoformat()}")


def after(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def reminders(events: Sequence[CaseEvent], **more: Any) -> dict[str, Planned]:
    """The reminders in the plan, by part; of one person and attendance."""
    found = [item for item in planned(events, **more).updates if item.update_point == "f-reminder"]
    return {f"{item.person}:{item.event_id}:{item.part}": item for item in found}


def live(events: Sequence[CaseEvent], **more: Any) -> list[str]:
    """The days of the reminders that will be given."""
    return sorted(str(item.due_on) for item in reminders(events, **more).values() if item.state in {"planned", "held"})


# ---------------------------------------------------------------- the days


@pytest.mark.parametrize(
    ("at", "days", "expected"),
    [
        (TRIAL, (7, 3, 1), [(7, "2026-03-31"), (3, "2026-04-02")]),
        (datetime(2026, 5, 14, 9, tzinfo=UTC), (7, 3, 1), [(7, "2026-05-07"), (3, "2026-05-11"), (1, "2026-05-13")]),
        (datetime(2026, 5, 14, 9, tzinfo=UTC), (1,), [(1, "2026-05-13")]),
        (datetime(2026, 12, 29, 10, tzinfo=UTC), (7, 3, 1), [(7, "2026-12-22"), (3, "2026-12-24")]),
        (datetime(2026, 6, 2, 23, 30, tzinfo=UTC), (1,), [(1, "2026-06-02")]),
        (datetime(2026, 5, 14, 9, tzinfo=UTC), (), []),
        (datetime(2026, 5, 14, 9, tzinfo=UTC), (2, 2, 2), [(2, "2026-05-12")]),
    ],
    ids=["worked-39", "no roll", "one", "Christmas", "London's date", "none", "each once"],
)
def test_the_days_roll_back_and_merge(at: datetime, days: tuple[int, ...], expected: list[tuple[int, str]]) -> None:
    """Each is rolled back to a working day; those that meet are one, named for the earliest of them."""
    found = reminder_days(at, days, CALENDAR)
    assert [(item.days, item.on.isoformat()) for item in found] == expected
    assert all(item.due_at <= min(end_of(item.on), at) for item in found)


def test_beyond_the_holiday_list_no_day_is_guessed() -> None:
    """No day is better than a wrong one: it comes when the list is longer."""
    at = datetime(CALENDAR.last.year + 1, 6, 1, 9, tzinfo=UTC)
    assert reminder_days(at, (7, 3, 1), CALENDAR) == ()


def test_worked_39_a_trial_after_easter_is_recalled_twice() -> None:
    """Worked row 39: 31 March and 2 April; each goes in the first allowed hour of its day, by the end of it."""
    found = list(reminders(plain_case(heard(), required())).values())
    assert [(item.part, item.due_on, item.state) for item in found] == [
        ("remind:7:2026-04-07", date(2026, 3, 31), "planned"),
        ("remind:3:2026-04-07", date(2026, 4, 2), "planned"),
    ]
    assert found[0].send_at == datetime(2026, 3, 31, 7, 0, tzinfo=UTC)  # 08:00 in London
    assert found[0].due_at == end_of(date(2026, 3, 31))
    assert (found[0].cls, found[0].edition, found[0].facts["starts_at"]) == ("reminder", "force", TRIAL.isoformat())


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (datetime(2026, 3, 31, 7, 30, tzinfo=UTC), ["2026-03-31", "2026-04-02"]),
        (datetime(2026, 3, 31, 21, 0, tzinfo=UTC), ["2026-04-02"]),
        (datetime(2026, 4, 1, 9, 0, tzinfo=UTC), ["2026-04-02"]),
        (datetime(2026, 4, 3, 9, 0, tzinfo=UTC), []),
        (datetime(2026, 4, 8, 9, 0, tzinfo=UTC), []),
    ],
    ids=["on the day", "on the day, too late to send", "between", "after both", "after the trial"],
)
def test_a_reminder_whose_day_had_passed_when_it_became_known_does_not_exist(
    known: datetime, expected: list[str]
) -> None:
    """Never before the attendance was known, and never for a day that has gone."""
    assert live(plain_case(required(when=known))) == expected


def test_it_never_comes_at_or_after_the_attendance() -> None:
    """A force that reminds on the day itself does so before the person must be there."""
    rules = replace(careful_default(FORCE), reminder_days=(0,))
    (found,) = reminders(plain_case(required()), rules=rules).values()
    assert (found.due_at, found.due_on) == (TRIAL, date(2026, 4, 7))
    assert found.send_at is not None
    assert found.send_at < TRIAL


def test_one_that_was_not_sent_on_its_day_ends_with_it() -> None:
    """After an outage nobody is reminded late; what left is left alone."""
    events = plain_case(required())
    first = next(iter(reminders(events).values()))
    assert first.due_at is not None
    later = first.due_at + timedelta(seconds=2)
    missed = reminders(events, now=later)
    gone = next(item for item in missed.values() if item.id == first.id)
    assert (gone.state, codes(gone), gone.kind) == ("withdrawn", ["day_passed"], None)
    sent = reminders(events, now=later, ledger=[on_ledger(first, state="sent", evidence=None)])
    assert next(item for item in sent.values() if item.id == first.id).state == "planned"
    plan = planned(events, now=first.due_at)
    assert plan.again_at == first.due_at + timedelta(seconds=1)


# ---------------------------------------------------------------- for whom


@pytest.mark.parametrize(
    ("listing", "expected"), [("fixed", 2), ("warned", 0), ("floating", 0), ("standby", 0), (None, 0)]
)
def test_pr08_only_a_fixed_listing_is_recalled(listing: str | None, expected: int) -> None:
    """PR08: warned, floating, standby and unsaid make no reminder; the others say the window."""
    assert len(reminders(plain_case(heard(listing=listing), required()))) == expected


def test_pr08_a_hearing_alone_reminds_nobody() -> None:
    """PR08: a hearing is not an attendance."""
    assert reminders(plain_case(heard())) == {}
    assert reminders(plain_case(heard(), required(None))) == {}


def test_pr08_witnesses_are_phased_and_a_live_link_witness_goes_to_the_link_site() -> None:
    """PR08: the reminder has the person's own half-day and place, not the hearing's."""
    second_day = TRIAL + timedelta(days=1, hours=4)
    events = plain_case(
        heard(), person("w1", "witness"), required(second_day, who="w1", place="Stafford link site", live_link=True)
    )
    found = [item for item in reminders(events).values() if item.person == "w1"]
    assert found
    assert {item.facts["starts_at"] for item in found} == {second_day.isoformat()}
    assert {item.facts["court"] for item in found} == {"Stafford link site"}
    assert {item.part[-10:] for item in found} == {"2026-04-08"}


@pytest.mark.parametrize("opt_out", ["reminders", "all"])
def test_off_for_whoever_asks(opt_out: str) -> None:
    """Somebody who opted out of reminders gets none, and that is on the record."""
    events = plain_case(required(), preference={"channel": "sms", "opt_out": [opt_out]})
    assert {item.state for item in reminders(events).values()} == {"declined"}


def test_a_domestic_abuse_witness_is_recalled_by_a_person() -> None:
    """Every gate of other news shuts for reminders too; each is a task on its own day, and waits in no queue before."""
    events = [crime("domestic_abuse"), person(), assessed(), required()]
    for item in reminders(events).values():
        assert (item.state, item.kind, item.task) == ("planned", None, None)
        assert item.due_on is not None
        day = planned(events, now=datetime.combine(item.due_on, time(9), UTC))
        (found,) = [update for update in day.updates if update.id == item.id]
        assert (found.state, found.kind) == ("held", None)


def test_pr06_a_reminder_waits_for_serious_news_on_its_day_and_not_before() -> None:
    """PR06: what is still untold that morning holds it; what was told by then never made a task of it."""
    bail = event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=TRIAL - timedelta(days=9), id="bail")
    events = plain_case(required(), bail)
    day_before = planned(events, now=TRIAL - timedelta(days=8))
    on_the_day = planned(events, now=TRIAL - timedelta(days=7))
    states = [[u.state for u in found.updates if u.part.startswith("remind:7")] for found in (day_before, on_the_day)]
    assert states == [["planned"], ["held"]]
    assert day_before.again_at is not None
    assert day_before.again_at <= datetime(2026, 3, 30, 23, 0, tzinfo=UTC)


def test_what_was_required_before_the_force_was_live_owes_nothing() -> None:
    """PR22: events before `live_from` change state alone."""
    rules = replace(careful_default(FORCE), live_from=MONDAY + timedelta(hours=1))
    assert reminders(plain_case(required()), rules=rules, now=MONDAY + timedelta(days=1)) == {}


# ---------------------------------------------------------------- what ends them


ENDED: dict[str, tuple[list[CaseEvent], str]] = {
    "stood down": ([heard(), required(), spared(when=after(1))], "stood_down"),
    "stood down in the same instant": ([heard(), required(), spared(when=after(0.001))], "stood_down"),
    "vacated": ([heard(), required(), heard("vacated", None, None, when=after(1))], "hearing_vacated"),
    "moved": ([heard(), required(), heard("changed", NEXT, when=after(1))], "hearing_moved"),
    "moved within the day": (
        [heard(), required(), heard("changed", TRIAL + timedelta(hours=4), when=after(1))],
        "hearing_moved",
    ),
    "no longer fixed": ([heard(), required(), heard("changed", TRIAL, "warned", when=after(1))], "not_fixed"),
    "asked before the move": ([heard("listed", NEXT, when=after(-1)), required()], "hearing_moved"),
    "asked for a day before the hearing, which is said again": (
        [heard("listed", NEXT, when=after(-1)), required(), heard("changed", NEXT, when=after(1))],
        "hearing_moved",
    ),
    "vacated and listed again": (
        [heard(), required(), heard("vacated", None, None, when=after(1)), heard(when=after(2))],
        "hearing_moved",
    ),
    "withdrawn": (
        [
            heard(),
            required(),
            event("event.withdrawn", {"event": required().id}, at=after(1), id="gone"),
        ],
        "event_withdrawn",
    ),
    "the hearing corrected": (
        [
            heard(),
            required(),
            event(
                "event.corrected",
                {
                    "event": heard().id,
                    "data": {"hearing": "h1", "listing": "fixed", "starts_at": "2026-03-31T09:00:00+00:00"},
                },
                at=after(1),
                id="put right",
            ),
        ],
        "hearing_moved",
    ),
}


@pytest.mark.parametrize("story", ENDED)
def test_stand_down_beats_reminder(story: str) -> None:
    """Whatever ends the attendance ends its reminders at once, and says why (PR08, PR09)."""
    events, why = ENDED[story]
    found = reminders(plain_case(*events))
    assert found
    assert {item.state for item in found.values()} == {"withdrawn"}
    assert {codes(item)[-1] for item in found.values()} == {why}


STILL: dict[str, list[CaseEvent]] = {
    "said again": [heard(), required(), required(when=after(1))],
    "the same hearing again": [heard(), required(), heard("changed", when=after(1))],
    "a date in place of a window": [
        heard("listed", None, "warned"),
        required(when=after(1)),
        heard("changed", when=after(2)),
    ],
    "asked before it was listed": [required(), heard(when=after(1))],
    "asked for the second day": [heard(starts=TRIAL - timedelta(days=1)), required()],
}


@pytest.mark.parametrize("story", STILL)
def test_what_takes_nothing_away_leaves_them(story: str) -> None:
    """A feed that repeats itself, or says more, ends no reminder and makes none twice."""
    assert live(plain_case(*STILL[story])) == ["2026-03-31", "2026-04-02"]


def test_pr09_a_move_ends_the_old_ones_and_the_new_attendance_makes_new_ones() -> None:
    """PR09: reminders of the old day stop at once; those of the new day come with the new attendance."""
    events = plain_case(
        heard(), required(), heard("changed", NEXT, when=after(1)), required(NEXT, when=after(2), entrance="side door")
    )
    found = reminders(events)
    by_state = {state: {item.part[-10:] for item in found.values() if item.state == state} for state in
                ("planned", "withdrawn")}  # fmt: skip
    assert by_state == {"planned": {"2026-05-12"}, "withdrawn": {"2026-04-07"}}


def test_a_corrected_day_makes_other_reminders() -> None:
    """A correction of the attendance's own time: those of the wrong day are withdrawn, the right ones exist."""
    data = {"person": "v1", "hearing": "h1", "at": NEXT.isoformat()}
    fixed = event("event.corrected", {"event": required().id, "data": data}, at=after(5), id="put right")
    found = reminders(plain_case(required(), fixed))
    assert {(item.part[-10:], item.state) for item in found.values()} == {
        ("2026-04-07", "withdrawn"),
        ("2026-05-12", "planned"),
    }


def test_a_detail_corrected_later_takes_no_reminder_away() -> None:
    """A new entrance after the first reminder went leaves that reminder where it was."""
    first = next(iter(reminders(plain_case(required())).values()))
    late = datetime(2026, 4, 1, 9, tzinfo=UTC)
    data = {"person": "v1", "hearing": "h1", "at": TRIAL.isoformat(), "entrance": "side door"}
    fixed = event("event.corrected", {"event": required().id, "data": data}, at=late, id="put right")
    found = reminders(plain_case(required(), fixed), ledger=[on_ledger(first)])
    assert first.id in {item.id for item in found.values()}


def test_a_conversation_on_the_day_fulfils_that_reminder_alone() -> None:
    """A call a week before is no reminder of the day before."""
    call = event(
        "contact.made",
        {"person": "v1", "update_points": ["f-reminder"], "substantive": True, "how": "phone"},
        at=datetime(2026, 3, 31, 10, tzinfo=UTC),
    )
    states = {item.due_on: item.state for item in reminders(plain_case(required(), call)).values()}
    assert states == {date(2026, 3, 31): "told", date(2026, 4, 2): "planned"}


# ---------------------------------------------------------------- whatever the order

_WORDS = st.one_of(
    st.tuples(st.just("required"), st.sampled_from([TRIAL, NEXT])),
    st.tuples(st.just("spared"), st.none()),
    st.tuples(st.just("listed"), st.tuples(st.sampled_from([TRIAL, NEXT]), st.sampled_from(["fixed", "warned"]))),
    st.tuples(st.just("changed"), st.tuples(st.sampled_from([TRIAL, NEXT]), st.sampled_from(["fixed", "standby"]))),
    st.tuples(st.just("vacated"), st.none()),
)


def _said(step: int, hours: int, word: str, value: Any) -> CaseEvent:
    at = MONDAY + timedelta(hours=hours)
    data: dict[str, Any] = {"hearing": "h1"}
    if word in {"required", "spared"}:
        kind = f"attendance_{'required' if word == 'required' else 'not_required'}"
        data["person"] = "v1"
        if value is not None:
            data["at"] = value.isoformat()
    else:
        kind = f"hearing_{word}"
        if value is not None:
            data |= {"starts_at": value[0].isoformat(), "listing": value[1]}
    return event(f"wcu.received.{kind}", data, at=at, id=f"e{step}", sequence=step)


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 4), _WORDS), max_size=6), st.data())
def test_whatever_the_order_nobody_is_recalled_who_need_not_come(
    words: list[tuple[int, tuple[str, Any]]], data: st.DataObject
) -> None:
    """PR08: by the last word on the person and on the hearing; and the plan is the same in any order of the events."""
    said = [_said(step, hours, word, value) for step, (hours, (word, value)) in enumerate(words)]
    withdrawn = data.draw(st.sets(st.sampled_from(said), max_size=2)) if said else set()
    fixes = [
        event("event.withdrawn", {"event": item.id}, at=MONDAY + timedelta(hours=9), id=f"w{item.id}")
        for item in sorted(withdrawn, key=lambda item: item.id)
    ]
    events = plain_case(*said, *fixes)
    standing = sorted((item for item in said if item not in withdrawn), key=lambda item: (item.time, item.sequence))
    attendance = [item for item in standing if "attendance" in item.type]
    hearing = [item for item in standing if "hearing_" in item.type]
    must_come = bool(attendance) and attendance[-1].type.endswith("attendance_required")
    on: Any = hearing[-1] if hearing else None
    if on is not None and (on.type.endswith("vacated") or on.data.listing != "fixed"):
        must_come = False
    found = reminders(events)
    given_out = [item for item in found.values() if item.state in {"planned", "held"}]
    assert must_come or not given_out
    if given_out:
        last: Any = attendance[-1].data
        assert {item.facts["starts_at"] for item in given_out} == {last.at.isoformat()}
        assert on is None or last.at >= on.data.starts_at
    shuffled = data.draw(st.permutations(events))
    assert reminders(shuffled) == found
