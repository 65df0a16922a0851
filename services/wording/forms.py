"""Which of its forms the news of an update takes: a date that is new, that moved, that is off, or none that words exist for."""

from __future__ import annotations

from typing import Final

from services.wording.hearing_fields import court, was_court
from services.wording.read_facts import instant
from services.wording.tongue import SHORT
from services.wording.types import Facts

HEARINGS: Final = frozenset({"r6-first-hearing", "r8-hearing-date", "w-hearing-date", "w-hearing-changed"})
_FORMS: Final = ("listed", "window", "moved-day", "moved-time", "moved-place", "off")


def forms_of(update_point: str) -> tuple[str, ...]:
    """Every form that this update point can take; "" where it has one only."""
    if update_point in HEARINGS:
        return _FORMS
    return ("", "sentence") if update_point == "w-outcome" else ("",)


def form_of(update_point: str, facts: Facts) -> str | None:
    """The form that these facts ask for; None where they make no news that words exist for."""
    if update_point in HEARINGS:
        return _hearing(facts)
    if facts.get("corrects"):
        return None
    return "sentence" if update_point == "w-outcome" and facts.get("sentence") is not None else ""


def _hearing(facts: Facts) -> str | None:
    if facts.get("vacated") is True:
        return "off"
    at, was = instant(facts, "starts_at"), instant(facts, "was_at")
    if at is None:
        return None if facts.get("window") is None or was is not None or facts.get("corrects") else "window"
    if was is None:
        return None if facts.get("corrects") else "listed"
    if at.date() != was.date():
        return "moved-day"
    if at != was:
        return "moved-time"
    here, there = court(facts, SHORT), was_court(facts, SHORT)
    if here is not None and there is not None and here != there:
        return "moved-place"
    return None if facts.get("corrects") else "listed"
