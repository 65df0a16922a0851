"""The look-alike's pure parts: how many parts a text takes, what becomes of a script, how a list is paged."""

from __future__ import annotations

import pytest
from twilio.request_validator import RequestValidator

from services.sandbox.callbacks import signature
from services.sandbox.mails import word_of
from services.sandbox.messages import Message, segments
from services.sandbox.numbers import Script
from services.sandbox.paging import page_of


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # A character of two septets is never split: 152 letters and one leave the first part one septet short.
        ("x" * 152 + "€" + "x" * 152, 3),
        ("ŵ" * 70, 1),
        ("ŵ" * 71, 2),
        ("ŵ" + "x" * 65 + "👍" + "x" * 66, 3),
    ],
)
def test_parts_are_counted_as_the_network_counts(body: str, parts: int) -> None:
    """160 and 153 septets, 70 and 67 UTF-16 units, and nothing is split in the middle."""
    assert segments(body) == parts


@pytest.mark.parametrize("url", ["https://force.example/twilio/status?attempt=a%2Bb&x='1'", "http://127.0.0.1:8080/in"])
def test_the_signature_is_the_one_that_twilios_library_computes(url: str) -> None:
    """Over the URL as it is and every field, empty ones and odd characters included."""
    form = {"To": "+447700900900", "Body": "Héllo & ŵ=1\n", "FromCity": "", "MessageStatus": "sent", "a": "b"}
    assert signature("12345", url, form) == RequestValidator("12345").compute_signature(url, form)


def test_a_fault_that_has_passed_leaves_the_messages_own_fate() -> None:
    """After its `times`, a script answers without fault and ends as it did."""
    script = Script(answer="error", accepts=False, times=1, outcome="undelivered", error_code=30003)
    assert script.fresh() == Script(outcome="undelivered", error_code=30003)


def test_pages_follow_each_other_without_gap_or_overlap() -> None:
    """Each page names the next until the last, and keeps the filters."""
    messages = [Message("AC", f"+4477009007{n:02}", "+447700900001", "x") for n in range(5)]
    first = page_of(messages, "/list", {"PageSize": "2", "From": "+447700900001"})
    assert [each["sid"] for each in first["messages"]] == [each.sid for each in messages[:2]]
    assert first["next_page_uri"] == "/list?From=%2B447700900001&PageSize=2&Page=1"
    assert first["previous_page_uri"] is None
    last = page_of(messages, "/list", {"PageSize": "2", "Page": "2"})
    assert [each["sid"] for each in last["messages"]] == [messages[4].sid]
    assert last["next_page_uri"] is None
    assert page_of(messages, "/list", {"PageSize": "0", "Page": "x"})["page_size"] == 1


@pytest.mark.parametrize(
    ("address", "word"),
    [("refused@example.org", "refused"), ("Refused.2@example.org", "refused"), ("bounces+t@x.example", "bounces")],
)
def test_the_first_word_of_the_local_part_chooses_the_fault(address: str, word: str) -> None:
    """So that any number of recipients can have the same fault."""
    assert word_of(address) == word
