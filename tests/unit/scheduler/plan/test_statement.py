"""What the news of each event states: JSON that wording reads, with nothing in it that is not known."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from schemas.editions.load import load_books
from services.ledger.effective import effective
from services.scheduler.plan import statement
from services.scheduler.plan.facts import CaseFile, read
from services.scheduler.plan.identity import facts_hash
from tests.unit.scheduler.plan.cases import event, known, plain_case

AT = "2026-04-14T08:30:00+00:00"
COURT = "Stafford Crown Court"
SAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "crime.recorded": ({"reference": "CR-1"}, {"reference": "CR-1"}),
    "officer.note": (
        {"text": "We are asking near by.", "next_contact_on": "2026-04-01"},
        {"note_text": "We are asking near by.", "next_contact_on": "2026-04-01"},
    ),
    "case.handed_over": (
        {"owner": "wcu", "to": {"name": "Jo Hill", "phone": "01632 960124", "unit": "Witness Care Unit"}},
        {"new_owner": "wcu", "contact_name": "Jo Hill", "contact_phone": "01632 960124", "contact_unit": "Witness Care Unit"},
    ),
    "investigation.declined": ({"reason_text": "Nobody saw it."}, {"reason_text": "Nobody saw it."}),
    "investigation.reopened": ({"reason_text": "Something new."}, {"reason_text": "Something new."}),
    "suspect.arrested": ({"suspect": "s1", "where": "custody"}, {"where": "custody"}),
    "suspect.released": (
        {"suspect": "s1", "mode": "bail", "conditions": ["not to go to Leek"], "return_on": "2026-04-10"},
        {"mode": "bail", "conditions": ["not to go to Leek"], "ends_on": "2026-04-10"},
    ),
    "police_bail.conditions_changed": ({"suspect": "s1", "ends_on": "2026-05-01"}, {"ends_on": "2026-05-01"}),
    "suspect.charged": (
        {"suspect": "s1", "charges": ["theft"], "custody": "remand", "first_hearing": {"starts_at": AT, "court": COURT}},
        {"charges": ["theft"], "custody": "remand", "first_hearing_at": AT, "first_hearing_court": COURT},
    ),
    "custody.changed": ({"suspect": "s1", "to": "released", "by": "court"}, {"to": "released", "by": "court"}),
    "protective_order.made": ({"order": "o1", "ends_on": "2026-09-01"}, {"ends_on": "2026-09-01"}),
    "disposal.out_of_court.given": ({"suspect": "s1", "disposal": "caution"}, {"disposal": "caution"}),
    "wcu.received.hearing_listed": (
        {"hearing": "h1", "listing": "warned", "window": {"from": "2026-05-04", "to": "2026-05-15"}, "court": COURT},
        {"hearing": "h1", "listing": "warned", "window": {"from": "2026-05-04", "to": "2026-05-15"}, "court": COURT},
    ),
    "wcu.received.hearing_vacated": ({"hearing": "h1", "starts_at": AT}, {"vacated": True, "starts_at": AT}),
    "wcu.received.attendance_required": (
        {"person": "v1", "hearing": "h1", "at": AT, "place": "Cannock link site", "entrance": "side door", "live_link": True},
        {"starts_at": AT, "court": "Cannock link site", "entrance": "side door", "live_link": True, "half_day": "morning"},
    ),
    "special_measures.decided": (
        {"person": "v1", "measures": ["screens"], "granted": False},
        {"measures": ["screens"], "granted": False},
    ),
    "wcu.received.bail_outcome": ({"suspect": "s1", "outcome": "released"}, {"outcome": "released"}),
    "wcu.received.case_outcome": (
        {"suspect": "s1", "outcome": "convicted", "last_defendant": True},
        {"outcome": "convicted", "last_defendant": True},
    ),
    "wcu.received.sentence": (
        {"suspect": "s1", "sentence": "A fine", "sentence_kind": "fine", "court_type": "crown"},
        {"sentence": "A fine", "sentence_kind": "fine", "court_type": "crown"},
    ),
    "wcu.received.appeal_listed": (
        {"appeal": "a1", "starts_at": AT, "court": COURT},
        {"appeal": "a1", "starts_at": AT, "court": COURT},
    ),
    "wcu.received.appeal_decided": ({"appeal": "a1", "outcome": "dismissed"}, {"outcome": "dismissed"}),
    "offender.escaped": ({"suspect": "s1", "risk_assessed": False}, {"risk_assessed": False}),
    "complaint.received": (
        {"complaint": "c1", "person": "v1", "received_on": "2026-03-06"},
        {"received_on": "2026-03-06"},
    ),
    "referral.made": ({"person": "v1", "service": "Victim Support", "consent": True}, {"service": "Victim Support"}),
}  # fmt: skip
SAYS_NOTHING = {"property.releasable", "wcu.received.plea", "wcu.received.attended", "investigation.opened"}
"""Raise a rule whose words state nothing that the event gives."""


def _stated(kind: str, data: dict[str, Any], role: str = "victim") -> dict[str, Any]:
    file, item = _file(event(kind, data))
    return statement.facts_of("any", item, file, "v1", role)


def _file(*events: Any) -> tuple[CaseFile, Any]:
    given = known(plain_case(*events))
    file = read(given)
    last = effective([events[-1]])[0]
    return file, last


@pytest.mark.parametrize("kind", SAYS)
def test_each_event_says_what_its_words_need(kind: str) -> None:
    """By the names that wording reads, in JSON, and nothing that is not known."""
    data, expected = SAYS[kind]
    found = _stated(kind, data)
    assert expected.items() <= found.items()
    assert None not in found.values()
    assert orjson.loads(orjson.dumps(found)) == found
    bare = _stated(
        kind,
        {name: data[name] for name in ("person", "suspect", "hearing", "order", "appeal", "complaint") if name in data},
    )
    assert None not in bare.values()
    assert {"happened_on", "suspects"} <= bare.keys()


def test_every_event_that_raises_a_rule_states_something() -> None:
    """No rule of any book is raised by an event of which the words could know nothing, but where they need nothing."""
    raising = {
        trigger.event
        for edition in load_books().editions
        for point in edition.points.values()
        for trigger in point.triggers
    }
    assert raising - SAYS_NOTHING <= set(statement._BY_TYPE)  # the table is what this is about


@pytest.mark.parametrize(
    "role", ["parent_guardian", "bereaved_relative", "spokesperson", "business_contact", "witness"]
)
def test_in_which_role_somebody_is_told_is_stated_but_is_no_news(role: str) -> None:
    """A role chooses the words; it makes nothing that was told untrue."""
    data = {"suspect": "s1", "where": "custody"}
    found = _stated("suspect.arrested", data, role)
    assert found["told_as"] == role
    assert "told_as" not in _stated("suspect.arrested", data)
    assert facts_hash(found) == facts_hash(_stated("suspect.arrested", data))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"officer": {"name": "DC New"}}, True),
        ({"where": "voluntary"}, False),
    ],
)
def test_the_hash_is_of_what_the_news_states(change: dict[str, Any], same: bool) -> None:
    """Another officer corrects nothing; another fact does."""
    data = {"suspect": "s1", "where": "custody"}
    before = _stated("suspect.arrested", data)
    if "officer" in change:
        after = before | {"officer_name": change["officer"]["name"]}
    else:
        after = _stated("suspect.arrested", data | change)
    assert (facts_hash(before) == facts_hash(after)) is same


@pytest.mark.parametrize(
    ("earlier", "day"),
    [
        (("wcu.received.attendance_required", {"person": "v1", "hearing": "h1", "at": AT}), AT),
        (("wcu.received.hearing_listed", {"hearing": "h1", "starts_at": AT}), AT),
        (("wcu.received.hearing_listed", {"hearing": "h2", "starts_at": AT}), None),
    ],
)
def test_pr07_a_stand_down_names_the_day(earlier: tuple[str, dict[str, Any]], day: str | None) -> None:
    """The day on which nobody need come is the one they were asked for, else the hearing's; otherwise it is not known."""
    file, item = _file(
        event(*earlier), event("wcu.received.attendance_not_required", {"person": "v1", "hearing": "h1"})
    )
    assert statement.facts_of("w-stood-down", item, file, "v1", "witness").get("starts_at") == day
