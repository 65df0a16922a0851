"""The reader of rule books: what it reads, what it refuses and how it says so, and how editions follow one another."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.editions.errors import BookError
from schemas.editions.load import load_books, read_books

A_DAY = date(2026, 3, 9)


def test_an_unknown_point_is_a_key_error() -> None:
    """Asking for a rule or an edition that is not there says so."""
    with pytest.raises(KeyError):
        load_books().point("vc-2020", "r6-nothing")
    with pytest.raises(KeyError):
        load_books().point("vc-1066", "r6-arrest")


BOOK = """
id = "vc-test"
book = "code"
title = "A book"
instrument = "A book"
since = 2021-04-01
[sources]
S1 = "A page"
[defaults]
owner = "police"
recipients = ["victim"]
fulfil_by = ["conversation"]
content_forbidden = []
good_reasons = []
[[rule]]
id = "a-rule"
title = "A rule"
right = 6
sources = ["S1"]
confidence = "R"
status = "active"
class = "routine"
triggers = [{ event = "suspect.released", when = { mode = ["bail"] } }]
limit = { clock = "time", standard = { working_days = 5 }, enhanced = { working_days = 1 } }
content_required = ["fact"]
topic = "bail"
safety_gate = true
overtaken_by = ["suspect.charged"]
"""
RULE = BOOK[BOOK.index("[[rule]]") :]


def test_a_small_book_is_read() -> None:
    """The book that the refusals below spoil is itself good."""
    (edition,) = read_books([("test.toml", BOOK)]).editions
    assert edition.points["a-rule"].triggers[0].when == {"mode": ("bail",)}


@pytest.mark.parametrize(
    ("old", "new", "rule", "key"),
    [
        pytest.param("safety_gate", "saftey_gate", "a-rule", "safety_gate", id="a-key-misspelt-is-missing"),
        pytest.param("topic =", "topics =", "a-rule", "topics", id="unknown-key-of-a-rule"),
        pytest.param("since =", "colour = 1\nsince =", "", "colour", id="unknown-key-of-the-book"),
        pytest.param("working_days = 5", "workingdays = 5", "a-rule", "limit.standard.workingdays", id="unknown-limit"),
        pytest.param("working_days = 5", 'working_days = "5"', "a-rule", "limit.standard.working_days", id="a-word"),
        pytest.param("working_days = 5", "working_days = 0", "a-rule", "limit.standard.working_days", id="no-days"),
        pytest.param('clock = "time", ', "", "a-rule", "limit.clock", id="a-limit-without-a-clock"),
        pytest.param('clock = "time"', 'clock = "noon"', "a-rule", "limit.clock", id="an-unknown-clock"),
        pytest.param(", enhanced = { working_days = 1 }", "", "a-rule", "limit", id="half-a-limit"),
        pytest.param("suspect.released", "suspect.vanished", "a-rule", "triggers[0].event", id="no-such-event"),
        pytest.param("mode =", "mood =", "a-rule", "triggers[0].when.mood", id="no-such-field"),
        pytest.param('["bail"] } }', '["bale"] } }', "a-rule", "triggers[0].when.mode", id="a-word-outside-its-list"),
        pytest.param("suspect.charged", "suspect.gone", "a-rule", "overtaken_by", id="overtaken-by-nothing"),
        pytest.param('"police"', '"plod"', "a-rule", "owner", id="an-unknown-owner"),
        pytest.param('["victim"]', '["suspect"]', "a-rule", "recipients", id="never-to-a-suspect"),
        pytest.param('["conversation"]', '["sent"]', "a-rule", "fulfil_by", id="sent-is-not-told"),
        pytest.param('topic = "bail"', 'topic = "all"', "a-rule", "topic", id="all-is-no-topic"),
        pytest.param('["S1"]', '["S2"]', "a-rule", "sources", id="a-source-nobody-can-find"),
        pytest.param('["S1"]', "[]", "a-rule", "sources", id="read-nowhere"),
        pytest.param('confidence = "R"', 'confidence = "M"', "a-rule", "status", id="active-from-memory"),
        pytest.param('confidence = "R"', 'confidence = "R15"', "a-rule", "status", id="active-from-an-older-edition"),
        pytest.param('confidence = "R"', 'confidence = "sure"', "a-rule", "confidence", id="an-unknown-confidence"),
        pytest.param("overtaken_by", 'subsumes = ["b-rule"]\novertaken_by', "a-rule", "subsumes", id="no-such-rule"),
        pytest.param("overtaken_by", 'legs = ["court"]\novertaken_by', "a-rule", "legs", id="no-such-leg"),
        pytest.param(
            "overtaken_by",
            'safety_when = [{ event = "suspect.charged" }]\novertaken_by',
            "a-rule",
            "safety_when[0].event",
            id="safety-by-an-event-that-does-not-raise-it",
        ),
        pytest.param('owner = "police"\n', "", "a-rule", "owner", id="nobody-owns-it"),
        pytest.param(RULE, RULE + RULE, "a-rule", "id", id="a-doubled-id"),
        pytest.param(RULE, "", "", "rule", id="a-book-without-rules"),
        pytest.param("since = 2021-04-01", "since = 2021-04-01\nuntil = 2021-04-01", "", "until", id="ends-at-once"),
        pytest.param("[sources]", "[sources", "", "", id="not-toml"),
    ],
)
def test_a_bad_book_is_refused(old: str, new: str, rule: str, key: str) -> None:
    """What nothing else understands is refused, and the error names file, rule, key and remedy."""
    assert old in BOOK
    with pytest.raises(BookError) as refused:
        read_books([("test.toml", BOOK.replace(old, new))])
    assert (refused.value.file, refused.value.rule) == ("test.toml", rule)
    assert refused.value.key == key
    assert refused.value.remedy
    assert str(refused.value).startswith("test.toml")


def test_two_editions_of_one_book_never_overlap() -> None:
    """Two issues of one book in force on one day are refused; one after the other is how an edition changes."""
    later = BOOK.replace("vc-test", "vc-later").replace("2021-04-01", "2027-01-01")
    with pytest.raises(BookError, match="in force on the same days"):
        read_books([("a.toml", BOOK), ("b.toml", later)])
    ended = BOOK.replace("since = 2021-04-01", "since = 2021-04-01\nuntil = 2027-01-01")
    books = read_books([("a.toml", ended), ("b.toml", later)])
    for on, edition in ((date(2026, 12, 31), "vc-test"), (date(2027, 1, 1), "vc-later")):
        assert [point.edition for point in books.raised_by("suspect.released", {"mode": "bail"}, on)] == [edition]


def test_one_id_is_one_file() -> None:
    """The same edition in two files is refused."""
    with pytest.raises(BookError, match="has this id too"):
        read_books([("a.toml", BOOK), ("b.toml", BOOK)])


def test_a_retired_rule_raises_nothing() -> None:
    """A rule that was retired stays in the book and is raised no more."""
    books = read_books([("a.toml", BOOK.replace('status = "active"', 'status = "retired"'))])
    assert books.raised_by("suspect.released", {"mode": "bail"}, A_DAY) == ()
    assert books.point("vc-test", "a-rule").status == "retired"
