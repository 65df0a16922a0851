"""What people answer: stop words stop, in any dress; everything else is for a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.receipts.replies import asks


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        "stop",
        "Stop.",
        "STOPALL",
        "STOP please",
        " stop \n",
        "🛑 STOP 🛑",
        "\uff33\uff34\uff2f\uff30",
        "st\u200bop",
        "STÓP",
        "stop!!!",
        "STOPIO",
        "Peidiwch",
        "unsubscribe",
        "Opt-out",
        "'stop'",
    ],
)
def test_s07_stop_in_every_dress_stops(body: str) -> None:
    """Case, marks, emoji, wide letters, invisible letters, courtesy, Welsh."""
    assert asks(body, None) == "stop"


@pytest.mark.parametrize(
    "body",
    [
        "who is this",
        "wrong number",
        "stop him he is outside",
        "help",
        "don't stop",
        "yes",
        "",
        "🛑",
        "the bus stop at 9",
        "stopped",
    ],
)
def test_s07_everything_else_is_for_a_person(body: str) -> None:
    """Words around it change what it means, and a person reads it."""
    assert asks(body, None) == "other"


def test_s08_start_is_noticed_and_nothing_more() -> None:
    """START is told apart, so that a person can ask; it switches nothing on."""
    assert asks("START", None) == "start"
    assert asks("whatever", "START") == "start"


def test_what_the_provider_made_of_it_counts() -> None:
    """A number that the provider has opted out is one that we do not text, whatever the words were."""
    assert asks("arrêt", "STOP") == "stop"
    assert asks("info", "HELP") == "other"


@given(st.text())
def test_every_text_has_one_meaning(body: str) -> None:
    """Any text at all."""
    assert asks(body, None) in {"stop", "start", "other"}
