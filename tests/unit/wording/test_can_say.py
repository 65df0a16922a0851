"""Whether words exist: news only whole, and only what a machine may say."""

from __future__ import annotations

from typing import Any

import pytest

from services.wording import can_say
from tests.unit.wording.samples import APRIL, COMMON, CROWN, HEARINGS, POINTS

BACKWARDS = {"window": {"from": "2026-05-15", "to": "2026-05-04"}, "court": CROWN}
PEOPLE_ONLY = [
    "r6-police-nfa", "r6-released-no-charge", "r6-bail", "r6-bail-varied", "r6-bail-cancelled", "r6-rui", "r6-ood-outcome",
    "r6-closed-no-charge", "r6-cps-no-charge", "r6-cps-change", "r8-bail-outcome", "r8-warrant", "r8-rearrest-outcome",
    "r8-special-measures", "r8-attend", "r9-uls", "r9-appeal-bail", "r9-appeal-outcome",
]  # fmt: skip


def news(point: str, facts: dict[str, Any], channel: str = "sms", style: str = "plain", **more: Any) -> bool:
    """Whether it can be said as news."""
    return can_say(point, "news", channel, style, "en", facts, **more)


@pytest.mark.parametrize("point", PEOPLE_ONLY)
@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("style", ["plain", "neutral"])
def test_what_only_a_person_says(point: str, channel: str, style: str) -> None:
    """No facts make a machine say these."""
    facts = COMMON | {
        "reason_text": "We could not find out who it was", "approved_by": "Insp Hill", "decided_by": "DS Hill",
        "review_eligible": True,         "outcome": "bailed", "conditions": ["not to go to Leek"], "granted": True,
        "starts_at": APRIL, "court": CROWN,
    }  # fmt: skip
    assert not news(point, facts, channel, style)


@pytest.mark.parametrize(
    ("point", "facts", "channel", "style", "said"),
    [
        ("r6-arrest", COMMON, "sms", "plain", True),
        ("r6-arrest", COMMON, "email", "plain", True),
        ("r6-arrest", COMMON, "sms", "neutral", False),
        ("r6-arrest", COMMON | {"suspects": 2}, "sms", "plain", False),
        ("r6-arrest", {"happened_on": "2026-03-09"}, "sms", "plain", False),
        ("r6-arrest", {"suspects": 1}, "sms", "plain", False),
        ("r6-arrest", COMMON | {"corrects": True}, "sms", "plain", False),
        ("r6-charge", COMMON | {"custody": "remand"}, "sms", "plain", True),
        ("r6-charge", COMMON, "sms", "plain", True),
        ("r6-charge", COMMON | {"custody": "bail"}, "sms", "plain", False),
        ("r9-outcome", COMMON | {"outcome": "convicted"}, "sms", "plain", True),
        ("r9-outcome", COMMON | {"outcome": "acquitted"}, "email", "plain", False),
        ("r9-outcome", COMMON, "email", "plain", False),
        ("r9-sentence", COMMON | POINTS["r9-sentence"], "email", "plain", True),
        ("r9-sentence", COMMON | POINTS["r9-sentence"], "sms", "plain", False),
        ("r9-sentence", COMMON | {"sentence": "A fine of 200 pounds"}, "email", "plain", False),
        ("r6-no-investigation", COMMON | POINTS["r6-no-investigation"], "email", "plain", True),
        ("r6-no-investigation", COMMON | POINTS["r6-no-investigation"], "sms", "plain", False),
        ("r6-no-investigation", COMMON | {"reason_text": "Nobody saw it"}, "email", "plain", False),
        ("r6-no-investigation", COMMON | {"approved_by": "Insp Hill"}, "email", "plain", False),
        ("r8-hearing-date", COMMON | HEARINGS["listed"], "sms", "plain", True),
        ("r8-hearing-date", COMMON | HEARINGS["listed"], "sms", "neutral", False),
        ("r8-hearing-date", COMMON | HEARINGS["moved-day"], "sms", "neutral", True),
        ("r8-hearing-date", COMMON | HEARINGS["moved-day"] | {"was_court": None}, "sms", "neutral", False),
        ("r8-hearing-date", COMMON | HEARINGS["moved-place"], "sms", "neutral", False),
        ("r8-hearing-date", COMMON | HEARINGS["off"], "sms", "neutral", True),
        ("r8-hearing-date", COMMON | {"starts_at": APRIL}, "sms", "plain", False),
        ("r8-hearing-date", COMMON | {"starts_at": "2026-04-13T23:00:00Z", "court": CROWN}, "sms", "plain", False),
        ("r8-hearing-date", COMMON | {"court": CROWN}, "sms", "plain", False),
        ("r8-hearing-date", COMMON | BACKWARDS, "sms", "plain", False),
        ("r8-hearing-date", COMMON | HEARINGS["listed"] | {"corrects": True}, "sms", "plain", False),
        ("r8-not-needed", COMMON | POINTS["r8-not-needed"], "sms", "neutral", True),
        ("r8-not-needed", COMMON, "sms", "neutral", False),
    ],
)  # fmt: skip
def test_news(point: str, facts: dict[str, Any], channel: str, style: str, said: bool) -> None:
    """Only with every fact that it states, only in a style that may name it, never half (midnight is a time not known)."""
    assert news(point, facts, channel, style) is said


def test_what_the_rule_requires_must_be_carried() -> None:
    """A template that leaves out one thing the book wants told is no news."""
    assert news("r6-arrest", COMMON, required=("fact",))
    assert not news("r6-arrest", COMMON, required=("fact", "reasons"))
    assert news("r8-hearing-date", COMMON | HEARINGS["listed"], required=("date", "time", "place"))


@pytest.mark.parametrize(
    ("point", "facts", "said"),
    [
        ("r6-arrest", {}, True),
        ("r6-bail", {}, True),
        ("r8-attend", {}, True),
        ("r8-special-measures", {"granted": True}, True),
        ("r8-special-measures", {"granted": False}, False),
        ("r8-special-measures", {}, False),
        ("r6-cps-no-charge", {}, False),
        ("r8-court-to-wcu", {}, False),
        ("f-something-new", {}, True),
    ],
)
def test_prompts(point: str, facts: dict[str, Any], said: bool) -> None:
    """A prompt wherever somebody has something to tell; none for an outside owner's duty, or where PR15 wants a call."""
    assert can_say(point, "prompt", "sms", "neutral", "en", facts) is said


@pytest.mark.parametrize("language", ["cy", "pl", "", "en-GB", "../en", "EN"])
def test_other_languages_have_no_words_yet(language: str) -> None:
    """PR18: no template in the person's language is nothing to send."""
    assert not can_say("r6-arrest", "prompt", "sms", "neutral", language, {})
