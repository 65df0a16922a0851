"""PR18: reading age is a gate for a template, not a score beside it."""

from __future__ import annotations

from typing import Any

import pytest

from services.wording import Item, write
from services.wording.reading import HARDEST, grade, hardest_sentence
from services.wording.templates import Block
from tests.unit.wording.samples import FRAME, blocks, facts_for

BLOCKS = list(blocks())


@pytest.mark.parametrize(("point", "block"), BLOCKS, ids=[block.name for _, block in BLOCKS])
def test_news_can_be_read_by_almost_everybody(point: str, block: Block) -> None:
    """Grade 6 or lower, the news alone and the whole message, with the names of courts left as they are."""
    words = write("news", block.channel, block.style, "en", [Item(point, facts_for(point, block))], FRAME)
    assert grade(words.body) <= HARDEST
    assert grade(words.news) <= HARDEST


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("style", ["plain", "neutral"])
@pytest.mark.parametrize("point", ["r6-bail", "r8-attend"])
def test_prompts_can_be_read_by_almost_everybody(channel: str, style: str, point: str) -> None:
    """Grade 6 or lower."""
    assert grade(write("prompt", channel, style, "en", [Item(point, {})], FRAME).body) <= HARDEST


HARD = "The defendant's representative subsequently submitted an application regarding conditional arrangements."


@pytest.mark.parametrize(
    ("text", "least", "most"), [(HARD, 12, 40), ("We will ring you. You can say no.", -5, 2), ("", 0, 0)]
)
def test_the_measure_tells_hard_from_easy(text: str, least: float, most: float) -> None:
    """The gate would shut for the language of letters from a court."""
    assert least <= grade(text) <= most


def test_the_hardest_sentence_is_the_one_to_mend() -> None:
    """Whoever wrote it is told which one."""
    facts: dict[str, Any] = {"easy": "We will ring you."}
    assert hardest_sentence(f"{facts['easy']} {HARD} You can say no.") == HARD.rstrip(".")
