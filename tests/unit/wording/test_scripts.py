"""Words for the person who tells it: for every update point of Rights 6, 8 and 9, with whatever facts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.wording import TemplateError, forbidden, script
from services.wording.script import library, read

ROWS = sorted(library())
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
    """A rule that a force adds has a script too: how to begin and how to end."""
    say, never_say = script("f-something-new", {})
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


BASE = 'why = "w"\nprompt = "news"\nsay = ["s"]\nnever_say = ["n"]\n'


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("[x]\n" + BASE.replace('"s"', '"{{ what }}"'), "nobody knows the field what"),
        ('[x]\nprompt = "news"\nsay = ["s"]\nnever_say = ["n"]', "give why or no_template"),
        ("[x]\n" + BASE + 'no_template = "n"', "give why or no_template"),
        ("[x]\n" + BASE.replace('say = ["s"]', ""), "give why or no_template, say and never_say"),
        ("[x]\n" + BASE.replace('"news"', '"maybe"'), "prompt is news, talk or none"),
        ("[x]\n" + BASE.replace('"s"', '{words = "s"}'), "a line is a text"),
        ("[x]\n" + BASE.replace('"s"', '{text = "s", to = ["aunt"]}'), "aunt is no role"),
        ("[x]\n" + BASE.replace('"s"', '{text = "s", access = "ears"}'), "ears is no access need"),
        ("[x]\n" + BASE + "who = 1", "nobody knows the key who"),
        ("[x]\n" + BASE.replace('"s"', '"{% if %}"'), "a brace names no field"),
        ("[any]\n" + BASE, "there is a script already"),
        ("[x", "not TOML"),
    ],
)
def test_the_linter_refuses(tmp_path: Path, table: str, says: str) -> None:
    """A script that names what nobody knows, or leaves something out, does not load: file, key and remedy are named."""
    around = '[any]\nwhy = "w"\nprompt = "talk"\nsay = ["a", "---", "b"]\nnever_say = ["n"]\n'
    (tmp_path / "a.toml").write_text(around)
    (tmp_path / "b.toml").write_text(table)
    with pytest.raises(TemplateError, match=re.escape(says)) as caught:
        read(tmp_path)
    assert caught.value.file == "b.toml"
    assert caught.value.key in {"x", "any", "file"}
    assert len(str(caught.value).split("; ")) >= 2
