"""Words for the person who tells it: for every update point of Rights 6, 8 and 9, with whatever facts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.editions.load import load_books
from services.wording import TemplateError, forbidden, script, why_not
from services.wording.script import ANY, library, read
from tests.unit.wording.samples import english

ROWS = [
    "r6-no-investigation", "r6-contact-plan", "r6-long-gap", "r6-cannot-update", "r6-arrest", "r6-interview",
    "r6-released-no-charge", "r6-bail", "r6-rui", "r6-bail-varied", "r6-bail-cancelled", "pace-bail-views",
    "pace-bail-notify", "r6-charge", "r6-first-hearing", "r6-police-nfa", "r6-cps-no-charge", "r6-cps-change",
    "r6-cps-meeting", "r6-ood-views", "r6-ood-outcome", "r6-closed-no-charge", "r6-reopened", "r8-hearing-date",
    "r8-bail-outcome", "r8-warrant", "r8-rearrest-outcome", "r8-court-to-wcu", "r8-attend", "r8-not-needed",
    "r8-special-measures", "r8-court-visit", "r4-wcu-needs", "r9-outcome", "r9-sentence", "r9-sentence-questions",
    "r9-bereaved-meeting", "r9-uls", "r9-appeal-notice", "r9-appeal-hearing", "r9-appeal-bail", "r9-appeal-outcome",
    "r9-ccrc",
]  # fmt: skip
FULL: dict[str, Any] = {
    "happened_on": "2026-03-13", "suspects": 2, "officer_name": "DC Jo Hill", "officer_phone": "01632 960124",
    "conditions": ["not to go to Leek", "to sleep at one place"], "ends_on": "2026-04-10", "charges": ["theft of a bicycle"],
    "custody": "bail", "first_hearing_at": "2026-04-14T08:30:00Z", "first_hearing_court": "Stafford Magistrates' Court",
    "starts_at": "2026-04-14T08:30:00Z", "court": "Stafford Crown Court", "was_at": "2026-05-11T08:30:00Z", "need_attend": True,
    "reason_text": "Nobody saw it.", "approved_by": "Insp Hill", "decided_by": "DS Moss", "review_eligible": True,
    "disposal": "community_resolution", "outcome": "acquitted", "sentence": "A fine of 200 pounds.",
    "plain_meaning": "They pay it.", "sentence_kind": "fine", "granted": True, "measures": ["a screen"], "corrects": True,
    "where": "voluntary",
}  # fmt: skip
SPOKEN = {
    "threat",
    "false comfort",
    "opinion on guilt",
    "internal code",
    "blank field",
    "link",
    "address",
    "form of address",
    "survey",
}
"""What is not said aloud either. `warrant` and the like stand in no script; evidence and measures are named only in warnings."""


@pytest.mark.parametrize("point", ROWS)
def test_every_row_has_a_script_and_a_reason(point: str) -> None:
    """A template or a written reason why no machine says it, and a script in every case."""
    assert point in library()
    assert re.fullmatch(r"[A-Z].{30,}\.", why_not(point))
    for facts in ({}, FULL):
        say, never_say = script(point, facts)
        assert len(say) >= 4
        assert len(never_say) >= 6
        assert all(line[0].isupper() and line[-1] in ".?" and "None" not in line for line in (*say, *never_say))


def test_the_rows_are_those_of_the_books() -> None:
    """Every rule of the books that are loaded, and every template, has its script."""
    points = {point for edition in load_books().editions for point in edition.points}
    assert points | {point for point, _, _ in english().blocks} <= set(ROWS)
    assert set(library()) == {*ROWS, ANY}


@pytest.mark.parametrize("point", [*ROWS, "f-cadence"])
@pytest.mark.parametrize("facts", [{}, FULL], ids=["nothing known", "all known"])
def test_nothing_in_a_script_frightens_or_promises(point: str, facts: dict[str, Any]) -> None:
    """No threat, no false comfort, no opinion and no code is put into anybody's mouth."""
    say, _ = script(point, facts)
    for line in say:
        assert not {found for found in forbidden(line) if found.partition(":")[0] in SPOKEN}, line


@pytest.mark.parametrize(
    "point",
    [
        "r6-released-no-charge", "r6-bail", "r6-rui", "r6-bail-varied", "r6-bail-cancelled", "pace-bail-notify",
        "r8-bail-outcome", "r9-appeal-bail",
    ],
)  # fmt: skip
def test_safety_news_comes_first(point: str) -> None:
    """Who is free, or what protects them no more, is the first thing said once they can talk; then a plan."""
    say, _ = script(point, FULL | {"corrects": False, "suspects": 1, "outcome": "bailed"})
    opening = next(number for number, line in enumerate(say) if line.startswith("First: is it them"))
    assert say[opening + 1].startswith("Say it first and plainly")
    assert any("999" in line for line in say)


def test_a_line_is_left_out_where_its_fact_is_not_known() -> None:
    """What is not known is not guessed: its line goes, or says what to find out."""
    known, _ = script("r6-bail", FULL)
    assert "The conditions: not to go to Leek; to sleep at one place. Say which of these protect them." in known
    assert (
        "The person must come back to us by Friday 10 April 2026. Things may change before then; we shall say so."
        in known
    )
    assert "What you cannot answer goes to the officer in the case: DC Jo Hill (01632 960124)." in known
    unknown, _ = script("r6-bail", {})
    assert "No conditions are recorded. Ask the officer now; until you know, say that you do not know." in unknown
    assert not any("come back to us by" in line or "officer in the case" in line for line in unknown)


def test_nfa_says_what_is_missing_before_the_call() -> None:
    """PR13: no reason, no sign-off, nobody who decided: the script says so before anything else."""
    bare, _ = script("r6-police-nfa", {"suspects": 1})
    assert [line for line in bare if "before you ring" in line.lower()] == list(bare[:4])
    whole, _ = script("r6-police-nfa", FULL)
    assert not any("before you ring" in line.lower() for line in whole)
    assert any(line.startswith("They may ask for a review") for line in whole)


def test_several_suspects_and_corrections_are_pointed_out() -> None:
    """PR07 and PR10 stand in the script, not only in the rule."""
    say, _ = script("r6-arrest", {"suspects": 3, "corrects": True})
    assert any(line.startswith("There are 3 suspects") for line in say)
    assert any(line.startswith("We told them something that was not right. Say sorry") for line in say)


def test_an_update_point_without_words_of_its_own() -> None:
    """The force's own rules have a script too: how to begin and how to end."""
    say, never_say = script("f-handover", {})
    assert say[0].startswith("First: is it them")
    assert len(never_say) == 5


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(ROWS), st.dictionaries(st.sampled_from(sorted(FULL)), json))
def test_a_script_never_fails(point: str, facts: dict[str, Any]) -> None:
    """Whatever a feed sent, the person who holds the task gets a script, each line a line."""
    say, _ = script(point, facts)
    assert say
    assert all(line.isprintable() for line in say)


def test_values_in_a_script_are_literal() -> None:
    """S35 for what staff read: nothing is expanded, invisible marks go, a flood is cut."""
    say, _ = script("r6-bail", {"conditions": ["{{ 7 * 7 }} <b>\u202e\nx", "y" * 2000]})
    line = next(line for line in say if line.startswith("The conditions"))
    assert "{{ 7 * 7 }} <b> x" in line
    assert len(line) < 800


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('[x]\nwhy = "w"\nprompt = "news"\nsay = ["{{ what }}"]\nnever_say = ["n"]', "nobody knows the field what"),
        ('[x]\nprompt = "news"\nsay = ["s"]\nnever_say = ["n"]', "give why, say and never_say"),
        ('[x]\nwhy = "w"\nprompt = "maybe"\nsay = ["s"]\nnever_say = ["n"]', "prompt is news, talk or none"),
        ('[x]\nwhy = "w"\nprompt = "news"\nsay = [{words = "s"}]\nnever_say = ["n"]', "a line is a text"),
        ('[x]\nwhy = "w"\nprompt = "news"\nsay = ["s"]\nnever_say = ["n"]\nwho = 1', "nobody knows the key who"),
        ('[x]\nwhy = "w"\nprompt = "news"\nsay = ["{% if %}"]\nnever_say = ["n"]', "x: "),
        ("[x", "not TOML"),
    ],
)
def test_the_linter_refuses(tmp_path: Path, table: str, says: str) -> None:
    """A script that names what nobody knows, or leaves something out, does not load."""
    around = '[any]\nwhy = "w"\nprompt = "talk"\nsay = ["a", "---", "b"]\nnever_say = ["n"]\n'
    (tmp_path / "a.toml").write_text(around)
    (tmp_path / "b.toml").write_text(table)
    with pytest.raises(TemplateError, match=re.escape(says)):
        read(tmp_path)
