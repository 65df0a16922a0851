"""PR18: reading age is a gate for a template, not a score beside it."""

from __future__ import annotations

import pytest

from services.wording import Item, write
from services.wording.templates import Block
from tests.unit.wording.reading import grade
from tests.unit.wording.samples import FRAME, variants

VARIANTS = list(variants())


@pytest.mark.parametrize(
    ("point", "block", "facts"), VARIANTS, ids=[f"{each[1].name}-{n}" for n, each in enumerate(VARIANTS)]
)
def test_news_can_be_read_by_almost_everybody(point: str, block: Block, facts: dict[str, object]) -> None:
    """Grade 6 or lower, with the names of courts left as they are."""
    body = write("news", block.channel, block.style, "en", [Item(point, facts)], FRAME).body
    assert grade(body) <= 6


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("style", ["plain", "neutral"])
@pytest.mark.parametrize("point", ["r6-bail", "r8-attend"])
def test_prompts_can_be_read_by_almost_everybody(channel: str, style: str, point: str) -> None:
    """Grade 6 or lower."""
    assert grade(write("prompt", channel, style, "en", [Item(point, {})], FRAME).body) <= 6


def test_the_measure_tells_hard_from_easy() -> None:
    """The gate would shut for the language of letters from a court."""
    assert (
        grade(
            "The defendant's representative subsequently submitted an application regarding conditional bail arrangements."
        )
        > 12
    )
    assert grade("We will ring you. You can say no.") < 2
