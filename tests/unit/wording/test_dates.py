"""Dates and times as people write them, in London."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from services.wording import dates


@pytest.mark.parametrize(
    ("instant", "day", "clock"),
    [
        ("2026-04-14T08:30:00Z", "Tue 14 Apr", "9.30am"),
        ("2026-01-14T09:30:00+00:00", "Wed 14 Jan", "9.30am"),
        ("2026-07-01T11:00:00Z", "Wed 1 Jul", "12 noon"),
        ("2026-06-30T23:00:00Z", "Wed 1 Jul", "midnight"),
        ("2026-07-01T11:05:00Z", "Wed 1 Jul", "12.05pm"),
        ("2026-06-02T23:30:00Z", "Wed 3 Jun", "12.30am"),
        ("2026-10-25T00:30:00Z", "Sun 25 Oct", "1.30am"),
        ("2026-10-25T01:30:00Z", "Sun 25 Oct", "1.30am"),
        ("2026-05-11T15:00:00+02:00", "Mon 11 May", "2pm"),
    ],
)
def test_instants_are_said_in_london_time(instant: str, day: str, clock: str) -> None:
    """Summer and winter, either side of midnight and of the clocks going back."""
    at = dates.local(instant)
    assert at is not None
    assert (dates.short_day(at.date()), dates.clock_time(at)) == (day, clock)


@pytest.mark.parametrize("text", ["2026-04-14T09:30:00", "14 April", "", "2026-13-01T00:00:00Z"])
def test_an_instant_without_an_offset_is_none(text: str) -> None:
    """Nobody guesses a zone."""
    assert dates.local(text) is None


def test_the_year_is_said_where_it_is_another_one() -> None:
    """A date of next year cannot be taken for one of this."""
    assert dates.short_day(date(2027, 1, 12), date(2026, 12, 20)) == "Tue 12 Jan 2027"
    assert dates.short_day(date(2026, 12, 22), date(2026, 12, 20)) == "Tue 22 Dec"


def test_long_forms() -> None:
    """Emails have room for the whole day."""
    assert dates.long_day(date(2026, 3, 9)) == "Monday 9 March 2026"
    assert dates.short_date(date(2026, 3, 9)) == "9 Mar"
    assert dates.clock_time(datetime(2026, 3, 9, 14, 5, tzinfo=dates.LONDON)) == "2.05pm"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (time(9, 30), time(12), "9.30am to 12 noon"),
        (time(8), time(20), "8am to 8pm"),
        (time(12), time(0), "12 noon to midnight"),
        (time(0, 30), time(1, 5), "12.30am to 1.05am"),
    ],
)
def test_spans(first: time, last: time, said: str) -> None:
    """Hours as people say them: noon and midnight by name."""
    assert dates.clock_span(first, last) == said
