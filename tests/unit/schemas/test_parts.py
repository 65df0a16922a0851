"""Instants and dates: what RFC 3339 allows, what it does not, and that nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.case_events.parts import DATE_REMEDY, INSTANT_REMEDY, parse_date, parse_instant

FIRST, LAST = datetime(1901, 1, 1), datetime(2199, 1, 1)  # noqa: DTZ001  # hypothesis adds the offset
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@settings(deadline=None)
@given(st.datetimes(FIRST, LAST, timezones=OFFSETS))
def test_every_instant_is_read_as_it_was_written(at: datetime) -> None:
    """Any offset and any fraction to the microsecond comes back as the same instant, in UTC."""
    read = parse_instant(at.isoformat())
    assert read == at
    assert read.tzinfo is UTC
    assert parse_instant(at) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-09T10:15:00Z", datetime(2026, 3, 9, 10, 15, tzinfo=UTC)),
        ("2026-03-09t10:15:00z", datetime(2026, 3, 9, 10, 15, tzinfo=UTC)),
        ("2026-03-09T10:15:00-00:00", datetime(2026, 3, 9, 10, 15, tzinfo=UTC)),
        ("2026-03-09T10:15:00.123456789+01:00", datetime(2026, 3, 9, 9, 15, 0, 123456, tzinfo=UTC)),
        ("1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2199-12-31T23:59:59Z", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_forms_of_an_instant(text: str, at: datetime) -> None:
    """Small letters, Z, the unknown offset and long fractions are all RFC 3339."""
    assert parse_instant(text) == at


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-09T10:15:00",
        "2026-03-09",
        "2026-03-09 10:15:00+00:00",
        "2026-03-09T10:15+00:00",
        "2026-03-09T24:00:00Z",
        "2026-03-09T10:15:60Z",
        "2026-02-30T10:15:00Z",
        "2026-03-09T10:15:00+0000",
        "2026-03-09T10:15:00+24:00",
        "2026-03-09T10:15:00Europe/London",
        "20260309T101500Z",
        "2026-W11-1T10:15:00Z",
        "2026-03-09T10:15:00Z\n",
        " 2026-03-09T10:15:00Z",
        "२०२६-03-09T10:15:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "",
        1773051300,
        1773051300.5,
        True,
        None,
        {},
        datetime(2026, 3, 9, 10, 15),  # noqa: DTZ001  # the point: no offset
        date(2026, 3, 9),
    ],
)
def test_no_instant(value: Any) -> None:
    """R08: an instant without its offset, or in any other form, is refused with the form that is wanted."""
    with pytest.raises(ValueError, match="RFC 3339") as caught:
        parse_instant(value)
    assert str(caught.value) == INSTANT_REMEDY


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_date_is_read_as_it_was_written(day: date) -> None:
    """A date is its ten characters."""
    assert parse_date(day.isoformat()) == day == parse_date(day)


@pytest.mark.parametrize(
    "value",
    ["2026-02-30", "2026-3-9", "20260309", "2026-W11-1", "2026-03-09T00:00:00Z", "09/03/2026", "9999-12-31", "1066-10-14",
     "2026-03-09\n", "", 20260309, None, datetime(2026, 3, 9, tzinfo=UTC)],
)  # fmt: skip
def test_no_date(value: Any) -> None:
    """A date in any other form, or of a year that nothing can be counted from, is refused with the form that is wanted."""
    with pytest.raises(ValueError, match="give a date") as caught:
        parse_date(value)
    assert str(caught.value) == DATE_REMEDY
