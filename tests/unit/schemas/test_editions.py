"""The rule books: what the shipped ones say, which rules an event raises, and what the loader refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.case_events import DATA
from schemas.editions.check import BookError
from schemas.editions.load import load_books, read_books
from schemas.editions.model import UpdatePoint

BOOKS = load_books()
CODE = BOOKS.editions[0].points
A_DAY = date(2026, 3, 9)

# Transcribed a second time from the tables of the Code: (confidence, status, standard, enhanced, clock) in working days.
TABLE: dict[str, tuple[str, str, int | None, int | None, str]] = {
    "r6-no-investigation": ("R", "active", 5, 1, "time"),
    "r6-contact-plan": ("R", "active", None, None, "time"),
    "r6-arrest": ("R", "active", 5, 1, "time"),
    "r6-interview": ("R", "active", 5, 1, "time"),
    "r6-released-no-charge": ("R", "active", 5, 1, "time"),
    "r6-bail": ("R", "active", 5, 1, "time"),
    "r6-rui": ("R", "active", 5, 1, "time"),
    "r6-bail-varied": ("R", "active", 5, 1, "time"),
    "r6-bail-cancelled": ("R", "active", 5, 1, "time"),
    "r6-charge": ("R", "active", 5, 1, "time"),
    "r6-first-hearing": ("R15", "unverified", 1, 1, "knownat"),
    "r6-police-nfa": ("R", "active", 5, 1, "time"),
    "r6-cps-no-charge": ("M", "unverified", 5, 1, "time"),
    "r6-cps-change": ("M", "unverified", 5, 1, "time"),
    "r6-cps-meeting": ("R15", "unverified", None, None, "time"),
    "r6-ood-views": ("R", "active", None, None, "time"),
    "r6-ood-outcome": ("R", "active", 5, 1, "time"),
    "r6-closed-no-charge": ("M", "unverified", 5, 1, "time"),
    "r6-reopened": ("R15", "unverified", None, None, "time"),
    "r8-hearing-date": ("R", "active", 1, 1, "received_at"),
    "r8-bail-outcome": ("R", "active", 5, 1, "received_at"),
    "r8-warrant": ("R", "active", 5, 1, "received_at"),
    "r8-rearrest-outcome": ("R", "active", 5, 1, "received_at"),
    "r8-attend": ("R", "active", 1, 1, "received_at"),
    "r8-special-measures": ("R", "active", None, None, "time"),
    "r9-outcome": ("R", "active", 1, 1, "received_at"),
    "r9-sentence": ("R", "active", 1, 1, "received_at"),
    "r9-bereaved-meeting": ("R", "active", None, None, "time"),
    "r9-uls": ("P", "active", 1, 1, "received_at"),
    "r9-appeal-notice": ("M", "unverified", 1, 1, "received_at"),
    "r9-appeal-hearing": ("M", "unverified", 1, 1, "received_at"),
    "r9-appeal-bail": ("M", "unverified", 1, 1, "received_at"),
    "r9-appeal-outcome": ("M", "unverified", 1, 1, "received_at"),
}


def test_the_2020_code_is_the_table() -> None:
    """Every row of Rights 6, 8 and 9 that an event can raise stands in the book, with its limit, clock and confidence."""
    read = {
        point.id: (
            point.confidence,
            point.status,
            point.standard.working_days,
            point.enhanced.working_days,
            point.clock,
        )
        for point in CODE.values()
    }
    assert read == TABLE


@pytest.mark.parametrize("point", CODE.values(), ids=lambda point: point.id)
def test_every_rule_can_be_cited(point: UpdatePoint) -> None:
    """A rule names its Right and where it was read; a paragraph only where its number was seen in print, which is 8.2."""
    assert point.citation.right == int(point.id[1])
    assert point.citation.sources or point.confidence == "M"
    assert point.citation.paragraph in (None, "8.2")
    assert set(point.citation.sources) <= set(BOOKS.editions[0].sources)
    assert point.book == "code"
    assert point.stale_after_hours


def test_paragraphs_are_not_guessed() -> None:
    """Only the rules of the block that was seen in print carry its number."""
    assert {point.id for point in CODE.values() if point.citation.paragraph} == {"r8-attend", "r8-special-measures"}


@pytest.mark.parametrize(
    "update_point",
    [
        "r6-released-no-charge",
        "r6-bail",
        "r6-bail-varied",
        "r6-bail-cancelled",
        "r6-rui",
        "r8-bail-outcome",
        "r9-appeal-bail",
        "r6-police-nfa",
        "r6-cps-no-charge",
        "r6-cps-change",
        "r6-ood-outcome",
    ],
)
def test_pr03_what_frees_a_suspect_is_safety_critical(update_point: str) -> None:
    """PR03: what frees a suspect or ends a protection is safety_critical whatever the event says, and wants real evidence."""
    point = CODE[update_point]
    assert point.cls == "safety_critical"
    assert point.safety_gate
    assert "no_bounce" not in point.fulfil_by


def test_pr13_no_further_action_tells_what_it_subsumes() -> None:
    """PR13: no further action tells the release and the closing with it; all four of its items are required."""
    point = CODE["r6-police-nfa"]
    assert point.subsumes == ("r6-released-no-charge", "r6-closed-no-charge")
    assert {"reasons", "more_information", "review", "support_offer"} <= set(point.content_required)


def test_pr02_an_arrest_is_overtaken_by_a_release_or_a_charge() -> None:
    """PR02: what is said of an arrest changes its meaning with a release, a charge or a decision, never with an interview."""
    overtaken = CODE["r6-arrest"].overtaken_by
    assert {"suspect.released", "suspect.charged", "requisition.issued", "decision.police_nfa"} <= set(overtaken)
    assert "suspect.interviewed" not in overtaken


def test_pr04_the_stand_down_is_never_labelled_code() -> None:
    """PR04: the stand-down keeps its id, stands in the Witness Charter's book, is active, and its limit is marked local."""
    point = BOOKS.point("wc-2013", "r8-not-needed")
    assert (point.book, point.status, point.limit_confidence, point.citation.right) == ("charter", "active", "L", None)
    assert "witness" in point.recipients


RAISED = [
    ("investigation.opened", {}, ["r6-contact-plan"]),
    ("investigation.declined", {}, ["r6-no-investigation"]),
    ("investigation.closed", {}, ["r6-closed-no-charge"]),
    ("investigation.reopened", {}, ["r6-reopened"]),
    ("suspect.arrested", {}, ["r6-arrest"]),
    ("suspect.interviewed", {}, ["r6-interview"]),
    ("suspect.released", {"mode": "no_charge"}, ["r6-released-no-charge"]),
    ("suspect.released", {"mode": "bail"}, ["r6-bail"]),
    ("suspect.released", {"mode": "rui"}, ["r6-rui"]),
    ("suspect.released", {"mode": None}, ["r6-released-no-charge"]),
    ("suspect.released", {}, ["r6-released-no-charge"]),
    ("police_bail.conditions_changed", {}, ["r6-bail-varied"]),
    ("police_bail.cancelled", {}, ["r6-bail-cancelled"]),
    ("suspect.charged", {"custody": "remand"}, ["r6-charge"]),
    ("suspect.charged", {"first_hearing": {"starts_at": None}}, ["r6-charge", "r6-first-hearing"]),
    ("requisition.issued", {"first_hearing": {}}, ["r6-charge", "r6-first-hearing"]),
    ("disposal.out_of_court.proposed", {}, ["r6-ood-views"]),
    ("disposal.out_of_court.given", {}, ["r6-ood-outcome"]),
    ("decision.police_nfa", {}, ["r6-police-nfa"]),
    ("decision.cps_no_charge", {}, ["r6-cps-no-charge", "r6-cps-meeting"]),
    ("decision.cps_changed", {}, ["r6-cps-change", "r6-cps-meeting"]),
    ("wcu.received.hearing_listed", {}, ["r8-hearing-date"]),
    ("wcu.received.hearing_changed", {}, ["r8-hearing-date"]),
    ("wcu.received.hearing_vacated", {}, ["r8-hearing-date"]),
    ("wcu.received.bail_outcome", {}, ["r8-bail-outcome"]),
    ("wcu.received.warrant", {}, ["r8-warrant"]),
    ("wcu.received.rearrest_outcome", {}, ["r8-rearrest-outcome"]),
    ("wcu.received.attendance_required", {}, ["r8-attend"]),
    ("wcu.received.attendance_not_required", {}, ["r8-not-needed"]),
    ("special_measures.decided", {}, ["r8-special-measures"]),
    ("wcu.received.case_outcome", {"outcome": "acquitted"}, ["r9-outcome"]),
    ("wcu.received.case_outcome", {"outcome": "convicted"}, ["r9-outcome", "r9-bereaved-meeting"]),
    ("wcu.received.sentence", {}, ["r9-sentence", "r9-bereaved-meeting", "r9-uls"]),
    ("wcu.received.sentence", {"court_type": "magistrates"}, ["r9-sentence", "r9-bereaved-meeting"]),
    ("wcu.received.sentence", {"uls_scheme": False}, ["r9-sentence", "r9-bereaved-meeting"]),
    (
        "wcu.received.sentence",
        {"court_type": "crown", "uls_scheme": True},
        ["r9-sentence", "r9-bereaved-meeting", "r9-uls"],
    ),
    ("wcu.received.appeal_lodged", {}, ["r9-appeal-notice"]),
    ("wcu.received.appeal_listed", {}, ["r9-appeal-hearing"]),
    ("wcu.received.appeal_bail", {}, ["r9-appeal-bail"]),
    ("wcu.received.appeal_decided", {}, ["r9-appeal-outcome"]),
    ("special_measures.applied", {}, []),
    ("person.recorded", {}, []),
]


@pytest.mark.parametrize(("event_type", "data", "rules"), RAISED)
def test_an_event_raises_its_rules(event_type: str, data: dict[str, Any], rules: list[str]) -> None:
    """Each event raises the rules of the table; what it does not say is taken the careful way."""
    assert [point.id for point in BOOKS.raised_by(event_type, data, A_DAY)] == rules


def test_every_rule_is_raised_by_some_event() -> None:
    """No rule of the Code sleeps: each is raised by an event of the table above."""
    assert {rule for _, _, rules in RAISED for rule in rules} == {*CODE, "r8-not-needed"}


@pytest.mark.parametrize(("on", "raised"), [(date(2021, 3, 31), 0), (date(2021, 4, 1), 1)])
def test_the_edition_is_chosen_by_the_day_of_the_event(on: date, raised: int) -> None:
    """The 2020 Code speaks of events from 1 April 2021 on."""
    assert len(BOOKS.raised_by("suspect.released", {"mode": "rui"}, on)) == raised


SAFETY = [
    ("suspect.charged", {"custody": "remand"}, False),
    ("suspect.charged", {"custody": "bail"}, True),
    ("suspect.charged", {}, True),
    ("requisition.issued", {}, False),
    ("requisition.issued", {"custody": "bail"}, True),
    ("wcu.received.rearrest_outcome", {"outcome": "remanded"}, False),
    ("wcu.received.rearrest_outcome", {"outcome": "bailed"}, True),
    ("wcu.received.rearrest_outcome", {}, True),
    ("wcu.received.case_outcome", {"outcome": "convicted"}, False),
    ("wcu.received.case_outcome", {"outcome": "convicted", "in_custody_today": True}, False),
    ("wcu.received.case_outcome", {"outcome": "convicted", "in_custody_today": False}, True),
    ("wcu.received.case_outcome", {"outcome": "acquitted"}, True),
    ("wcu.received.case_outcome", {"outcome": "discontinued"}, True),
    ("wcu.received.case_outcome", {"outcome": "no_evidence"}, True),
    ("wcu.received.case_outcome", {}, True),
    ("wcu.received.sentence", {"sentence_kind": "custody"}, False),
    ("wcu.received.sentence", {"sentence_kind": "custody", "in_custody_today": False}, True),
    ("wcu.received.sentence", {"sentence_kind": "hospital_order"}, False),
    ("wcu.received.sentence", {"sentence_kind": "time_served"}, True),
    ("wcu.received.sentence", {"sentence_kind": "suspended"}, True),
    ("wcu.received.sentence", {"sentence_kind": "fine"}, True),
    ("wcu.received.sentence", {}, True),
    ("wcu.received.appeal_decided", {"in_custody_today": True}, False),
    ("wcu.received.appeal_decided", {}, True),
]


@pytest.mark.parametrize(("event_type", "data", "safety"), SAFETY)
def test_pr03_what_the_event_says_makes_it_safety_critical(event_type: str, data: dict[str, Any], safety: bool) -> None:
    """PR03: a charge, outcome or sentence that frees somebody or ends bail, or may, is safety_critical; others are routine."""
    point = BOOKS.raised_by(event_type, data, A_DAY)[0]
    assert (point.cls == "safety_critical") is safety


@pytest.mark.parametrize(
    ("on", "status"),
    [(date(2026, 6, 28), "active"), (date(2026, 6, 29), "unverified"), (date(2027, 1, 1), "unverified")],
)
def test_the_changed_sentence_review_is_unverified(on: date, status: str) -> None:
    """From the reported start of the 2026 change nobody has checked the sentence-review window, so a person must."""
    raised = {point.id: point.status for point in BOOKS.raised_by("wcu.received.sentence", {}, on)}
    assert raised["r9-uls"] == status


def test_the_courts_limit_stands_beside_the_units() -> None:
    """A rule whose news comes from the court shows the court's own five working days from the event."""
    (leg,) = CODE["r9-sentence"].legs
    assert (leg.name, leg.clock, leg.working_days) == ("r8-court-to-wcu", "occurred_on", 5)


def test_an_unknown_point_is_a_key_error() -> None:
    """Asking for a rule or an edition that is not there says so."""
    with pytest.raises(KeyError):
        BOOKS.point("vc-2020", "r6-nothing")
    with pytest.raises(KeyError):
        BOOKS.point("vc-1066", "r6-arrest")


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


def test_every_condition_names_words_of_its_event() -> None:
    """Whatever a shipped rule asks of an event, the event has a field for it."""
    for edition in BOOKS.editions:
        for point in edition.points.values():
            for trigger in (*point.triggers, *point.safety_when):
                assert set(trigger.when) <= set(DATA[trigger.event].model_fields)
