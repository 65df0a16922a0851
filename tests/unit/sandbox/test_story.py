"""The sample cases: they raise every update point, end as they say, and their shorthand writes out what a record system would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import pytest

from schemas.editions.load import load_books
from schemas.envelope import read_event
from services.sandbox.story import STARTS, Case, End, _case, instant, load_cases
from services.sandbox.verdict import compare
from tests.unit.sandbox.rehearsal import rehearse

BOOKS: Final = load_books()
CASES: Final = load_cases()
SHOWN_BY_NONE: Final[Mapping[str, str]] = {}
"""Update points of the books in force that no sample case shows, with the reason."""
FAR_END: Final[Mapping[str, str]] = {
    "case-06": "no receipt ever comes: told when no bounce did",
    "case-24": "the handset is off",
    "case-25": "nobody has the number",
    "case-26": "the person answers STOP",
    "case-27": "the provider refuses the number",
    "case-29": "the provider's answer is lost",
    "case-32": "the mailbox does not exist",
    "case-33": "no receipt comes",
}
"""Cases about what goes wrong at the far end: only the demo, which has one, can say how they end."""


def _shown(case: Case) -> set[tuple[str | None, str]]:
    return {(end.edition, end.update_point) for end in case.ends}


def test_every_update_point_in_force_is_shown_by_a_sample_case() -> None:
    """Each rule of the Code of 2020, the Charter, the statute and the force's policy is an update of some case, with its end."""
    shown = {point for case in CASES for edition, point in _shown(case) if edition != "vc-2015"}
    points = {point for edition in BOOKS.editions if edition.id != "vc-2015" for point in edition.points}
    assert points - shown - SHOWN_BY_NONE.keys() == set()
    assert SHOWN_BY_NONE.keys() <= points - shown


def test_an_old_case_is_told_by_the_edition_of_its_day() -> None:
    """The Code of 2015 is shown once: all else that it governs is of before any force went live (PR22)."""
    assert any(edition == "vc-2015" for case in CASES for edition, _ in _shown(case))


def test_the_cases_end_as_they_say_where_all_arrives() -> None:
    """What the demo proves on servers, in a second and without: plan after plan, and everything that is sent is delivered."""
    cases = [case for case in CASES if case.id not in FAR_END]
    assert compare(cases, rehearse(cases)) == []
    assert FAR_END.keys() <= {case.id for case in CASES}


def test_every_record_is_one_that_intake_takes_and_no_id_comes_twice() -> None:
    """One reader for all; the same record again is the same bytes."""
    seen: dict[str, bytes] = {}
    for case in CASES:
        for record in case.records:
            event = read_event(record.value).event
            assert seen.setdefault(event.id, record.value) == record.value
            assert record.at >= STARTS
            assert record.key == f"{event.force}/{event.case}".encode()
    assert len({case.id for case in CASES}) == len(CASES)
    assert len({case.title for case in CASES}) == len(CASES)


# ---------------------------------------------------------------- shorthand


def _written(**row: Any) -> tuple[Case, list[tuple[str, str, dict[str, Any]]]]:
    case = _case({"id": "case-99", "title": "t", "shows": "s", "classes": ["other"], **row})
    events = [orjson.loads(record.value) for record in case.records]
    return case, [(event["type"], event["time"], event["data"]) for event in events]


def test_a_crime_of_which_nothing_is_said_was_recorded_before_the_force_went_live() -> None:
    """Its first days owe nothing (PR22), and what was known then is published as the story begins."""
    case, events = _written(person=[{"id": "ann", "sms": "07700900001"}])
    assert {at[:10] for _, at, _ in events} == {"2025-11-24"}
    assert {record.at for record in case.records} == {STARTS}


def test_a_first_contact_is_what_the_officer_did_and_what_that_fulfils() -> None:
    """Seen, assessed and referred before the crime was typed in; the child's mother is told for the child and not referred."""
    case, events = _written(
        recorded="Mon 09:00",
        first_contact={"at": "Mon 09:40"},
        person=[
            {"id": "ned", "enhanced": True, "gateways": ["under_18"]},
            {"id": "ola", "roles": ["parent_guardian"], "for": "ned"},
            {"id": "wit", "roles": ["witness"]},
        ],
        ends=[{"person": "ned", "update_point": "r3-ack", "event": "crime", "state": "told", "evidence": "letter"}],
    )
    kinds = [kind for kind, _, _ in events]
    assert kinds.count("contact.made") == 2
    assert kinds.count("referral.made") == kinds.count("needs_assessment.completed") == 1
    assert kinds[-1] == "crime.recorded"
    assert {record.at for record in case.records} == {instant("Mon 09:40")}
    assert {(end.person, end.update_point, end.for_whom, end.evidence) for end in case.ends} == {
        ("ned", "r3-ack", "", "letter"),
        ("ned", "r3-cjs-info", "", "conversation"),
        ("ned", "r5-compensation", "", "conversation"),
        ("ned", "r4-needs", "", "done"),
        ("ned", "r4-referral", "", "done"),
        ("ola", "r3-ack", "ned", "conversation"),
        ("ola", "r3-cjs-info", "ned", "conversation"),
        ("ola", "r5-compensation", "ned", "conversation"),
    }


# ---------------------------------------------------------------- the verdict


def _row(**more: Any) -> dict[str, Any]:
    return {
        "case_id": "case-99",
        "person_id": "ann",
        "update_point": "r6-arrest",
        "edition": "vc-2020",
        "event_id": "case-99-arrest",
        "part": "",
        "for_whom": "",
        "state": "told",
        "evidence": "delivered",
        "reasons": [{"code": "sent_by_machine"}],
        "prompted": False,
        "left_us": True,
    } | more


def _clock(**more: Any) -> dict[str, Any]:
    clock = {"update_point": "f-cadence", "event_id": "case-99-crime", "state": "planned", "evidence": None}
    return _row(**(clock | {"part": "after:x", "left_us": False} | more))


_END: Final = End("ann", "r6-arrest", "arrest", "told", "delivered")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([_row()], None),
        ([_row(), _clock(), _clock(state="withdrawn", part="after:y")], None),
        ([_row(), _clock(), _clock(part="after:y")], "has 2 clocks of the next regular contact"),
        ([_row(), _clock(left_us=True)], "the case does not expect it"),
        ([_row(), _clock(state="held")], "is held, and the case does not expect it (sent_by_machine)"),
        ([_row(state="held")], "is held, should be told (sent_by_machine)"),
        ([_row(edition="vc-2015")], "is of vc-2015, should be of vc-2020"),
        ([], "is missing"),
        ([_row(), _row(update_point="r6-interview")], "is told by delivered, and the case does not expect it"),
    ],
    ids=["as it says", "a clock", "two clocks", "a clock sent", "a clock held", "held", "edition", "none", "one more"],
)
def test_the_verdict_names_what_is_not_where_its_case_says(rows: list[dict[str, Any]], said: str | None) -> None:
    """A sentence each; the clock of the next regular contact needs no line while it only runs, and one runs for a person."""
    end = End(_END.person, _END.update_point, _END.event, _END.state, _END.evidence, edition="vc-2020")
    found = compare([Case("case-99", "t", "s", (), (end,))], rows)
    assert (found == []) if said is None else (len(found) == 1 and said in found[0]), found
