"""What is wrong with a value, in one plain sentence with its remedy. Nothing of the value is ever in the text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from schemas.case_events import DATA
from schemas.case_events.parts import LONGEST_ID

_REMEDIES: Final[Mapping[str, str]] = {
    "missing": "this field may not be left out; add it",
    "string_type": "give text, in quotes",
    "string_too_short": f"give 1 to {LONGEST_ID} characters",
    "string_too_long": f"give 1 to {LONGEST_ID} characters",
    "bool_type": "give true or false without quotes, or leave the field out if it is not known",
    "int_type": "give a whole number without quotes",
    "float_type": "give a number without quotes",
    "tuple_type": "give a list, in square brackets",
    "dict_type": "give an object, in curly brackets",
    "model_type": "give an object, in curly brackets",
    "model_attributes_type": "give an object, in curly brackets",
    "too_short": "name at least one",
}
_OTHERWISE: Final = "give a value of the kind that the published schema of this type of event asks for"
_LONGEST_GUESS: Final = 80


def first_problem(error: ValidationError) -> tuple[str, str]:
    """The field (a path such as contacts[0].channel) and the remedy of the first problem that pydantic found."""
    problem = error.errors(include_url=False, include_input=False)[0]
    return _path(problem["loc"]), _remedy(problem["type"], problem.get("ctx", {}), problem["msg"])


def nearest(kind: object) -> str:
    """A guess at the event type that was meant, as the end of a sentence; empty where there is none."""
    if not isinstance(kind, str) or len(kind) > _LONGEST_GUESS:
        return ""
    found = difflib.get_close_matches(kind, DATA, n=1, cutoff=0.75)
    return f"; did you mean {found[0]}?" if found else ""


def _path(loc: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")


def _remedy(kind: str, ctx: Mapping[str, Any], message: str) -> str:
    if kind == "remedy":
        return message
    if kind == "literal_error":
        return "use a word of its list: " + ", ".join(re.findall(r"'([^']+)'", ctx["expected"]))
    if kind == "string_pattern_mismatch":
        return (
            "give a time of day from 00:00 to 23:59"
            if ":" in ctx["pattern"]
            else "give one line of text, without control characters"
        )
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound = "at least" if kind == "greater_than_equal" else "at most"
        return f"give {bound} {ctx.get('ge', ctx.get('le')):g}"
    return _REMEDIES.get(kind, _OTHERWISE)
