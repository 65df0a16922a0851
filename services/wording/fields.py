"""What a template may name. Each field reads the facts of one update and says it as people do, or None where it is not known.

Facts are made by the planner. Keys of all: `happened_on` (ISO date), `suspects` (how many in the case), `told_as` (the role in
which the person is told; absent for a victim), `text_language` (of what somebody typed; absent for English). A *guard* is a
field that a template does not show but that must be true for it to be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.wording.clean import words
from services.wording.hearing_fields import HEARING_FIELDS
from services.wording.names import full_name, given_name
from services.wording.read_facts import NAME, name, on_date, said_day, sentences
from services.wording.tongue import Field, How
from services.wording.types import CannotSay, Facts, Value

_SHORT_NOTE: Final = 200


def on_day(facts: Facts, how: How) -> Value:
    """The day it happened: `9 Mar`, `Monday 9 March 2026`."""
    on = on_date(facts, "happened_on")
    if on is None:
        return None
    return how.tongue.short_date(on) if how.short else how.tongue.long_day(on)


def theirs(facts: Facts, _how: How) -> Value:
    """Whether it was done to the reader, so that what helps somebody affected is offered to them in their own name."""
    return facts.get("told_as") in {None, "", "victim"}


def for_themselves(facts: Facts, _how: How) -> Value:
    """Guard: whoever reads it is the one who is asked to come; a parent is asked about a child by a person."""
    return None if facts.get("told_as") == "parent_guardian" else True


def one_suspect(facts: Facts, _how: How) -> Value:
    """Guard: exactly one suspect is known in the case, so that nobody is told half (PR07)."""
    return True if facts.get("suspects") == 1 else None


def not_bailed(facts: Facts, _how: How) -> Value:
    """Guard: the charge came without bail; conditions, and that somebody is free, are told by a person."""
    return None if facts.get("custody") == "bail" else True


def convicted(facts: Facts, _how: How) -> Value:
    """Guard: the outcome is a conviction; every other end is told by a person."""
    return True if facts.get("outcome") == "convicted" else None


def signed_off(facts: Facts, _how: How) -> Value:
    """Guard: somebody put their name to the reason."""
    return True if words(facts.get("approved_by"), NAME) else None


def reason(facts: Facts, how: How) -> Value:
    """The officer's own words, fit for the victim."""
    return sentences(facts, "reason_text", how)


def sentence(facts: Facts, how: How) -> Value:
    """What the court ordered."""
    return sentences(facts, "sentence", how)


def meaning(facts: Facts, how: How) -> Value:
    """What the sentence means, in plain words."""
    return sentences(facts, "plain_meaning", how)


def doing(facts: Facts, how: How) -> Value:
    """What is being done, in the officer's own words; what is too long for a text is read in an email or told."""
    said = sentences(facts, "note_text", how)
    if how.short and said is not None and len(said) > _SHORT_NOTE:
        raise CannotSay("too_long", "the officer's note is too long for a text")
    return said


def next_contact(facts: Facts, how: How) -> Value:
    """The day by which we are in touch again."""
    on = on_date(facts, "next_contact_on")
    return None if on is None else said_day(on, facts, how)


def contact_first(facts: Facts, _how: How) -> Value:
    """The first name of whoever is the person's contact now: all that a neutral text may show."""
    return given_name(_text(facts, "contact_name"))


def contact_full(facts: Facts, _how: How) -> Value:
    """The name, with rank, of whoever is the person's contact now."""
    return full_name(_text(facts, "contact_name"))


def contact_unit(facts: Facts, _how: How) -> Value:
    """Where that person works."""
    return name(facts, "contact_unit")


def _text(facts: Facts, key: str) -> str | None:
    value = facts.get(key)
    return value if isinstance(value, str) else None


FIELDS: Final[Mapping[str, Field]] = {
    **HEARING_FIELDS,
    **{
        field.__name__: field
        for field in (
            on_day, theirs, for_themselves, one_suspect, not_bailed, convicted, signed_off, reason, sentence, meaning, doing,
            next_contact, contact_first, contact_full, contact_unit,
        )
    },
}  # fmt: skip
FREE_TEXT: Final[Mapping[str, str]] = {
    "court": "court", "was_court": "was_court", "entrance": "entrance", "reason": "reason_text", "sentence": "sentence",
    "meaning": "plain_meaning", "doing": "note_text", "contact_first": "contact_name", "contact_full": "contact_name",
    "contact_unit": "contact_unit",
}  # fmt: skip
"""Fields that show what somebody typed, and the fact that they show: where anything at all may stand (S01, S35)."""
