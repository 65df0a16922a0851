"""Case time: one clock that is handed in. It runs as the system's does, or fast from a fixed start (`KEPT_CLOCK`).

Machine time (leases, time-outs, heartbeats) is the database's clock and the monotonic clock, never this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Case time as a line: at real instant `anchor` it was `start`, and it runs `rate` times as fast."""

    anchor: datetime
    start: datetime
    rate: float

    def now(self) -> datetime:
        """Case time now, UTC."""
        return self.start + (datetime.now(UTC) - self.anchor) * self.rate

    def machine_seconds_until(self, at: datetime) -> float:
        """How many real seconds until case time reaches `at`; 0 if it has."""
        return max(0.0, (at - self.now()) / timedelta(seconds=1) / self.rate)

    def describe(self) -> str:
        """The value of `KEPT_CLOCK` that makes another process read the same clock."""
        if self == SYSTEM:
            return "system"
        return f"{self.anchor.isoformat()},{self.start.isoformat()},{self.rate:g}"


_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SYSTEM = Clock(_EPOCH, _EPOCH, 1.0)


def clock_from(setting: str) -> Clock:
    """Read `system` or `ANCHOR,START,RATE`; raises ValueError with a sentence."""
    if setting == "system":
        return SYSTEM
    try:
        anchor_text, start_text, rate_text = setting.split(",")
        anchor, start, rate = datetime.fromisoformat(anchor_text), datetime.fromisoformat(start_text), float(rate_text)
    except ValueError:
        raise ValueError("give `system`, or ANCHOR,START,RATE: two RFC 3339 instants and a number") from None
    if anchor.tzinfo is None or start.tzinfo is None:
        raise ValueError("both instants need an offset, such as 2026-03-09T08:00:00+00:00")
    if not 0 < rate <= 1_000_000:
        raise ValueError("the rate must be more than 0 and at most 1000000")
    return Clock(anchor.astimezone(UTC), start.astimezone(UTC), rate)
