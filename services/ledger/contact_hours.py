"""When a person may be contacted: windows of a week in Europe/London, which may cross midnight. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON: Final = timedelta(days=8)
"""How far `next_open` looks: a week repeats itself, and a day more covers windows that cross midnight and the clock changes."""

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_CHANGE_HOUR: Final = time(1, 0, tzinfo=UTC)
"""Summer time begins and ends at 01:00 UTC (Summer Time Act 1972 as amended in 2002)."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` on each of `days` (0 is Monday); an end at or before the start lies on the next day."""

    days: frozenset[int]
    start: time
    end: time


def windows_from(rows: Sequence[Mapping[str, object]]) -> tuple[Window, ...]:
    """Read [{days: [mon..sun], from: "10:00", to: "12:00"}]; raises ValueError that names the field.

    A window on no day is allowed, and never opens: it is for whoever reads it to say whether that makes sense.
    """
    return tuple(_window(row, f"[{number}]") for number, row in enumerate(rows))


def is_open(at: datetime, windows: Sequence[Window]) -> bool:
    """Whether `at` (aware) lies in one of `windows`, by the wall clock of Europe/London.

    A window holds its start and not its end. An hour that the clocks repeat is open twice; one that they skip never comes.
    """
    if not windows:
        return False
    local = at.astimezone(LONDON)
    today, clock = local.weekday(), local.time()
    for window in windows:
        if window.start < window.end:
            if today in window.days and window.start <= clock < window.end:
                return True
        elif (today in window.days and clock >= window.start) or (
            (today - 1) % 7 in window.days and clock < window.end
        ):
            return True
    return False


def next_open(at: datetime, allowed: Sequence[Sequence[Window]], closed: Sequence[Window] = ()) -> datetime | None:
    """The first instant from `at` on (UTC) that lies in every set of `allowed` windows and in none of `closed`.

    An empty set in `allowed` never opens. None when there is no such instant within eight days.
    """
    if not all(allowed):
        return None
    at = at.astimezone(UTC)
    if _may(at, allowed, closed):
        return at
    edges = {edge for window in chain(*allowed, closed) for edge in (window.start, window.end)}
    return next((edge for edge in _edges(at, edges) if _may(edge, allowed, closed)), None)


def open_time_after(at: datetime, windows: Sequence[Window], length: timedelta) -> datetime | None:
    """The instant (UTC) by which `windows` have been open for `length` since `at`; None if they never open.

    A queue that is staffed from 08:00 to 18:00 and acknowledges within an hour has until 08:30 for what came at 17:30.
    """
    left = length
    opens = next_open(at, [windows])
    while opens is not None:
        shuts = _next_shut(opens, windows)
        if shuts is None or opens + left <= shuts:
            return opens + left
        left -= shuts - opens
        opens = next_open(shuts, [windows])
    return None


def first_gap(windows: Sequence[Window]) -> str | None:
    """The first stretch of a week that no window covers, such as `from mon 18:00 to tue 08:00`; None if there is none."""
    monday = datetime(2026, 1, 5, tzinfo=UTC)  # a week in which the clocks do not change, so its wall clock is UTC
    shuts = monday if not is_open(monday, windows) else _next_shut(monday, windows)
    if shuts is None:
        return None
    opens = next_open(shuts, [windows])
    if opens is None:
        return "at any time"
    return f"from {DAYS[shuts.weekday()]} {shuts:%H:%M} to {DAYS[opens.weekday()]} {opens:%H:%M}"


def _may(at: datetime, allowed: Sequence[Sequence[Window]], closed: Sequence[Window]) -> bool:
    return all(is_open(at, windows) for windows in allowed) and not is_open(at, closed)


def _next_shut(at: datetime, windows: Sequence[Window]) -> datetime | None:
    """The first instant after `at` that lies in none of `windows`; None if they cover the whole week."""
    edges = {edge for window in windows for edge in (window.start, window.end)}
    return next((edge for edge in _edges(at, edges) if not is_open(edge, windows)), None)


def _edges(at: datetime, clocks: set[time]) -> Iterator[datetime]:
    """Every instant within the horizon at which a window may open or shut, in order: whatever changes, changes at one of them.

    A wall-clock time that the autumn change repeats stands here twice, one that the spring change skips falls away behind the
    change itself, which is an edge too.
    """
    first = at.astimezone(LONDON).date()
    for step in range(HORIZON.days + 1):
        for edge in sorted(_edges_of(first + timedelta(step), clocks)):
            if at < edge <= at + HORIZON:
                yield edge


def _edges_of(day: date, clocks: set[time]) -> set[datetime]:
    midnight = datetime.combine(day, time.min, LONDON)
    offset = midnight.utcoffset() or timedelta(0)
    if offset == (midnight + timedelta(days=1)).utcoffset():
        return {datetime.combine(day, clock, UTC) - offset for clock in clocks}
    edges = {
        datetime.combine(day, clock, LONDON).replace(fold=fold).astimezone(UTC) for clock in clocks for fold in (0, 1)
    }
    return edges | {datetime.combine(day, _CHANGE_HOUR)}


def _window(row: Mapping[str, object], where: str) -> Window:
    unknown = set(row) - {"days", "from", "to"}
    if unknown:
        raise ValueError(f"{where}: a window has days, from and to, and nothing else")
    days = row.get("days")
    if not isinstance(days, list | tuple) or any(day not in DAYS for day in days):
        raise ValueError(f"{where}.days: give a list of {', '.join(DAYS)}")
    return Window(frozenset(DAYS.index(day) for day in days), _clock(row, "from", where), _clock(row, "to", where))


def _clock(row: Mapping[str, object], key: str, where: str) -> time:
    value = row.get(key)
    found = _TIME.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'{where}.{key}: give a time of day such as "08:00" (midnight is "00:00")')
    return time(int(found[1]), int(found[2]))
