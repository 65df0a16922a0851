"""The Never list (S01): what may stand in no body, subject or preview."""

from __future__ import annotations

import pytest

from services.wording import forbidden


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("He was charged with assault.", "offence or injury"),
        ("about the RAPE you told us of", "offence or injury"),
        ("a knife-point matter", "offence or injury"),
        ("criminal  damage to a car", "offence or injury"),
        ("you were hurt", "offence or injury"),
        ("r\u00e0pe", "offence or injury"),
        ("ra\u200bpe", "offence or injury"),
        ("\uff52\uff41\uff50\uff45", "offence or injury"),
        ("we have the CCTV", "evidence"),
        ("there was not enough evidence", "evidence"),
        ("a screen will be put up", "special measure"),
        ("your special measures", "special measure"),
        ("by live link", "special measure"),
        ("the other victim", "another victim or witness"),
        ("a warrant was issued", "threat"),
        ("You must come", "threat"),
        ("you, must come", "threat"),
        ("you are safe now", "false comfort"),
        ("he is still in custody", "false comfort"),
        ("Don't worry", "false comfort"),
        ("Don\u2019t worry", "false comfort"),
        ("the offender", "opinion on guilt"),
        ("reply with your name", "request for details"),
        ("see the attachment", "request for details"),
        ("take our survey", "survey"),
        ("Dear Victim,", "form of address"),
        ("closed as NFA", "internal code"),
        ("ask the OIC", "internal code"),
        ("on RUI", "internal code"),
        ("ask your FLO", "internal code"),
        ("about r6-arrest", "internal code"),
        ("see https://example.org/a", "link"),
        ("see example.org", "link"),
        ("bit.ly/x1", "link"),
        ("www example", "link"),
        ("example dot com", "link"),
        ("write to jo@example.org", "link"),
        ("at ST16 3AB", "address"),
        ("at 12 High Street", "address"),
        ("on , at court", "blank field"),
        ("Hello None", "blank field"),
        ("Hello {{ name }}", "blank field"),
        ("about () it", "blank field"),
        ("Please do not reply.", "no way to reach a person"),
    ],
)
def test_s01_never(text: str, label: str) -> None:
    """Each kind of thing on the list is found, however it is written."""
    assert label in {found.partition(":")[0] for found in forbidden(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Your new date is Mon 11 May, 9.30am, same place.",
        "None of the people near by saw it.",
        "Flo and Dash will ring you, free of charge.",
        "Please do not reply: ring 01632 960123.",
        "Ref 2VPS3XYZ and ABHXYZKM",
        "Please ring Jo on 01632 960123, 8am to 8pm, when it suits you.",
        "Stafford Magistrates' Court",
        "It is 12 noon, in the way we said.",
    ],
)
def test_what_may_be_said(text: str) -> None:
    """Ordinary words near the list, names and references pass."""
    assert forbidden(text) == []


@pytest.mark.parametrize(
    "word", ["police", "crime", "victim's", "witness", "court", "arrested", "charged", "bail", "DC", "officer", "trial"]
)
def test_s02_neutral_texts_do_not_show_who_writes(word: str) -> None:
    """What is fine in plain words is not in neutral ones."""
    assert forbidden(f"about the {word} here") == []
    assert forbidden(f"about the {word} here", style="neutral") == [f"not neutral: {word.lower()}"]


def test_a_police_number_is_not_neutral() -> None:
    """101 and 999 show who writes."""
    assert forbidden("Ring 101.", style="neutral")
    assert not forbidden("Ring 01632 960101.", style="neutral")


@pytest.mark.parametrize(
    "text",
    [
        "there will be no further action",
        "he was acquitted",
        "the bail conditions",
        "found not guilty",
        "he was released",
    ],
)
def test_no_outcome_by_text(text: str) -> None:
    """No further action, an acquittal and conditions of bail are never told by text."""
    assert not any(found.startswith("no outcome") for found in forbidden(text, channel="email"))
    assert any(found.startswith("no outcome") for found in forbidden(text, channel="sms"))


def test_a_word_is_found_every_time() -> None:
    """What was found once is found again: only harmless words are remembered."""
    assert forbidden("a knife") == forbidden("a knife") == ["offence or injury: knife"]
    assert forbidden("his court") == []
    assert forbidden("his court", style="neutral") == ["not neutral: court"]
