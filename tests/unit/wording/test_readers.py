"""Who reads it decides how it speaks: a parent, a business, a witness, and who cannot use a telephone by voice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.wording import CannotSay, Item, can_say, fits, write
from services.wording.reader import READER_WORDS, reader_words
from services.wording.templates import Block
from tests.unit.wording.samples import APRIL, COMMON, FRAME, HEARINGS, POINTS, blocks, facts_for

BLOCKS = list(blocks())
ALONE = re.compile(r"\b[Rr]ing (?:us|you)\b(?! on 18001)")


def sms(point: str, facts: dict[str, Any], style: str = "plain", **frame: Any) -> str:
    """The body of one text of news."""
    return write("news", "sms", style, "en", [Item(point, COMMON | facts)], replace(FRAME, **frame)).body


@pytest.mark.parametrize(
    ("point", "facts", "role", "says", "never"),
    [
        ("r6-arrest", POINTS["r6-arrest"], "parent_guardian", "about the report", "your report"),
        ("r6-arrest", POINTS["r6-arrest"], "business_contact", "about your report", "the report"),
        ("r6-charge", POINTS["r6-charge"], "parent_guardian", "in the case", "your case"),
        ("r8-not-needed", {"starts_at": APRIL}, "parent_guardian", "your child does NOT need to come", "you do NOT"),
        ("f-reminder", POINTS["f-reminder"], "parent_guardian", "your child is due at", "you are due"),
        (
            "r8-hearing-date",
            HEARINGS["listed"] | {"need_attend": True},
            "parent_guardian",
            "Your child is asked",
            "You are",
        ),
        ("r8-hearing-date", HEARINGS["off"], "parent_guardian", "Your child does NOT need", "You do NOT"),
        ("w-hearing-date", HEARINGS["listed"], "witness", "the hearing is on Tue 14 Apr, 9.30am", "your report"),
        ("w-outcome", POINTS["w-outcome"], "witness", "Thank you for your part in the case", "your case"),
        ("f-handover", POINTS["f-handover"], "witness", "is now your contact for the case", "your case"),
    ],
)
def test_a_text_speaks_to_its_reader(point: str, facts: dict[str, Any], role: str, says: str, never: str) -> None:
    """Nobody is told of a report that they did not make, and a parent hears that the child comes."""
    body = sms(point, facts | {"told_as": role})
    assert says in body
    assert never not in body


def test_a_parent_is_asked_about_a_child_by_a_person() -> None:
    """That a child is to speak in court is never a text."""
    facts = COMMON | POINTS["w-attend"]
    assert can_say("w-attend", "news", "sms", "plain", "en", facts | {"told_as": "witness"})
    assert not can_say("w-attend", "news", "sms", "plain", "en", facts | {"told_as": "parent_guardian"})


@pytest.mark.parametrize(("point", "block"), BLOCKS, ids=[block.name for _, block in BLOCKS])
def test_pr18_nobody_who_cannot_use_a_phone_is_told_just_to_ring(point: str, block: Block) -> None:
    """Every template gives the number with Relay UK's prefix, and never says "ring us" alone."""
    frame = replace(FRAME, no_voice=True)
    body = write("news", block.channel, block.style, "en", [Item(point, facts_for(point, block))], frame).body
    assert "18001 01632 960123 (Relay UK)" in body
    assert not ALONE.search(body)


@pytest.mark.parametrize("kind", ["sms", "email"])
@pytest.mark.parametrize("style", ["plain", "neutral"])
@pytest.mark.parametrize("point", ["r6-bail", "r8-attend"])
def test_pr18_prompts_too(kind: str, style: str, point: str) -> None:
    """A prompt asks for a call through Relay UK, and not to find a place to talk aloud."""
    body = write("prompt", kind, style, "en", [Item(point, {})], replace(FRAME, no_voice=True)).body
    assert "call Jo on 18001 01632 960123 (Relay UK)" in body
    assert "can talk" not in body


@given(st.none() | st.booleans() | st.text(max_size=12) | st.integers() | st.lists(st.text()))
def test_there_are_words_for_any_reader(role: Any) -> None:
    """Whatever a ledger holds as a role, every word is there."""
    assert reader_words({"told_as": role}).keys() == READER_WORDS


LONG = "We went to every house near by and asked who saw it. " * 3


@pytest.mark.parametrize(
    ("points", "fit"),
    [
        (["r6-arrest"], True),
        (["r6-arrest", "r6-interview"], True),
        (["r6-arrest", "r6-interview", "r6-charge"], True),
        (["r6-arrest", "r6-bail"], False),
        ([], False),
    ],
)
def test_pr17_whether_updates_fit_in_one_text(points: list[str], fit: bool) -> None:
    """Three parts at most, by the real text; what no template says does not go in at all."""
    items = [Item(point, COMMON | POINTS.get(point, {})) for point in points]
    assert fits("sms", "plain", "en", items, FRAME) is fit


def test_pr17_what_would_be_four_parts_does_not_fit() -> None:
    """The count is of the whole text, with everything that surrounds the news."""
    note = {"note_text": LONG.strip(), "next_contact_on": "2026-04-14"}
    hearing = HEARINGS["moved-place"] | {"need_attend": True}
    items = [Item("f-cadence", COMMON | note), Item("r8-hearing-date", COMMON | hearing)]
    assert fits("sms", "plain", "en", items, FRAME)
    more = [*items, Item("r8-hearing-date", COMMON | HEARINGS["listed"] | {"court": "Newcastle-under-Lyme Court"})]
    assert not fits("sms", "plain", "en", more, FRAME)
    assert fits("email", "plain", "en", more, FRAME)
    with pytest.raises(CannotSay, match="too long"):
        write("news", "sms", "plain", "en", more, FRAME)
