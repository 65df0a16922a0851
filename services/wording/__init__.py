"""What people read: templates, the words that may never be said, rendering, and how many parts a text has."""

from services.wording.gsm import parts
from services.wording.letter import Letter, letter
from services.wording.never import forbidden
from services.wording.reference import new_reference
from services.wording.script import prompt_of, script, why_not
from services.wording.types import CannotSay, Facts, Frame, Item, Kind, TemplateError, Words
from services.wording.words import ANY_REFERENCE, can_say, fits, write

__all__ = [
    "ANY_REFERENCE",
    "CannotSay",
    "Facts",
    "Frame",
    "Item",
    "Kind",
    "Letter",
    "TemplateError",
    "Words",
    "can_say",
    "fits",
    "forbidden",
    "letter",
    "new_reference",
    "parts",
    "prompt_of",
    "script",
    "why_not",
    "write",
]
