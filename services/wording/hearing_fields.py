"""What templates say of hearings and of days to come: the date, the time, the place, and what this person last heard.

Facts: `starts_at` or `window`, `court`, `entrance`, `listing`, `purpose`, `need_attend`, `vacated`, and `was_at`, `was_court`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from services.wording.read_facts import instant, name, on_date, part, said_day, said_instant
from services.wording.tongue import SHORT, Field, How
from services.wording.types import Facts, Value

_THE: Final = re.compile(r"^the\s+", re.IGNORECASE)


def when(facts: Facts, how: How) -> Value:
    """Day and time of the hearing: `Mon 11 May, 9.30am`, `Monday 11 May 2026 at 9.30am`."""
    at = instant(facts, "starts_at")
    return None if at is None else said_instant(at, facts, how)


def new_day(facts: Facts, how: How) -> Value:
    """The day of the hearing."""
    at = instant(facts, "starts_at")
    return None if at is None else said_day(at.date(), facts, how)


def new_time(facts: Facts, how: How) -> Value:
    """The time of the hearing."""
    at = instant(facts, "starts_at")
    return None if at is None else how.tongue.clock_time(at)


def was_day(facts: Facts, how: How) -> Value:
    """The day this person last heard."""
    at = instant(facts, "was_at")
    return None if at is None else said_day(at.date(), facts, how)


def was_time(facts: Facts, how: How) -> Value:
    """The time this person last heard."""
    at = instant(facts, "was_at")
    return None if at is None else how.tongue.clock_time(at)


def off_day(facts: Facts, how: How) -> Value:
    """The day that is off: what this person last heard, else the day it had."""
    at = instant(facts, "was_at") or instant(facts, "starts_at") or instant(facts, "at")
    return None if at is None else said_day(at.date(), facts, how)


def window(facts: Facts, how: How) -> Value:
    """The days between which a hearing that is not fixed should be."""
    value = part(facts.get("window"), "window")
    first, last = (None, None) if value is None else (on_date(value, "from"), on_date(value, "to"))
    if first is None or last is None or last < first:
        return None
    tongue = how.tongue
    return (
        tongue.short_window(first, last, on_date(facts, "happened_on"))
        if how.short
        else tongue.long_window(first, last)
    )


def court(facts: Facts, _how: How) -> Value:
    """The name of the court, or of the place to come to."""
    return name(facts, "court")


def entrance(facts: Facts, _how: How) -> Value:
    """Which entrance to use; words before it say `the` themselves."""
    found = name(facts, "entrance")
    return found if found is None else _THE.sub("", found)


def was_court(facts: Facts, _how: How) -> Value:
    """The court this person last heard."""
    return name(facts, "was_court")


def place_too(facts: Facts, _how: How) -> Value:
    """Whether the place is another one, besides the date or the time."""
    now, before = court(facts, SHORT), was_court(facts, SHORT)
    return now is not None and before is not None and now != before


def same_court(facts: Facts, _how: How) -> Value:
    """Guard: the place is known, and it is the one this person last heard."""
    now = court(facts, SHORT)
    return True if now is not None and now == was_court(facts, SHORT) else None


def attend(facts: Facts, _how: How) -> Value:
    """Whether this person is to come: `yes`, `no`, `unknown`."""
    need = facts.get("need_attend")
    return "yes" if need is True else "no" if need is False else "unknown"


def hearing(facts: Facts, how: How) -> Value:
    """What the hearing is called; of its purpose only the words that a reader knows are used."""
    purpose = facts.get("purpose")
    named = purpose.strip().lower().replace("_", " ") if isinstance(purpose, str) else ""
    return how.tongue.hearings.get(named, how.tongue.hearings[""])


def settled(facts: Facts, _how: How) -> Value:
    """`fixed`, `moving` (warned, floating or standby) or `unsaid`."""
    listing = facts.get("listing")
    return "fixed" if listing == "fixed" else "unsaid" if listing is None else "moving"


def call_planned(facts: Facts, _how: How) -> Value:
    """Whether somebody has the task to ring and explain: nothing is promised that nobody does."""
    return facts.get("call_planned") is True


HEARING_FIELDS: Final[Mapping[str, Field]] = {
    field.__name__: field
    for field in (
        when, new_day, new_time, was_day, was_time, off_day, window, court, entrance, was_court, place_too, same_court, attend,
        hearing, settled, call_planned,
    )
}  # fmt: skip
