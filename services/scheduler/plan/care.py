"""How carefully one person must be treated: Enhanced Rights over time, flagged or not, under 18 or not. Pure.

What is not known counts the careful way: not assessed is enhanced and may be domestic abuse (victims-code 6.6, PR11).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from services.ledger.ages import ADULT, age_on, is_under_18
from services.ledger.people import Person
from services.scheduler.plan.facts import Assessment, CaseFile, Classes
from services.scheduler.working_days import local_date
from services.values import value

MOST_SERIOUS: Final = frozenset({"domestic_abuse", "sexual", "hate", "homicide", "child", "stalking"})
"""Offence classes that bring Enhanced Rights by themselves (victims-code 2.3, 6.6)."""
_GATEWAYS: Final = {
    "domestic_abuse": "domestic_abuse",
    "sexual": "sexual",
    "hate": "hate",
    "homicide": "bereaved",
    "stalking": "persistently_targeted",
}
"""The gateway that a class of offence opens without anybody's assessment."""


@value(frozen=True, slots=True)
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
    gateways: tuple[str, ...] = ()
    """Through which they come to Enhanced Rights: as assessed, and by the crime and their age at it."""
    assessed_by: tuple[str, ...] = ()
    """Who assessed, in order; the histories themselves are events."""


def care_for(file: CaseFile, people: Sequence[Person], role: str, start: datetime, today: date) -> Care:
    """`people` are the recipient and, for a guardian, the child; the strictest of them counts."""
    assessments, gateways = _assessed(file, people)
    classes = _classes_since(file, start)
    if classes is not None and "domestic_abuse" in gateways and "domestic_abuse" not in classes:
        classes = (*classes, "domestic_abuse")
    abuse = True if "domestic_abuse" in gateways else None if classes is None else "domestic_abuse" in classes
    child = _child_then(file, people) or "under_18" in gateways
    always = role == "bereaved_relative" or child
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
        flagged=abuse is not False or any(_is_flagged(person, file) for person in people),
        assessed=any(found.enhanced is not None for history in assessments for found in history),
        enhanced=now,
        enhanced_at_start=at_start,
        became_enhanced=became,
        under_18=_under_18(people, gateways, today),
        gateways=_all_gateways(gateways, file, role, child=child),
        assessed_by=tuple(dict.fromkeys(found.by for history in assessments for found in history if found.by)),
    )


def is_enhanced(file: CaseFile, people: Sequence[Person], role: str) -> bool:
    """Whether they have Enhanced Rights by everything that is known, as `care_for` has it."""
    assessments, gateways = _assessed(file, people)
    if role == "bereaved_relative" or "under_18" in gateways or _child_then(file, people):
        return True
    return not (assessments or file.class_changes) or _enhanced_at(file, assessments, None)


def _assessed(file: CaseFile, people: Sequence[Person]) -> tuple[list[list[Assessment]], set[str]]:
    assessments = [found for person in people if (found := file.assessments.get(person.id))]
    return assessments, {gateway for history in assessments for found in history for gateway in found.gateways}


def _is_flagged(person: Person, file: CaseFile) -> bool:
    """A safety profile is set, or they share a household with a suspect."""
    return person.has_safety_profile or (person.household is not None and person.household in file.suspect_homes)


def _all_gateways(assessed: set[str], file: CaseFile, role: str, *, child: bool) -> tuple[str, ...]:
    found = assessed | {
        _GATEWAYS[name] for _, classes in file.class_changes for name in classes or () if name in _GATEWAYS
    }
    if role == "bereaved_relative":
        found.add("bereaved")
    if child:
        found.add("under_18")
    return tuple(sorted(found))


def _under_18(people: Sequence[Person], gateways: set[str], today: date) -> bool | None:
    ages = [is_under_18(person, today) for person in people]
    if True in ages:
        return True
    # Somebody was under 18 at the crime; without a date of birth they may be still.
    if None in ages and "under_18" in gateways:
        return True
    return None if None in ages else False


def _child_then(file: CaseFile, people: Sequence[Person]) -> bool:
    """Under 18 at the time of the crime: Enhanced Rights that last. Where no crime is recorded, at the first that is known."""
    first = file.crime_at or next((item.time for item in file.events if not item.withdrawn), None)
    if first is None:
        return False
    day = local_date(first)
    return any(age is not None and age < ADULT for age in (age_on(person, day) for person in people))


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
            # Gateways beside a `no` contradict it: the careful side.
            return found.enhanced or bool(found.gateways)
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


def _classes_since(file: CaseFile, start: datetime) -> Classes:
    """The classes, with those that the crime had at `start` or later and has no longer: a later word makes nothing safe to send
    that was not when it happened, in whatever order the words came.
    """
    changes, now = file.class_changes, file.classes
    if len(changes) < 2:
        return now
    then = _classes_at(file, start)
    ever = {name for when, classes in changes if when > start for name in classes or ()}.union(then or (), now or ())
    if now is None:
        return ("domestic_abuse",) if "domestic_abuse" in ever else None
    return (*now, *sorted(ever.difference(now)))


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
