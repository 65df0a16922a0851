"""A template in another language says what its English pair says: the same name, fields, rules and version, or it is refused.

Welsh is treated no less favourably than English: what exists in English for Rights 6, 8 and 9 exists in Welsh, and what
changes in English changes in Welsh with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from services.wording.templates import Block, Library, Surround
from services.wording.types import TemplateError

PAIRED: Final = ("r6-", "r8-", "r9-")
"""Update points whose templates all have their pair."""
_OWN: Final = frozenset({"version", "body", "shorter", "closing", "reader", "approved", "pair_of"})
"""What of a block is its language's own."""


def check_pairs(english: Library, other: Library) -> None:
    """Refuse a template without its pair, and one that is not the pair of the English as it stands now."""
    frames, theirs = _frames(english), _frames(other)
    blocks, others = _blocks(english), _blocks(other)
    for name, block in blocks.items():
        if name not in others and any(point.startswith(PAIRED) for point in block.update_points):
            raise _missing(name, other.language)
    for name in frames:
        if name not in theirs:
            raise _missing(name, other.language)
    for name, theirs_too in theirs.items():
        _check_version(name, frames.get(name), theirs_too)
        _check_frame(name, frames[name], theirs_too)
    for name, block in others.items():
        _check_version(name, blocks.get(name), block)
        _check_block(name, blocks[name], block)


def _missing(name: str, language: str) -> TemplateError:
    return TemplateError(f"{name}.txt", "pair", f"it has none in {language}", f"write templates/{language} to match")


def _check_version(name: str, english: Block | Surround | None, other: Block | Surround) -> None:
    file = f"{name}.txt"
    if english is None:
        raise TemplateError(file, "pair_of", "there is no such template in English", "drop it, or name it as its pair")
    now = english.version
    if other.version.partition("-")[0] != now.partition("-")[0]:
        fault = f"its pair in English is version {now.partition('-')[0]}"
        raise TemplateError(file, "version", fault, "say what the English says now, and give the same version")
    if other.pair_of != now:
        fault = f"the English words are {now} now"
        raise TemplateError(file, "pair_of", fault, "say what the English says now, and give that version here")


def _check_block(name: str, english: Block, other: Block) -> None:
    for field in fields(Block):
        if field.name not in _OWN and getattr(english, field.name) != getattr(other, field.name):
            raise TemplateError(f"{name}.txt", field.name, "its pair in English has another", "give the same")


def _check_frame(name: str, english: Surround, other: Surround) -> None:
    if english.body.names != other.body.names:
        raise TemplateError(f"{name}.txt", "fields", "its pair in English names others", "name the same")


def _frames(shelf: Library) -> Mapping[str, Surround]:
    return {frame.name: frame for frame in shelf.frames.values()}


def _blocks(shelf: Library) -> Mapping[str, Block]:
    return {block.name: block for forms in shelf.blocks.values() for block in forms.values()}
