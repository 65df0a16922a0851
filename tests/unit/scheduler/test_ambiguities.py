"""Where the sources leave room: the careful setting of each ambiguity that is about a date, by its number, through `explain`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.ledger.force_rules import careful_default
from tests.unit.scheduler.explaining import always, assessed, codes, crime, instant, lines, only, record, victim

ARREST = record("arrest", "suspect.arrested", "2026-03-09 10:15", {"suspect": "s1"})
STANDARD = assessed(enhanced=False)
CAREFUL = careful_default("staffs")


def case(*events: Mapping[str, Any], at: str = "2015-01-05 09:00", **of_person: Any) -> list[Mapping[str, Any]]:
    """A standard adult victim of an ordinary crime, and what else happened."""
    return [crime(at), victim(**of_person), STANDARD, *events]


def test_6_1_the_edition_goes_by_the_date_of_the_event() -> None:
    """6.1: reported under the 2015 edition, arrested under that of 2020; a force may choose the report instead."""
    events = case(ARREST, at="2021-03-01 09:00")
    by_report = always(replace(CAREFUL, edition_by="report_date"))
    assert only(lines(events), "r6-arrest")["edition"] == "vc-2020"
    old = only(lines(events, rules_of=by_report), "r6-arrest")
    assert (old["edition"], old["due_on"]) == ("vc-2015", "2026-03-16")


@pytest.mark.parametrize("at", ["2021-03-31 23:59", "2021-04-01 00:00"])
def test_6_1_a_new_edition_begins_at_midnight_in_london(at: str) -> None:
    """6.1: the local date decides, in summer time an hour before the date in UTC."""
    wanted = "vc-2015" if at.startswith("2021-03") else "vc-2020"
    found = lines(case(record("arrest", "suspect.arrested", at, {"suspect": "s1"})))
    assert only(found, "r6-arrest")["edition"] == wanted


@pytest.mark.parametrize(
    ("arrested", "raised"),
    [
        pytest.param("2022-10-27 10:00", False, id="before-the-act"),
        pytest.param("2022-10-28 00:00", True, id="on-the-day"),
        pytest.param(None, True, id="arrest-not-known"),
    ],
)
def test_6_1_views_on_bail_go_by_the_date_of_arrest(arrested: str | None, raised: bool) -> None:
    """6.1: only people arrested from 28 October 2022 on are concerned; where nothing says when, the rule holds."""
    proposed = record("proposed", "police_bail.conditions_proposed", "2022-11-02 09:00", {"suspect": "s1"})
    arrests = [] if arrested is None else [record("arrest", "suspect.arrested", arrested, {"suspect": "s1"})]
    other = record("other", "suspect.arrested", "2022-10-30 09:00", {"suspect": "s2"})
    found = lines(case(*arrests, other, proposed))
    assert ("pace-bail-views" in {line["update_point"] for line in found}) == raised


def test_6_1_a_report_date_does_not_move_what_is_no_edition_of_the_code() -> None:
    """6.1: a force that goes by the report still asks for views on bail, and still holds what nobody has checked by now."""
    by_report = always(replace(CAREFUL, edition_by="report_date"))
    sentence = record(
        "sentence",
        "wcu.received.sentence",
        "2026-07-01 12:00",
        {"suspect": "s1", "occurred_on": "2026-07-01", "sentence_kind": "custody", "court_type": "crown"},
        received="2026-07-01 15:00",
    )
    proposed = record("proposed", "police_bail.conditions_proposed", "2026-03-10 09:00", {"suspect": "s1"})
    found = lines(case(ARREST, proposed, sentence, at="2022-01-10 09:00"), rules_of=by_report)
    assert only(found, "pace-bail-views")["book"] == "statute"
    assert only(found, "r9-uls")["status"] == "unverified"


def test_6_2_the_day_of_the_event_is_not_day_1() -> None:
    """6.2: the day after is day 1."""
    line = only(lines([crime(), victim(), assessed(enhanced=True), ARREST]), "r6-arrest")
    assert (line["clock_start"], line["counted_days"]) == ("2026-03-09T10:15:00Z", ["2026-03-10"])


def test_6_3_the_clock_is_the_event_and_for_the_court_the_receipt() -> None:
    """6.3: when the officer learned of it moves no deadline, but is said; Rights 8 and 9 count from receipt."""
    late = record("arrest", "suspect.arrested", "2026-03-09 10:15", {"suspect": "s1"}, known="2026-03-12 09:00")
    line = only(lines(case(late)), "r6-arrest")
    assert (line["due_on"], line["late_on_arrival"]) == ("2026-03-16", False)
    assert "the force knew after 2 days 22 hours" in "".join(reason["text"] for reason in line["reasons"])
    outcome = record(
        "bail",
        "wcu.received.bail_outcome",
        "2026-03-09 12:00",
        {"suspect": "s1", "occurred_on": "2026-03-09", "outcome": "bailed"},
        received="2026-03-11 12:00",
    )
    found = only(lines(case(outcome)), "r8-bail-outcome")
    assert (found["clock_start"], found["due_on"]) == ("2026-03-11T12:00:00Z", "2026-03-18")
    assert found["legs"][0] == {"name": "r8-court-to-wcu", "from": "2026-03-09", "due_on": "2026-03-16"}


@pytest.mark.parametrize(
    ("changed", "known", "due_on", "qualified"),
    [
        pytest.param("2026-06-01 09:30", None, "2026-06-02", False, id="before-the-clock-is-a-fact"),
        pytest.param("2026-06-02 14:00", None, "2026-06-03", False, id="in-time"),
        pytest.param("2026-06-03 14:00", None, "2026-06-04", True, id="after-the-strict-limit"),
        pytest.param("2026-06-03 14:00", "2026-06-20 09:00", "2026-06-04", True, id="by-time-not-arrival"),
        pytest.param("2026-06-05 14:00", None, "2026-06-08", True, id="on-the-last-day"),
        pytest.param("2026-06-12 14:00", None, "2026-06-08", True, id="never-longer"),
    ],
)
def test_6_5_becoming_enhanced_shortens_a_running_clock(
    changed: str, known: str | None, due_on: str, qualified: bool
) -> None:
    """6.5: the earlier of what stood and 1 working day from the change, by when it happened."""
    arrest = record("arrest", "suspect.arrested", "2026-06-01 10:00", {"suspect": "s1"})
    change = record("again", "needs_assessment.changed", changed, {"person": "v1", "enhanced": True}, known=known)
    line = only(lines(case(arrest, change)), "r6-arrest")
    assert (line["due_on"], line["late_qualified"]) == (due_on, qualified)
    assert (line["due_on_standard"], line["due_on_enhanced"]) == ("2026-06-08", "2026-06-02")


def test_6_5_who_was_told_before_is_not_told_late_by_becoming_enhanced() -> None:
    """6.5: a change after the conversation shortens nothing."""
    arrest = record("arrest", "suspect.arrested", "2026-06-01 10:00", {"suspect": "s1"})
    call = {"person": "v1", "update_points": ["r6-arrest"], "how": "phone", "by": "Jo", "substantive": True}
    told = record("call", "contact.made", "2026-06-03 10:00", call)
    change = record("again", "needs_assessment.changed", "2026-06-03 14:00", {"person": "v1", "enhanced": True})
    line = only(lines(case(arrest, told, change)), "r6-arrest")
    assert (line["state"], line["due_on"], line["late_qualified"]) == ("told", "2026-06-08", False)


def test_6_6_not_assessed_is_enhanced() -> None:
    """6.6: until somebody has assessed the person the strict limit holds."""
    assert only(lines([crime(), victim(), ARREST]), "r6-arrest")["due_on"] == "2026-03-10"


@pytest.mark.parametrize("offence", ["domestic_abuse", "sexual", "hate"])
def test_6_6_classes_that_bring_enhanced_rights(offence: str) -> None:
    """6.6: whatever an assessment says."""
    events = [crime("2015-01-05 09:00", offence), victim(), STANDARD, ARREST]
    assert only(lines(events), "r6-arrest")["due_on"] == "2026-03-10"


def test_6_7_a_release_before_a_long_weekend_has_a_target_in_hours() -> None:
    """6.7: one working day reaches the Tuesday; the force's own target is two hours, and both are shown."""
    freed = record("release", "suspect.released", "2026-04-02 17:30", {"suspect": "s1", "mode": "no_charge"})
    line = only(lines([crime(), victim(), freed]), "r6-released-no-charge")
    assert (line["due_on"], line["target_at"]) == ("2026-04-07", "2026-04-02T18:30:00Z")


@pytest.mark.parametrize(
    ("event", "update_point", "due_on"),
    [
        (record("crime", "crime.recorded", "2026-03-06 16:00", {"offence_classes": ["other"]}), "r3-ack", "2026-03-09"),
        (
            record("measures", "special_measures.decided", "2026-03-13 16:00", {"person": "v1", "granted": True}),
            "r8-special-measures",
            "2026-03-16",
        ),
    ],
)
def test_6_8_a_limit_that_the_source_does_not_give_is_the_forces_own(
    event: Mapping[str, Any], update_point: str, due_on: str
) -> None:
    """6.8: the next working day, and never labelled as the Code's."""
    first = [event] if event["type"] == "crime.recorded" else [crime(), event]
    line = only(lines([victim(), STANDARD, *first]), update_point)
    assert (line["due_on"], line["limit_confidence"], line["book"]) == (due_on, "L", "code")
    assert "the force's own limit" in line["reasons"][0]["text"]


def test_6_9_one_event_two_rules() -> None:
    """6.9: charge and first hearing are two rows of one event, each with its own date."""
    data = {"suspect": "s1", "charges": ["burglary"], "first_hearing": {"starts_at": "2026-04-20T10:00:00+01:00"}}
    found = lines(case(record("charge", "suspect.charged", "2026-03-09 10:15", data)))
    assert [only(found, point)["due_on"] for point in ("r6-charge", "r6-first-hearing")] == ["2026-03-16", "2026-03-10"]


@pytest.mark.parametrize(
    ("by", "state"),
    [("CPS", "told"), ("HMCTS", "held"), (None, "told")],
    ids=["its word", "another's word", "unsigned"],
)
def test_6_11_what_the_prosecution_owes_is_met_by_its_word(by: str | None, state: str) -> None:
    """6.11: the date is shown, a conversation of ours does not meet it, and another body does not speak for it."""
    changed = record("changed", "decision.cps_changed", "2026-03-09 10:15", {"suspect": "s1"})
    call = {"person": "v1", "update_points": ["r6-cps-change"], "how": "phone", "by": "Jo", "substantive": True}
    ours = record("call", "contact.made", "2026-03-10 10:00", call)
    word = {"update_point": "r6-cps-change", "person": "v1", "by": by}
    line = only(
        lines(case(changed, ours, record("word", "owner.confirmed", "2026-03-11 10:00", word))), "r6-cps-change"
    )
    assert (line["owner"], line["due_on"], line["state"]) == ("cps", "2026-03-16", state)


@pytest.mark.parametrize(
    ("kind", "update_point"), [("suspect.interviewed", "r6-interview"), ("requisition.issued", "r6-charge")]
)
def test_6_14_voluntary_interview_and_requisition_count_as_the_others(kind: str, update_point: str) -> None:
    """6.14: an interview by appointment and a charge by post have the same limits."""
    data = {"suspect": "s1", **({"where": "voluntary"} if kind == "suspect.interviewed" else {"charges": ["theft"]})}
    line = only(lines(case(record("event", kind, "2026-03-09 10:15", data))), update_point)
    assert (line["due_on_standard"], line["due_on_enhanced"]) == ("2026-03-16", "2026-03-10")


def test_6_15_every_change_of_bail_is_told_and_the_act_covers_what_safeguards() -> None:
    """6.15: the Code asks for any change; the Act only for conditions that protect the victim."""
    data = {"suspect": "s1", "conditions": ["return at 10"], "protects": []}
    found = {
        line["update_point"]
        for line in lines(case(ARREST, record("c", "police_bail.conditions_changed", "2026-03-10 10:00", data)))
    }
    assert "r6-bail-varied" in found
    assert "pace-bail-notify" not in found


def test_6_17_no_allowed_hour_before_the_deadline_is_a_task() -> None:
    """6.17: a safe window is never breached to meet a limit."""
    events = [
        crime(),
        victim(preference={"channel": "sms", "plain_wording": True, "quiet_hours": _every("08:00", "20:00")}),
        assessed(enhanced=True),
        ARREST,
    ]
    line = only(lines(events), "r6-arrest")
    assert (line["state"], line["send_at"]) == ("held", None)
    assert "no_allowed_hour" in codes(line)


def test_6_21_a_witness_is_told_by_the_charter() -> None:
    """6.21: the victims' limits, and never labelled Code."""
    listed = record(
        "listed",
        "wcu.received.hearing_listed",
        "2026-03-09 09:00",
        {"hearing": "h1", "listing": "fixed", "starts_at": "2026-05-11T09:30:00+01:00"},
        received="2026-03-09 09:00",
    )
    found = [line for line in lines(case(listed, roles=["witness"])) if line["role"] == "witness"]
    assert {line["book"] for line in found} == {"charter"}
    assert {line["due_on"] for line in found} == {"2026-03-10"}


@pytest.mark.parametrize("friday", ["2026-03-13 16:00", "2026-04-02 16:00"])
def test_a_limit_in_hours_skips_no_weekend(friday: str) -> None:
    """A limit of 24 hours is 24 hours, over a weekend or Easter, and the sentence says so."""
    changed = record("custody", "custody.changed", friday, {"suspect": "s1", "to": "released", "by": "court"})
    line = only(lines(case(changed)), "f-custody-changed")
    assert line["due_at"] == instant(friday).replace(day=instant(friday).day + 1).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (line["counted_days"], line["book"]) == ([], "force")
    assert "24 hours" in line["reasons"][0]["text"]


def test_pr08_who_is_not_needed_hears_before_the_day() -> None:
    """PR08: a stand-down for the next morning is due before the witness would set out."""
    came = [
        record(
            name,
            f"wcu.received.{kind}",
            at,
            {"person": "v1", "hearing": "h1", **more},
            received=at,
        )
        for name, kind, at, more in (
            ("attend", "attendance_required", "2026-02-03 09:00", {"at": "2026-03-19T09:30:00Z", "place": "Cannock"}),
            ("off", "attendance_not_required", "2026-03-18 16:00", {}),
        )
    ]
    line = only(lines(case(*came)), "r8-not-needed")
    assert (line["due_at"], codes(line)[0]) == ("2026-03-19T09:30:00Z", "due_starts_sooner")


@pytest.mark.parametrize(
    ("events", "update_point", "state"),
    [
        pytest.param(
            [record("r", "referral.made", "2026-03-10 10:00", {"person": "v1", "service": "support"})],
            "r4-referral",
            "told",
            id="referred",
        ),
        pytest.param(
            [record("r", "referral.made", "2026-03-10 10:00", {"person": "v2", "service": "support"})],
            "r4-referral",
            "held",
            id="somebody-else-referred",
        ),
        pytest.param([], "r4-referral", "held", id="not-referred"),
        pytest.param(
            [assessed(enhanced=False, at="2026-03-09 07:00")], "r4-needs", "told", id="assessed-earlier-that-day"
        ),
        pytest.param([], "r4-needs", "held", id="assessed-long-before"),
    ],
)
def test_what_must_be_done_is_met_by_what_shows_it(
    events: list[Mapping[str, Any]], update_point: str, state: str
) -> None:
    """Evidence `done`: the event that shows the act, for the same person, and not from before the day that asked for it."""
    line = only(lines(case(*events, at="2026-03-09 09:00")), update_point)
    assert (line["state"], line["evidence"]) == (state, "done" if state == "told" else None)


def _every(start: str, end: str) -> list[dict[str, Any]]:
    return [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": start, "to": end}]
