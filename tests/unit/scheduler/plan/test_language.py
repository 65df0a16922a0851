"""PR18: news goes in words that somebody approved, in English where that was agreed, and else an interpreter tells it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.scheduler.plan import words as remembered
from services.scheduler.plan.remembered import Remembered
from tests.unit.scheduler.plan.cases import EMAIL, PHONE, arrest, codes, event, only, plain_case, planned
from tests.unit.wording.approving import approve, copied, use

AGREED: dict[str, Any] = {"channel": "sms", "plain_wording": True, "wants_outcome": True, "english_accepted": True}
LETTER: dict[str, Any] = {"id": "c9", "channel": "letter", "value": "1 Example Street, Exampleton", "safe": True}
Approve = Callable[[Callable[[str], bool] | None], None]


@pytest.fixture
def approved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Approve:
    """Let the Welsh templates of some names (None: all) be approved; nothing of it is remembered afterwards."""
    monkeypatch.setattr(remembered, "_can_say", Remembered(remembered._try))
    for name in ("_letter", "_fits"):
        monkeypatch.setattr(remembered, name, getattr(remembered, name).__wrapped__)
    return lambda which: use(monkeypatch, approve(copied(tmp_path), which))


def welsh(*more: CaseEvent, **data: Any) -> list[CaseEvent]:
    return plain_case(*more, **{"language": "cy", **data})


@pytest.mark.parametrize("language", ["cy", "cym", "Welsh", "cy-GB", "pl", "bsl", "polish", "xx-YY"])
def test_pr18_without_approved_words_an_interpreter_tells_it(language: str) -> None:
    """The Welsh words are drafts as they ship, so Welsh is like any other language: a hold, and no English beside it."""
    update = only(plain_case(arrest(), language=language), "r6-arrest")
    assert (update.state, update.task, update.kind, update.language) == ("held", "interpreter", None, "en")
    assert codes(update) == ["interpreter"]
    assert not planned(plain_case(arrest(), language=language)).messages


@pytest.mark.parametrize("language", ["cy", "welsh", "pl"])
def test_pr18_english_only_where_they_agreed(language: str) -> None:
    """Who reads English too, and said so, is told in it until their own words are approved."""
    update = only(plain_case(arrest(), language=language, preference=AGREED), "r6-arrest")
    assert (update.state, update.kind, update.language) == ("planned", "news", "en")


@pytest.mark.parametrize("language", ["cy", "cym", "Welsh", "cy-GB", "CY_gb"])
def test_pr18_approved_words_go_in_welsh(approved: Approve, language: str) -> None:
    """In every spelling of the language's name, and before English even where English was agreed."""
    approved(None)
    for preference in (AGREED, {name: value for name, value in AGREED.items() if name != "english_accepted"}):
        update = only(plain_case(arrest(), language=language, preference=preference), "r6-arrest")
        assert (update.state, update.kind, update.language, update.style) == ("planned", "news", "cy", "plain")
    messages = planned(plain_case(arrest(), language=language)).messages
    assert {message.language for message in messages} == {"cy"}


def test_pr18_other_languages_have_none_when_welsh_has(approved: Approve) -> None:
    """One language's approval is no other's."""
    approved(None)
    assert only(plain_case(arrest(), language="pl"), "r6-arrest").task == "interpreter"


@pytest.mark.parametrize(
    ("which", "kind", "language"),
    [
        (None, "prompt", "cy"),
        (lambda name: name == "sms.neutral.prompt", "prompt", "cy"),
        (lambda name: name == "sms.plain.prompt", "prompt", "cy"),
        (lambda name: not name.endswith("prompt"), None, "en"),
        (lambda name: name.startswith("email"), None, "en"),
    ],
    ids=["all", "neutral-prompt", "plain-prompt", "news-alone", "another-channel"],
)
def test_pr18_a_prompt_goes_only_in_an_approved_frame(
    approved: Approve, which: Callable[[str], bool] | None, kind: str | None, language: str
) -> None:
    """What no Welsh template says is an interpreter's, and a Welsh prompt may go meanwhile; never one in English."""
    approved(which)
    update = only(welsh(event("wcu.received.warrant", {"suspect": "s1"})), "r8-warrant")
    assert (update.state, update.task, update.kind, update.language) == ("held", "interpreter", kind, language)


def test_pr18_no_prompt_for_who_needs_an_interpreter(approved: Approve) -> None:
    """An interpreter is needed to speak with them, whatever language they read: they are not asked to ring."""
    approved(None)
    update = only(welsh(arrest(), access_needs=["interpreter"]), "r6-arrest")
    assert (update.state, update.task, update.kind) == ("held", "interpreter", None)


def test_pr03_a_release_is_a_persons_in_welsh_too(approved: Approve) -> None:
    """What bears on safety is told by a person, with a prompt in their language."""
    approved(None)
    update = only(welsh(event("suspect.released", {"suspect": "s1", "mode": "bail"})), "r6-bail")
    assert "safety_critical" in codes(update)
    assert (update.state, update.kind, update.language) == ("held", "prompt", "cy")


@pytest.mark.parametrize(
    ("said", "state", "kind"), [({}, "held", "prompt"), ({"text_language": "cym"}, "planned", "news")]
)
def test_pr18_a_reason_typed_in_english_is_not_sent_in_welsh(
    approved: Approve, said: dict[str, str], state: str, kind: str
) -> None:
    """Nobody translates what an officer wrote: Welsh goes where the record says that it was written in Welsh."""
    approved(None)
    reason = {"reason_text": "Holwyd pawb gerllaw", "approved_by": "Insp Hill", **said}
    mail = {"channel": "email", "plain_wording": True, "wants_outcome": True}
    events = welsh(event("investigation.declined", reason), contacts=[EMAIL], preference=mail)
    update = only(events, "r6-no-investigation")
    assert (update.state, update.kind, update.language) == (state, kind, "cy")
    assert ("interpreter" in codes(update)) is (state == "held")


def test_pr24_a_letter_in_their_own_language(approved: Approve) -> None:
    """Ready to print in Welsh where that was approved."""
    approved(None)
    update = only(welsh(arrest(), contacts=[LETTER], preference={"channel": "letter"}), "r6-arrest")
    assert (update.task, update.language) == ("write_letter", "cy")
    assert update.say[-1].startswith("Words for the letter: Cafodd rhywun ei arestio ddydd Llun 9 Mawrth 2026")


def test_pr24_no_letter_in_english_for_who_did_not_agree_to_it() -> None:
    """Before the words are approved it is an interpreter's; who agreed to English has an English letter."""
    by_letter = {"channel": "letter"}
    drafted = only(welsh(arrest(), contacts=[LETTER], preference=by_letter), "r6-arrest")
    assert drafted.task == "interpreter"
    assert not any(line.startswith("Words for the letter") for line in drafted.say)
    agreed = only(welsh(arrest(), contacts=[LETTER], preference={**by_letter, "english_accepted": True}), "r6-arrest")
    assert agreed.task == "write_letter"
    assert agreed.say[-1].startswith("Words for the letter: On Monday 9 March 2026 we arrested someone")


def test_pr17_languages_are_not_mixed_in_one_message(approved: Approve) -> None:
    """What is said in Welsh and what is told in English because it was agreed do not share a message."""
    approved(lambda name: "arrest" in name or name.startswith(("sms", "email")))
    events = welsh(arrest(), event("suspect.charged", {"suspect": "s1"}), preference=AGREED, contacts=[PHONE])
    said = {update.update_point: update.language for update in planned(events).updates if update.kind == "news"}
    assert said.get("r6-charge", "en") == "en"
    languages = [{message.language} for message in planned(events).messages]
    assert all(len(each) == 1 for each in languages)
