"""Whole messages: the words one would be glad to see sent, and what surrounds them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.wording import CannotSay, Item, can_say, forbidden, write
from services.wording.never import preview
from tests.unit.wording.samples import APRIL, COMMON, CROWN, FRAME, HEARINGS, MAY, POINTS


def sms(point: str, facts: dict[str, Any], style: str = "plain") -> str:
    """The body of one text of news."""
    return write("news", "sms", style, "en", [Item(point, COMMON | facts)], FRAME).body


def test_neutral_prompt() -> None:
    """Word for word."""
    words = write("prompt", "sms", "neutral", "en", [Item("r6-arrest", COMMON)], FRAME)
    assert words.body == (
        "Ref KF7Q2R8M: we have news for you. Please ring Jo on 01632 960123, 8am to 8pm, when it suits you and you are "
        "somewhere you can talk."
    )
    assert words.parts == 1


def test_plain_arrest() -> None:
    """Word for word, and exactly one part."""
    words = write("news", "sms", "plain", "en", [Item("r6-arrest", COMMON)], FRAME)
    assert words.body == (
        "Staffs Police, ref KF7Q2R8M: on 9 Mar we arrested someone about your report. This does not mean they are still with "
        "us. We'll tell you what's next. 01632 960123"
    )
    assert (words.parts, len(words.body)) == (1, 160)


def test_neutral_move() -> None:
    """Word for word."""
    assert sms("r8-hearing-date", HEARINGS["moved-day"] | {"need_attend": True}, "neutral") == (
        "Ref KF7Q2R8M, CHANGE: not Tue 14 Apr. Your new date is Mon 11 May, 9.30am, same place. This replaces our earlier "
        "messages. Can't come? Ring 01632 960123"
    )


def test_neutral_stand_down() -> None:
    """Word for word where somebody has the task to ring; otherwise nothing is promised that nobody does."""
    assert sms("r8-not-needed", POINTS["r8-not-needed"] | {"call_planned": True}, "neutral") == (
        "Ref KF7Q2R8M: you do NOT need to come on Tue 14 Apr. This replaces our earlier messages. Jo will ring you to explain, "
        "or ring 01632 960123."
    )
    assert "will ring you" not in sms("r8-not-needed", POINTS["r8-not-needed"], "neutral")


@pytest.mark.parametrize(
    ("form", "more", "body"),
    [
        (
            "listed",
            {"need_attend": False},
            (
                "Staffs Police, ref KF7Q2R8M: the hearing is on Tue 14 Apr, 9.30am, at Stafford Magistrates' Court. You do not "
                "need to come. Questions? 01632 960123"
            ),
        ),
        (
            "listed",
            {"need_attend": True, "purpose": "trial", "listing": None},
            (
                "Staffs Police, ref KF7Q2R8M: the trial is due on Tue 14 Apr, 9.30am, at Stafford Magistrates' Court. You are "
                "asked to come. Can't come? Ring 01632 960123"
            ),
        ),
        (
            "moved-day",
            {"need_attend": False},
            (
                "Staffs Police, ref KF7Q2R8M, CHANGE: not Tue 14 Apr. The hearing is now Mon 11 May, 9.30am, at Stafford Crown "
                "Court. You need not come. Questions? 01632 960123"
            ),
        ),
        (
            "moved-time",
            {"need_attend": False},
            (
                "Staffs Police, ref KF7Q2R8M, CHANGE: the hearing on Tue 14 Apr is now 2pm, not 9.30am, at Stafford Crown Court. "
                "You need not come. Questions? 01632 960123"
            ),
        ),
        (
            "off",
            {},
            (
                "Staffs Police, ref KF7Q2R8M, CHANGE: the hearing on Tue 14 Apr is cancelled. You do NOT need to come. We'll "
                "tell you any new date. 01632 960123"
            ),
        ),
    ],
)
def test_plain_hearings(form: str, more: dict[str, Any], body: str) -> None:
    """Court, day, time and whether to come; a move names the old date."""
    assert sms("r8-hearing-date", HEARINGS[form] | more) == body


def test_a_new_place_is_pointed_out() -> None:
    """Somebody who skims a new date must not travel to the old court."""
    assert "Stafford Crown Court (a new place)" in sms(
        "r8-hearing-date", HEARINGS["moved-day"] | {"was_court": "Leek Court"}
    )


def test_a_window_says_the_days_between() -> None:
    """A warned hearing has no day to give, and says so (PR08)."""
    assert "between Mon 4 May and Fri 15 May" in sms("r8-hearing-date", HEARINGS["window"])


def test_back_and_forth_is_a_change_for_who_heard_it() -> None:
    """A to B to A: whoever heard B is told that B does not hold (PR09)."""
    body = sms(
        "r8-hearing-date", {"starts_at": APRIL, "was_at": MAY, "court": CROWN, "was_court": CROWN, "corrects": True}
    )
    assert "CHANGE: not Mon 11 May. The hearing is now Tue 14 Apr" in body


def test_subject_and_first_line_show_nothing() -> None:
    """What a locked screen previews of a plain email says neither who writes nor why."""
    words = write("news", "email", "plain", "en", [Item("r6-arrest", COMMON)], FRAME)
    assert words.subject == "An update on KF7Q2R8M"
    assert words.body.startswith(
        "Please read this when you have a quiet moment and are somewhere you can be on your own.\n\nHello,"
    )
    shown = preview(words.subject, words.body)
    assert "arrest" not in shown
    assert forbidden(shown, style="neutral") == []


def test_plain_email_tells_how_to_check_it() -> None:
    """T16: who doubts it rings 101 and quotes the reference; a neutral one does not give the police away."""
    plain = write("news", "email", "plain", "en", [Item("r6-arrest", COMMON)], FRAME).body
    assert "Ring 101, the police number, and give the same reference." in plain
    neutral = write("prompt", "email", "neutral", "en", [Item("r6-arrest", COMMON)], FRAME).body
    assert "Ring a number that you already have for us" in neutral


def test_several_updates_in_one_message() -> None:
    """One frame around the news of each, in order, each thing said once."""
    items = [
        Item("r6-charge", COMMON | POINTS["r6-charge"]),
        Item("r6-first-hearing", COMMON | HEARINGS["listed"] | {"need_attend": False}),
    ]
    words = write("news", "sms", "plain", "en", items, FRAME)
    assert words.body.count("Ref") + words.body.count("ref") == 1
    assert words.body.index("charged") < words.body.index("The hearing is on Tue 14 Apr")
    assert words.body.endswith("Questions? 01632 960123")
    assert words.parts == 2
    assert words.template == "en/sms.plain.news+charge.sms.plain+hearing-listed.sms.plain"
    twice = write("news", "sms", "plain", "en", [items[0], items[0]], FRAME)
    assert twice.body == write("news", "sms", "plain", "en", [items[0]], FRAME).body


def test_a_sentence_that_ends_two_of_them_is_said_once_at_the_end() -> None:
    """An arrest and an interview in one text: what happens next stands there once, and fits with them."""
    items = [Item("r6-arrest", COMMON | POINTS["r6-arrest"]), Item("r6-interview", COMMON | POINTS["r6-interview"])]
    words = write("news", "sms", "plain", "en", items, FRAME)
    assert words.body.count("We'll tell you what's next.") == 1
    assert words.body.endswith("We'll tell you what's next. 01632 960123")
    assert "arrested" in words.body
    assert "interviewed" in words.body


def test_the_same_facts_make_the_same_words() -> None:
    """Nothing of one message stays for the next."""
    first = [write("news", "sms", "plain", "en", [Item("r6-arrest", COMMON)], FRAME) for _ in range(2)]
    write("news", "email", "plain", "en", [Item("r9-sentence", COMMON | POINTS["r9-sentence"])], FRAME)
    assert {*first} == {write("news", "sms", "plain", "en", [Item("r6-arrest", COMMON)], FRAME)}


@pytest.mark.parametrize(
    ("name", "style", "cover", "reach"),
    [
        (None, "neutral", False, "ring us on"),
        ("Jo", "neutral", False, "ring Jo on"),
        ("DC Jo Hill", "neutral", False, "ring Jo on"),
        ("Jo Hill", "neutral", False, "ring Jo on"),
        ("PC 1234 Hill", "neutral", False, "ring us on"),
        ("PC Hill", "neutral", False, "ring us on"),
        ("Victim Care Unit", "neutral", False, "ring us on"),
        ("Leek Dental", "neutral", True, "ring Leek Dental on"),
        ("DC Jo Hill", "plain", False, "ring DC Jo Hill on"),
        ("http://example.org", "plain", False, "ring us on"),
        ("x" * 31, "plain", False, "ring us on"),
    ],
)
def test_how_a_person_is_named(name: str | None, style: str, cover: bool, reach: str) -> None:
    """Neutral words give a first name or nothing: a rank or a shoulder number shows who writes. A cover name stays whole."""
    frame = replace(FRAME, contact_name=name, cover=cover)
    assert f"Please {reach} 01632 960123" in write("prompt", "sms", style, "en", [Item("r6-arrest", {})], frame).body


def test_the_officer_in_the_case_answers_about_the_investigation_only() -> None:
    """A named owner where one is known, and never the police officer for what the court desk answers."""
    frame, facts = replace(FRAME, contact_name=None), COMMON | {"officer_name": "DC Jo Hill"}
    assert "ring Jo on" in write("prompt", "sms", "neutral", "en", [Item("r6-arrest", facts)], frame).body
    assert "ring us on" in write("prompt", "sms", "neutral", "en", [Item("r9-outcome", facts)], frame).body


def test_who_cannot_use_a_phone_by_voice_gets_the_other_way() -> None:
    """PR18: nobody who is deaf is told just to ring."""
    frame = replace(FRAME, no_voice=True)
    words = write("prompt", "sms", "neutral", "en", [Item("r6-arrest", {})], frame)
    assert "call Jo on 18001 01632 960123 (Relay UK)" in words.body
    assert words.parts == 1
    assert "Relay UK" in write("prompt", "email", "neutral", "en", [Item("r6-arrest", {})], FRAME).body


def test_a_prompt_for_a_question_does_not_promise_news() -> None:
    """Somebody who is to be asked something is told that we would like to talk; news wins where both go together."""
    asked = write("prompt", "sms", "neutral", "en", [Item("r8-attend", {})], FRAME).body
    assert asked.startswith("Ref KF7Q2R8M: we would like to talk to you. Please ring Jo")
    both = write("prompt", "sms", "neutral", "en", [Item("r8-attend", {}), Item("r6-bail", {})], FRAME).body
    assert "we have news for you" in both


def test_a_long_force_name_takes_two_parts_and_no_more() -> None:
    """Parts are counted on what is sent."""
    frame = replace(FRAME, force_name="Dyfed-Powys Police / Heddlu Dyfed-Powys")
    assert write("news", "sms", "plain", "en", [Item("r6-arrest", COMMON)], frame).parts == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reference": "KF7Q2R8"}, "bad_reference"),
        ({"reference": "KF7Q2R8M\r\nBcc: x"}, "bad_reference"),
        ({"telephone": ""}, "no_telephone"),
        ({"telephone": "01632 960123\n"}, "no_telephone"),
        ({"telephone": "ring me"}, "no_telephone"),
        ({"force_name": " \u200b "}, "no_force_name"),
        ({"force_name": "see example.org"}, "forbidden"),
        ({"cover": True}, "cover_name"),
    ],
)
def test_a_frame_that_cannot_be(change: dict[str, Any], code: str) -> None:
    """No message without a reference, a number and a name to sign with, and none that names the force under a cover name."""
    with pytest.raises(CannotSay) as caught:
        write("news", "sms", "plain", "en", [Item("r6-arrest", COMMON)], replace(FRAME, **change))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "channel", "style", "language", "items", "code"),
    [
        ("news", "sms", "plain", "cy", [Item("r6-arrest", COMMON)], "not_approved"),
        ("news", "letter", "plain", "en", [Item("r6-arrest", COMMON)], "no_words"),
        ("news", "sms", "neutral", "en", [Item("r6-arrest", COMMON)], "no_words"),
        ("news", "sms", "plain", "en", [Item("r6-bail", COMMON)], "no_words"),
        ("news", "sms", "plain", "en", [Item("r6-arrest", {})], "not_whole"),
        ("news", "sms", "plain", "en", [], "no_items"),
        ("prompt", "sms", "neutral", "en", [Item("r6-cps-change", {})], "no_prompt"),
        ("news", "sms", "plain", "en", [Item("r6-arrest", COMMON), Item("r6-bail", COMMON)], "no_words"),
    ],
)
def test_what_cannot_be_written(
    kind: Any, channel: str, style: str, language: str, items: list[Item], code: str
) -> None:
    """Where no machine may say it, or not whole, nothing is made; one that cannot be said spoils the whole message."""
    with pytest.raises(CannotSay) as caught:
        write(kind, channel, style, language, items, FRAME)
    assert caught.value.code == code
    if len(items) == 1:
        assert not can_say(items[0].update_point, kind, channel, style, language, items[0].facts)


def test_the_number_to_ring_may_be_the_polices_own_but_not_beside_a_cover_name() -> None:
    """A force without a number of its own gives 101; beside an agreed cover name that is refused (PR16)."""
    theirs = replace(FRAME, telephone="101")
    items = [Item("r6-bail", {})]
    assert "101" in write("prompt", "sms", "neutral", "en", items, theirs).body
    covered = replace(theirs, cover=True, contact_name="Jo")
    with pytest.raises(CannotSay, match="never said"):
        write("prompt", "sms", "neutral", "en", items, covered)
