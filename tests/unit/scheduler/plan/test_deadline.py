"""Deadlines: the worked examples, Enhanced Rights that begin while a clock runs, and what caps a deadline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.scheduler.plan.types import Planned
from tests.unit.scheduler.plan.cases import BEFORE, MONDAY, assessed, crime, event, only, person, planned

LONG_AGO = datetime(2021, 4, 2, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def due(kind: str, data: dict[str, Any], when: str, *, enhanced: bool, update_point: str, **more: Any) -> Planned:
    """The update of one event for a victim who was assessed long before."""
    events = [crime(at=LONG_AGO), person(at=LONG_AGO), assessed(at=LONG_AGO, enhanced=enhanced)]
    return only([*events, event(kind, data, at=at(when), **more)], update_point)


ARREST: dict[str, Any] = {"suspect": "s1"}


@pytest.mark.parametrize(
    ("when", "standard", "enhanced"),
    [
        pytest.param("2026-03-09T10:15+00:00", "2026-03-16", "2026-03-10", id="1: the day of the event is day 0"),
        pytest.param("2026-03-13T23:50+00:00", "2026-03-20", "2026-03-16", id="2: after hours makes no difference"),
        pytest.param("2026-03-14T02:30+00:00", "2026-03-20", "2026-03-16", id="3: a Saturday is day 0"),
        pytest.param("2026-12-25T03:10+00:00", "2027-01-05", "2026-12-29", id="13: Christmas"),
        pytest.param("2026-11-27T10:00+00:00", "2026-12-04", "2026-11-30", id="17: St Andrew's Day counts"),
        pytest.param("2026-06-02T23:30+00:00", "2026-06-10", "2026-06-04", id="18: the London date counts"),
        pytest.param("2026-03-29T00:59:59+00:00", "2026-04-07", "2026-03-30", id="19: before the clocks change"),
        pytest.param("2026-03-29T01:00:00+00:00", "2026-04-07", "2026-03-30", id="19: after the clocks change"),
    ],
)
def test_arrests_of_the_worked_examples(when: str, standard: str, enhanced: str) -> None:
    """Both counts are kept, and the one that holds goes by the person's status."""
    for is_enhanced, expected in ((False, standard), (True, enhanced)):
        update = due("suspect.arrested", ARREST, when, enhanced=is_enhanced, update_point="r6-arrest")
        assert (update.due_on_standard, update.due_on_enhanced) == tuple(map(date.fromisoformat, (standard, enhanced)))
        assert update.due_on == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("kind", "data", "when", "update_point", "standard", "enhanced"),
    [
        ("suspect.interviewed", ARREST, "2026-04-02T16:00+01:00", "r6-interview", "2026-04-13", "2026-04-07"),
        ("suspect.charged", ARREST, "2026-12-23T15:00+00:00", "r6-charge", "2027-01-04", "2026-12-24"),
        ("decision.police_nfa", ARREST, "2026-12-31T23:59+00:00", "r6-police-nfa", "2027-01-08", "2027-01-04"),
        (
            "suspect.released",
            {**ARREST, "mode": "bail"},
            "2026-03-13T18:00+00:00",
            "r6-bail",
            "2026-03-20",
            "2026-03-16",
        ),
    ],
    ids=["5: Easter", "11: Christmas and New Year", "15: New Year", "32: bail"],
)
def test_other_worked_examples(
    kind: str, data: dict[str, Any], when: str, update_point: str, standard: str, enhanced: str
) -> None:
    """Interview, charge, decision and bail count as arrests do."""
    update = due(kind, data, when, enhanced=False, update_point=update_point)
    assert (str(update.due_on), str(update.due_on_enhanced)) == (standard, enhanced)


@pytest.mark.parametrize(
    ("kind", "data", "when", "update_point", "expected"),
    [
        (
            "wcu.received.hearing_listed",
            {"hearing": "h1", "starts_at": "2026-11-02T10:00:00Z", "received_at": "2026-08-28T16:55:00+01:00"},
            "2026-08-20T09:00+01:00",
            "r8-hearing-date",
            "2026-09-01",
        ),
        (
            "wcu.received.sentence",
            {"suspect": "s1", "occurred_on": "2026-03-31", "received_at": "2026-04-01T14:00:00+01:00"},
            "2026-04-01T14:00+01:00",
            "r9-sentence",
            "2026-04-02",
        ),
        (
            "wcu.received.case_outcome",
            {"suspect": "s1", "outcome": "convicted"},
            "2026-03-09T09:00+00:00",
            "r9-outcome",
            "2026-03-10",
        ),
    ],
    ids=["10: from receipt, over a bank holiday", "21: from receipt", "no receipt known: from the event"],
)
def test_rules_of_the_witness_care_unit_count_from_receipt(
    kind: str, data: dict[str, Any], when: str, update_point: str, expected: str
) -> None:
    """One working day for everybody, from when the unit received it."""
    for enhanced in (False, True):
        update = due(kind, data, when, enhanced=enhanced, update_point=update_point, known=at("2026-12-01T09:00+00:00"))
        assert str(update.due_on) == expected


def test_a_first_hearing_counts_from_when_the_force_knew() -> None:
    """r6-first-hearing starts at `knownat`."""
    data = {"suspect": "s1", "first_hearing": {"starts_at": "2026-05-11T09:30:00Z"}}
    update = due(
        "suspect.charged",
        data,
        "2026-03-09T09:00+00:00",
        enhanced=False,
        update_point="r6-first-hearing",
        known=at("2026-03-11T09:00+00:00"),
    )
    assert (update.clock_start, str(update.due_on)) == (at("2026-03-11T09:00+00:00"), "2026-03-12")


def test_a_due_instant_is_the_last_second_of_the_day_in_london() -> None:
    """19: the end of Monday 30 March, in summer time, as UTC."""
    update = due("suspect.arrested", ARREST, "2026-03-29T01:00:00+00:00", enhanced=True, update_point="r6-arrest")
    assert update.due_at == datetime(2026, 3, 30, 22, 59, 59, tzinfo=UTC)


MONDAY_1_JUNE = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def june(*more: CaseEvent) -> Planned:
    """An arrest on Monday 1 June, of a case with these assessments."""
    return only([crime(), person(), *more, event("suspect.arrested", ARREST, at=MONDAY_1_JUNE)], "r6-arrest")


def test_29_becoming_enhanced_shortens_the_clock_from_then() -> None:
    """29: one working day from the re-assessment; late_qualified because the strict limit had gone."""
    update = june(assessed(), assessed(enhanced=True, at=datetime(2026, 6, 3, 13, 0, tzinfo=UTC)))
    assert (str(update.due_on), str(update.due_on_enhanced), update.late_qualified) == (
        "2026-06-04",
        "2026-06-02",
        True,
    )
    assert update.reasons[0].code == "due_became_enhanced"


def test_becoming_enhanced_in_time_is_not_late() -> None:
    """Re-assessed on the next day, before the strict limit ended: shortened, and not late_qualified."""
    update = june(assessed(), assessed(enhanced=True, at=datetime(2026, 6, 2, 13, 0, tzinfo=UTC)))
    assert (str(update.due_on), update.late_qualified) == ("2026-06-03", False)


def test_becoming_enhanced_never_lengthens() -> None:
    """Re-assessed on the last day of the standard limit: the standard date stands."""
    update = june(assessed(), assessed(enhanced=True, at=datetime(2026, 6, 8, 13, 0, tzinfo=UTC)))
    assert str(update.due_on) == "2026-06-08"


def test_30_a_running_clock_is_never_lengthened() -> None:
    """30: no longer enhanced a day later: the enhanced date stands."""
    update = june(assessed(enhanced=True), assessed(enhanced=False, at=datetime(2026, 6, 2, 13, 0, tzinfo=UTC)))
    assert (str(update.due_on), update.enhanced) == ("2026-06-02", False)


@pytest.mark.parametrize(
    "more",
    [[], [assessed(enhanced=False, at=MONDAY_1_JUNE + timedelta(hours=1))]],
    ids=["never assessed", "assessed as standard after the arrest"],
)
def test_not_assessed_counts_as_enhanced(more: list[CaseEvent]) -> None:
    """6.6: until somebody has assessed the person the enhanced limit holds, and it is not lengthened afterwards."""
    assert str(june(*more).due_on) == "2026-06-02"


def test_a_serious_class_brings_enhanced_rights() -> None:
    """2.3: a sexual offence is enhanced whatever the assessment says; re-classified later, it counts from then."""
    events = [crime(), person(), assessed(), event("suspect.arrested", ARREST, at=MONDAY_1_JUNE)]
    later = event("crime.reclassified", {"offence_classes": ["sexual"]}, at=datetime(2026, 6, 3, 13, 0, tzinfo=UTC))
    assert str(only([crime("sexual"), *events[1:]], "r6-arrest").due_on) == "2026-06-02"
    assert str(only([*events, later], "r6-arrest").due_on) == "2026-06-04"


def test_31_late_on_arrival() -> None:
    """31: the clock is the event's; what arrives after its deadline is late at once and says so."""
    data = {"suspect": "s1", "mode": "bail"}
    when, known = "2026-03-02T08:00+00:00", at("2026-03-05T09:00+00:00")
    late = due("suspect.released", data, when, enhanced=True, update_point="r6-bail", known=known)
    in_time = due("suspect.released", data, when, enhanced=False, update_point="r6-bail", known=known)
    assert (str(late.due_on), late.late_on_arrival) == ("2026-03-03", True)
    assert (str(in_time.due_on), in_time.late_on_arrival) == ("2026-03-09", False)


def hearing(kind: str, when: datetime, **data: Any) -> CaseEvent:
    return event(f"wcu.received.hearing_{kind}", {"hearing": "h1", "received_at": when.isoformat(), **data}, at=when)


def test_pr08_a_deadline_never_lies_after_the_hearing() -> None:
    """A hearing on the next morning must be told before it begins."""
    events = [crime(), person(), assessed(), hearing("listed", MONDAY, starts_at="2026-03-10T09:30:00Z")]
    update = only(events, "r8-hearing-date")
    assert update.due_at == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    assert update.reasons[0].code == "due_starts_sooner"


def test_41_a_vacated_hearing_is_told_before_it_would_have_begun() -> None:
    """41: the next working day, or the old hearing's start if that is sooner."""
    listed = hearing("listed", BEFORE, starts_at="2026-03-10T09:30:00Z", court={"name": "Cannock"})
    events = [crime(), person(), assessed(), listed, hearing("vacated", MONDAY)]
    update = next(item for item in planned(events).updates if "vacated" in item.event_id)
    assert update.due_at == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_no_limit_in_the_book_is_no_date() -> None:
    """r6-contact-plan gives no limit and the force sets none: no deadline, and the reason says so."""
    update = due("investigation.opened", {}, "2026-03-09T09:00+00:00", enhanced=True, update_point="r6-contact-plan")
    assert (update.due_at, update.due_on, update.due_on_standard, update.counted_days) == (None, None, None, ())
    assert update.reasons[0].code == "no_limit"


def test_beyond_the_list_of_holidays_there_is_no_date() -> None:
    """A count that leaves the list gives no date and holds the update."""
    update = due("suspect.arrested", ARREST, "2099-03-09T09:00+00:00", enhanced=False, update_point="r6-arrest")
    assert (update.due_at, update.state, update.reasons[0].code) == (None, "held", "beyond_holiday_list")


def test_safety_critical_news_has_a_target_of_two_hours() -> None:
    """2.6: two hours from when the force knew, beside the lawful deadline."""
    update = due(
        "suspect.released",
        {"suspect": "s1", "mode": "bail"},
        "2026-03-13T18:00+00:00",
        enhanced=False,
        update_point="r6-bail",
    )
    assert (update.cls, update.target_at) == ("safety_critical", at("2026-03-13T20:00+00:00"))
    assert (
        due("suspect.arrested", ARREST, "2026-03-13T18:00+00:00", enhanced=False, update_point="r6-arrest").target_at
        is None
    )
