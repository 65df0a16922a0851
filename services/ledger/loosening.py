"""What one set of a force's rules allows that another does not, in sentences: a second person must agree to it. Pure.

Looser is a way with less of a person in it: from a person alone, to a prompt beside a person, to a machine alone; a rule that
is switched off is looser than all of them. Every update point of every book is compared for every class of offence and for both
kinds of people, whatever the files say, so nothing that loosens can hide behind an order of switches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args

from schemas.case_events.words import OffenceClass
from schemas.editions.model import Books, UpdatePoint
from services.ledger.force_check import points_of
from services.ledger.force_rules import ForceRules

People = Literal["standard", "enhanced"]
_PEOPLE: Final[tuple[People, ...]] = get_args(People)
_CLASSES: Final[tuple[str, ...]] = get_args(OffenceClass)
_STRICT: Final[Mapping[str, int]] = {"off": 0, "automated": 1, "prompt": 2, "person": 3}


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where news goes a looser way than it did, and how."""

    where: str
    before: str
    after: str
    people: tuple[People, ...]
    classes: tuple[str, ...]


def loosening(old: ForceRules, new: ForceRules, books: Books) -> tuple[str, ...]:
    """What `new` loosens, a sentence each: "r6-bail* for other, standard: from person to automated". Empty if nothing."""
    points = points_of(books)
    globs = {glob for switch in new.switches for glob in switch.update_points}
    sentences = [
        f"{_named(found, points, globs)} for {_words(scope.classes, _CLASSES)}, {_words(scope.people, _PEOPLE)}{scope.where}:"
        f" from {scope.before} to {scope.after}"
        for scope, found in _looser(old, new, points).items()
    ]
    if new.replies_enabled and not old.replies_enabled:
        sentences.append("replies: from off to on")
    return tuple(sentences)


def _looser(old: ForceRules, new: ForceRules, points: Mapping[str, tuple[UpdatePoint, ...]]) -> dict[_Scope, list[str]]:
    """Every point that may go a looser way, together with those that change alike."""
    changes: dict[tuple[str, str, str, str, People], list[str]] = {}
    for point, versions in points.items():
        for safety, where in _kinds(versions):
            for people in _PEOPLE:
                for offence_class in _CLASSES:
                    before = _way(old, point, offence_class, people, safety=safety)
                    after = _way(new, point, offence_class, people, safety=safety)
                    if _STRICT[after] < _STRICT[before]:
                        changes.setdefault((point, where, before, after, people), []).append(offence_class)
    alike: dict[tuple[str, str, str, str, tuple[str, ...]], list[People]] = {}
    for (point, where, before, after, people), classes in changes.items():
        alike.setdefault((point, where, before, after, tuple(classes)), []).append(people)
    found: dict[_Scope, list[str]] = {}
    for (point, where, before, after, classes_), people_ in alike.items():
        found.setdefault(_Scope(where, before, after, tuple(people_), classes_), []).append(point)
    return found


def _kinds(versions: Sequence[UpdatePoint]) -> list[tuple[bool, str]]:
    """Whether news of this point can be ordinary (False) or bear on safety (True), with the words that tell the two apart."""
    ordinary = any(point.cls != "safety_critical" for point in versions)
    safety = any(point.cls == "safety_critical" or point.safety_when or point.ends_bail for point in versions)
    if ordinary and safety:
        return [(False, ""), (True, ", where it bears on safety")]
    return [(safety, "")]


def _way(rules: ForceRules, point: str, offence_class: str, people: People, *, safety: bool) -> str:
    enhanced, classes = people == "enhanced", (offence_class,)
    if rules.is_off(point, classes, enhanced=enhanced):
        return "off"
    way = rules.way(point, classes, enhanced=enhanced)
    if safety and way == "automated" and not rules.tells_safety(point, classes, enhanced=enhanced):
        return "prompt"  # a person tells it, whatever the switch says, unless the force agreed to this too (PR03)
    return way


def _words(some: Sequence[str], every: Sequence[str]) -> str:
    if len(some) == len(every):
        return "any"
    return some[0] if len(some) == 1 else f"{', '.join(some[:-1])} and {some[-1]}"


def _named(found: Sequence[str], points: Mapping[str, object], globs: Collection[str]) -> str:
    """The points by the globs of the file where a glob means just some of these, else one by one."""
    left, names = set(found), []
    meant = {glob: {point for point in points if fnmatchcase(point, glob)} for glob in globs}
    for glob in sorted(globs, key=lambda glob: (-len(meant[glob]), glob)):
        if meant[glob] and meant[glob] <= set(found) and meant[glob] & left:
            names.append(glob)
            left -= meant[glob]
    return ", ".join([*names, *sorted(left)])
