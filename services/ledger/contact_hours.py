"""When a person may be contacted: windows of a week in Europe/London, which may cross midnight. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` on each of `days` (0 is Monday); an end at or before the start lies on the next day."""

    days: frozenset[int]
    start: time
    end: time


def windows_from(rows: Sequence[dict[str, object]]) -> tuple[Window, ...]:
    """Read [{days: [mon..sun], from: "10:00", to: "12:00"}]; raises ValueError that names the field."""
    raise NotImplementedError


def is_open(at: datetime, windows: Sequence[Window]) -> bool:
    """Whether `at` (aware) lies in one of `windows`, by the wall clock of Europe/London."""
    raise NotImplementedError


def next_open(at: datetime, allowed: Sequence[Sequence[Window]], closed: Sequence[Window] = ()) -> datetime | None:
    """The first instant from `at` on (UTC) that lies in every set of `allowed` windows and in none of `closed`.

    An empty set in `allowed` never opens. None when there is no such instant within eight days.
    """
    raise NotImplementedError
