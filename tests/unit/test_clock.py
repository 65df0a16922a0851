"""Case time: one line through a real instant, read alike by every process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.clock import SYSTEM, Clock, clock_from


def test_the_systems_clock_is_the_systems() -> None:
    """`system` is real time."""
    assert abs(clock_from("system").now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_fast_clock_runs_from_its_start() -> None:
    """An hour of case time passes in a second at rate 3600."""
    anchor = datetime.now(UTC) - timedelta(seconds=10)
    clock = clock_from(f"{anchor.isoformat()},2026-03-09T08:00:00+00:00,3600")
    ran = clock.now() - datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert timedelta(hours=10) <= ran < timedelta(hours=11)
    assert 0 < clock.machine_seconds_until(clock.now() + timedelta(hours=1)) <= 1
    assert clock.machine_seconds_until(clock.now() - timedelta(hours=1)) == 0


def test_another_process_reads_the_same_clock() -> None:
    """What `describe` gives is a setting that means the same."""
    clock = Clock(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 3, 9, 8, tzinfo=UTC), 1440.0)
    assert clock_from(clock.describe()) == clock
    assert clock_from(SYSTEM.describe()) == SYSTEM


@pytest.mark.parametrize("setting", ["", "fast", "1,2", "2026-03-09T08:00:00Z,2026-03-09T08:00:00Z,0", "a,b,c"])
def test_nonsense_is_refused_with_a_sentence(setting: str) -> None:
    """Nobody starts on a clock that cannot be read."""
    with pytest.raises(ValueError, match=r"give|rate"):
        clock_from(setting)
