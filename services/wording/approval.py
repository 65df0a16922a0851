"""Who answers for the words of a template: without that it is a draft, which is tried and looked at and never sent (PR18).

English is what the others are paired with, and ships with the service. Every other template was drafted by a machine until two
people have read it, and their word is for those very words: another version has nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from services.wording.types import TemplateError

SOURCE: Final = "source"
DRAFT: Final = "machine-drafted, not approved"
APPROVED: Final = "approved"
KEYS: Final = frozenset({"status", "approved_by", "approved_on", "approved_version", "pair_of"})
"""What a head says of its words without being words: no part of their version."""

_APPROVAL: Final = ("approved_by", "approved_on", "approved_version")


def may_be_sent(file: str, head: Mapping[str, Any], version: str, language: str) -> bool:
    """Whether somebody answers for these words; raises TemplateError where the head does not say plainly who."""
    status, source = head.get("status"), language == "en"
    if status not in ((SOURCE,) if source else (DRAFT, APPROVED)):
        known = f'"{SOURCE}"' if source else f'"{DRAFT}" or "{APPROVED}"'
        fault = "there is none" if status is None else "it is no word for that"
        raise TemplateError(file, "status", fault, f"give {known}")
    if source == ("pair_of" in head):
        remedy = "drop it" if source else "give the version of the English template that it says"
        raise TemplateError(file, "pair_of", "English has no pair" if source else "there is none", remedy)
    if status != APPROVED:
        if idle := [key for key in _APPROVAL if key in head]:
            raise TemplateError(file, idle[0], "nobody has approved it", f'drop it, or say status = "{APPROVED}"')
        return source
    _check_approval(file, head, version)
    return True


def _check_approval(file: str, head: Mapping[str, Any], version: str) -> None:
    names, on = head.get("approved_by"), head.get("approved_on")
    said = [name.strip().casefold() for name in names if isinstance(name, str)] if isinstance(names, list) else []
    if len({name for name in said if name}) < 2:
        fault = "two people approve words: one who reads the language, and another who reads them beside the English"
        raise TemplateError(file, "approved_by", fault, "give both names")
    if not isinstance(on, date) or isinstance(on, datetime):
        raise TemplateError(file, "approved_on", "there is no day", "give the day on which the second of them approved")
    if head.get("approved_version") != version:
        fault = f"these words are {version}, and nobody approved them"
        raise TemplateError(file, "approved_version", fault, f'have them read again, or say status = "{DRAFT}"')
