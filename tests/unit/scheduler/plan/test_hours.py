"""S40, PR05, 6.17: what falls due at night is held or sent exactly as the rule says, by the clock in London."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.ledger.contact_hours import windows_from
from services.ledger.force_rules import ForceRules, Switch, careful_default
from services.scheduler.plan.types import Planned
from tests.unit.scheduler.plan.cases import FORCE, arrest, assessed, codes, crime, event, only, person

LONDON = ZoneInfo("Europe/London")
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def every_day(start: str, end: str, days: list[str] | None = None) -> list[dict[str, Any]]:
    return [{"days": days or WEEK, "from": start, "to": end}]


EVERYTHING = (Switch(("*",), (), "any", "automated"), Switch(("*",), ("other",), "standard", "automated"))
BY_DAY = replace(careful_default(FORCE), switches=EVERYTHING, send_hours=windows_from(every_day("08:00", "21:00")))
"""Quiet from nine in the evening to eight in the morning."""
ALWAYS = replace(BY_DAY, send_hours=windows_from(every_day("00:00", "00:00")))


def london(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold).astimezone(UTC)


def arrested(at: datetime, rules: ForceRules, *, enhanced: bool = False, **preference: Any) -> Planned:
    said = {"channel": "sms", "plain_wording": True, **preference}
    before = datetime(2026, 1, 2, 10, tzinfo=UTC)
    events = [crime(at=before), person(at=before, preference=said), assessed(at=before, enhanced=enhanced), arrest(at)]
    return only(events, "r6-arrest", rules=rules)


NIGHTS: dict[str, tuple[datetime, dict[str, Any], ForceRules, datetime]] = {
    # name: it happens, preference, rules, it is sent
    "S40-due-22.30": (london("2026-03-10T22:30"), {}, BY_DAY, london("2026-03-11T08:00")),
    "S40-in-the-day": (london("2026-03-10T14:30"), {}, BY_DAY, london("2026-03-10T14:30")),
    "S40-last-minute": (london("2026-03-10T20:59"), {}, BY_DAY, london("2026-03-10T20:59")),
    "S40-nine-sharp": (london("2026-03-10T21:00"), {}, BY_DAY, london("2026-03-11T08:00")),
    "S40-eight-sharp": (london("2026-03-10T08:00"), {}, BY_DAY, london("2026-03-10T08:00")),
    "S40-spring-night": (london("2026-03-28T22:30"), {}, BY_DAY, datetime(2026, 3, 29, 7, tzinfo=UTC)),
    "S40-spring-skipped-hour": (
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
        {"quiet_hours": every_day("21:00", "01:30")},
        ALWAYS,
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # 01:30 never comes: at 01:00 it is 02:00
    ),
    "S40-autumn-night": (london("2026-10-24T22:30"), {}, BY_DAY, datetime(2026, 10, 25, 8, tzinfo=UTC)),
    "S40-autumn-first-half-past-one": (
        datetime(2026, 10, 25, 0, 20, tzinfo=UTC),
        {"quiet_hours": every_day("21:00", "01:30")},
        ALWAYS,
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    ),
    "S40-autumn-second-half-past-one": (
        datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
        {"quiet_hours": every_day("21:00", "01:30")},
        ALWAYS,
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ),
    "S40-own-quiet-hours": (
        london("2026-03-10T14:30"),
        {"quiet_hours": every_day("12:00", "18:00")},
        BY_DAY,
        london("2026-03-10T18:00"),
    ),
    "S40-quiet-over-midnight": (
        london("2026-03-10T23:30"),
        {"quiet_hours": every_day("22:00", "06:00")},
        ALWAYS,
        london("2026-03-11T06:00"),
    ),
}


@pytest.mark.parametrize("night", NIGHTS)
def test_s40_routine_news_goes_in_the_next_allowed_hour(night: str) -> None:
    """S40: never in the night, by local time on the nights on which the clocks change too."""
    at, preference, rules, expected = NIGHTS[night]
    update = arrested(at, rules, **preference)
    assert (update.state, update.send_at) == ("planned", expected)


@pytest.mark.parametrize("night", NIGHTS)
def test_s40_safety_news_is_a_hold_at_whatever_hour(night: str) -> None:
    """S40, PR05: it goes by voice, by a person; a prompt only in an allowed hour, and the call by the target."""
    at, preference, rules, expected = NIGHTS[night]
    before = datetime(2026, 1, 2, 10, tzinfo=UTC)
    who = person(at=before, preference={"channel": "sms", "plain_wording": True, **preference})
    bail = event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=at)
    held = replace(rules, switches=EVERYTHING[:1])
    update = only([crime(at=before), who, assessed(at=before), bail], "r6-bail", rules=held)
    assert (update.state, update.send_at, update.queue) == ("held", expected, "control_room")
    flagged = only([crime("domestic_abuse", at=before), who, assessed(at=before), bail], "r6-bail", rules=held)
    assert (flagged.state, flagged.kind, flagged.send_at) == ("held", None, None)


@pytest.mark.parametrize(
    ("at", "safe", "expected"),
    [
        (london("2026-03-10T21:30"), every_day("22:00", "02:00"), london("2026-03-10T22:00")),
        (london("2026-03-11T01:30"), every_day("22:00", "02:00"), london("2026-03-11T01:30")),
        (london("2026-03-11T02:00"), every_day("22:00", "02:00"), london("2026-03-11T22:00")),
        (london("2026-03-29T00:30"), every_day("22:00", "02:00"), london("2026-03-29T00:30")),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), every_day("22:00", "02:00"), london("2026-03-29T22:00")),
    ],
    ids=["before", "after-midnight", "just-shut", "spring-night-open", "spring-night-shut"],
)
def test_s40_safe_hours_may_cross_midnight(at: datetime, safe: list[dict[str, Any]], expected: datetime) -> None:
    """S40: a window from ten to two belongs to the evening on which it opens."""
    before = datetime(2026, 1, 2, 10, tzinfo=UTC)
    off = {"person": "v1", "hearing": "h1"}
    asked = {**off, "at": "2026-06-15T09:00:00Z", "place": "Cannock"}
    events = [
        crime(at=before),
        person(at=before, preference={"channel": "sms"}, safety={"safe_hours": safe}),
        assessed(at=before),
        event("wcu.received.attendance_required", asked, at=before),
        event("wcu.received.attendance_not_required", off, at=at),
    ]
    update = only(events, "r8-not-needed", rules=ALWAYS)
    assert (update.state, update.send_at) == ("planned", expected)


@pytest.mark.parametrize(
    ("happens", "quiet", "state"),
    [
        (london("2026-03-09T14:30"), every_day("00:00", "00:00", ["mon", "tue"]), "held"),
        (london("2026-03-09T14:30"), every_day("00:00", "23:00", ["mon", "tue"]), "planned"),
        (london("2026-03-09T14:30"), every_day("00:00", "00:00"), "held"),
        (london("2026-03-09T23:58"), every_day("23:59", "23:58"), "planned"),
    ],
    ids=["6.17-window-after-it-is-due", "6.17-last-hour-of-the-day", "6.17-no-window-at-all", "6.17-last-minute"],
)
def test_617_quiet_hours_are_never_broken_to_meet_a_limit(
    happens: datetime, quiet: list[dict[str, Any]], state: str
) -> None:
    """6.17: where no allowed hour is left before it is due, a person sees to it (SAFETY_RISK)."""
    update = arrested(happens, ALWAYS, enhanced=True, quiet_hours=quiet)
    assert update.state == state
    if state == "held":
        assert (update.kind, "no_allowed_hour" in codes(update)) == (None, True)
        assert any("safe for them" in line for line in update.say)
    else:
        assert update.send_at is not None
        assert update.due_at is not None
        assert update.send_at <= update.due_at


def test_what_was_late_on_arrival_waits_for_an_allowed_hour_all_the_same() -> None:
    """PR05: a deadline that has gone breaks no quiet hour either."""
    before = datetime(2026, 1, 2, 10, tzinfo=UTC)
    late = event("suspect.arrested", {"suspect": "s1"}, at=london("2026-03-09T10:00"), known=london("2026-03-10T23:59"))
    late = replace(late, known_at=london("2026-03-11T22:30"))
    update = only(
        [crime(at=before), person(at=before), assessed(at=before, enhanced=True), late], "r6-arrest", rules=BY_DAY
    )
    assert (update.late_on_arrival, update.send_at) == (True, london("2026-03-12T08:00"))
