"""Facts read one by one, as words are made of them: None where one is not known, CannotSay where it has another shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from services.wording import dates
from services.wording.clean import words
from services.wording.tongue import How, language_code
from services.wording.types import CannotSay, Facts

NAME: Final = 80
"""Characters of a name of a court or a place."""
SENTENCES: Final = 1200
"""Characters of what somebody wrote for the person to read."""


def instant(facts: Facts, key: str) -> datetime | None:
    """A moment in London time. Midnight is how feeds write a day whose time they do not know, and so says nothing."""
    value = facts.get(key)
    if value is None:
        return None
    at = dates.local(value) if isinstance(value, str) else None
    if at is None:
        raise CannotSay("bad_value", f"`{key}` is not an instant with an offset")
    return None if (at.hour, at.minute) == (0, 0) else at


def on_date(facts: Facts, key: str) -> date | None:
    """A day."""
    value = facts.get(key)
    if value is None:
        return None
    on = dates.day(value) if isinstance(value, str) else None
    if on is None:
        raise CannotSay("bad_value", f"`{key}` is not a date")
    return on


def said_day(on: date, facts: Facts, how: How) -> str:
    """A day as people say it: by text with the year only where it is another one than that of the event."""
    return how.tongue.short_day(on, on_date(facts, "happened_on")) if how.short else how.tongue.long_day(on)


def said_instant(at: datetime, facts: Facts, how: How) -> str:
    """`Tue 14 Apr, 9.30am`; `Tuesday 14 April 2026 at 9.30am`."""
    return f"{said_day(at.date(), facts, how)}{', ' if how.short else how.tongue.at}{how.tongue.clock_time(at)}"


def name(facts: Facts, key: str) -> str | None:
    """A court, a place, somebody's name."""
    return words(facts.get(key), NAME)


def sentences(facts: Facts, key: str, how: How) -> str | None:
    """What somebody wrote for the person to read, ended with a full stop. Nothing is translated: it is in the language or not."""
    text = words(facts.get(key), SENTENCES)
    if text is not None and language_code(facts.get("text_language")) != how.tongue.code:
        raise CannotSay("other_language", "what somebody wrote is not in the language of the message")
    return text if text is None or text[-1] in ".?!" else f"{text}."


def part(value: object, key: str) -> Mapping[str, object] | None:
    """A fact that has facts of its own."""
    if value is not None and not isinstance(value, Mapping):
        raise CannotSay("bad_value", f"`{key}` has no parts")
    return value
