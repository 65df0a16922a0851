"""For every update point of every book and every kind of recipient: a template or the reason for none, and a script."""

from __future__ import annotations

import re

import pytest

from schemas.editions.load import load_books
from services.wording import can_say, forbidden, prompt_of, script, why_not
from services.wording.script import ANY, library
from tests.unit.wording.samples import ROLES, english, facts_for

ROWS = [
    "r1-language", "r3-ack", "r3-cjs-info", "r3-rj-info", "r4-needs", "r4-reassess", "r4-referral", "r4-wcu-needs",
    "r5-compensation", "r6-no-investigation", "r6-contact-plan", "r6-long-gap", "r6-cannot-update", "r6-arrest",
    "r6-interview", "r6-released-no-charge", "r6-bail", "r6-rui", "r6-bail-varied", "r6-bail-cancelled",
    "pace-bail-views", "pace-bail-notify", "r6-charge", "r6-first-hearing", "r6-police-nfa", "r6-cps-no-charge",
    "r6-cps-change", "r6-cps-meeting", "r6-ood-views", "r6-ood-outcome", "r6-closed-no-charge", "r6-reopened",
    "r7-vps-offer", "r8-hearing-date", "r8-bail-outcome", "r8-warrant", "r8-rearrest-outcome", "r8-court-to-wcu",
    "r8-attend", "r8-not-needed", "r8-special-measures", "r8-court-visit", "r9-outcome", "r9-sentence",
    "r9-sentence-questions", "r9-bereaved-meeting", "r9-uls", "r9-appeal-notice", "r9-appeal-hearing", "r9-appeal-bail",
    "r9-appeal-outcome", "r9-ccrc", "r10-expenses", "r10-property", "r11-vcs-referral", "r11-vlo-contact",
    "r11-key-stages", "r11-escape", "r12-complaint-ack", "r12-escalate", "w-first-contact", "w-attend", "w-hearing-date",
    "w-hearing-changed", "w-special-measures", "w-outcome", "w-stood-down", "w-at-court", "w-expenses",
    "w-single-contact", "f-reminder", "f-cadence", "f-handover", "f-custody-changed", "f-order-changed", "f-bail-lapse",
    "f-order-lapse",
]  # fmt: skip
"""The rows of the tables of the Code, the Witness Charter, the statute and the force's own book."""
POINTS = {
    point.id: point
    for edition in sorted(load_books().editions, key=lambda edition: edition.since)
    for point in edition.points.values()
}
"""Every rule that is loaded, in its newest edition."""
NEVER_BY_MACHINE = {
    "r6-released-no-charge", "r6-bail", "r6-rui", "r6-bail-varied", "r6-bail-cancelled", "pace-bail-notify", "pace-bail-views",
    "r6-police-nfa", "r6-ood-outcome", "r8-bail-outcome", "r8-special-measures", "w-special-measures", "r9-appeal-bail",
    "r11-escape", "f-custody-changed", "f-order-changed", "f-bail-lapse", "f-order-lapse",
}  # fmt: skip
SPOKEN = {"threat", "false comfort", "opinion on guilt", "internal code", "blank field", "link", "address", "survey"}
"""What is not said aloud either."""


def _templates(point: str) -> set[str]:
    """The templates that carry everything that the rule requires, as the book that stands now has it."""
    required = POINTS[point].content_required if point in POINTS else ()
    return {
        block.name
        for (named, _, _), forms in english().blocks.items()
        for block in forms.values()
        if named == point and block.carries.issuperset(required)
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("point", sorted({*ROWS, *POINTS}))
def test_every_point_and_recipient_has_words_or_the_reason_for_none(point: str, role: str) -> None:
    """A template that says all that is required, or the written reason for none; and always the script for a person."""
    found = library().get(point)
    assert found is not None, "no script"
    assert found.by_machine == bool(_templates(point))
    assert re.fullmatch(r"[A-Z].{30,}\.", why_not(point))
    say, never_say = script(point, {"told_as": role})
    own, _ = script(ANY, {"told_as": role})
    assert len([line for line in say if line not in own]) >= 1
    assert len(never_say) >= 6
    assert all(line[0].isupper() and line[-1] in ".?" and "None" not in line for line in (*say, *never_say))
    for line in say:
        assert not {label for label in forbidden(line) if label.partition(":")[0] in SPOKEN}, line


def test_the_scripts_are_those_of_the_tables() -> None:
    """No script is for what nobody owes, and every rule that is loaded has one."""
    assert set(library()) == {*ROWS, *POINTS, ANY}


@pytest.mark.parametrize("point", sorted(NEVER_BY_MACHINE))
def test_what_frees_somebody_or_ends_a_protection_is_never_news_by_machine(point: str) -> None:
    """PR03: prompts and scripts only, for every channel and style."""
    assert not _templates(point)
    assert not any(named == point for named, _, _ in english().blocks)


def test_pr14_a_machine_tells_a_bereaved_family_nothing() -> None:
    """Everything goes through the liaison officer: no news, no reminder, no prompt, and never "your report"."""
    for (point, channel, style), forms in english().blocks.items():
        for block in forms.values():
            facts = facts_for(point, block) | {"told_as": "bereaved_relative"}
            assert not can_say(point, "news", channel, style, "en", facts)
    for point in library():
        assert prompt_of(point, {"told_as": "bereaved_relative"}) is None
        say, never_say = script(point, {"told_as": "bereaved_relative", "happened_on": "2026-03-09"})
        assert any("liaison officer" in line for line in say)
        assert not any("their report" in line for line in say)
        assert any(line.startswith("Your report, your case") for line in never_say)


@pytest.mark.parametrize(
    ("role", "point", "says"),
    [
        ("victim", "r6-arrest", "was arrested on Monday 9 March 2026 about their report."),
        ("parent_guardian", "r6-arrest", "about what was reported about their child."),
        ("bereaved_relative", "r6-arrest", "about the death of the one they lost."),
        ("spokesperson", "r6-arrest", "Look up first that this person still wants that"),
        ("business_contact", "r7-vps-offer", "Impact Statement for Business"),
        ("bereaved_relative", "r7-vps-offer", "The family may say in its own words"),
        ("parent_guardian", "f-reminder", "Their child is asked to come"),
        ("witness", "f-handover", "They are a witness."),
    ],
)  # fmt: skip
def test_a_script_speaks_to_its_recipient(role: str, point: str, says: str) -> None:
    """Who is told decides how: a family is not told of a report, a parent hears of the child."""
    facts = {"told_as": role, "happened_on": "2026-03-09", "starts_at": "2026-04-14T08:30:00Z"}
    say, _ = script(point, facts)
    assert any(says in line for line in say)


@pytest.mark.parametrize(
    ("need", "says"),
    [
        ("no_voice", "Use Relay UK"),
        ("no_text", "speak to them, and leave nothing to read"),
        ("interpreter", "Book one before you speak"),
        ("easy_read", "easy read"),
        ("large_print", "large print"),
    ],
)
@pytest.mark.parametrize("point", ["r6-bail", "r8-attend", "w-stood-down", "f-cadence"])
def test_pr18_a_script_says_the_accessible_way(point: str, need: str, says: str) -> None:
    """Who cannot use a telephone by voice is not rung; each need is said before anything else is."""
    with_need, _ = script(point, {}, (need,))
    without, _ = script(point, {})
    assert [line for line in with_need if says in line]
    assert not [line for line in without if says in line]
    opening = next(number for number, line in enumerate(with_need) if line.startswith("First: is it them"))
    assert next(number for number, line in enumerate(with_need) if says in line) < opening


def test_pr15_special_measures_prompt_only_where_granted() -> None:
    """A refusal, a change and what is not known get no prompt; and no prompt names the measure."""
    for point in ("r8-special-measures", "w-special-measures"):
        assert prompt_of(point, {"granted": True, "measures": ["screens"]}) == "news"
        assert prompt_of(point, {"granted": False}) is None
        assert prompt_of(point, {}) is None
