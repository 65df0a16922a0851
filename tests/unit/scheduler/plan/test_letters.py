"""PR24: who asked for letters gets a task whose words are ready to print."""

from __future__ import annotations

from typing import Any

from services.scheduler.plan.types import Planned
from tests.unit.scheduler.plan import cases

LETTER: dict[str, Any] = {"id": "c9", "channel": "letter", "value": "1 Example Street, Exampleton", "safe": True}


def arrest_by_letter(*classes: str) -> Planned:
    someone = cases.person(preference={"channel": "letter"}, contacts=[LETTER])
    return cases.only([someone, cases.crime(*classes), cases.assessed(), cases.arrest(where="custody")], "r6-arrest")


def test_pr24_a_letter_is_ready_to_print() -> None:
    """The task says the whole news as the letter may say it; posting it is recorded by a person."""
    update = arrest_by_letter()
    assert (update.state, update.task, update.kind) == ("held", "write_letter", None)
    assert update.say[-1].startswith("Words for the letter: On Monday 9 March 2026 we arrested someone")


def test_pr24_no_words_for_post_that_another_may_open() -> None:
    """In a case of domestic abuse nothing is ready to print: the person who has it decides what is safe."""
    update = arrest_by_letter("domestic_abuse")
    assert not any(line.startswith("Words for the letter") for line in update.say)
