"""Keeping people informed between decisions: by when, from what, in whose words, and until when (PR06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import CaseEvent
from services.ledger.force_rules import careful_default
from services.scheduler.plan.cadence import ASK_BEFORE, ask_day, due_day
from services.scheduler.plan.types import Planned
from services.scheduler.working_days import end_of
from tests.unit.scheduler.plan.cases import (
    CALENDAR,
    FORCE,
    MONDAY,
    arrest,
    assessed,
    codes,
    crime,
    event,
    on_ledger,
    only,
    person,
    plain_case,
    planned,
)

DAY = timedelta(days=1)


def contact(at: datetime, *points: str, who: str = "v1", substantive: bool = True) -> CaseEvent:
    """`contact.made` by telephone."""
    said = {"person": who, "update_points": list(points), "substantive": substantive, "how": "phone"}
    return event("contact.made", said, at=at, id=f"contact-{at.isoformat()}")


def note(at: datetime, next_on: date | None, text: str | None = "We are waiting for the laboratory.") -> CaseEvent:
    """`officer.note`."""
    said: dict[str, Any] = {"text": text}
    if next_on is not None:
        said["next_contact_on"] = next_on.isoformat()
    return event("officer.note", said, at=at, id=f"note-{at.isoformat()}")


def cadences(events: Sequence[CaseEvent], **more: Any) -> list[Planned]:
    """Every cadence in the plan, the first due first."""
    found = [item for item in planned(events, **more).updates if item.update_point == "f-cadence"]
    return sorted(found, key=lambda item: (item.person, item.clock_start or MONDAY))


def open_one(events: Sequence[CaseEvent], **more: Any) -> Planned:
    """The one that is owed."""
    (found,) = [item for item in cadences(events, **more) if item.state in {"planned", "held"}]
    return found


CRIME = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Monday; 28 days later is Monday 30 March."""
DUE = date(2026, 3, 30)
ASKED = datetime(2026, 3, 24, 23, 30, tzinfo=UTC) + timedelta(hours=1)
"""After midnight in London on Wednesday 25 March, three working days before."""


def story(*more: CaseEvent, **of_person: Any) -> list[CaseEvent]:
    """An ordinary crime of 2 March, its victim assessed, and what else happened."""
    at = CRIME - DAY
    return [crime(at=CRIME), person(at=at, **of_person), assessed(at=at), *more]


# ---------------------------------------------------------------- by when


@pytest.mark.parametrize(
    ("contact_on", "days", "expected"),
    [
        ("2026-12-01", 28, "2026-12-29"),
        ("2026-11-30", 28, "2026-12-24"),
        ("2026-03-02", 28, "2026-03-30"),
        ("2026-03-02", 5, "2026-03-06"),
        ("2026-03-06", 1, "2026-03-09"),
        ("2026-04-02", 3, "2026-04-07"),
    ],
    ids=["worked-36", "worked-37", "Monday", "rolls back to Friday", "daily over a weekend", "daily over Easter"],
)
def test_a_cadence_rolls_back_so_that_the_agreed_gap_is_not_exceeded(contact_on: str, days: int, expected: str) -> None:
    """Worked rows 36 and 37; where it would roll back to the contact itself, it is the next working day."""
    assert due_day(date.fromisoformat(contact_on), days, CALENDAR) == date.fromisoformat(expected)


@given(st.dates(date(2018, 1, 1), CALENDAR.last - timedelta(days=400)), st.integers(1, 365))
def test_it_is_a_working_day_after_the_contact_and_within_the_gap(contact_on: date, days: int) -> None:
    """Never on a day off, never before the contact, and late only where no working day lies within the gap."""
    due = due_day(contact_on, days, CALENDAR)
    assert CALENDAR.is_working(due)
    assert due > contact_on
    within = [contact_on + timedelta(days=step) for step in range(1, days + 1)]
    if any(CALENDAR.is_working(day) for day in within):
        assert due in within
    asked = ask_day(due, CALENDAR)
    assert asked < due
    assert len(CALENDAR.after(asked, ASK_BEFORE).counted) == ASK_BEFORE
    assert CALENDAR.after(asked, ASK_BEFORE).due_on == due


@pytest.mark.parametrize("day", [30, 1], ids=["worked-37", "worked-36"])
def test_worked_36_and_37_in_a_plan(day: int) -> None:
    """Counted from the first contact of substance, by the end of the day."""
    at = datetime(2026, 11 if day == 30 else 12, day, 9, tzinfo=UTC)
    found = open_one(plain_case(contact(at)))
    assert found.due_on == (date(2026, 12, 24) if day == 30 else date(2026, 12, 29))
    assert (found.due_at, found.clock_start, found.edition) == (end_of(found.due_on), at, "force")


@pytest.mark.parametrize(
    ("agreed", "enhanced", "expected"),
    [
        ({}, None, date(2026, 3, 30)),
        ({"frequency_days": 7}, None, date(2026, 3, 9)),
        ({}, 10, date(2026, 3, 12)),
        ({"frequency_days": 60}, 10, date(2026, 5, 1)),
    ],
    ids=["the force's", "agreed", "enhanced", "what was agreed wins"],
)
def test_the_agreed_frequency_else_the_forces(agreed: dict[str, int], enhanced: int | None, expected: date) -> None:
    """The person's own agreement, else the force's days for people with Enhanced Rights, else those for everybody."""
    rules = replace(careful_default(FORCE), cadence_enhanced_days=enhanced)
    events = [crime("hate", at=CRIME), person(at=CRIME - DAY, preference={"channel": "sms", **agreed})]
    assert open_one(events, rules=rules).due_on == expected


# ---------------------------------------------------------------- from what


def test_every_contact_of_substance_starts_it_anew() -> None:
    """There is one at a time; the earlier ones say that they were restarted."""
    first, second = CRIME + 5 * DAY, CRIME + 9 * DAY
    found = cadences(story(contact(first), contact(second), contact(second + DAY, substantive=False)))
    assert [(item.state, codes(item)) for item in found[:2]] == [("withdrawn", ["restarted"])] * 2
    assert [item.part for item in found] == [
        f"after:crime-{CRIME.isoformat()}",
        f"after:contact-{first.isoformat()}",
        f"after:contact-{second.isoformat()}",
    ]
    assert (found[2].state, found[2].due_on, found[2].event_id) == (
        "planned",
        due_day(second.date(), 28, CALENDAR),
        f"crime-{CRIME.isoformat()}",
    )


def test_a_call_that_names_the_cadence_fulfils_it() -> None:
    """The contact that was due is told; one about something else only restarts it."""
    found = cadences(story(contact(CRIME + 27 * DAY, "f-cadence")))
    assert [item.state for item in found] == ["told", "planned"]
    assert found[0].told_at == CRIME + 27 * DAY


@pytest.mark.parametrize(
    ("changes", "restarts"),
    [
        ({}, True),
        ({"evidence": "conversation"}, True),
        ({"evidence": "no_bounce"}, True),
        ({"evidence": "owner_confirmed"}, False),
        ({"evidence": "done"}, False),
        ({"state": "sent", "evidence": None}, False),
        ({"state": "unconfirmed", "evidence": None}, False),
        ({"update_point": "f-reminder"}, False),
        ({"person": "v2"}, False),
    ],
    ids=[
        "delivered",
        "a call",
        "no bounce",
        "another body",
        "an act",
        "sent",
        "unconfirmed",
        "a reminder",
        "not theirs",
    ],
)
def test_an_update_that_was_told_starts_it_anew(changes: dict[str, Any], restarts: bool) -> None:
    """What the ledger says that this person heard of substance; what is uncertain counts the careful way."""
    at = CRIME + 7 * DAY
    events = story(arrest(at))
    entry = on_ledger(only(events, "r6-arrest"), told_at=at + timedelta(hours=1), **changes)
    found = open_one(events, ledger=[entry])
    assert found.clock_start == (at + timedelta(hours=1) if restarts else CRIME)
    assert found.part == (f"after:{entry.id}" if restarts else f"after:crime-{CRIME.isoformat()}")


def test_a_conversation_that_never_was_starts_nothing() -> None:
    """What the ledger holds told by an event that was withdrawn is no contact; what staff recorded themselves is one."""
    at = CRIME + 7 * DAY
    call = contact(at + timedelta(hours=1), "r6-arrest")
    gone = event("event.withdrawn", {"event": call.id}, at=at + DAY, id="gone")
    events = story(arrest(at), call, gone)
    entry = on_ledger(only(events, "r6-arrest"), evidence="conversation", told_at=call.time)
    assert open_one(events, ledger=[entry]).clock_start == CRIME
    later = replace(entry, told_at=call.time + timedelta(minutes=1))
    assert open_one(events, ledger=[later]).clock_start == later.told_at


def test_contacts_before_the_force_was_live_owe_nothing() -> None:
    """PR22: the first morning texts nobody; the first contact after it starts the time."""
    rules = replace(careful_default(FORCE), live_from=CRIME + DAY)
    assert cadences(story(), rules=rules, now=CRIME + 60 * DAY) == []
    assert open_one(story(contact(CRIME + 2 * DAY)), rules=rules).clock_start == CRIME + 2 * DAY


# ---------------------------------------------------------------- in whose words


def test_until_shortly_before_its_day_it_troubles_nobody() -> None:
    """No hold waits in a queue for a month: the officer is asked three working days before."""
    quiet = open_one(story(), now=CRIME + DAY)
    assert (quiet.state, quiet.kind, quiet.task, codes(quiet)) == ("planned", None, None, ["asked_nearer_the_day"])
    served = [message.updates for message in planned(story(), now=CRIME + DAY).messages]
    assert all(quiet.id not in updates for updates in served)
    assert open_one(story(), now=ASKED).state == "held"


def test_it_plans_again_when_the_officer_is_to_be_asked() -> None:
    """`again_at` is the first instant at which the answer changes by time alone."""
    before = planned(story(), now=ASKED - timedelta(hours=2)).again_at
    assert before is not None
    assert ASKED - timedelta(hours=2) < before <= ASKED


def test_pr06_without_the_officers_words_it_is_a_task_for_the_officer() -> None:
    """PR06: "still looking into it" would be false."""
    found = open_one(story(), now=ASKED)
    assert (found.state, found.task, found.kind) == ("held", "ask_officer", None)
    assert "no_officer_note" in codes(found)


def test_pr06_with_the_officers_words_it_is_news() -> None:
    """PR06: it says what is being done and when the next contact is, on its day."""
    found = open_one(story(note(CRIME + 5 * DAY, date(2026, 4, 20))))
    assert "no_officer_note" not in codes(found)
    assert found.facts["note_text"] == "We are waiting for the laboratory."
    assert found.facts["next_contact_on"] == "2026-04-20"


@pytest.mark.parametrize(
    "unfit",
    [
        note(CRIME - DAY, date(2026, 4, 20)),
        note(CRIME + DAY, None),
        note(CRIME + DAY, DUE),
        note(CRIME + DAY, date(2026, 4, 20), None),
        note(CRIME + DAY, date(2026, 4, 20), "  "),
    ],
    ids=["older than what they heard", "no next contact", "next contact no later", "no words", "blank"],
)
def test_pr06_words_that_would_be_false_or_empty_do_not_do(unfit: CaseEvent) -> None:
    """PR06: newer than the last update, with words, and with a next contact that lies after this one."""
    found = open_one(story(unfit), now=ASKED)
    assert found.state == "held"
    assert "no_officer_note" in codes(found)


def test_pr06_a_note_for_somebody_else_says_nothing_to_this_person() -> None:
    """An officer's words may be for one of several victims."""
    said = {"text": "x", "next_contact_on": "2026-04-20", "people": ["v1"]}
    events = story(event("officer.note", said, at=CRIME + DAY, id="n"), person("v2", at=CRIME - DAY))
    found = {item.person: item for item in cadences(events, now=ASKED)}
    assert "no_officer_note" not in codes(found["v1"])
    assert "no_officer_note" in codes(found["v2"])


def test_pr06_cadence_waits_while_serious_news_is_held() -> None:
    """PR06: nothing routine beside a release on bail that nobody has told yet."""
    bail = event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=CRIME + 26 * DAY, id="bail")
    found = open_one(story(note(CRIME + 5 * DAY, date(2026, 4, 20)), bail), now=ASKED + 3 * DAY)
    assert found.state == "held"
    assert "serious_news_waits" in codes(found)


def test_somebody_who_opted_out_of_it_has_none() -> None:
    """Off for whoever asks."""
    events = story(preference={"channel": "sms", "opt_out": ["cadence"]})
    assert [item.state for item in cadences(events)] == ["declined"]


# ---------------------------------------------------------------- until when


def test_pr14_nobody_is_kept_informed_who_has_died() -> None:
    """PR14: nothing is addressed to them, and nobody is asked for words for them every month."""
    events = story(event("person.died", {"person": "v1"}, at=CRIME + DAY))
    assert [(item.state, codes(item)) for item in cadences(events, now=ASKED)] == [("withdrawn", ["person_died"])]


def done(kind: str, at: datetime = CRIME + 3 * DAY, suspect: str | None = "s1", **data: Any) -> CaseEvent:
    said = {**data} if suspect is None else {"suspect": suspect, **data}
    return event(kind, said, at=at, id=f"{kind}-{suspect}-{at.isoformat()}")


S1, S2 = arrest(CRIME + DAY), arrest(CRIME + DAY, suspect="s2")
OUTCOME, SENTENCE = "wcu.received.case_outcome", "wcu.received.sentence"
FINISHED: dict[str, tuple[list[CaseEvent], bool]] = {
    "nothing yet": ([S1], False),
    "closed": ([done("investigation.closed", suspect=None)], True),
    "declined": ([done("investigation.declined", suspect=None)], True),
    "NFA of the only suspect": ([S1, done("decision.police_nfa")], True),
    "NFA of one of two": ([S1, S2, done("decision.police_nfa")], False),
    "NFA of both": ([S1, S2, done("decision.police_nfa"), done("decision.cps_no_charge", suspect="s2")], True),
    "a caution": ([S1, done("disposal.out_of_court.given")], True),
    "convicted, not sentenced": ([S1, done(OUTCOME, outcome="convicted", last_defendant=True)], False),
    "acquitted": ([S1, done(OUTCOME, outcome="acquitted")], True),
    "acquitted, others to come": ([S1, done(OUTCOME, outcome="acquitted", last_defendant=False)], False),
    "sentenced": ([S1, done(SENTENCE)], True),
    "sentenced, another suspect": ([S1, S2, done(SENTENCE)], False),
    "the last defendant": ([S1, S2, done(SENTENCE, last_defendant=True)], True),
    "an end that is not said": ([S1, done(OUTCOME)], False),
    "arrested again": ([S1, done("decision.police_nfa"), arrest(CRIME + 4 * DAY)], False),
    "opened again": (
        [
            done("investigation.closed", suspect=None),
            done("investigation.reopened", CRIME + 9 * DAY, suspect=None),
        ],
        False,
    ),
}


@pytest.mark.parametrize("ending", FINISHED)
def test_it_ends_when_the_case_is_finished(ending: str) -> None:
    """PR07: the last defendant's end, or an investigation that closes; one that opens again goes on."""
    events, finished = FINISHED[ending]
    last = cadences(story(*events))[-1]
    assert (last.state == "withdrawn") is finished
    if finished:
        assert codes(last) == ["case_finished"]


def test_a_case_opened_again_starts_the_time_anew() -> None:
    """From the day on which it was opened again, by that event."""
    again = CRIME + 200 * DAY
    events = [done("investigation.closed", suspect=None), done("investigation.reopened", again, suspect=None)]
    found = open_one(story(*events))
    assert (found.clock_start, found.event_id) == (again, events[1].id)


def test_a_case_of_which_no_crime_was_recorded_keeps_nobody_waiting() -> None:
    """It counts from the crime, as the rule says, in whatever order the events come; a crime said again opens nothing."""
    assert cadences([person(), arrest()]) == []
    closed = done("investigation.closed", suspect=None)
    again = event("crime.recorded", {"offence_classes": ["other"]}, at=CRIME + 9 * DAY, id="again")
    assert [codes(item) for item in cadences(story(closed, again))] == [["case_finished"]]


def test_two_people_have_each_their_own() -> None:
    """A call to one says nothing of the other."""
    events = story(person("v2", at=CRIME - DAY), contact(CRIME + 5 * DAY))
    found = {item.person: item for item in cadences(events) if item.state == "planned"}
    assert {who: item.clock_start for who, item in found.items()} == {"v1": CRIME + 5 * DAY, "v2": CRIME}


def test_the_hour_is_that_of_its_own_day() -> None:
    """With words it goes in the first allowed hour of the day by which it is due."""
    events = story(note(CRIME + 5 * DAY, date(2026, 4, 20)))
    found = open_one(events)
    assert (found.state, found.kind, found.send_at) == ("planned", "news", datetime(2026, 3, 30, 7, 0, tzinfo=UTC))
