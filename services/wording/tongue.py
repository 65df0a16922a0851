"""The languages that templates are written in, and how each says days, times, hearings and who writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Final, TypeAlias

from services.wording import dates, dates_welsh
from services.wording.types import Facts, Value

Clock: TypeAlias = datetime | time


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one language says what a template only names.

    `short_day` and `window` take the year that goes without saying, or None. In Welsh `long_day` is as it stands in a sentence
    ("ddydd Llun"), `headed_day` as it stands alone ("Dydd Llun"); English knows no difference.
    """

    code: str
    short_date: Callable[[date], str]
    short_day: Callable[[date, date | None], str]
    long_day: Callable[[date], str]
    headed_day: Callable[[date], str]
    clock_time: Callable[[Clock], str]
    short_window: Callable[[date, date, date | None], str]
    long_window: Callable[[date, date], str]
    said_hours: Callable[[str], str | None]
    at: str
    """Between a long day and its time."""
    hearings: Mapping[str, str]
    """What a hearing is called, by its purpose; "" for any."""
    us: str
    on_number: str
    """Between whom one rings and the number."""
    we_do: str
    somebody_does: str
    """Who does it, with `{}` for the name."""
    hello: str
    dear: str


ENGLISH: Final = Tongue(
    code="en",
    short_date=dates.short_date,
    short_day=dates.short_day,
    long_day=dates.long_day,
    headed_day=dates.long_day,
    clock_time=dates.clock_time,
    short_window=dates.short_window,
    long_window=dates.long_window,
    said_hours=lambda hours: hours,
    at=" at ",
    hearings={
        "": "the hearing",
        "trial": "the trial",
        "sentence": "the sentencing",
        "sentencing": "the sentencing",
        "first hearing": "the first hearing",
    },
    us="us",
    on_number="on",
    we_do="We",
    somebody_does="{}",
    hello="Hello",
    dear="Dear",
)
WELSH: Final = Tongue(
    code="cy",
    short_date=dates_welsh.short_date,
    short_day=dates_welsh.short_day,
    long_day=dates_welsh.long_day,
    headed_day=dates_welsh.headed_day,
    clock_time=dates_welsh.clock_time,
    short_window=dates_welsh.short_window,
    long_window=dates_welsh.long_window,
    said_hours=dates_welsh.said_hours,
    at=" am ",
    hearings={
        "": "y gwrandawiad",
        "trial": "y treial",
        "sentence": "y gwrandawiad dedfrydu",
        "sentencing": "y gwrandawiad dedfrydu",
        "first hearing": "y gwrandawiad cyntaf",
    },
    us="ni",
    on_number="ar",
    we_do="Byddwn",
    somebody_does="Bydd {}",
    hello="Helo",
    dear="Annwyl",
)
TONGUES: Final[Mapping[str, Tongue]] = {tongue.code: tongue for tongue in (ENGLISH, WELSH)}
_NAMED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("", "en", "eng", "english"), "en"),
    **dict.fromkeys(("cy", "cym", "wel", "welsh", "cymraeg"), "cy"),
}
"""ISO 639 codes, both of the three-letter ones for Welsh, and the names in use."""


@dataclass(frozen=True, slots=True)
class How:
    """How a field is said: in short forms for a text or in full, in which language."""

    short: bool
    tongue: Tongue


Field: TypeAlias = Callable[[Facts, How], Value]
"""Takes the facts and how they are said; raises CannotSay for a value that must not be said."""
SHORT: Final = How(True, ENGLISH)
IN_FULL: Final = How(False, ENGLISH)


@cache
def how(language: str, channel: str) -> How:
    """How fields are said in a language that has templates, on a channel."""
    return How(channel == "sms", TONGUES[language])


def language_code(said: str | None) -> str:
    """The code of a language as record systems give it: `cy` for `cym`, `Welsh` and `cy-GB`; nothing said is English.

    A language that nobody here knows stays what it is, so that no words are found for it.
    """
    primary = "" if said is None else said.strip().lower().replace("_", "-").partition("-")[0]
    return _NAMED.get(primary, primary)
