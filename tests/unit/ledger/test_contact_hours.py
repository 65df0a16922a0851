"""Contact hours: windows of a week by London's wall clock, checked against a walk in steps of a quarter of an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.ledger.contact_hours import HORIZON, Window, first_gap, is_open, next_open, open_time_after, windows_from

LONDON = ZoneInfo("Europe/London")
QUARTER = timedelta(minutes=15)
EVERY_DAY = frozenset(range(7))
DAYTIME = (Window(EVERY_DAY, time(8), time(20)),)
NIGHT = (Window(EVERY_DAY, time(21), time(8)),)
OFFICE = (Window(frozenset(range(5)), time(8), time(18)),)


def london(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lies_in(at: datetime, windows: Sequence[Window]) -> bool:
    """By writing every window out as a stretch of London's wall clock, from its start to its end."""
    wall = at.astimezone(LONDON).replace(tzinfo=None)
    for window in windows:
        for back in (0, 1):
            day = wall.date() - timedelta(back)
            start, end = datetime.combine(day, window.start), datetime.combine(day, window.end)
            if end <= start:
                end += timedelta(1)
            if day.weekday() in window.days and start <= wall < end:
                return True
    return False


quarters = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
sets_of_windows = st.lists(
    st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), quarters, quarters), min_size=1, max_size=3
).map(tuple)


def between(first: str, last: str) -> st.SearchStrategy[datetime]:
    seconds = st.integers(int(utc(first).timestamp()), int(utc(last).timestamp()))
    return seconds.map(lambda second: datetime.fromtimestamp(second, UTC))


# Ordinary days, and the weeks in which the clocks change.
instants = st.one_of(
    between("2025-01-01", "2027-12-31"), between("2026-03-22", "2026-03-31"), between("2026-10-18", "2026-10-27")
)


def grid(at: datetime) -> list[datetime]:
    """`at`, and every quarter of an hour after it up to the horizon."""
    first = at.replace(minute=0, second=0, microsecond=0)
    steps = [first + QUARTER * step for step in range(int(HORIZON / QUARTER) + 5)]
    return [at, *(step for step in steps if at < step <= at + HORIZON)]


@given(instants, sets_of_windows)
@example(utc("2026-10-25T00:30:00"), (Window(frozenset({6}), time(1, 30), time(1, 45)),))
@example(utc("2026-10-25T01:30:00"), (Window(frozenset({6}), time(1, 30), time(1, 45)),))
def test_open_by_the_wall_clock(at: datetime, windows: tuple[Window, ...]) -> None:
    """Open means that London's clock stands between a start and its end, whichever day the window began."""
    assert is_open(at, windows) == lies_in(at, windows)


@given(instants, st.lists(sets_of_windows, max_size=2), st.one_of(st.just(()), sets_of_windows))
@example(utc("2026-03-29T00:10:00"), [(Window(frozenset({6}), time(1, 30), time(3)),)], ())
@example(utc("2026-10-25T00:50:00"), [(Window(frozenset({6}), time(1, 30), time(1, 45)),)], ())
def test_next_open_is_the_first(at: datetime, allowed: list[tuple[Window, ...]], closed: tuple[Window, ...]) -> None:
    """It is the first instant of a walk that lies in all allowed sets and in no closed one; none within eight days is None."""
    first = next(
        (step for step in grid(at) if all(lies_in(step, windows) for windows in allowed) and not lies_in(step, closed)),
        None,
    )
    assert next_open(at, allowed, closed) == first


@given(instants, sets_of_windows, st.integers(1, 40))
def test_staffed_time_is_counted(at: datetime, windows: tuple[Window, ...], quarters_asked: int) -> None:
    """Time runs only while a window is open, as a walk in quarters of an hour counts it."""
    at = at.replace(minute=15 * (at.minute // 15), second=0, microsecond=0)
    left, step = quarters_asked, at
    while left:
        left -= lies_in(step, windows)
        step += QUARTER
    assert open_time_after(at, windows, QUARTER * quarters_asked) == step


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        pytest.param(london("2026-03-09T10:15"), london("2026-03-09T10:15"), id="already-open"),
        pytest.param(london("2026-03-09T20:00"), london("2026-03-10T08:00"), id="the-end-is-shut"),
        pytest.param(london("2026-03-09T07:59:59"), london("2026-03-09T08:00"), id="a-second-early"),
        pytest.param(london("2026-03-28T22:00"), utc("2026-03-29T07:00"), id="over-the-spring-change"),
        pytest.param(london("2026-10-24T22:00"), utc("2026-10-25T08:00"), id="over-the-autumn-change"),
    ],
)
def test_next_allowed_hour(at: datetime, opens: datetime) -> None:
    """News goes in the next allowed hour by London's clock, and the answer is UTC."""
    found = next_open(at, [DAYTIME])
    assert found == opens
    assert found is not None
    assert found.tzinfo is UTC


def test_safe_hours_of_worked_example_33() -> None:
    """Safe on Tuesday and Thursday mornings only: from Thursday evening the next safe instant is Tuesday, past the deadline."""
    safe = windows_from([{"days": ["tue", "thu"], "from": "10:00", "to": "12:00"}])
    assert next_open(london("2026-06-04T18:20"), [DAYTIME, safe]) == london("2026-06-09T10:00")


def test_quiet_hours_shut_what_is_allowed() -> None:
    """A person's quiet hours take away from the force's hours, over midnight too."""
    assert next_open(london("2026-03-09T19:30"), [DAYTIME], (Window(EVERY_DAY, time(19), time(9, 30)),)) == london(
        "2026-03-10T09:30"
    )


@pytest.mark.parametrize(
    ("allowed", "closed"),
    [
        pytest.param([()], (), id="an-empty-set-never-opens"),
        pytest.param([DAYTIME, ()], (), id="one-empty-set-is-enough"),
        pytest.param([DAYTIME, NIGHT], (), id="sets-that-never-meet"),
        pytest.param([DAYTIME], (Window(EVERY_DAY, time(0), time(0)),), id="closed-all-week"),
        pytest.param([(Window(frozenset(), time(8), time(20)),)], (), id="a-window-on-no-day"),
    ],
)
def test_never_open(allowed: list[tuple[Window, ...]], closed: tuple[Window, ...]) -> None:
    """Where there is no such instant there is no answer, and so a person."""
    assert next_open(london("2026-03-09T10:00"), allowed, closed) is None


def test_no_sets_at_all_is_always_open() -> None:
    """Nothing asked for is nothing in the way."""
    at = london("2026-03-09T03:00")
    assert next_open(at, []) == at


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([{"days": ["monday"], "from": "08:00", "to": "20:00"}], r"\[0\]\.days"),
        ([{"from": "08:00", "to": "20:00"}], r"\[0\]\.days"),
        ([{"days": ["mon"], "from": "8:00", "to": "20:00"}], r"\[0\]\.from"),
        ([{"days": ["mon"], "from": "08:00", "to": "24:00"}], r"\[0\]\.to"),
        ([{"days": ["mon"], "from": "08:00", "to": "20:00"}, {"days": ["tue"], "from": "08:00"}], r"\[1\]\.to"),
        ([{"days": ["mon"], "from": "08:00", "to": "20:00", "until": "21:00"}], r"\[0\]"),
    ],
)
def test_a_bad_window_names_its_field(rows: list[dict[str, object]], field: str) -> None:
    """What cannot be read says which window and which key of it."""
    with pytest.raises(ValueError, match=field):
        windows_from(rows)


def test_windows_are_read() -> None:
    """Days become numbers from Monday, and times wall-clock times."""
    assert windows_from([{"days": ["mon", "sun"], "from": "22:00", "to": "06:30"}]) == (
        Window(frozenset({0, 6}), time(22), time(6, 30)),
    )


@pytest.mark.parametrize(
    ("windows", "gap"),
    [
        pytest.param(OFFICE, "from mon 00:00 to mon 08:00", id="office-hours"),
        pytest.param((*DAYTIME, *NIGHT), "from mon 20:00 to mon 21:00", id="an-hour-short"),
        pytest.param(
            (Window(frozenset({0, 1, 2, 3, 4, 5}), time(0), time(0)), Window(frozenset({6}), time(0), time(23, 59))),
            "from sun 23:59 to mon 00:00",
            id="the-last-minute-of-the-week",
        ),
        pytest.param((), "at any time", id="nobody"),
        pytest.param((*DAYTIME, Window(EVERY_DAY, time(20), time(8))), None, id="two-shifts"),
        pytest.param((Window(EVERY_DAY, time(0), time(0)),), None, id="whole-days"),
    ],
)
def test_the_first_gap_is_named(windows: tuple[Window, ...], gap: str | None) -> None:
    """A rota says where its first hole is."""
    assert first_gap(windows) == gap


def test_a_rota_without_a_gap_counts_straight_through() -> None:
    """Staffed day and night is elapsed time, over a change of the clocks as well."""
    always = (*DAYTIME, Window(EVERY_DAY, time(20), time(8)))
    at = utc("2026-03-28T23:00")
    assert open_time_after(at, always, timedelta(hours=4)) == at + timedelta(hours=4)


def test_a_rota_that_is_never_staffed_never_answers() -> None:
    """Nobody on no day takes anything."""
    assert open_time_after(london("2026-03-09T10:00"), (), timedelta(minutes=5)) is None
