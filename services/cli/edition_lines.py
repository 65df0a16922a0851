"""What `kept editions` prints: its lines for machines, and how people read them. *Unverified* stands wherever a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import orjson

from services.cli.common import count, say, show, text_of

if TYPE_CHECKING:
    from schemas.editions.errors import BookError
    from schemas.editions.model import Books, Edition, UpdatePoint
    from services.scheduler.shadow import Change

UNVERIFIED: Final = "*unverified*"
BOOKS: Final = {"code": "the Code", "charter": "not law", "force": "the force's own", "statute": "an Act"}
_WHAT: Final = {
    "appears": "would be owed",
    "disappears": "would not be owed",
    "due_moves": "would be due otherwise",
    "state_changes": "would go another way",
}


def edition_line(edition: Edition) -> dict[str, Any]:
    """One edition."""
    return {
        "id": edition.id,
        "book": edition.book,
        "title": edition.title,
        "since": edition.since.isoformat(),
        "until": None if edition.until is None else edition.until.isoformat(),
        "rules": len(edition.points),
        "unverified": sum(point.status == "unverified" for point in edition.points.values()),
    }


def rule_line(books: Books, edition: Edition, point: UpdatePoint) -> dict[str, Any]:
    """One rule of it, with the force's own limit where its book gives none."""
    from schemas.editions.compare import limit, plain

    own = books.force_limit(point.id) if point.limit_source == "none" else None
    return {
        "update_point": point.id,
        "edition": edition.id,
        "book": edition.book,
        "instrument": point.citation.instrument,
        **plain(point),
        "sources": [{"name": name, "text": edition.sources[name]} for name in point.citation.sources],
        "force_limit": None if own is None else {"standard": limit(own[0]), "enhanced": limit(own[1])},
    }


def problem_line(problem: BookError) -> dict[str, Any]:
    """One thing that is wrong with a book."""
    return {"file": problem.file, "rule": problem.rule, "key": problem.key, "remedy": problem.remedy}


_NOT_A_CASE: Final = dict.fromkeys(("update", "force", "case", "person", "event_id", "part", "unverified"))


def print_differences(old: Edition, new: Edition, *, as_json: bool) -> None:
    """The rules in which two editions differ."""
    from schemas.editions.compare import differences

    lines = [
        {"what": "rule", "rule": found.rule, "field": found.field, "old": found.old, "new": found.new, **_NOT_A_CASE}
        for found in differences(old, new)
    ]
    show(
        lines,
        [
            ("Rule", lambda row: row["rule"] or "(the edition)"),
            ("Field", text_of("field")),
            (old.id, lambda row: _value(row["old"])),
            (f"{new.id} " if new.id == old.id else new.id, lambda row: _value(row["new"])),
        ],
        as_json=as_json,
        title=f"Rules of {old.id} and of {new.id}",
        empty=f"{old.id} and {new.id} say the same.",
    )


def print_changes(cases: int, changes: Sequence[Change], *, as_json: bool) -> None:
    """The updates that a rival would change, and what they come to."""
    lines = [
        {
            "what": change.what,
            "rule": change.update_point,
            "field": None,
            "old": change.old,
            "new": change.new,
            "update": str(change.update),
            "force": change.force,
            "case": change.case,
            "person": change.person,
            "event_id": change.event_id,
            "part": change.part,
            "unverified": change.unverified,
        }
        for change in changes
    ]
    show(
        lines,
        [
            ("Case", text_of("case")),
            ("Person", text_of("person")),
            ("Rule", lambda row: f"{row['rule']}{f' {UNVERIFIED}' if row['unverified'] else ''}"),
            ("What", lambda row: _WHAT[row["what"]]),
            ("Now", text_of("old")),
            ("In shadow", text_of("new")),
        ],
        as_json=as_json,
        title=f"Updates of {count(cases, 'case')}",
        empty=f"{count(cases, 'case')}: nothing would be owed otherwise.",
    )
    totals = {what: sum(change.what == what for change in changes) for what in _WHAT}
    told = ", ".join(f"{number} {_WHAT[what]}" for what, number in totals.items() if number)
    if told:
        say(f"Over {count(cases, 'case')}: {told}. Nothing was acted on.")


# ---------------------------------------------------------------- for people


def print_rule(line: Mapping[str, Any]) -> None:
    """One rule with everything it says."""
    print(f"{line['update_point']}  {line['title']}")
    print(f"{line['edition']}, {line['instrument']}, {BOOKS[line['book']]}")
    where = right(line)
    if where:
        print(f"Right {where}")
    print(f"Sure: {sure(line)}")
    how_sure = f" (sure: {line['limit_confidence']})" if line["limit_confidence"] else ""
    print(f"Limit: {limits(line)}{how_sure}")
    for source in line["sources"]:
        print(f"  {source['name']}: {source['text']}")
    shown = {"update_point", "title", "edition", "book", "instrument", "right", "paragraph", "sources", "confidence"}
    shown |= {"status", "limit_confidence", "standard", "enhanced", "force_limit", "unverified_from"}
    for name, value in line.items():
        if name not in shown and value not in (None, [], False):
            print(f"{name.replace('_', ' ')}: {_value(value)}")


def right(row: Mapping[str, Any]) -> str:
    """The Right, with the paragraph where it was seen in print."""
    if row["right"] is None:
        return ""
    return str(row["right"]) + (f" ({row['paragraph']})" if row["paragraph"] else "")


def when(row: Mapping[str, Any]) -> str:
    """What raises a rule, and whether it bears on somebody's safety."""
    return f"{row['title']}{' (safety)' if row['class'] == 'safety_critical' else ''}"


def limits(row: Mapping[str, Any]) -> str:
    """Both limits in words, or that there is none, and the force's own where there is one."""
    given = row if row["standard"] is not None else row["force_limit"]
    if given is None:
        return "none"
    standard, enhanced = given["standard"], given["enhanced"]
    both = standard if standard == enhanced else f"{standard}, enhanced {enhanced}"
    return both if given is row else f"none; the force's own: {both}"


def sure(row: Mapping[str, Any]) -> str:
    """How sure we are of the duty, and whether nobody has checked it."""
    if row["status"] == "unverified":
        return f"{row['confidence']}, {UNVERIFIED}"
    from_ = row["unverified_from"]
    later = "" if from_ is None else f"; {UNVERIFIED} from {date.fromisoformat(from_):%-d %B %Y}"
    return f"{row['confidence']}{later}"


def day_of(key: str) -> Callable[[Mapping[str, Any]], str]:
    """A column that shows a date."""
    return lambda row: "" if row[key] is None else f"{date.fromisoformat(row[key]):%-d %B %Y}"


def _value(value: Any) -> str:
    """A value of a rule as people read it."""
    if value is None:
        return "none"
    if value == "unverified":
        return UNVERIFIED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return _asked(value) if "event" in value else orjson.dumps(value).decode()
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value) or "none"
    return str(value)


def _asked(trigger: Mapping[str, Any]) -> str:
    when: Iterable[str] = (f"{name}: {' or '.join(words)}" for name, words in trigger.get("when", {}).items())
    asked = "; ".join(when)
    return f"{trigger['event']} ({asked})" if asked else str(trigger["event"])
