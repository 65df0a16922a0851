"""Where holds wait, and where they go when nobody takes them (PR19)."""

from __future__ import annotations

from importlib import resources

import pytest

from schemas.editions.load import load_books
from services.ledger.force_check import read_checked
from services.ledger.force_rules import ForceRules, careful_default, queue_after
from services.ledger.good_reasons import GOOD_REASONS, why_refused
from services.ledger.holding import queue_for
from services.ledger.loosening import loosening

CAREFUL = careful_default("staffs")
SAMPLE = read_checked((resources.files("services.sandbox") / "force.toml").read_text("utf-8"), load_books())


@pytest.mark.parametrize(
    ("rules", "given", "queue"),
    [
        pytest.param(SAMPLE, {"safety": True, "task": "interpreter"}, "control_room", id="PR03-safety-always-staffed"),
        pytest.param(SAMPLE, {"safety": False, "task": "interpreter"}, "interpreters", id="PR18-a-language"),
        pytest.param(CAREFUL, {"safety": False, "task": "interpreter"}, "victim_care", id="PR18-without-such-a-queue"),
        pytest.param(SAMPLE, {"safety": False, "role": "bereaved_relative"}, "liaison", id="PR14-the-bereaved"),
        pytest.param(CAREFUL, {"safety": False, "role": "bereaved_relative"}, "victim_care", id="PR14-without"),
        pytest.param(SAMPLE, {"safety": False, "owner": "wcu"}, "witness_care", id="witness-care"),
        pytest.param(SAMPLE, {"safety": False, "task": "call"}, "victim_care", id="everything-else"),
    ],
)
def test_which_queue(rules: ForceRules, given: dict[str, bool | str], queue: str) -> None:
    """Safety goes to a desk that is always there; other holds to whoever can do them, where the force has such people."""
    assert queue_for(rules, **given).name == queue  # type: ignore[arg-type]  # one table for words and flags


@pytest.mark.parametrize(
    ("queue", "stored", "after"),
    [
        ("interpreters", "victim_care", "victim_care"),
        ("victim_care", "control_room", "control_room"),
        ("control_room", None, None),
        pytest.param("gone", "victim_care", "victim_care", id="a-queue-that-was-removed"),
        pytest.param("gone", "gone_too", "control_room", id="a-chain-that-was-removed"),
    ],
)
def test_pr19_which_queue_comes_next(queue: str, stored: str | None, after: str | None) -> None:
    """PR19: the chain is the force's as it stands now; a hold in a queue that is no more goes on, never nowhere."""
    found = queue_after(SAMPLE, queue, stored)
    assert (found and found.name) == after


def test_the_sample_force_agreed_to_more_and_to_some_less() -> None:
    """The demo's force loosens plain news of a release, and nothing in a grave class: two people load it."""
    sentences = loosening(careful_default("sample"), SAMPLE, load_books())
    assert sentences == ("r6-bail*, r6-released-no-charge, r6-rui for other, standard: from prompt to automated",)
    assert SAMPLE.way("r9-outcome", ("hate",), enhanced=True) == "prompt"


def test_good_reasons_are_the_rules_own() -> None:
    """A code that the rule does not allow is refused with those that it does; every code of the books has its words."""
    assert why_refused("SAFETY_RISK", ("SAFETY_RISK",)) is None
    refused = why_refused("because", ("SAFETY_RISK", "VICTIM_DECLINED"))
    assert refused is not None
    assert "SAFETY_RISK (telling it would put somebody at risk); VICTIM_DECLINED" in refused
    assert "somebody must" in (why_refused("SAFETY_RISK", ()) or "")
    codes = {code for book in load_books().editions for point in book.points.values() for code in point.good_reasons}
    assert codes <= set(GOOD_REASONS)
