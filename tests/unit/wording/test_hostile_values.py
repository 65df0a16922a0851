"""S01, S35: whatever stands in a value, it is literal, stripped or refused; never expanded, and never a banned word."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.wording import CannotSay, Item, can_say, forbidden, write
from services.wording.fields import FREE_TEXT
from services.wording.templates import Block
from tests.unit.wording.samples import COMMON, FRAME, HEARINGS, POINTS, blocks, english, facts_for

FREE = [
    ("r6-no-investigation", POINTS["r6-no-investigation"], "reason_text", "email"),
    ("r9-sentence", POINTS["r9-sentence"], "sentence", "email"),
    ("r9-sentence", POINTS["r9-sentence"], "plain_meaning", "email"),
    ("r8-hearing-date", HEARINGS["listed"], "court", "sms"),
    ("r8-hearing-date", HEARINGS["listed"], "court", "email"),
    ("r8-hearing-date", HEARINGS["moved-place"], "was_court", "sms"),
]
REFUSED = [
    "{{ 7 * 7 }}", "{% for x in y %}", "{{ reference }}", "((name))", "${HOME}", "{0.__class__}", "<b>bold</b>", "<script>",
    "see http://example.org", "www.example.org", "jo@example.org", "ring 07700 900123", "call 0-1-6-3-2-9-6-0-1-2-3",
    "\u0441\u0430fe", "\u0440\u043e\u043b\u0438\u0446\u0438\u044f", "the rapist", "he is safe", "r\u200bape", "\u202erape",
    "Dear Victim", "you must come", "the CCTV shows", "x" * 5000, "😀",
]  # fmt: skip


EVERY = [
    (point, block, FREE_TEXT[field])
    for point, block in blocks()
    for field in (*block.needs, *block.may)
    if field in FREE_TEXT
]
"""Every template with every fact in it that somebody typed."""


def _tried(point: str, block: Block, facts: dict[str, Any]) -> tuple[str, str]:
    """The body, or why there is none."""
    try:
        return write("news", block.channel, block.style, "en", [Item(point, facts)], FRAME).body, ""
    except CannotSay as refused:
        return "", str(refused)


@pytest.mark.parametrize(("point", "block", "key"), EVERY, ids=[f"S01-{block.name}-{key}" for _, block, key in EVERY])
def test_s01_any_template_and_any_hostile_value(point: str, block: Block, key: str) -> None:
    """S01: with each hostile value, either the message goes without it, clean, or a machine does not send it at all."""
    for value in REFUSED:
        facts = facts_for(point, block) | {key: f"Some words {value}"}
        body, refusal = _tried(point, block, facts)
        assert value not in refusal
        assert can_say(point, "news", block.channel, block.style, "en", facts) == bool(body)
        assert value not in body
        assert not body or key == "contact_name"  # a name that cannot be shown is left out; nothing else is


@pytest.mark.parametrize(("point", "facts", "key", "channel"), FREE)
@pytest.mark.parametrize("value", REFUSED)
def test_s35_refused(point: str, facts: dict[str, Any], key: str, channel: str, value: str) -> None:
    """Placeholders, markup, links, numbers, other scripts and banned words make it a person's: planner and dispatcher agree."""
    changed = COMMON | facts | {key: f"Some words {value}"}
    assert not can_say(point, "news", channel, "plain", "en", changed)
    with pytest.raises(CannotSay) as caught:
        write("news", channel, "plain", "en", [Item(point, changed)], FRAME)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Leek\nCourt", "Leek Court"),
        ("Leek\r\nBcc: x", "Leek Bcc: x"),
        ("Leek\u2028Court", "Leek Court"),
        ("Le\u200bek\u202e Court\u2066", "Leek Court"),
        ("Leek\x00\x1b[0m Court", "Leek [0m Court"),
        ("  Leek \t Court ", "Leek Court"),
        ("Leek 100% Court %s %(x)s", "Leek 100% Court %s %(x)s"),
        ("Caf\u0065\u0301 Court", "Caf\u00e9 Court"),
        ("Leek \u201cOld\u201d Court", 'Leek "Old" Court'),
    ],
)
def test_s35_stripped_or_literal(value: str, shown: str) -> None:
    """Line ends and control characters become spaces, invisible marks go, percent signs stay."""
    item = Item("r8-hearing-date", COMMON | HEARINGS["listed"] | {"court": value})
    assert f"at {shown}. " in write("news", "sms", "plain", "en", [item], FRAME).body


@pytest.mark.parametrize("style", ["plain", "neutral"])
@pytest.mark.parametrize(
    "name", ["{{ 7 * 7 }}", "Jo <b>", "Jo\u202eeoJ", "www.example.org", "Jo 07700 900123", "{0.__class__}", "Hill\nBcc"]
)
def test_s35_a_name_that_is_none_is_never_shown(name: str, style: str) -> None:
    """Of whoever takes over: a name with markup, a link or a number in it is never put into a text."""
    facts = COMMON | {"contact_name": name}
    body = ""
    with suppress(CannotSay):
        body = write("news", "sms", style, "en", [Item("f-handover", facts)], FRAME).body
    assert not [sign for sign in ("{", "<", "\u202e", "www", "07700", "\n") if sign in body]


@pytest.mark.parametrize("value", ["", "  ", "\u200b", None, 7, ["Leek"], {"name": "Leek"}, True])
@pytest.mark.parametrize(("point", "facts", "key", "channel"), FREE[:5])
def test_no_value_is_no_news(point: str, facts: dict[str, Any], key: str, channel: str, value: object) -> None:
    """A blank, or something that is no text, never leaves a blank in a message."""
    assert not can_say(point, "news", channel, "plain", "en", COMMON | facts | {key: value})


@pytest.mark.parametrize("key", ["starts_at", "was_at", "happened_on", "window"])
@pytest.mark.parametrize("value", ["soon", "2026-04-14T09:30:00", 12, {}, ["2026-04-14"]])
def test_a_date_that_is_none_is_no_news(key: str, value: object) -> None:
    """Nobody guesses a date."""
    facts = COMMON | HEARINGS["window" if key == "window" else "moved-day"] | {key: value}
    style = "neutral" if key == "happened_on" else "plain"
    assert not can_say("r8-hearing-date", "news", "sms", style, "en", facts)


@given(st.text(max_size=60))
def test_s01_any_value_at_all(value: str) -> None:
    """Whatever a feed sends as a court's name: either it is refused, or what goes out is clean, in one line and one pass."""
    facts = COMMON | HEARINGS["listed"] | {"court": value}
    try:
        body = write("news", "sms", "plain", "en", [Item("r8-hearing-date", facts)], FRAME).body
    except CannotSay:
        assert not can_say("r8-hearing-date", "news", "sms", "plain", "en", facts)
        return
    assert forbidden(body, channel="sms", style="plain") == []
    assert body.isprintable()
    assert body.startswith("Staffs Police, ref KF7Q2R8M: the hearing is on Tue 14 Apr, 9.30am, at ")
    assert body.endswith("01632 960123")


@given(st.text(max_size=40), st.sampled_from(["plain", "neutral"]))
def test_any_name_at_all(name: str, style: str) -> None:
    """Whatever a person is called, the prompt goes out, clean and in one line."""
    frame = replace(FRAME, contact_name=name)
    body = write("prompt", "sms", style, "en", [Item("r6-arrest", {})], frame).body
    assert body.isprintable()
    assert forbidden(body, channel="sms", style=style) == []


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.just("2026-04-14T08:30:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["from", "to", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = sorted(
    {key for facts in (*HEARINGS.values(), *POINTS.values()) for key in facts}
    | {"purpose", "need_attend", "corrects", "at"}
)


@given(
    st.sampled_from(sorted({point for point, _, _ in english().blocks})),
    st.sampled_from(["sms", "email"]),
    st.sampled_from(["plain", "neutral"]),
    st.dictionaries(st.sampled_from([*KEYS, *COMMON, "officer_name"]), ODD),
)
def test_any_facts_at_all(point: str, channel: str, style: str, odd: dict[str, Any]) -> None:
    """Whatever shape a fact has, it is said whole or refused with a reason; planner and dispatcher answer alike."""
    facts = COMMON | HEARINGS["moved-day"] | POINTS.get(point, {}) | odd
    body, code = "", ""
    try:
        body = write("news", channel, style, "en", [Item(point, facts)], FRAME).body
    except CannotSay as refused:
        code = refused.code
    assert bool(body) != bool(code)
    assert "None" not in body
    assert code == "too_long" or can_say(point, "news", channel, style, "en", facts) == bool(body)
