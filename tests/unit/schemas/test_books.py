"""The shipped rule books: what they hold beside the tables, which rules an event raises, and what their classes say."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.case_events import DATA
from schemas.editions.load import load_books
from schemas.editions.model import Limit, UpdatePoint
from tests.unit.schemas import rows

BOOKS = load_books()
EDITIONS = {edition.id: edition for edition in BOOKS.editions}
CODE = EDITIONS["vc-2020"].points
POINTS = [point for edition in BOOKS.editions for point in edition.points.values()]
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "rows-that-are-not-rules.md"
A_DAY = date(2026, 3, 9)
IN_2021 = date(2021, 3, 31)


def _named(point: UpdatePoint) -> str:
    return f"{point.edition}-{point.id}"


def _limit(limit: Limit) -> int | str | None:
    return limit.working_days if limit.hours is None else f"{limit.hours}h"


@pytest.mark.parametrize("edition", rows.BOOKS)
def test_a_book_is_its_table(edition: str) -> None:
    """Every rule stands with the limit, clock, owner and confidence of the table, and the book holds no other."""
    read = {
        point.id: (
            point.confidence,
            point.status,
            _limit(point.standard),
            _limit(point.enhanced),
            point.clock,
            point.owner,
        )
        for point in EDITIONS[edition].points.values()
    }
    assert read == rows.BOOKS[edition]


def _left_out(heading: str) -> set[str]:
    section = PAGE.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_every_row_is_a_rule_or_is_named_in_the_docs() -> None:
    """Each row of the 2020 table is in a book or on the page with the reason why not, and never both."""
    held = set(CODE) | set(EDITIONS["statute"].points) | set(EDITIONS["wc-2013"].points)
    left_out = _left_out("Victims' Code 2020")
    assert held - set(EDITIONS["wc-2013"].points) | {"r8-not-needed"} | left_out == set(rows.TABLE_A)
    assert not held & left_out


def test_every_witness_row_is_a_rule_or_is_named_in_the_docs() -> None:
    """Each row about witnesses is in the Charter's book or on the page."""
    held, left_out = set(EDITIONS["wc-2013"].points) - {"r8-not-needed"}, _left_out("Witness Charter")
    assert held | left_out == set(rows.TABLE_4_1)
    assert not held & left_out


def test_the_2015_book_holds_what_was_read_of_it_and_says_what_it_leaves_out() -> None:
    """Rows of the 2020 table that are not in the 2015 one carry over where they were read for it; the page names the rest."""
    held = set(EDITIONS["vc-2015"].points)
    assert held == {*rows.TABLE_C, *rows.CARRIED_OVER}
    assert set(CODE) - held == _left_out("Victims' Code 2015")


def test_the_force_book_holds_the_forces_own_points() -> None:
    """The force's own points carry its ids; no incident is among them."""
    assert set(EDITIONS["force"].points) == set(rows.FORCE)
    assert not BOOKS.raises("incident.recorded")


@pytest.mark.parametrize("point", POINTS, ids=_named)
def test_every_rule_can_be_cited(point: UpdatePoint) -> None:
    """A rule names its book, its Right and where it was read; a paragraph only where its number was seen in print."""
    right = re.match(r"r(\d+)-", point.id)
    assert point.citation.right == (int(right[1]) if right is not None and point.edition == "vc-2020" else None)
    assert point.citation.sources or point.confidence in ("M", "D", "L")
    assert point.citation.paragraph in (None, "8.2")
    assert set(point.citation.sources) <= set(EDITIONS[point.edition].sources)
    assert point.book == EDITIONS[point.edition].book
    assert point.stale_after_hours or point.timed or point.duty != "tell"
    assert point.content_required
    assert "offence_label" in point.content_forbidden
    assert "links" in point.content_forbidden


def test_paragraphs_are_not_guessed() -> None:
    """Only the rules of the block that was seen in print carry its number."""
    assert {point.id for point in POINTS if point.citation.paragraph} == {
        "r4-wcu-needs",
        "r8-attend",
        "r8-court-visit",
        "r8-special-measures",
    }


# PR03's own list; what frees somebody only by what the event says is below (SAFETY).
ALWAYS = """
r6-released-no-charge r6-bail r6-bail-varied r6-bail-cancelled r6-rui pace-bail-notify r8-bail-outcome f-custody-changed
f-order-changed r9-appeal-bail r11-escape r6-police-nfa r6-cps-no-charge r6-cps-change r6-ood-outcome f-bail-lapse f-order-lapse
"""


def test_pr03_what_frees_a_suspect_is_safety_critical() -> None:
    """PR03: what frees a suspect or ends a protection is safety_critical whatever the event says, and nothing else is."""
    assert {point.id for point in POINTS if point.cls == "safety_critical"} == set(ALWAYS.split())
    for point in POINTS:
        if point.cls == "safety_critical":
            assert point.safety_gate
            assert "no_bounce" not in point.fulfil_by


def test_pr13_no_further_action_tells_what_it_subsumes() -> None:
    """PR13: no further action tells the release and the closing with it; all four of its items are required."""
    point = CODE["r6-police-nfa"]
    assert point.subsumes == ("r6-released-no-charge", "r6-closed-no-charge")
    assert {"reasons", "more_information", "review", "support_offer"} <= set(point.content_required)


def test_pr02_an_arrest_is_overtaken_by_a_release_or_a_charge() -> None:
    """PR02: what is said of an arrest changes its meaning with a release, a charge or a decision, never with an interview."""
    for edition in ("vc-2015", "vc-2020"):
        overtaken = EDITIONS[edition].points["r6-arrest"].overtaken_by
        assert {"suspect.released", "suspect.charged", "requisition.issued", "decision.police_nfa"} <= set(overtaken)
        assert "suspect.interviewed" not in overtaken


@pytest.mark.parametrize(
    "point", [*EDITIONS["wc-2013"].points.values(), *EDITIONS["force"].points.values()], ids=_named
)
def test_pr04_witness_and_force_rows_are_active_and_never_labelled_code(point: UpdatePoint) -> None:
    """PR04: reminders, cadence, handovers and lapses are the force's, witness rows the Charter's; all active, limits local."""
    assert (point.book, point.status) in (("charter", "active"), ("force", "active"))
    assert "Code" not in point.citation.instrument
    if point.standard != Limit():
        assert point.limit_confidence in ("L", "D")


def test_pr04_unverified_is_the_duty_and_never_the_limit() -> None:
    """PR04: a duty from memory, or read for another edition only, is unverified; a limit that is, stops nothing."""
    for point in CODE.values():
        assert (point.status == "unverified") is (point.confidence in ("M", "R15"))
    assert (CODE["r6-police-nfa"].limit_confidence, CODE["r6-police-nfa"].status) == ("M", "active")


@pytest.mark.parametrize("update_point", ["r3-ack", "r8-special-measures"])
def test_6_8_the_force_sets_a_limit_that_the_code_does_not_give(update_point: str) -> None:
    """6.8: where the Code gives no limit the force's own book does, as the next working day; the Code's rule stays without."""
    assert CODE[update_point].standard == CODE[update_point].enhanced == Limit()
    assert CODE[update_point].limit_source == "none"
    assert BOOKS.force_limit(update_point) == (Limit(working_days=1), Limit(working_days=1))
    assert BOOKS.force_limit("r6-arrest") is None


def test_6_7_the_force_has_a_target_in_hours_beside_the_limit() -> None:
    """6.7: what bears on safety has the force's own target, in hours, from when the force knew."""
    assert BOOKS.safety_target() == timedelta(hours=2)


def test_pr03_hours_do_not_wait_for_monday() -> None:
    """Custody and orders have the force's limit in hours, which no weekend stretches."""
    for update_point in ("f-custody-changed", "f-order-changed"):
        point = BOOKS.point("force", update_point)
        assert point.standard == point.enhanced == Limit(hours=24)


RAISED: list[tuple[str, dict[str, Any], str]] = [
    ("crime.recorded", {}, "f-cadence r1-language r3-ack r3-cjs-info r4-needs r4-referral r5-compensation"),
    ("investigation.opened", {}, "r6-contact-plan r7-vps-offer"),
    ("investigation.declined", {}, "r6-no-investigation"),
    ("investigation.closed", {}, "r6-closed-no-charge"),
    ("investigation.reopened", {}, "r6-reopened"),
    ("suspect.arrested", {}, "r6-arrest"),
    ("suspect.interviewed", {}, "r6-interview"),
    ("suspect.released", {"mode": "no_charge"}, "r6-released-no-charge"),
    ("suspect.released", {"mode": "bail"}, "r6-bail"),
    ("suspect.released", {"mode": "bail", "return_on": A_DAY}, "f-bail-lapse r6-bail"),
    ("suspect.released", {"mode": "rui"}, "r6-rui"),
    ("suspect.released", {"mode": None}, "r6-released-no-charge"),
    ("suspect.released", {}, "r6-released-no-charge"),
    ("police_bail.conditions_proposed", {}, "pace-bail-views"),
    ("police_bail.conditions_changed", {}, "pace-bail-notify r6-bail-varied"),
    ("police_bail.conditions_changed", {"protects": ("v1",)}, "pace-bail-notify r6-bail-varied"),
    ("police_bail.conditions_changed", {"protects": ()}, "r6-bail-varied"),
    ("police_bail.conditions_changed", {"protects": (), "ends_on": A_DAY}, "f-bail-lapse r6-bail-varied"),
    ("police_bail.cancelled", {}, "r6-bail-cancelled"),
    ("suspect.charged", {"custody": "remand"}, "r6-charge"),
    ("suspect.charged", {"first_hearing": {"starts_at": None}}, "r6-charge r6-first-hearing"),
    ("requisition.issued", {"first_hearing": {}}, "r6-charge r6-first-hearing"),
    ("custody.changed", {}, "f-custody-changed"),
    ("protective_order.made", {}, "f-order-changed"),
    ("protective_order.made", {"ends_on": A_DAY}, "f-order-changed f-order-lapse"),
    ("protective_order.changed", {"ends_on": A_DAY}, "f-order-changed f-order-lapse"),
    ("protective_order.ended", {"ends_on": A_DAY}, "f-order-changed"),
    ("disposal.out_of_court.proposed", {}, "r6-ood-views"),
    ("disposal.out_of_court.given", {}, "r3-rj-info r6-ood-outcome"),
    ("decision.police_nfa", {}, "r6-police-nfa"),
    ("decision.cps_no_charge", {}, "r6-cps-no-charge r6-cps-meeting"),
    ("decision.cps_changed", {}, "r6-cps-change r6-cps-meeting"),
    ("case.handed_over", {}, "f-handover"),
    ("wcu.received.plea", {"plea": "not_guilty"}, "w-first-contact"),
    ("wcu.received.plea", {"plea": "guilty"}, ""),
    ("wcu.received.plea", {}, ""),
    ("wcu.received.hearing_listed", {}, "r8-hearing-date w-hearing-date"),
    ("wcu.received.hearing_changed", {}, "r8-hearing-date w-hearing-changed"),
    ("wcu.received.hearing_vacated", {}, "r8-hearing-date w-stood-down"),
    ("wcu.received.bail_outcome", {}, "r8-bail-outcome r8-court-to-wcu"),
    ("wcu.received.warrant", {}, "r8-court-to-wcu r8-warrant"),
    ("wcu.received.rearrest_outcome", {}, "r8-court-to-wcu r8-rearrest-outcome"),
    ("wcu.received.attendance_required", {}, "f-reminder r4-wcu-needs r8-attend r8-court-visit w-attend"),
    ("wcu.received.attendance_not_required", {}, "r8-not-needed w-stood-down"),
    ("wcu.received.attended", {"attended": True}, "w-expenses"),
    ("wcu.received.attended", {"attended": False}, ""),
    ("special_measures.applied", {}, ""),
    ("special_measures.decided", {}, "r8-special-measures w-special-measures"),
    ("wcu.received.case_outcome", {"outcome": "acquitted"}, "r8-court-to-wcu r9-outcome w-outcome"),
    (
        "wcu.received.case_outcome",
        {"outcome": "convicted"},
        "r8-court-to-wcu r9-bereaved-meeting r9-outcome w-outcome",
    ),
    (
        "wcu.received.sentence",
        {},
        "r11-vcs-referral r8-court-to-wcu r9-bereaved-meeting r9-sentence r9-uls w-outcome",
    ),
    (
        "wcu.received.sentence",
        {"court_type": "magistrates", "vcs_qualifying": False},
        "r8-court-to-wcu r9-bereaved-meeting r9-sentence w-outcome",
    ),
    (
        "wcu.received.sentence",
        {"uls_scheme": False, "sentence_kind": "fine"},
        "r8-court-to-wcu r9-bereaved-meeting r9-sentence w-outcome",
    ),
    (
        "wcu.received.sentence",
        {"court_type": "crown", "uls_scheme": True, "vcs_qualifying": True},
        "r11-vcs-referral r8-court-to-wcu r9-bereaved-meeting r9-sentence r9-uls w-outcome",
    ),
    ("wcu.received.appeal_lodged", {}, "r9-appeal-notice"),
    ("wcu.received.appeal_listed", {}, "r9-appeal-hearing"),
    ("wcu.received.appeal_bail", {}, "r9-appeal-bail"),
    ("wcu.received.appeal_decided", {}, "r9-appeal-outcome"),
    ("property.releasable", {}, "r10-property"),
    ("referral.made", {"service": "vcs"}, "r11-vlo-contact"),
    ("referral.made", {"service": "victim_support"}, ""),
    ("referral.made", {}, ""),
    ("offender.escaped", {}, "r11-escape"),
    ("complaint.received", {}, "r12-complaint-ack"),
    ("incident.recorded", {}, ""),
    ("person.recorded", {}, ""),
    ("contact.made", {}, ""),
]


@pytest.mark.parametrize(("event_type", "data", "rules"), RAISED)
def test_an_event_raises_its_rules(event_type: str, data: dict[str, Any], rules: str) -> None:
    """Each event raises the rules of the tables; what it does not say is taken the careful way."""
    assert {point.id for point in BOOKS.raised_by(event_type, data, A_DAY)} == set(rules.split())


def test_every_rule_is_raised_by_some_event() -> None:
    """No rule sleeps: each is raised by an event of the table above."""
    raised = {rule for _, _, listed in RAISED for rule in listed.split()}
    assert raised == {point.id for point in POINTS if point.edition != "vc-2015"}


RAISED_IN_2015: list[tuple[str, dict[str, Any], str]] = [
    ("crime.recorded", {}, "f-cadence r3-cjs-info r4-referral"),
    ("suspect.released", {"mode": "rui"}, "r6-released-no-charge"),
    ("suspect.released", {"mode": "no_charge"}, "r6-released-no-charge"),
    ("suspect.released", {}, "r6-released-no-charge"),
    ("suspect.released", {"mode": "bail"}, "r6-bail"),
    ("police_bail.conditions_proposed", {}, ""),
    ("police_bail.conditions_changed", {}, "r6-bail-varied"),
    ("decision.police_nfa", {}, ""),
    ("decision.cps_no_charge", {}, "r6-cps-no-charge r6-cps-meeting"),
    ("wcu.received.attendance_required", {}, "f-reminder w-attend"),
    ("wcu.received.sentence", {}, "r11-vcs-referral r9-sentence r9-uls w-outcome"),
    ("complaint.received", {}, "r12-complaint-ack"),
]


@pytest.mark.parametrize(("event_type", "data", "rules"), RAISED_IN_2015)
def test_6_1_an_event_before_april_2021_has_the_2015_code(event_type: str, data: dict[str, Any], rules: str) -> None:
    """6.1 and row 26: a release under investigation on 31 March 2021 is a release without charge; no bail-views before 2022."""
    raised = BOOKS.raised_by(event_type, data, IN_2021)
    assert {point.id for point in raised} == set(rules.split())
    assert {point.edition for point in raised if point.book == "code"} <= {"vc-2015"}
    assert {point.status for point in raised} <= {"active"}


@pytest.mark.parametrize(
    ("on", "edition", "days"), [(date(2021, 3, 30), "vc-2015", 20), (date(2021, 4, 1), "vc-2020", 10)]
)
def test_28_a_later_sentence_may_have_the_shorter_limit(on: date, edition: str, days: int) -> None:
    """Row 28: the referral to the Victim Contact Scheme has 20 working days by one edition and 10 by the next."""
    raised = {point.id: point for point in BOOKS.raised_by("wcu.received.sentence", {"vcs_qualifying": True}, on)}
    point = raised["r11-vcs-referral"]
    assert (point.edition, point.standard.working_days, point.clock) == (edition, days, "occurred_on")


@pytest.mark.parametrize(("arrested", "owed"), [(date(2022, 10, 27), False), (date(2022, 10, 28), True), (None, True)])
def test_6_1_the_bail_act_goes_by_the_day_of_the_arrest(arrested: date | None, owed: bool) -> None:
    """6.1: only people arrested on or after 28 October 2022 are concerned; a day that is not known counts as after."""
    for point in EDITIONS["statute"].points.values():
        assert point.concerns_arrest(arrested) is owed
    assert CODE["r6-bail-varied"].concerns_arrest(arrested)


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
MAY_FREE = {"r6-charge", "r8-rearrest-outcome", "r9-outcome", "r9-sentence", "r9-appeal-outcome", "w-outcome"}


@pytest.mark.parametrize(("event_type", "data", "safety"), SAFETY)
@pytest.mark.parametrize("on", [A_DAY, IN_2021], ids=["2020", "2015"])
def test_pr03_what_the_event_says_makes_it_safety_critical(
    on: date, event_type: str, data: dict[str, Any], safety: bool
) -> None:
    """PR03: a charge, outcome or sentence that frees somebody or ends bail, or may, is safety_critical; others are routine."""
    found = [point for point in BOOKS.raised_by(event_type, data, on) if point.id in MAY_FREE]
    assert found
    for point in found:
        assert (point.cls == "safety_critical") is safety


@pytest.mark.parametrize(
    ("on", "status"),
    [(date(2026, 6, 28), "active"), (date(2026, 6, 29), "unverified"), (date(2027, 1, 1), "unverified")],
)
def test_6_13_the_changed_sentence_review_is_unverified(on: date, status: str) -> None:
    """6.13: from the reported start of the 2026 change nobody has checked the sentence-review window, so a person must."""
    raised = {point.id: point.status for point in BOOKS.raised_by("wcu.received.sentence", {}, on)}
    assert raised["r9-uls"] == status


def test_22_the_courts_limit_stands_beside_the_units() -> None:
    """Row 22: news that comes from the court shows the court's own five working days, which are a duty of the court too."""
    (leg,) = CODE["r9-sentence"].legs
    assert (leg.name, leg.clock, leg.working_days) == ("r8-court-to-wcu", "occurred_on", 5)
    court = CODE["r8-court-to-wcu"]
    assert (court.owner, court.clock, court.standard.working_days) == ("hmcts", leg.clock, leg.working_days)
    assert {trigger.event for trigger in court.triggers} == {
        trigger.event for point in CODE.values() if point.legs for trigger in point.triggers
    }


@pytest.mark.parametrize("point", [point for point in POINTS if point.duty == "ask"], ids=_named)
def test_a_question_is_asked_by_a_person(point: UpdatePoint) -> None:
    """Views, a contact plan and the offer of a statement are asked in person: nothing that is delivered asks them."""
    assert {"delivered", "no_bounce", "letter"}.isdisjoint(point.fulfil_by)


def test_acts_name_what_shows_that_they_were_done() -> None:
    """A duty to act is met by the event that shows it, of the right service: a referral elsewhere is none to the scheme."""
    assert "referral.made" in CODE["r4-referral"].done_by
    assert "vcs" in CODE["r11-vcs-referral"].done_service
    assert CODE["r7-vps-offer"].done_by == ("statement.offered", "statement.declined", "statement.taken")


def test_every_condition_names_words_of_its_event() -> None:
    """Whatever a shipped rule asks of an event, the event has a field for it."""
    for point in POINTS:
        for trigger in (*point.triggers, *point.safety_when):
            assert set(trigger.when) <= set(DATA[trigger.event].model_fields)
