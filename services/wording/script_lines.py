"""One line of a script: when it is said, to whom, and its text with the facts in it. Plain substitution: nothing is expanded."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.wording.script_fields import SCRIPT_FIELDS
from services.wording.types import TemplateError

ROLES: Final = frozenset(
    {"victim", "parent_guardian", "bereaved_relative", "spokesperson", "business_contact", "witness"}
)
"""Who may be told, as the books name them."""
NEEDS: Final = frozenset({"no_voice", "no_text", "large_print", "easy_read", "interpreter"})
"""What somebody may need in order to be told (PR18)."""

_KEYS: Final = frozenset({"text", "without", "when", "is", "to", "not_to", "access"})
_FIELD: Final = re.compile(r"\{\{ (\w+) \}\}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line, there only where its facts are known and its conditions hold."""

    pieces: tuple[str, ...]
    """Text and names of fields by turns, text first."""
    without: tuple[str, ...]
    when: tuple[str, str] | None
    to: frozenset[str]
    access: str | None

    @property
    def fields(self) -> frozenset[str]:
        """Every field that decides or fills it."""
        return frozenset({*self.pieces[1::2], *self.without, *((self.when[0],) if self.when else ())})

    def concerns(self, role: str, access: Collection[str]) -> bool:
        """Whether it is for a person told in this role, with these access needs."""
        return role in self.to and (self.access is None or self.access in access)

    def said(self, values: Mapping[str, str | None]) -> str | None:
        """The line with its facts, or None where they are not known or its conditions do not hold."""
        if self.when is not None and values[self.when[0]] != self.when[1]:
            return None
        for name in self.without:
            if values[name] is not None:
                return None
        if len(self.pieces) == 1:
            return self.pieces[0]
        filled = [piece if number % 2 == 0 else values[piece] for number, piece in enumerate(self.pieces)]
        return None if None in filled else "".join(piece or "" for piece in filled)


def read_line(file: str, key: str, line: Any) -> Line:
    """One entry of a script's list; raises TemplateError."""
    entry = {"text": line} if isinstance(line, str) else line
    if (
        not isinstance(entry, dict)
        or entry.keys() - _KEYS
        or not isinstance(entry.get("text"), str)
        or ("when" in entry) != ("is" in entry)
    ):
        fault = "a line is a text, or a table of text, without, when and is, to or not_to, and access"
        raise TemplateError(file, key, fault, "write it so")
    without = entry.get("without", [])
    to, not_to = frozenset(entry.get("to", ROLES)), frozenset(entry.get("not_to", ()))
    found = Line(
        tuple(_FIELD.split(entry["text"])),
        (without,) if isinstance(without, str) else tuple(without),
        (entry["when"], entry["is"]) if "when" in entry else None,
        to - not_to,
        entry.get("access"),
    )
    if unknown := found.fields - SCRIPT_FIELDS.keys():
        raise TemplateError(file, key, f"nobody knows the field {min(unknown)}", "drop it or mend its name")
    if unknown := (to | not_to) - ROLES:
        raise TemplateError(file, key, f"{min(unknown)} is no role", f"give {', '.join(sorted(ROLES))}")
    if found.access is not None and found.access not in NEEDS:
        raise TemplateError(file, key, f"{found.access} is no access need", f"give {', '.join(sorted(NEEDS))}")
    if any("{" in text or "}" in text for text in found.pieces[::2]):
        raise TemplateError(file, key, "a brace names no field", "write {{ name }}, or no brace")
    return found
