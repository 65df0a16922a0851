"""What a template may name. Each field reads the facts of one update and says it as people do, or None where it is not known.

Facts are made by the planner. Keys of all: `happened_on` (ISO date), `suspects` (how many in the case). Of hearings:
`starts_at` or `window`, `court`, `listing`, `purpose`, `need_attend`, `vacated`, and `was_at`, `was_court` (what this person
last heard). A *guard* is a field that a template does not show but that must be true for it to be used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, TypeAlias

from services.wording import dates
from services.wording.clean import words
from services.wording.types import CannotSay, Facts

Value: TypeAlias = str | bool | None
Field: TypeAlias = Callable[[Facts, bool], Value]
"""Takes the facts and whether it is for a text (short forms); raises CannotSay for a value that must not be said."""

NAME: Final = 80
SENTENCES: Final = 1200
_HEARING_NAMES: Final = {
    "trial": "the trial",
    "sentence": "the sentencing",
    "sentencing": "the sentencing",
    "first hearing": "the first hearing",
}
_HEARINGS: Final = frozenset({"r6-first-hearing", "r8-hearing-date"})


def _instant(facts: Facts, key: str) -> datetime | None:
    value = facts.get(key)
    if value is None:
        return None
    at = dates.local(value) if isinstance(value, str) else None
    if at is None:
        raise CannotSay("bad_value", f"`{key}` is not an instant with an offset")
    # Midnight is how feeds write a day whose time they do not know.
    return None if (at.hour, at.minute) == (0, 0) else at


def _date(facts: Facts, key: str) -> date | None:
    value = facts.get(key)
    if value is None:
        return None
    on = dates.day(value) if isinstance(value, str) else None
    if on is None:
        raise CannotSay("bad_value", f"`{key}` is not a date")
    return on


def _day(on: date, facts: Facts, short: bool) -> str:
    return dates.short_day(on, _date(facts, "happened_on")) if short else dates.long_day(on)


def on_day(facts: Facts, short: bool) -> Value:
    """The day it happened: `9 Mar`, `Monday 9 March 2026`."""
    on = _date(facts, "happened_on")
    return None if on is None else dates.short_date(on) if short else dates.long_day(on)


def when(facts: Facts, short: bool) -> Value:
    """Day and time of the hearing: `Mon 11 May, 9.30am`, `Monday 11 May 2026 at 9.30am`."""
    at = _instant(facts, "starts_at")
    if at is None:
        return None
    return f"{_day(at.date(), facts, short)}{', ' if short else ' at '}{dates.clock_time(at)}"


def new_day(facts: Facts, short: bool) -> Value:
    """The day of the hearing."""
    at = _instant(facts, "starts_at")
    return None if at is None else _day(at.date(), facts, short)


def new_time(facts: Facts, _short: bool) -> Value:
    """The time of the hearing."""
    at = _instant(facts, "starts_at")
    return None if at is None else dates.clock_time(at)


def was_day(facts: Facts, short: bool) -> Value:
    """The day this person last heard."""
    at = _instant(facts, "was_at")
    return None if at is None else _day(at.date(), facts, short)


def was_time(facts: Facts, _short: bool) -> Value:
    """The time this person last heard."""
    at = _instant(facts, "was_at")
    return None if at is None else dates.clock_time(at)


def place_too(facts: Facts, _short: bool) -> Value:
    """Whether the place is another one, besides the date or the time."""
    now, before = court(facts, True), was_court(facts, True)
    return now is not None and before is not None and now != before


def off_day(facts: Facts, short: bool) -> Value:
    """The day that is off: what this person last heard, else the day it had."""
    at = _instant(facts, "was_at") or _instant(facts, "starts_at") or _instant(facts, "at")
    return None if at is None else _day(at.date(), facts, short)


def window(facts: Facts, short: bool) -> Value:
    """The days between which a hearing that is not fixed should be."""
    value = facts.get("window")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise CannotSay("bad_value", "`window` is not two dates")
    first, last = _date(value, "from"), _date(value, "to")
    if first is None or last is None or last < first:
        return None
    if first == last:
        return f"on {_day(first, facts, short)}"
    return f"between {_day(first, facts, short)} and {_day(last, facts, short)}"


def court(facts: Facts, _short: bool) -> Value:
    """The court's name."""
    return words(facts.get("court"), NAME)


def was_court(facts: Facts, _short: bool) -> Value:
    """The court this person last heard."""
    return words(facts.get("was_court"), NAME)


def same_court(facts: Facts, _short: bool) -> Value:
    """Guard: the place is known, and it is the one this person last heard."""
    now = court(facts, _short)
    return True if now is not None and now == was_court(facts, _short) else None


def attend(facts: Facts, _short: bool) -> Value:
    """Whether this person is to come: `yes`, `no`, `unknown`."""
    need = facts.get("need_attend")
    return "yes" if need is True else "no" if need is False else "unknown"


def hearing(facts: Facts, _short: bool) -> Value:
    """What the hearing is called; of its purpose only the words that a reader knows are used."""
    purpose = facts.get("purpose")
    named = purpose.strip().lower().replace("_", " ") if isinstance(purpose, str) else ""
    return _HEARING_NAMES.get(named, "the hearing")


def settled(facts: Facts, _short: bool) -> Value:
    """`fixed`, `moving` (warned, floating or standby) or `unsaid`."""
    listing = facts.get("listing")
    return "fixed" if listing == "fixed" else "unsaid" if listing is None else "moving"


def one_suspect(facts: Facts, _short: bool) -> Value:
    """Guard: exactly one suspect is known in the case, so that nobody is told half (PR07)."""
    return True if facts.get("suspects") == 1 else None


def not_bailed(facts: Facts, _short: bool) -> Value:
    """Guard: the charge came without bail; conditions, and that somebody is free, are told by a person."""
    return None if facts.get("custody") == "bail" else True


def convicted(facts: Facts, _short: bool) -> Value:
    """Guard: the outcome is a conviction; every other end is told by a person."""
    return True if facts.get("outcome") == "convicted" else None


def signed_off(facts: Facts, _short: bool) -> Value:
    """Guard: somebody put their name to the reason."""
    return True if words(facts.get("approved_by"), NAME) else None


def reason(facts: Facts, _short: bool) -> Value:
    """The officer's own words, fit for the victim."""
    return _sentence(facts.get("reason_text"))


def sentence(facts: Facts, _short: bool) -> Value:
    """What the court ordered."""
    return _sentence(facts.get("sentence"))


def meaning(facts: Facts, _short: bool) -> Value:
    """What the sentence means, in plain words."""
    return _sentence(facts.get("plain_meaning"))


def _sentence(value: object) -> str | None:
    text = words(value, SENTENCES)
    return text if text is None or text[-1] in ".?!" else f"{text}."


def call_planned(facts: Facts, _short: bool) -> Value:
    """Whether somebody has the task to ring and explain: nothing is promised that nobody does."""
    return facts.get("call_planned") is True


FIELDS: Final[Mapping[str, Field]] = {
    field.__name__: field
    for field in (
        on_day, when, new_day, new_time, was_day, was_time, off_day, window, court, was_court, same_court, attend, hearing,
        settled, one_suspect, place_too, not_bailed, convicted, signed_off, reason, sentence, meaning, call_planned,
    )
}  # fmt: skip


def form_of(update_point: str, facts: Facts) -> str | None:
    """Which of its forms the news takes; "" where it has one only, None where the facts make no news that words exist for."""
    if update_point not in _HEARINGS:
        return None if facts.get("corrects") else ""
    if facts.get("vacated") is True:
        return "off"
    at, was = _instant(facts, "starts_at"), _instant(facts, "was_at")
    if at is None:
        return None if facts.get("window") is None or was is not None or facts.get("corrects") else "window"
    if was is None:
        return None if facts.get("corrects") else "listed"
    if at.date() != was.date():
        return "moved-day"
    if at != was:
        return "moved-time"
    here, there = court(facts, True), was_court(facts, True)
    if here is not None and there is not None and here != there:
        return "moved-place"
    return None if facts.get("corrects") else "listed"
