"""How carefully one person must be treated: Enhanced Rights over time, flagged or not, under 18 or not. Pure.

What is not known counts the careful way: not assessed is enhanced and may be domestic abuse (victims-code 6.6, PR11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.ledger.people import Person
from services.scheduler.plan.facts import Assessment, CaseFile, Classes
from services.scheduler.working_days import local_date

MOST_SERIOUS: Final = frozenset({"domestic_abuse", "sexual", "hate", "homicide", "child", "stalking"})
"""Offence classes that bring Enhanced Rights by themselves (victims-code 2.3, 6.6)."""


@dataclass(frozen=True, slots=True)
class Care:
    """What the rules ask about one recipient (and the child or adult for whom they are told)."""

    classes: Classes
    domestic_abuse: bool | None
    """None: not assessed, and may be."""
    flagged: bool
    assessed: bool
    """Somebody assessed this person's needs."""
    enhanced: bool
    """As it stands now; not assessed counts."""
    enhanced_at_start: bool
    became_enhanced: tuple[datetime, ...]
    """Instants after the clock's start at which the person became enhanced."""
    under_18: bool | None
    """Of whoever the news is about or for, today."""


def care_for(file: CaseFile, people: Sequence[Person], role: str, start: datetime, today: date) -> Care:
    """`people` are the recipient and, for a guardian, the child; the strictest of them counts."""
    assessments = [found for person in people if (found := file.assessments.get(person.id))]
    gateways = {gateway for history in assessments for found in history for gateway in found.gateways}
    classes = file.classes
    if classes is not None and "domestic_abuse" in gateways and "domestic_abuse" not in classes:
        classes = (*classes, "domestic_abuse")
    abuse = True if "domestic_abuse" in gateways else None if classes is None else "domestic_abuse" in classes
    always = role == "bereaved_relative" or _child_then(file, people)
    if always or not (assessments or file.class_changes):
        now = at_start = True
        became: tuple[datetime, ...] = ()
    else:
        at_start = _enhanced_at(file, assessments, start)
        became = _became(file, assessments, start, at_start)
        now = _enhanced_at(file, assessments, None)
    return Care(
        classes=classes,
        domestic_abuse=abuse,
        flagged=abuse is not False or any(person.has_safety_profile for person in people),
        assessed=any(found.enhanced is not None for history in assessments for found in history),
        enhanced=now,
        enhanced_at_start=at_start,
        became_enhanced=became,
        under_18=_under_18(people, gateways, today),
    )


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
        return age < 18
    if person.turned_18 is not None:
        return day < local_date(person.turned_18)
    return None


def eighteenth_birthday(person: Person) -> date | None:
    """The day on which a person is 18."""
    born = person.born
    if born is None:
        return None
    leap = (born.month, born.day) == (2, 29)
    return date(born.year + 18, 3, 1) if leap else date(born.year + 18, born.month, born.day)


def _under_18(people: Sequence[Person], gateways: set[str], today: date) -> bool | None:
    ages = [is_under_18(person, today) for person in people]
    if True in ages:
        return True
    # Somebody was under 18 at the crime; without a date of birth they may be still.
    if None in ages and "under_18" in gateways:
        return True
    return None if None in ages else False


def _child_then(file: CaseFile, people: Sequence[Person]) -> bool:
    """Under 18 at the time of the crime: Enhanced Rights that last."""
    if file.crime_at is None:
        return False
    day = local_date(file.crime_at)
    return any(age is not None and age < 18 for age in (age_on(person, day) for person in people))


def _enhanced_at(file: CaseFile, assessments: Sequence[Sequence[Assessment]], at: datetime | None) -> bool:
    """Whether somebody counted as enhanced at an instant (None: by everything that is known). Histories are in order."""
    classes = _classes_at(file, at)
    if classes is not None and not MOST_SERIOUS.isdisjoint(classes):
        return True
    latest = [_latest(history, at) for history in assessments]
    return True in latest or False not in latest


def _latest(history: Sequence[Assessment], at: datetime | None) -> bool | None:
    for found in reversed(history):
        if found.enhanced is not None and (at is None or found.at <= at):
            return found.enhanced
    return None


def _classes_at(file: CaseFile, at: datetime | None) -> Classes:
    """The classes at an instant. The first word on them holds for before as well: it found out what the crime was."""
    changes = file.class_changes
    if not changes:
        return None
    if at is None:
        return changes[-1][1]
    before = [classes for when, classes in changes if when <= at]
    return before[-1] if before else changes[0][1]


def _became(
    file: CaseFile, assessments: Sequence[Sequence[Assessment]], start: datetime, at_start: bool
) -> tuple[datetime, ...]:
    instants = {found.at for history in assessments for found in history if found.at > start}
    instants.update(when for when, _ in file.class_changes if when > start)
    if not instants:
        return ()
    became: list[datetime] = []
    before = at_start
    for at in sorted(instants):
        now = _enhanced_at(file, assessments, at)
        if now and not before:
            became.append(at)
        before = now
    return tuple(became)
