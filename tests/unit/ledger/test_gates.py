"""Every gate, open and shut, as a table; and which of two speaks first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.ledger.brakes import Brakes
from services.ledger.force_rules import careful_default
from services.ledger.gates import CAP_WINDOW, LOOK_AGAIN, GateView, first_shut
from services.ledger.people import Person
from services.ledger.second_word import Contact

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
RULES = replace(careful_default("staffs"), loaded=True)
PERSON = Person("staffs", "p1", contacts=(Contact("c1", "sms", 7, safe=True), Contact("c2", "email", 8, safe=True)))
OPEN = GateView(
    now=MONDAY,
    kind="news",
    channel="sms",
    contact_id="c1",
    rules=RULES,
    person=PERSON,
    flagged=False,
    due_at=MONDAY + timedelta(days=3),
)


def person(**changes: Any) -> Person:
    return replace(PERSON, **changes)


def contact(**changes: Any) -> Person:
    return person(contacts=(replace(PERSON.contacts[0], **changes),))


def view(**changes: Any) -> GateView:
    return replace(OPEN, **changes)


def test_with_nothing_against_it_a_message_goes() -> None:
    """No gate is shut for an ordinary message to a safe contact at noon."""
    assert first_shut(OPEN) is None


def test_pr08_a_reminder_goes_until_its_day_is_over_and_other_news_after_it_too() -> None:
    """PR08: only a reminder is worth nothing late."""
    assert first_shut(view(reminder=True, due_at=MONDAY)) is None
    assert first_shut(view(due_at=MONDAY - timedelta(seconds=1))) is None


CASES: dict[str, tuple[GateView, str, str]] = {
    "kill_switch": (view(stopped=True), "stopped_outside", "wait"),
    "brake_on_everything": (view(brakes=Brakes(everything=True)), "brake_all", "wait"),
    "brake_on_the_channel": (view(brakes=Brakes(channels=frozenset({"sms"}))), "brake_channel", "wait"),
    "brake_on_the_force": (view(brakes=Brakes(forces=frozenset({"staffs"}))), "brake_force", "wait"),
    "brake_on_the_template": (
        view(brakes=Brakes(templates=frozenset({"arrest.sms.plain"})), template="en/sms.plain.news+arrest.sms.plain"),
        "brake_template",
        "wait",
    ),
    "never_loaded_in_production": (
        view(rules=careful_default("staffs"), production=True),
        "force_not_loaded",
        "wait",
    ),
    "not_live_yet": (view(rules=replace(RULES, live_from=MONDAY + timedelta(days=1))), "force_not_live", "wait"),
    "nobody_known": (view(person=None), "person_unknown", "hold"),
    "died": (view(person=person(died=True)), "person_died", "hold"),
    "whoever_they_stand_for_died": (view(ward="died"), "person_died", "hold"),
    "6.18_the_child_is_18_now": (view(ward="grown_up"), "grown_up", "hold"),
    "S03_shared_since": (view(shared=True), "shared_contact", "hold"),
    "2.4_a_suspect_since": (view(also_suspect=True), "also_suspect", "hold"),
    "S06_changed_and_flagged": (
        view(flagged=True, person=contact(unconfirmed=True)),
        "contact_not_confirmed",
        "hold",
    ),
    "PR11_safe_hours_loosened": (view(person=person(unconfirmed=("safe_hours",))), "safety_not_confirmed", "hold"),
    "opted_out_of_all": (view(person=person(opt_out=("all",))), "opted_out", "decline"),
    "opted_out_of_the_topic": (
        view(person=person(opt_out=("bail",)), topics=frozenset({"bail"})),
        "opted_out",
        "decline",
    ),
    "opted_out_of_safety_news": (
        view(person=person(opt_out=("all",)), safety_critical=True),
        "opted_out_of_safety_news",
        "hold",
    ),
    "prompt_to_a_flagged_person": (view(kind="prompt", flagged=True), "flagged", "hold"),
    "stop_on_the_channel": (view(person=person(stopped_channels=("sms",))), "stopped", "hold"),
    "contact_gone": (view(contact_id="c9"), "contact_gone", "hold"),
    "contact_without_number": (view(person=contact(detail=None)), "contact_gone", "hold"),
    "contact_of_another_channel": (view(contact_id="c2"), "contact_changed", "hold"),
    "number_changed_since_the_last_try": (view(detail=99), "contact_changed", "hold"),
    "number_unusable": (view(person=contact(unusable="not_a_number")), "contact_unusable", "hold"),
    "number_asked_for_no_more": (view(shut="stopped"), "stopped", "hold"),
    "number_wrong": (view(shut="suspect"), "wrong_number", "hold"),
    "not_safe": (view(person=contact(safe=False)), "contact_not_safe", "hold"),
    "not_known_safe_and_flagged": (view(person=contact(safe=None), flagged=True), "safe_contact_unknown", "hold"),
    "texts_not_safe": (view(person=person(texts_safe=False)), "texts_not_safe", "hold"),
    "reconfirm_by_passed": (view(person=person(reconfirm_by=date(2026, 3, 8))), "reconfirm", "hold"),
    "reminder_after_its_day": (
        view(reminder=True, due_at=MONDAY - timedelta(seconds=1)),
        "reminder_over",
        "wait",
    ),
    "PR09_correction_under_a_brake": (view(brakes=Brakes(everything=True), correction=True), "brake_all", "hold"),
    "PR09_correction_under_the_kill_switch": (view(stopped=True, correction=True), "stopped_outside", "hold"),
    "PR09_correction_at_night": (view(now=MONDAY.replace(hour=22), correction=True), "hours", "wait"),
    "night": (view(now=MONDAY.replace(hour=22)), "hours", "wait"),
    "quiet_hours": (
        view(person=person(quiet_hours=({"days": ["mon"], "from": "11:00", "to": "13:00"},))),
        "hours",
        "wait",
    ),
    "outside_safe_hours": (
        view(person=person(safe_hours=({"days": ["mon"], "from": "14:00", "to": "15:00"},))),
        "hours",
        "wait",
    ),
    "no_safe_hour_before_the_deadline": (
        view(person=person(safe_hours=({"days": ["sun"], "from": "14:00", "to": "15:00"},))),
        "no_allowed_hour",
        "hold",
    ),
    "hours_that_cannot_be_read": (
        view(person=person(safe_hours=({"days": ["never"], "from": "x", "to": "y"},))),
        "hours_unreadable",
        "hold",
    ),
    "cap_reached": (
        view(sent_lately=3, oldest_lately=MONDAY - timedelta(hours=20)),
        "contact_cap",
        "wait",
    ),
    "cap_reached_and_due_sooner": (
        view(sent_lately=3, oldest_lately=MONDAY - timedelta(hours=1), due_at=MONDAY + timedelta(hours=5)),
        "contact_cap",
        "hold",
    ),
}


@pytest.mark.parametrize(("given", "code", "then"), CASES.values(), ids=CASES.keys())
def test_a_shut_gate_says_why_and_what_then(given: GateView, code: str, then: str) -> None:
    """Each reason not to send is told from the others, with a sentence and what follows from it."""
    shut = first_shut(given)
    assert shut is not None
    assert (shut.code, shut.then) == (code, then)
    assert shut.text


OPENINGS: dict[str, GateView] = {
    "never_loaded_outside_production": view(rules=careful_default("staffs")),
    "brake_on_another_channel": view(brakes=Brakes(channels=frozenset({"email"}))),
    "brake_on_another_template": view(
        brakes=Brakes(templates=frozenset({"bail.sms.plain"})), template="en/sms.plain.news+arrest.sms.plain"
    ),
    "opted_out_of_something_else": view(person=person(opt_out=("bail",)), topics=frozenset({"hearings"})),
    "safety_not_known_in_an_unflagged_case": view(person=contact(safe=None)),
    "reconfirm_by_today": view(person=person(reconfirm_by=date(2026, 3, 9))),
    "same_number_as_the_last_try": view(detail=7),
    "correction_over_the_cap": view(sent_lately=3, oldest_lately=MONDAY, correction=True),
    "flagged_with_a_safe_contact": view(flagged=True),
    "changed_and_not_flagged": view(person=contact(unconfirmed=True)),
    "voicemail_loosened": view(person=person(unconfirmed=("voicemail_safe",))),
    "email_though_texts_are_not_safe": view(contact_id="c2", channel="email", person=person(texts_safe=False)),
    "within_safe_hours": view(person=person(safe_hours=({"days": ["mon"], "from": "11:00", "to": "13:00"},))),
}


@pytest.mark.parametrize("given", OPENINGS.values(), ids=OPENINGS.keys())
def test_a_gate_that_is_not_meant_stays_open(given: GateView) -> None:
    """What resembles a reason not to send, and is none, stops nothing."""
    assert first_shut(given) is None


def test_waiting_ends_when_the_gate_opens() -> None:
    """Night waits for the morning, in Europe/London; a cap until the first of the day's messages is a day old."""
    night = first_shut(view(now=datetime(2026, 3, 9, 22, tzinfo=UTC)))
    assert night is not None
    assert night.until == datetime(2026, 3, 10, 8, tzinfo=UTC)
    first = MONDAY - timedelta(hours=20)
    cap = first_shut(view(sent_lately=3, oldest_lately=first))
    assert cap is not None
    assert cap.until == first + CAP_WINDOW
    template = first_shut(view(brakes=Brakes(templates=frozenset({"t"})), template="t"))
    assert template is not None
    assert template.until == MONDAY + LOOK_AGAIN


def test_a_message_that_is_late_already_still_waits_for_a_decent_hour() -> None:
    """A deadline that has passed is no reason to text at night, nor to ask a person for what a machine can do at eight."""
    shut = first_shut(view(now=datetime(2026, 3, 9, 22, tzinfo=UTC), due_at=MONDAY))
    assert shut is not None
    assert (shut.code, shut.then) == ("hours", "wait")


def test_the_kill_switch_speaks_before_everything() -> None:
    """Whatever else is shut, stopped is the answer: nothing is held or declined while sending stands still."""
    shut = first_shut(view(stopped=True, person=person(died=True), contact_id="c9"))
    assert shut is not None
    assert shut.code == "stopped_outside"
