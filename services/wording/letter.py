"""A letter ready to print, for who asked for letters (PR24): the news in full, and what to mind with the envelope.

It says what an email would say. Where no template says it whole, a person writes it from the script. Posting is recorded by
whoever posts it; a letter that nobody posted tells nobody anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.wording.around import around
from services.wording.clean import stripped
from services.wording.names import full_name
from services.wording.never import forbidden
from services.wording.templates import library
from services.wording.tongue import TONGUES, Tongue
from services.wording.types import CannotSay, Frame, Item
from services.wording.words import ANY_REFERENCE, check_text, surround_of, whole

ENVELOPE: Final = (
    "A plain envelope: no crest, no name of the force, and no address for returns that names it.",
    "To the person by name, marked private, never to the household.",
    "Nothing of the letter may show through the window or the paper.",
    "Record the day on which it is posted: that is when it counts.",
)
LARGE_PRINT: Final = "Print it in large type, on one side of matt paper."


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes on paper: `address` on the envelope alone, `text` on the sheet; `notes` are for whoever prints and posts it."""

    address: tuple[str, ...]
    text: str
    notes: tuple[str, ...]
    template: str
    version: str


def letter(
    style: str,
    language: str,
    items: Sequence[Item],
    frame: Frame,
    *,
    name: str | None,
    address: Sequence[str],
    on: date,
    large_print: bool = False,
) -> Letter:
    """The letter that tells `items`; raises CannotSay where no template says all of it, or it would hold what is never said."""
    shelf = library(language)
    if shelf is None or not items:
        raise CannotSay("no_words", "there is no letter for this language and style")
    surround = surround_of(shelf, "news", "letter", style)
    news = [whole(shelf, "email", style, item, no_voice=frame.no_voice) for item in items]
    said = dict.fromkeys(block.body.render(values) for block, values in news)
    tongue = TONGUES[language]
    values = around(frame, items, style, tongue)
    values.update(text="\n\n".join(said), day=tongue.headed_day(on), greeting=_greeting(name, tongue))
    text = "\n".join(line.rstrip() for line in surround.body.render(values).splitlines())
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    check_text(text.replace(frame.reference, ANY_REFERENCE), "letter", style)
    names = dict.fromkeys([surround.name, *(block.name for block, _ in news)])
    versions = dict.fromkeys([surround.version, *(block.version for block, _ in news)])
    lines = (stripped(line) for line in (*((name,) if name else ()), *address))
    return Letter(
        tuple(line for line in lines if line),
        text.strip(),
        (*ENVELOPE, LARGE_PRINT) if large_print else ENVELOPE,
        f"{language}/{'+'.join(names)}",
        "+".join(versions),
    )


def _greeting(name: str | None, tongue: Tongue) -> str:
    """By name; of what is no name, or would greet a role, nothing is made."""
    called = full_name(name)
    return tongue.hello if called is None or forbidden(f"{tongue.dear} {called}") else f"{tongue.dear} {called}"
