"""How old a person is on a day in Europe/London. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from services.ledger.contact_hours import LONDON
from services.ledger.people import Person

ADULT: Final = 18
ASK_BEFORE: Final = timedelta(days=28)
"""How long before they are 18 a young person is asked about their parents' contact from then on (victims-code 6.18)."""


def age_on(person: Person, day: date) -> int | None:
    """Whole years on `day`; None without a date of birth. Born on 29 February counts from 1 March."""
    born = person.born
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_under_18(person: Person, day: date) -> bool | None:
    """Whether a person is under 18 on `day`; a date of birth outranks `person.turned_18`, and None is not known."""
    age = age_on(person, day)
    if age is not None:
        return age < ADULT
    if person.turned_18 is not None:
        return day < person.turned_18.astimezone(LONDON).date()
    return None


def eighteenth_birthday(person: Person) -> date | None:
    """The day on which a person is 18."""
    born = person.born
    if born is None:
        return None
    leap = (born.month, born.day) == (2, 29)
    return date(born.year + ADULT, 3, 1) if leap else date(born.year + ADULT, born.month, born.day)
