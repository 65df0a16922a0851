"""Working days: the worked dates, the official list against an independent one, and the horizon."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.working_days import (
    WARN_DAYS,
    BeyondHolidayList,
    WorkingDays,
    end_of,
    england_and_wales,
    local_date,
)

LONDON = ZoneInfo("Europe/London")
CALENDAR = england_and_wales()
INDEPENDENT = holidays.country_holidays("GB", subdiv="ENG", years=range(CALENDAR.first.year, CALENDAR.last.year + 1))

days_of_the_list = st.dates(CALENDAR.first, CALENDAR.last)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in INDEPENDENT


def walk(day: date, days: int) -> list[date]:
    """Working days after `day`, one day at a time, by the independent list."""
    found: list[date] = []
    while len(found) < days:
        day += timedelta(1)
        if works(day):
            found.append(day)
    return found


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        pytest.param(london("2026-03-09T10:15"), 5, date(2026, 3, 16), id="1-standard"),
        pytest.param(london("2026-03-09T10:15"), 1, date(2026, 3, 10), id="1-enhanced"),
        pytest.param(london("2026-03-13T23:50"), 5, date(2026, 3, 20), id="2-standard-after-hours"),
        pytest.param(london("2026-03-13T23:50"), 1, date(2026, 3, 16), id="2-enhanced-after-hours"),
        pytest.param(london("2026-03-14T02:30"), 5, date(2026, 3, 20), id="3-standard-saturday"),
        pytest.param(london("2026-03-14T02:30"), 1, date(2026, 3, 16), id="3-enhanced-saturday"),
        pytest.param(london("2026-04-02T16:00"), 5, date(2026, 4, 13), id="5-standard-easter"),
        pytest.param(london("2026-04-02T16:00"), 1, date(2026, 4, 7), id="5-enhanced-easter"),
        pytest.param(london("2026-05-22T17:45"), 2, date(2026, 5, 27), id="8-referral"),
        pytest.param(london("2026-08-28T16:55"), 1, date(2026, 9, 1), id="10-hearing-date"),
        pytest.param(london("2026-12-23T15:00"), 5, date(2027, 1, 4), id="11-standard-christmas"),
        pytest.param(london("2026-12-23T15:00"), 1, date(2026, 12, 24), id="11-enhanced-christmas"),
        pytest.param(london("2026-12-25T03:10"), 5, date(2027, 1, 5), id="13-standard-christmas-day"),
        pytest.param(london("2026-12-25T03:10"), 1, date(2026, 12, 29), id="13-enhanced-christmas-day"),
        pytest.param(london("2026-12-31T23:59"), 5, date(2027, 1, 8), id="15-standard-new-year"),
        pytest.param(london("2026-12-31T23:59"), 1, date(2027, 1, 4), id="15-enhanced-new-year"),
        pytest.param(london("2026-11-27T10:00"), 5, date(2026, 12, 4), id="17-standard-st-andrew"),
        pytest.param(london("2026-11-27T10:00"), 1, date(2026, 11, 30), id="17-enhanced-st-andrew"),
        pytest.param(utc("2026-06-02T23:30"), 5, date(2026, 6, 10), id="18-standard-local-date"),
        pytest.param(utc("2026-06-02T23:30"), 1, date(2026, 6, 4), id="18-enhanced-local-date"),
        pytest.param(utc("2026-03-29T00:59:59"), 5, date(2026, 4, 7), id="19-standard-before-spring-change"),
        pytest.param(utc("2026-03-29T00:59:59"), 1, date(2026, 3, 30), id="19-enhanced-before-spring-change"),
        pytest.param(utc("2026-03-29T01:00:00"), 5, date(2026, 4, 7), id="19-standard-after-spring-change"),
        pytest.param(utc("2026-03-29T01:00:00"), 1, date(2026, 3, 30), id="19-enhanced-after-spring-change"),
        pytest.param(london("2026-04-01T14:00"), 1, date(2026, 4, 2), id="21-sentence-from-receipt"),
        pytest.param(london("2026-03-31T12:00"), 5, date(2026, 4, 9), id="22-court-leg"),
        pytest.param(london("2026-04-09T12:00"), 1, date(2026, 4, 10), id="22-unit-leg"),
        pytest.param(london("2026-03-31T12:00"), 6, date(2026, 4, 10), id="22-end-to-end"),
        pytest.param(london("2026-12-18T12:00"), 10, date(2027, 1, 6), id="24-scheme-referral"),
        pytest.param(london("2027-01-06T12:00"), 20, date(2027, 2, 3), id="24-liaison-contact"),
        pytest.param(london("2021-03-31T17:00"), 5, date(2021, 4, 9), id="26-standard"),
        pytest.param(london("2021-03-31T17:00"), 1, date(2021, 4, 1), id="26-enhanced"),
        pytest.param(london("2021-03-30T12:00"), 20, date(2021, 4, 29), id="28-edition-2015"),
        pytest.param(london("2021-04-01T12:00"), 10, date(2021, 4, 19), id="28-edition-2020"),
        pytest.param(london("2026-06-01T10:00"), 5, date(2026, 6, 8), id="29-standard"),
        pytest.param(london("2026-06-01T10:00"), 1, date(2026, 6, 2), id="29-strict"),
        pytest.param(london("2026-06-03T14:00"), 1, date(2026, 6, 4), id="29-from-reassessment"),
        pytest.param(london("2026-03-02T08:00"), 5, date(2026, 3, 9), id="31-standard"),
        pytest.param(london("2026-03-02T08:00"), 1, date(2026, 3, 3), id="31-enhanced"),
        pytest.param(london("2026-03-13T18:00"), 5, date(2026, 3, 20), id="32-standard"),
        pytest.param(london("2026-03-13T18:00"), 1, date(2026, 3, 16), id="32-enhanced"),
        pytest.param(london("2026-06-04T18:20"), 5, date(2026, 6, 11), id="33-standard"),
        pytest.param(london("2026-06-04T18:20"), 1, date(2026, 6, 5), id="33-enhanced"),
    ],
)
def test_worked_dates(start: datetime, limit: int, due: date) -> None:
    """The published worked examples come out to the day, counted from the local date of the instant."""
    count = CALENDAR.after(local_date(start), limit)
    assert (count.due_on, len(count.counted)) == (due, limit)


def test_counted_days_are_named() -> None:
    """A deadline comes with the days that were counted: 24, 29, 30, 31 December and 4 January."""
    count = CALENDAR.after(date(2026, 12, 23), 5)
    assert [day.isoformat() for day in count.counted] == [
        "2026-12-24",
        "2026-12-29",
        "2026-12-30",
        "2026-12-31",
        "2027-01-04",
    ]


@pytest.mark.parametrize(
    ("day", "rolled"),
    [
        pytest.param(date(2026, 12, 1) + timedelta(28), date(2026, 12, 29), id="36-cadence-on-a-working-day"),
        pytest.param(date(2026, 11, 30) + timedelta(28), date(2026, 12, 24), id="37-cadence-rolls-back"),
        pytest.param(date(2026, 4, 7) - timedelta(7), date(2026, 3, 31), id="39-seven-days-before"),
        pytest.param(date(2026, 4, 7) - timedelta(3), date(2026, 4, 2), id="39-three-days-before"),
        pytest.param(date(2026, 4, 7) - timedelta(1), date(2026, 4, 2), id="39-one-day-before"),
    ],
)
def test_worked_dates_that_roll_back(day: date, rolled: date) -> None:
    """Cadence and reminders roll back to the last working day, so that an agreed gap is never exceeded."""
    assert CALENDAR.on_or_before(day) == rolled


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        pytest.param(date(2026, 3, 30), utc("2026-03-30T22:59:59"), id="19-summer-time"),
        pytest.param(date(2026, 3, 16), utc("2026-03-16T23:59:59"), id="winter-time"),
        pytest.param(date(2026, 10, 25), utc("2026-10-25T23:59:59"), id="the-day-the-clocks-go-back"),
    ],
)
def test_end_of_day(day: date, instant: datetime) -> None:
    """A deadline is the last second of the day in London, given in UTC."""
    assert (end_of(day), end_of(day).tzinfo) == (instant, UTC)


def test_shipped_list_is_the_independent_one() -> None:
    """The official list and the `holidays` package name the same weekdays for every year to the horizon."""
    independent = {day for day in INDEPENDENT if day.weekday() < 5}
    assert set(CALENDAR.holidays) == independent
    assert (CALENDAR.first, CALENDAR.last) == (date(2012, 1, 1), date(2028, 12, 31))
    assert CALENDAR.version


@given(days_of_the_list)
def test_is_working_agrees(day: date) -> None:
    """Whether a day is worked agrees with the `holidays` package, to the horizon."""
    assert CALENDAR.is_working(day) == works(day)


@given(st.dates(CALENDAR.first, CALENDAR.last - timedelta(60)), st.integers(1, 20))
def test_counting_agrees(day: date, days: int) -> None:
    """Counting agrees with a walk over the `holidays` package, one day at a time."""
    assert list(CALENDAR.after(day, days).counted) == walk(day, days)


@given(days_of_the_list, st.integers(0, 30))
def test_counting_to_the_horizon(day: date, days: int) -> None:
    """However near the horizon, a count is either right or refused, never short."""
    left = sum(works(day + timedelta(step)) for step in range(1, min((CALENDAR.last - day).days, 60) + 1))
    if left < days:
        with pytest.raises(BeyondHolidayList):
            CALENDAR.after(day, days)
    else:
        count = CALENDAR.after(day, days)
        assert len(count.counted) == days
        assert count.due_on == (count.counted[-1] if days else day)


@given(st.dates(CALENDAR.first + timedelta(7), CALENDAR.last))
def test_rolling_back_agrees(day: date) -> None:
    """Rolling back lands on a working day with none after it up to the day."""
    rolled = CALENDAR.on_or_before(day)
    assert works(rolled)
    assert not any(works(rolled + timedelta(step)) for step in range(1, (day - rolled).days + 1))


@given(st.integers(int(utc("2012-01-02").timestamp()), int(utc("2028-12-30").timestamp())))
def test_a_day_never_ends_before_its_instants(second: int) -> None:
    """Every instant of a local day lies before the end of it, to the second, and after the end of the day before."""
    at = datetime.fromtimestamp(second, UTC)
    day = local_date(at)
    assert end_of(day - timedelta(1)) < at <= end_of(day)
    assert end_of(day).astimezone(LONDON).time() == time(23, 59, 59)


@pytest.mark.parametrize("day", [date(2011, 12, 31), date(2029, 1, 1)])
def test_outside_the_list_there_is_no_date(day: date) -> None:
    """Before the first day and after the last one nothing is answered: no date is better than a wrong one."""
    with pytest.raises(BeyondHolidayList, match="2012-01-01 to 2028-12-31"):
        CALENDAR.is_working(day)
    with pytest.raises(BeyondHolidayList):
        CALENDAR.after(day, 1)
    with pytest.raises(BeyondHolidayList):
        CALENDAR.on_or_before(day)


SINCE_2018 = st.dates(date(2018, 1, 1), CALENDAR.last - timedelta(120))


@given(SINCE_2018, st.integers(1, 20))
def test_a_deadline_is_never_on_a_day_off(day: date, days: int) -> None:
    """From 2018 to the horizon: a deadline and every day that was counted to it is a working day, after the event."""
    counted = CALENDAR.after(day, days).counted
    assert all(works(each) for each in counted)
    assert day < counted[0]
    assert list(counted) == sorted(set(counted))


@given(SINCE_2018, st.integers(0, 40), st.integers(1, 20), st.integers(0, 10))
def test_counting_is_monotone(day: date, later: int, days: int, more: int) -> None:
    """What happens later, or has more days, is never due sooner within one edition."""
    due = CALENDAR.after(day, days).due_on
    assert due <= CALENDAR.after(day + timedelta(later), days).due_on
    assert due <= CALENDAR.after(day, days + more).due_on


@given(SINCE_2018, st.integers(0, 20))
def test_counting_has_an_inverse(day: date, days: int) -> None:
    """Between an event and its deadline lie as many working days as the limit gives, and one fewer to the day before."""
    due = CALENDAR.after(day, days).due_on
    assert CALENDAR.between(day, due) == days
    assert CALENDAR.between(due, day) == 0
    if days:
        assert CALENDAR.between(day, due - timedelta(1)) == days - 1


@pytest.mark.parametrize(
    ("at", "due_on", "due_at"),
    [
        pytest.param(utc("2027-03-28T00:59:59"), date(2027, 3, 30), utc("2027-03-30T22:59:59"), id="R47-spring-before"),
        pytest.param(utc("2027-03-28T01:00:00"), date(2027, 3, 30), utc("2027-03-30T22:59:59"), id="R47-spring-after"),
        pytest.param(utc("2027-03-27T23:59:59"), date(2027, 3, 30), utc("2027-03-30T22:59:59"), id="R47-spring-eve"),
        pytest.param(utc("2027-10-30T22:59:59"), date(2027, 11, 1), utc("2027-11-01T23:59:59"), id="R47-autumn-eve"),
        pytest.param(
            utc("2027-10-31T00:30:00"), date(2027, 11, 1), utc("2027-11-01T23:59:59"), id="R47-autumn-first-0130"
        ),
        pytest.param(
            utc("2027-10-31T01:30:00"), date(2027, 11, 1), utc("2027-11-01T23:59:59"), id="R47-autumn-second-0130"
        ),
        pytest.param(utc("2027-10-29T22:30:00"), date(2027, 11, 1), utc("2027-11-01T23:59:59"), id="R47-autumn-friday"),
        pytest.param(
            utc("2027-10-28T23:30:00"), date(2027, 11, 1), utc("2027-11-01T23:59:59"), id="R47-autumn-is-friday"
        ),
    ],
)
def test_the_days_on_which_the_clocks_change(at: datetime, due_on: date, due_at: datetime) -> None:
    """R47: around 28 March and 31 October 2027 the next working day ends at its own midnight, whichever clock was on."""
    count = CALENDAR.after(local_date(at), 1)
    assert (count.due_on, end_of(count.due_on)) == (due_on, due_at)


@given(st.sampled_from([utc("2027-03-28T01:00:00"), utc("2027-10-31T01:00:00")]), st.integers(-90_000, 90_000))
def test_no_second_around_a_change_of_clocks_lengthens_a_day(change: datetime, seconds: int) -> None:
    """R47: every second of the day before, of the day itself and of the day after counts from its own local date."""
    at = change + timedelta(seconds=seconds)
    offset = at.astimezone(LONDON).utcoffset()
    assert offset == timedelta(hours=1 if (at < change) == (change.month == 10) else 0)
    day = (at + (offset or timedelta())).date()
    assert local_date(at) == day
    assert end_of(day) - end_of(day - timedelta(1)) == timedelta(
        hours=(23 if change.month == 3 else 25) if day == change.date() else 24
    )


def test_another_list_has_another_digest() -> None:
    """One proclaimed holiday, or a longer list, makes another digest; another name for the same days does not."""
    more = WorkingDays(CALENDAR.holidays | {date(2027, 6, 3)}, CALENDAR.first, CALENDAR.last, CALENDAR.version)
    longer = WorkingDays(CALENDAR.holidays, CALENDAR.first, CALENDAR.last + timedelta(365), CALENDAR.version)
    named = WorkingDays(CALENDAR.holidays, CALENDAR.first, CALENDAR.last, "another name")
    assert len({CALENDAR.digest, more.digest, longer.digest}) == 3
    assert named.digest == CALENDAR.digest


def test_the_first_days_have_nothing_before_them() -> None:
    """Rolling back from the first Sunday of the list finds no working day in it, and says so."""
    with pytest.raises(BeyondHolidayList):
        CALENDAR.on_or_before(date(2012, 1, 2))


def test_the_end_of_the_list_is_announced() -> None:
    """Somebody is told 90 days before the list runs out, and not earlier."""
    assert CALENDAR.runs_out_soon(CALENDAR.last - timedelta(WARN_DAYS))
    assert not CALENDAR.runs_out_soon(CALENDAR.last - timedelta(WARN_DAYS + 1))


def test_an_instant_without_offset_has_no_date() -> None:
    """A naive time is refused rather than taken for one zone or another."""
    with pytest.raises(ValueError, match="aware"):
        local_date(datetime(2026, 3, 9, 10))  # noqa: DTZ001  the point of the test


def test_a_limit_is_never_negative() -> None:
    """Counting backwards is refused."""
    with pytest.raises(ValueError, match="0 or more"):
        CALENDAR.after(date(2026, 3, 9), -1)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 12, 31), date(2026, 1, 1), frozenset()),
        (date(2026, 1, 1), date(2026, 12, 31), frozenset({date(2027, 1, 1)})),
    ],
)
def test_a_list_that_does_not_cover_itself(first: date, last: date, days: frozenset[date]) -> None:
    """A list that ends before it begins, or holds a day outside what it covers, is refused."""
    with pytest.raises(ValueError, match="list"):
        WorkingDays(days, first, last, "test")
