"""Everything that is wrong with a book, told at once, and in what two editions differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from schemas.editions.compare import differences, limit, plain, rivalled_by
from schemas.editions.errors import BookError
from schemas.editions.load import lint, load_books, read_book, shipped
from schemas.editions.model import Limit
from tests.unit.schemas.test_editions import BOOK

BOOKS = load_books()
CODE = BOOKS.edition("vc-2020")
FORCE = """
id = "f-test"
book = "force"
title = "A policy"
instrument = "A policy"
since = 2021-04-01
[sources]
[defaults]
owner = "police"
recipients = ["victim"]
fulfil_by = ["conversation"]
content_forbidden = []
good_reasons = []
[[limit]]
update_point = "r3-ack"
standard = { working_days = 2 }
enhanced = { working_days = 1 }
[[rule]]
id = "f-rule"
title = "A rule"
sources = []
confidence = "L"
status = "active"
class = "routine"
timed = "cadence"
triggers = [{ event = "crime.recorded" }]
content_required = ["fact"]
safety_gate = true
overtaken_by = []
"""


def test_the_shipped_books_are_clean() -> None:
    """Nothing is wrong with what ships, by itself and together."""
    assert lint(shipped()) == []
    assert lint([("force.toml", FORCE)], BOOKS.editions) == []


def test_every_problem_is_told_with_file_rule_key_and_remedy() -> None:
    """Two rules wrong in a book, and another book that is no TOML, are three problems."""
    wrong = BOOK.replace('owner = "police"', 'owner = "plod"').replace('topic = "bail"', 'topic = "weather"')
    found = lint([("a.toml", wrong), ("b.toml", "[sources")])
    assert [(problem.file, problem.rule, problem.key) for problem in found] == [
        ("a.toml", "a-rule", "owner"),
        ("a.toml", "a-rule", "topic"),
        ("b.toml", "", ""),
    ]
    assert all(problem.remedy and problem.remedy in str(problem) for problem in found)


def test_every_misspelt_key_is_told() -> None:
    """What the shape of the file refuses is told key by key, not only the first."""
    found = lint([("a.toml", BOOK.replace("safety_gate", "saftey_gate").replace("topic =", "topik ="))])
    assert {problem.key for problem in found} == {"safety_gate", "saftey_gate", "topik"}


@pytest.mark.parametrize(
    ("old", "new", "rule", "key"),
    [
        ('update_point = "r3-ack"', 'update_point = "r3-nothing"', "r3-nothing", "limit.update_point"),
        ('update_point = "r3-ack"', 'update_point = "r6-arrest"', "r6-arrest", "limit"),
        ('book = "force"', 'book = "code"', "r3-ack", "limit"),
        ('timed = "cadence"', 'timed = "monthly"', "f-rule", "timed"),
        ('fulfil_by = ["conversation"]', 'fulfil_by = ["done"]', "f-rule", "done_by"),
        ('timed = "cadence"', 'done_by = ["referral.made"]', "f-rule", "done_by"),
        ('timed = "cadence"', 'done_service = ["vcs"]', "f-rule", "done_service"),
        ("good_reasons = []", 'good_reasons = ["TOO_BUSY"]', "f-rule", "good_reasons"),
        ("content_forbidden = []", 'content_forbidden = ["fact"]', "f-rule", "content_forbidden"),
    ],
)
def test_what_a_policy_may_not_say(old: str, new: str, rule: str, key: str) -> None:
    """A force sets limits only where no book does, and evidence, reasons and contents are words that something knows."""
    assert old in FORCE
    found = lint([("force.toml", FORCE.replace(old, new))], BOOKS.editions)
    assert [(problem.rule, problem.key) for problem in found] == [(rule, key)]


def test_only_a_force_raises_by_the_calendar_alone() -> None:
    """A Code's rule is raised by an event, never by time alone."""
    (problem,) = lint([("a.toml", BOOK.replace("safety_gate", 'timed = "lapse"\nsafety_gate'))])
    assert problem.key == "timed"


def test_one_book_is_read_by_itself() -> None:
    """A rival is read as strictly as what ships."""
    assert read_book("rival.toml", BOOK).id == "vc-test"
    with pytest.raises(BookError, match=r"rival\.toml, rule a-rule, owner"):
        read_book("rival.toml", BOOK.replace('owner = "police"', 'owner = "plod"'))


def test_differences_are_rule_field_old_and_new() -> None:
    """A changed limit, a rule that is gone and one that is new are told; what is the same is not."""
    arrest = replace(CODE.points["r6-arrest"], standard=Limit(working_days=3))
    new = replace(CODE.points["r6-bail"], id="r6-new", title="Something new")
    points = {name: point for name, point in CODE.points.items() if name != "r12-complaint-ack"}
    rival = replace(CODE, points={**points, "r6-arrest": arrest, "r6-new": new})
    assert [(found.rule, found.field, found.old, found.new) for found in differences(CODE, rival)] == [
        ("r6-arrest", "standard", "5 working days", "3 working days"),
        ("r12-complaint-ack", "rule", CODE.points["r12-complaint-ack"].title, None),
        ("r6-new", "rule", None, "Something new"),
    ]
    assert differences(CODE, CODE) == []


def test_differences_of_the_edition_itself() -> None:
    """Days in force and a force's own limits and target are told under the edition."""
    force = BOOKS.edition("force")
    other = replace(force, until=date(2027, 1, 1), limits={}, safety_target=None)
    assert {found.field for found in differences(force, other)} == {
        "until",
        "safety_target",
        "limit of r3-ack",
        "limit of r8-special-measures",
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [(Limit(1), "1 working day"), (Limit(5), "5 working days"), (Limit(hours=24), "24 hours"), (Limit(), None)],
)
def test_a_limit_in_words(value: Limit, words: str | None) -> None:
    """Limits read as people say them."""
    assert limit(value) == words


def test_no_confidence_is_claimed_for_a_limit_that_is_not_there() -> None:
    """A rule without a limit says nothing of how sure its limit is."""
    assert plain(CODE.points["r3-ack"])["limit_confidence"] is None
    assert plain(CODE.points["r6-police-nfa"])["limit_confidence"] == "M"


def test_a_rival_takes_the_place_of_its_own_id_or_of_the_latest_of_its_kind() -> None:
    """A changed copy rivals its original; a new Code rivals the one in force."""
    for rival, rivalled in (
        (BOOKS.edition("vc-2015"), "vc-2015"),
        (replace(CODE, id="vc-2027"), "vc-2020"),
        (replace(CODE, id="wc-2027", book="charter"), "wc-2013"),
    ):
        found = rivalled_by(BOOKS, rival)
        assert found is not None
        assert found.id == rivalled


def test_in_shadow_the_rival_governs_the_days_of_what_it_rivals() -> None:
    """6.22: a Code that begins next year is tried on the events of this one; the books themselves stay as they are."""
    rival = replace(CODE, id="vc-2027", since=date(2027, 1, 1), points={"r6-arrest": CODE.points["r6-arrest"]})
    books = BOOKS.in_shadow(rival, "vc-2020")
    on = date(2026, 3, 9)
    assert [point.id for point in books.raised_by("suspect.arrested", {}, on)] == ["r6-arrest"]
    assert books.raised_by("suspect.interviewed", {}, on) == ()
    assert [point.id for point in BOOKS.raised_by("suspect.interviewed", {}, on)] == ["r6-interview"]
    with pytest.raises(KeyError):
        BOOKS.in_shadow(rival, "vc-1066")
