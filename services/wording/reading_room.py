"""Every template of a language as it would read, draft or not, beside its English: for who approves words. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from services.wording.approval import APPROVED, DRAFT, SOURCE
from services.wording.samples import FRAME, said_in, samples
from services.wording.templates import Block, Library, Surround, library
from services.wording.types import Facts, Item, Kind
from services.wording.words import compose

_PROMPTS: Final = ("r6-bail", "r8-attend")
"""There is news; we would like to talk."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One message; `english` is what its pair says of the same facts, None in English itself; `parts` is 0 for an email."""

    english: str | None
    text: str
    parts: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One template with a message for each variant of facts that changes its words."""

    name: str
    version: str
    pair_of: str
    approved: bool
    status: str
    samples: tuple[Sample, ...]

    def line(self) -> dict[str, Any]:
        """Keyed as it is printed."""
        return asdict(self)


def sheets(language: str) -> list[Sheet]:
    """Every template of a language, by name. Frames of news are seen around the blocks, and have no samples of their own."""
    shelf, english = library(language), library("en")
    if shelf is None or english is None:
        return []
    found = [_sheet(frame, language, _of_frame(shelf, english, key)) for key, frame in shelf.frames.items()]
    seen: set[str] = set()
    for (point, _, _), forms in shelf.blocks.items():
        for block in forms.values():
            if block.name not in seen:
                seen.add(block.name)
                found.append(_sheet(block, language, _of_block(shelf, english, point, block)))
    return sorted(found, key=lambda sheet: sheet.name)


def _sheet(template: Block | Surround, language: str, shown: Iterator[Sample]) -> Sheet:
    status = SOURCE if language == "en" else APPROVED if template.approved else DRAFT
    each = tuple(dict.fromkeys(shown))
    return Sheet(template.name, template.version, template.pair_of, template.approved, status, each)


def _of_frame(shelf: Library, english: Library, key: tuple[str, str, str]) -> Iterator[Sample]:
    kind, channel, style = key
    if kind == "prompt":
        for point in _PROMPTS:
            yield _sample(shelf, english, "prompt", channel, style, point, {})


def _of_block(shelf: Library, english: Library, point: str, block: Block) -> Iterator[Sample]:
    for facts in samples(point, block):
        yield _sample(shelf, english, "news", block.channel, block.style, point, facts)


def _sample(shelf: Library, english: Library, kind: Kind, channel: str, style: str, point: str, facts: Facts) -> Sample:
    said = Item(point, {**facts, **said_in(shelf.language, facts)})
    words = compose(shelf, kind, channel, style, shelf.language, [said], FRAME, drafts=True)
    if shelf is english:
        return Sample(None, words.body, words.parts)
    pair = compose(english, kind, channel, style, "en", [Item(point, facts)], FRAME)
    return Sample(pair.body, words.body, words.parts)
