"""Every template with every variant of facts that changes its words: the product's own samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from services.wording.samples import APRIL, COMMON, CROWN, FRAME, HEARINGS, MAY, POINTS, samples
from services.wording.templates import Block, Library, library

__all__ = [
    "APRIL",
    "COMMON",
    "CROWN",
    "FRAME",
    "HEARINGS",
    "MAY",
    "POINTS",
    "blocks",
    "english",
    "facts_for",
    "variants",
]

ROLES: Final = ("victim", "parent_guardian", "bereaved_relative", "spokesperson", "business_contact", "witness")


def english() -> Library:
    """The templates in English."""
    found = library("en")
    assert found is not None
    return found


def blocks() -> Iterator[tuple[str, Block]]:
    """Every block, each once, with one update point that it serves."""
    found: dict[str, tuple[str, Block]] = {}
    for (point, _, _), forms in english().blocks.items():
        for block in forms.values():
            found.setdefault(block.name, (point, block))
    yield from found.values()


def facts_for(point: str, block: Block) -> dict[str, Any]:
    """The first sample of a block."""
    return next(samples(point, block))


def variants() -> Iterator[tuple[str, Block, dict[str, Any]]]:
    """Every block with every variant of facts that changes its words, each once."""
    told: dict[str, list[dict[str, Any]]] = {}
    for (point, _, _), forms in english().blocks.items():
        for block in forms.values():
            before = told.setdefault(block.name, [])
            for facts in samples(point, block):
                if facts not in before:
                    before.append(facts)
                    yield point, block, facts
