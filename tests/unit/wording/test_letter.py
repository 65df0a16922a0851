"""PR24: a letter ready to print says what an email would, by name, and its envelope gives nothing away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.wording import CannotSay, Item, Letter, forbidden, letter
from services.wording.reading import HARDEST, grade
from services.wording.templates import Block
from tests.unit.wording.samples import COMMON, FRAME, blocks, facts_for

ON = date(2026, 3, 10)
BY_EMAIL = [(point, block) for point, block in blocks() if block.channel == "email"]


def write(style: str, items: list[Item], *, name: str | None = "Sam Lee", no_voice: bool = False) -> Letter:
    """A letter to a person of that name."""
    frame = replace(FRAME, no_voice=no_voice)
    return letter(style, "en", items, frame, name=name, address=["Flat 2", "ST16 3AA"], on=ON)


@pytest.mark.parametrize(("point", "block"), BY_EMAIL, ids=[block.name for _, block in BY_EMAIL])
def test_every_email_is_a_letter_too(point: str, block: Block) -> None:
    """It holds the news, the reference, a way to reach a person and nothing that is never said, and can be read."""
    found = write(block.style, [Item(point, facts_for(point, block))])
    assert "Our reference: KF7Q2R8M" in found.text
    assert "01632 960123" in found.text
    assert "\n\n\n" not in found.text
    assert "ST16" not in found.text
    assert found.address == ("Sam Lee", "Flat 2", "ST16 3AA")
    assert forbidden(found.text, style=block.style) == []
    assert grade(found.text) <= HARDEST
    assert ("Staffs Police" in found.text) == (block.style == "plain")
    assert block.name in found.template


@pytest.mark.parametrize(
    ("name", "greeting"),
    [("Sam Lee", "Dear Sam Lee,"), (None, "Hello,"), ("{{ x }}", "Hello,"), ("Victim", "Hello,"), ("   ", "Hello,")],
)
def test_it_greets_a_person_by_name(name: str | None, greeting: str) -> None:
    """Never "Dear Victim", never a placeholder: without a name it says hello."""
    text = write("plain", [Item("r6-arrest", COMMON)], name=name).text
    assert text.startswith("Staffs Police\nTuesday 10 March 2026\n\nOur reference: KF7Q2R8M\n\n")
    assert f"\n{greeting}\n" in text


def test_the_envelope_is_neutral() -> None:
    """No crest, no name of the force; and its posting is recorded, since a letter in a drawer tells nobody anything."""
    notes = " ".join(write("plain", [Item("r6-arrest", COMMON)]).notes)
    assert "no name of the force" in notes
    assert "Record the day on which it is posted" in notes


def test_large_print_is_asked_for() -> None:
    """PR18: who needs large print gets it."""
    found = letter("plain", "en", [Item("r6-arrest", COMMON)], FRAME, name=None, address=(), on=ON, large_print=True)
    assert "large type" in found.notes[-1]


def test_who_cannot_use_a_phone_by_voice_gets_the_other_way() -> None:
    """PR18, on paper too."""
    assert "call Jo on 18001 01632 960123 (Relay UK)" in write("plain", [Item("r6-arrest", COMMON)], no_voice=True).text


@pytest.mark.parametrize(
    ("style", "point"),
    [("plain", "r6-bail"), ("neutral", "r6-arrest"), ("plain", "r6-police-nfa"), ("plain", "r3-ack")],
)
def test_what_no_template_says_a_person_writes(style: str, point: str) -> None:
    """Safety news and what must be put in a person's own words are never printed off."""
    with pytest.raises(CannotSay):
        write(style, [Item(point, COMMON)])


def test_several_updates_in_one_letter() -> None:
    """One sheet, each thing once."""
    facts = COMMON | {"where": "custody"}
    text = write("plain", [Item("r6-arrest", facts), Item("r6-interview", facts), Item("r6-arrest", facts)]).text
    assert text.count("we arrested someone") == 1
    assert text.index("we arrested") < text.index("we interviewed")
