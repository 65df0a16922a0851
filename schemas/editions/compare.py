"""Rules and editions as plain values, and in what two editions differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.editions.conditions import Trigger
from schemas.editions.model import Books, Edition, Limit, UpdatePoint

RULE: Final = "rule"
"""The field of a difference that is the rule itself: one of the two has it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one rule that two editions give otherwise; None where one gives none. `rule` is empty for the edition."""

    rule: str
    field: str
    old: Any
    new: Any


def differences(old: Edition, new: Edition) -> list[Difference]:
    """In what `new` differs from `old`, the edition first and then rule by rule."""
    found = list(_fields("", _edition(old), _edition(new)))
    for rule in dict.fromkeys((*old.points, *new.points)):
        before, now = old.points.get(rule), new.points.get(rule)
        if before is None or now is None:
            titles = [None if point is None else point.title for point in (before, now)]
            found.append(Difference(rule, RULE, *titles))
            continue
        found += _fields(rule, plain(before), plain(now))
    return found


def rivalled_by(books: Books, rival: Edition) -> Edition | None:
    """The edition whose place a rival would take: the one of its own id, else the latest of its kind of book."""
    own = [edition for edition in books.editions if edition.id == rival.id]
    same = [edition for edition in books.editions if edition.book == rival.book]
    return next(iter(own), None) or max(same, key=lambda edition: edition.since, default=None)


def plain(point: UpdatePoint) -> dict[str, Any]:
    """What a rule says, as JSON values; without the edition that it stands in."""
    return {
        "title": point.title,
        "right": point.citation.right,
        "paragraph": point.citation.paragraph,
        "sources": list(point.citation.sources),
        "confidence": point.confidence,
        "limit_confidence": None if point.standard == Limit() else point.limit_confidence,
        "status": point.status,
        "unverified_from": None if point.unverified_from is None else point.unverified_from.isoformat(),
        "class": point.cls,
        "safety_when": [_trigger(trigger) for trigger in point.safety_when],
        "ends_bail": point.ends_bail,
        "duty": point.duty,
        "timed": point.timed or None,
        "triggers": [_trigger(trigger) for trigger in point.triggers],
        "arrested_from": None if point.arrested_from is None else point.arrested_from.isoformat(),
        "clock": point.clock,
        "standard": limit(point.standard),
        "enhanced": limit(point.enhanced),
        "legs": [{"name": leg.name, "clock": leg.clock, "working_days": leg.working_days} for leg in point.legs],
        "owner": point.owner,
        "recipients": list(point.recipients),
        "only_for": point.only_for or None,
        "narrowed_by": point.narrowed_by or None,
        "fulfil_by": list(point.fulfil_by),
        "done_by": list(point.done_by),
        "done_service": list(point.done_service),
        "content_required": list(point.content_required),
        "content_wanted": list(point.content_wanted),
        "content_forbidden": list(point.content_forbidden),
        "topic": point.topic,
        "safety_gate": point.safety_gate,
        "overtaken_by": list(point.overtaken_by),
        "stale_after_hours": point.stale_after_hours,
        "subsumes": list(point.subsumes),
        "good_reasons": list(point.good_reasons),
    }


def limit(value: Limit) -> str | None:
    """A limit in words; None where there is none."""
    if value.working_days is not None:
        return f"{value.working_days} working day{'' if value.working_days == 1 else 's'}"
    return None if value.hours is None else f"{value.hours} hours"


def _trigger(trigger: Trigger) -> dict[str, Any]:
    return {"event": trigger.event, "when": {name: list(words) for name, words in trigger.when.items()}}


def _edition(edition: Edition) -> dict[str, Any]:
    target = edition.safety_target
    found: dict[str, Any] = {
        "title": edition.title,
        "since": edition.since.isoformat(),
        "until": None if edition.until is None else edition.until.isoformat(),
        "safety_target": None if target is None else f"{int(target.total_seconds() // 3600)} hours",
    }
    for rule, (standard, enhanced) in edition.limits.items():
        found[f"limit of {rule}"] = f"{limit(standard)}, enhanced {limit(enhanced)}"
    return found


def _fields(rule: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Difference(rule, name, old.get(name), new.get(name))
