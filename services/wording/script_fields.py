"""What a script may name. It is read by staff, not sent: a value is put in one line and shortened, never refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from services.wording import dates
from services.wording.clean import stripped
from services.wording.types import Facts

ScriptField: TypeAlias = Callable[[Facts], str | None]

LONGEST: Final = 600

_DISPOSALS: Final = {
    "caution": "a caution",
    "conditional_caution": "a conditional caution",
    "community_resolution": "a community resolution",
    "penalty_notice": "a penalty notice",
}
_MATTERS: Final = {
    "parent_guardian": "what was reported about their child",
    "bereaved_relative": "the death of the one they lost",
    "spokesperson": "what was reported about the person they speak for",
    "witness": "the case",
}
"""What it is about, as one says it to each; to a victim and a business it is their report."""
_CUSTODY: Final = {
    ("released", "court"): "a court let the person go",
    ("released", "prison"): "the person was let out of prison",
    ("released", None): "the person was let go",
    ("remanded", "court"): "a court had the person kept in custody",
    ("remanded", "prison"): "the person was taken into prison",
    ("remanded", None): "the person was taken into custody",
}
_OUTCOMES: Final = {
    "convicted": "convicted",
    "acquitted": "found not guilty",
    "discontinued": "the case was stopped",
    "no_evidence": "the prosecution offered no evidence",
    "bailed": "let go on bail",
    "remanded": "kept in custody by the court",
    "conditions_changed": "the conditions were changed",
    "released": "let go without conditions",
}


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not (text := stripped(value)):
        return None
    return text.rstrip(".") if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} (and more)"


def _texts(value: object) -> str | None:
    if isinstance(value, list | tuple):
        return "; ".join(text for each in value if (text := _text(each))) or None
    return _text(value)


def _when(value: object) -> str | None:
    at = dates.local(value) if isinstance(value, str) else None
    if at is None:
        return None
    return (
        dates.long_day(at.date())
        if (at.hour, at.minute) == (0, 0)
        else f"{dates.long_day(at.date())} at {dates.clock_time(at)}"
    )


def _day(value: object) -> str | None:
    on = dates.day(value) if isinstance(value, str) else None
    return None if on is None else dates.long_day(on)


def _window(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return None
    first, last = _day(value.get("from")), _day(value.get("to"))
    return f"between {first} and {last}" if first and last else None


def _yes(value: object) -> str | None:
    return "yes" if value is True else "no" if value is False else None


def _officer(facts: Facts) -> str | None:
    name, phone = _text(facts.get("officer_name")), _text(facts.get("officer_phone"))
    return f"{name} ({phone})" if name and phone else name or phone


def _several(facts: Facts) -> str | None:
    count = facts.get("suspects")
    return str(count) if isinstance(count, int) and count > 1 else None


def _matter(facts: Facts) -> str:
    role = facts.get("told_as")
    return _MATTERS.get(role, "their report") if isinstance(role, str) else "their report"


def _custody_now(facts: Facts) -> str | None:
    to, by = facts.get("to"), facts.get("by")
    known = isinstance(to, str) and (by is None or isinstance(by, str))
    return _CUSTODY.get((to, by)) or _CUSTODY.get((to, None)) if known and isinstance(to, str) else None


def _contact(facts: Facts) -> str | None:
    name, unit = _text(facts.get("contact_name")), _text(facts.get("contact_unit"))
    return f"{name}, {unit}" if name and unit else name or unit


def _joined(before: str, said: str | None) -> str:
    """A piece of a sentence that is simply not there where it is not known."""
    return f"{before}{said}" if said else ""


def _word(value: object, known: Mapping[str, str]) -> str | None:
    return known.get(value) if isinstance(value, str) else None


SCRIPT_FIELDS: Final[Mapping[str, ScriptField]] = {
    "on": lambda facts: _joined(" on ", _day(facts.get("happened_on"))),
    "by": lambda facts: _joined(" by ", _text(facts.get("decided_by"))),
    "day": lambda facts: _day(facts.get("happened_on")),
    "matter": _matter,
    "officer": _officer,
    "reference": lambda facts: _text(facts.get("reference")),
    "doing": lambda facts: _text(facts.get("note_text")),
    "next_contact": lambda facts: _day(facts.get("next_contact_on")),
    "new_contact": _contact,
    "new_phone": lambda facts: _text(facts.get("contact_phone")),
    "service": lambda facts: _text(facts.get("service")),
    "consent": lambda facts: _yes(facts.get("consent")),
    "custody_now": _custody_now,
    "freed": lambda facts: _yes({"released": True, "remanded": False}.get(str(facts.get("to")))),
    "held_today": lambda facts: _yes(facts.get("in_custody_today")),
    "received": lambda facts: _day(facts.get("received_on")),
    "assessed": lambda facts: _yes(facts.get("risk_assessed")),
    "entrance": lambda facts: _text(facts.get("entrance")),
    "half_day": lambda facts: _text(facts.get("half_day")),
    "several": _several,
    "where": lambda facts: _text(facts.get("where")),
    "mode": lambda facts: _text(facts.get("mode")),
    "conditions": lambda facts: _texts(facts.get("conditions")),
    "ends": lambda facts: _day(facts.get("ends_on")),
    "charges": lambda facts: _texts(facts.get("charges")),
    "custody": lambda facts: _text(facts.get("custody")),
    "first_hearing": lambda facts: _when(facts.get("first_hearing_at")),
    "first_court": lambda facts: _text(facts.get("first_hearing_court")),
    "when": lambda facts: _when(facts.get("starts_at")),
    "window": lambda facts: _window(facts.get("window")),
    "court": lambda facts: _text(facts.get("court")),
    "was_when": lambda facts: _when(facts.get("was_at")),
    "was_court": lambda facts: _text(facts.get("was_court")),
    "vacated": lambda facts: _yes(facts.get("vacated")),
    "attend": lambda facts: _yes(facts.get("need_attend")),
    "corrects": lambda facts: _yes(facts.get("corrects") or None),
    "reason": lambda facts: _text(facts.get("reason_text")),
    "approved": lambda facts: _text(facts.get("approved_by")),
    "decided_by": lambda facts: _text(facts.get("decided_by")),
    "review": lambda facts: _yes(facts.get("review_eligible")),
    "disposal": lambda facts: _word(facts.get("disposal"), _DISPOSALS),
    "outcome": lambda facts: _text(facts.get("outcome")),
    "outcome_said": lambda facts: _word(facts.get("outcome"), _OUTCOMES),
    "last": lambda facts: _yes(facts.get("last_defendant")),
    "sentence": lambda facts: _text(facts.get("sentence")),
    "meaning": lambda facts: _text(facts.get("plain_meaning")),
    "kind": lambda facts: _text(facts.get("sentence_kind")),
    "measures": lambda facts: _texts(facts.get("measures")),
    "granted": lambda facts: _yes(facts.get("granted")),
}
