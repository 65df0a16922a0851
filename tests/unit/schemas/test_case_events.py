"""The shapes of data: every type, what must be there, what absent and null mean, and what is read kindly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from schemas.case_events import DATA, EventData, words
from schemas.case_events.corrections import EventCorrected
from schemas.case_events.court import HearingListed, Sentence, WcuReceived
from schemas.case_events.investigation import CaseHandedOver, CrimeRecorded
from schemas.case_events.people import PersonRecorded, PreferenceChanged, SafetyChanged
from schemas.case_events.suspects import SuspectCharged
from schemas.envelope import BadEvent, read_data
from tests.unit.schemas.samples import EXAMPLES, record

TYPES = [
    "person.recorded",
    "preference.changed",
    "safety.changed",
    "participation.changed",
    "person.died",
    "person.turned_18",
    "needs_assessment.completed",
    "needs_assessment.changed",
    "crime.recorded",
    "crime.reclassified",
    "incident.recorded",
    "case.linked",
    "case.unlinked",
    "investigation.opened",
    "investigation.declined",
    "investigation.closed",
    "investigation.reopened",
    "officer.note",
    "suspect.arrested",
    "suspect.interviewed",
    "suspect.released",
    "police_bail.conditions_proposed",
    "police_bail.conditions_changed",
    "police_bail.cancelled",
    "suspect.charged",
    "requisition.issued",
    "custody.changed",
    "protective_order.made",
    "protective_order.changed",
    "protective_order.ended",
    "disposal.out_of_court.proposed",
    "disposal.out_of_court.given",
    "decision.police_nfa",
    "decision.cps_no_charge",
    "decision.cps_changed",
    "wcu.received.hearing_listed",
    "wcu.received.hearing_changed",
    "wcu.received.hearing_vacated",
    "wcu.received.plea",
    "wcu.received.attendance_required",
    "wcu.received.attendance_not_required",
    "wcu.received.attended",
    "wcu.received.bail_outcome",
    "wcu.received.warrant",
    "wcu.received.rearrest_outcome",
    "special_measures.applied",
    "special_measures.decided",
    "wcu.received.case_outcome",
    "wcu.received.sentence",
    "wcu.received.appeal_lodged",
    "wcu.received.appeal_listed",
    "wcu.received.appeal_bail",
    "wcu.received.appeal_decided",
    "offender.escaped",
    "property.releasable",
    "complaint.received",
    "referral.offered",
    "referral.made",
    "referral.received",
    "referral.first_contact",
    "statement.offered",
    "statement.declined",
    "statement.taken",
    "contact.made",
    "owner.confirmed",
    "operational_hold.set",
    "operational_hold.lifted",
    "case.handed_over",
    "event.corrected",
    "event.withdrawn",
]
"""The whole vocabulary, written down a second time: none may go."""

IDS = {
    "person": "person.recorded preference.changed safety.changed participation.changed person.died person.turned_18"
    " needs_assessment.completed needs_assessment.changed special_measures.applied special_measures.decided"
    " referral.offered referral.made referral.received referral.first_contact"
    " statement.offered statement.declined statement.taken contact.made",
    "suspect": "suspect.arrested suspect.interviewed suspect.released police_bail.conditions_proposed"
    " police_bail.conditions_changed police_bail.cancelled suspect.charged requisition.issued custody.changed"
    " disposal.out_of_court.proposed disposal.out_of_court.given decision.police_nfa decision.cps_no_charge"
    " decision.cps_changed wcu.received.plea wcu.received.bail_outcome wcu.received.warrant"
    " wcu.received.rearrest_outcome wcu.received.case_outcome wcu.received.sentence offender.escaped",
    "hearing": "wcu.received.hearing_listed wcu.received.hearing_changed wcu.received.hearing_vacated",
    "person hearing": "wcu.received.attendance_required wcu.received.attendance_not_required wcu.received.attended",
    "order": "protective_order.made protective_order.changed protective_order.ended",
    "appeal": "wcu.received.appeal_lodged wcu.received.appeal_listed wcu.received.appeal_bail"
    " wcu.received.appeal_decided",
    "property": "property.releasable",
    "complaint person": "complaint.received",
    "update_point person": "owner.confirmed",
    "hold": "operational_hold.set operational_hold.lifted",
    "cases": "case.linked case.unlinked",
    "event": "event.corrected event.withdrawn",
    "": "crime.recorded crime.reclassified incident.recorded investigation.opened investigation.declined"
    " investigation.closed investigation.reopened officer.note case.handed_over",
}
"""Which ids each type cannot do without."""


def refused(kind: str, data: dict[str, Any]) -> BadEvent:
    """The error that `data` is refused with."""
    with pytest.raises(BadEvent) as caught:
        read_data(kind, data)
    return caught.value


def test_every_type_has_a_shape_and_an_example() -> None:
    """The vocabulary is the one that is written down, and each word of it is shown once."""
    assert sorted(DATA) == sorted(TYPES) == sorted(EXAMPLES)
    assert all(orjson.loads(value)["type"] == kind for kind, value in EXAMPLES.items())


@pytest.mark.parametrize("kind", TYPES)
def test_a_shape_is_named_after_its_event(kind: str) -> None:
    """`suspect.arrested` is SuspectArrested; what the Witness Care Unit receives goes by its last word."""
    name = "".join(part.capitalize() for part in kind.removeprefix("wcu.received.").replace(".", "_").split("_"))
    assert DATA[kind].__name__ == name
    assert issubclass(DATA[kind], EventData)
    assert len({*DATA.values()}) == len(DATA)


@pytest.mark.parametrize("kind", TYPES)
def test_the_family_of_the_witness_care_unit_knows_both_dates(kind: str) -> None:
    """Every event that the unit receives carries the court's date and its own."""
    assert issubclass(DATA[kind], WcuReceived) == kind.startswith("wcu.received.")


@pytest.mark.parametrize(("ids", "kinds"), IDS.items())
def test_everything_but_the_ids_may_be_absent(ids: str, kinds: str) -> None:
    """With its ids alone an event is accepted; without any one of them it is not."""
    for kind in kinds.split():
        whole = {name: ["x1"] if name == "cases" else "x1" for name in ids.split()}
        data = read_data(kind, whole)
        assert data.model_fields_set == set(whole)
        for name in whole:
            rest = {other: value for other, value in whole.items() if other != name}
            assert refused(kind, rest).field == f"data.{name}"
            assert refused(kind, {**whole, name: None}).field.startswith(f"data.{name}")


def test_the_ids_of_every_type_are_stated() -> None:
    """No type is left out of the table above."""
    assert sorted(" ".join(IDS.values()).split()) == sorted(TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_every_field_of_the_example_is_read(kind: str) -> None:
    """An example uses no field that its shape does not know, at any depth, and what is read cannot be changed."""
    raw = record(kind)["data"]
    data = read_data(kind, raw)
    if kind != "event.corrected":
        assert data.model_dump(mode="json", by_alias=True, exclude_unset=True).keys() == raw.keys()
    with pytest.raises(ValidationError):
        setattr(data, "people", ("p9",))  # noqa: B010  # the type checker already refuses the plain assignment


def test_what_is_read_can_be_hashed_and_holds_no_lists() -> None:
    """Lists become tuples, so that data can stand in sets and be shared."""
    for kind in set(TYPES) - {"event.corrected"}:
        hash(read_data(kind, record(kind)["data"]))


def test_absent_is_not_null() -> None:
    """A state's part that is absent changes nothing; null says that it is not known."""
    absent = read_data("person.recorded", {"person": "p1"})
    null = read_data("person.recorded", {"person": "p1", "safety": None, "contacts": None})
    assert isinstance(absent, PersonRecorded)
    assert absent.safety is None
    assert absent.model_fields_set == {"person"}
    assert null.model_fields_set == {"person", "safety", "contacts"}


def test_absent_is_told_inside_the_parts_too() -> None:
    """A preference for email alone says nothing of opt-outs."""
    data = read_data("preference.changed", {"person": "p1", "preference": {"channel": "email", "opt_out": None}})
    assert isinstance(data, PreferenceChanged)
    assert data.preference is not None
    assert data.preference.model_fields_set == {"channel", "opt_out"}


def test_a_change_beside_the_person_is_not_lost() -> None:
    """`texts_safe: false` counts wherever it stands: an unsafe text would be worse than a loose reading."""
    data = read_data("safety.changed", {"person": "p1", "texts_safe": False, "reconfirm_by": "2026-06-01"})
    assert isinstance(data, SafetyChanged)
    assert data.safety is not None
    assert data.safety.texts_safe is False
    assert data.safety.reconfirm_by == date(2026, 6, 1)
    assert data.safety.model_fields_set == {"texts_safe", "reconfirm_by"}


@pytest.mark.parametrize("inside", [None, {}, {"channel": "email"}])
def test_inside_and_beside_are_read_together(inside: dict[str, str] | None) -> None:
    """Where a field stands in both places, the one inside counts."""
    data = read_data("preference.changed", {"person": "p1", "preference": inside, "channel": "sms", "opt_out": ["all"]})
    assert isinstance(data, PreferenceChanged)
    assert data.preference is not None
    assert data.preference.channel == (inside or {}).get("channel", "sms")
    assert data.preference.opt_out == ("all",)


def test_a_change_that_says_nothing() -> None:
    """An event of a changed preference without one changes nothing."""
    data = read_data("preference.changed", {"person": "p1"})
    assert data.model_fields_set == {"person"}
    assert refused("preference.changed", {"person": "p1", "preference": ["sms"]}).field == "data.preference"
    assert refused("preference.changed", {"person": "p1", "channel": "pager"}).field == "data.preference.channel"


@pytest.mark.parametrize(("given", "read"), [("c1", ("c1",)), (["c1", "c2"], ("c1", "c2")), (None, None)])
def test_a_guardian_of_one_or_of_several(given: Any, read: Any) -> None:
    """`for` names one person or a list of them."""
    data = read_data("person.recorded", {"person": "p1", "for": given})
    assert isinstance(data, PersonRecorded)
    assert data.for_ == read


@pytest.mark.parametrize("value", ["not a number", "", "x" * 5000, "a\nb", None])
def test_an_unusable_address_spoils_no_event(value: str | None) -> None:
    """What is wrong with a contact point is found later and never refuses the event."""
    read_data("person.recorded", {"person": "p1", "contacts": [{"id": "c1", "channel": "sms", "value": value}]})


def test_a_telephone_number_without_quotes_is_still_one() -> None:
    """A feed that writes numbers as numbers is understood."""
    data = read_data("person.recorded", {"person": "p1", "contacts": [{"id": "c1", "value": 447700900123}]})
    assert isinstance(data, PersonRecorded)
    assert data.contacts is not None
    assert data.contacts[0].value == "447700900123"


def test_a_contact_needs_its_id() -> None:
    """Without an id nothing could replace it."""
    assert refused("person.recorded", {"person": "p1", "contacts": [{"channel": "sms"}]}).field == "data.contacts[0].id"


def test_a_court_or_an_officer_by_name_alone() -> None:
    """A bare text is the name."""
    charged = read_data("suspect.charged", {"suspect": "s1", "first_hearing": {"court": "Stafford"}})
    crime = read_data("crime.recorded", {"officer": "PC Alex Morgan"})
    over = read_data("case.handed_over", {"owner": "wcu", "to": "Witness Care", "from": {"unit": "Response 4"}})
    assert isinstance(charged, SuspectCharged)
    assert isinstance(crime, CrimeRecorded)
    assert isinstance(over, CaseHandedOver)
    assert charged.first_hearing is not None
    assert charged.first_hearing.court is not None
    assert charged.first_hearing.court.name == "Stafford"
    assert crime.officer is not None
    assert crime.officer.name == "PC Alex Morgan"
    assert over.to is not None
    assert over.to.name == "Witness Care"
    assert over.from_ is not None
    assert over.from_.unit == "Response 4"


def test_offence_classes_not_assessed_or_none_of_them() -> None:
    """Null is not assessed; an empty list was assessed."""
    for given, read in ((None, None), ([], ()), (["hate", "sexual"], ("hate", "sexual"))):
        data = read_data("crime.recorded", {"offence_classes": given})
        assert isinstance(data, CrimeRecorded)
        assert data.offence_classes == read


def test_dates_and_instants_of_the_witness_care_unit() -> None:
    """`occurred_on` is a date, `received_at` an instant in UTC."""
    data = read_data(
        "wcu.received.hearing_listed",
        {"hearing": "h1", "occurred_on": "2026-05-11", "received_at": "2026-05-11T15:00:00+01:00"},
    )
    assert isinstance(data, HearingListed)
    assert data.occurred_on == date(2026, 5, 11)
    assert data.received_at == datetime(2026, 5, 11, 14, tzinfo=UTC)


@pytest.mark.parametrize("field", ["assessed_by", "approved_by", "authorised_by", "decided_by"])
def test_some_fields_by_somebody_are_names(field: str) -> None:
    """These four end like dates and are names."""
    kind = {
        "assessed_by": "needs_assessment.completed",
        "authorised_by": "operational_hold.set",
    }.get(field, "decision.police_nfa")
    ids = {"person": "p1", "hold": "op1", "suspect": "s1"}
    assert getattr(read_data(kind, {**ids, field: "DS Jo Carter"}), field) == "DS Jo Carter"


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("person.recorded", {"person": "p1", "born": "2026-02-30"}, "born"),
        ("person.recorded", {"person": "p1", "born": "2000-01-01T00:00:00Z"}, "born"),
        ("person.recorded", {"person": "p1", "born": 20000101}, "born"),
        ("person.recorded", {"person": "p1", "roles": "victim"}, "roles"),
        ("person.recorded", {"person": "p1", "roles": ["victim", "hero"]}, "roles[1]"),
        ("person.recorded", {"person": "p1", "access_needs": ["braille"]}, "access_needs[0]"),
        ("person.recorded", {"person": "p1", "contacts": [{"id": "c", "safe": "yes"}]}, "contacts[0].safe"),
        (
            "person.recorded",
            {"person": "p1", "contacts": [{"id": "c", "verified_at": "2026-01-01"}]},
            "contacts[0].verified_at",
        ),
        ("preference.changed", {"person": "p1", "preference": {"frequency_days": 0}}, "preference.frequency_days"),
        ("preference.changed", {"person": "p1", "preference": {"frequency_days": 7.5}}, "preference.frequency_days"),
        ("preference.changed", {"person": "p1", "preference": {"opt_out": ["news"]}}, "preference.opt_out[0]"),
        (
            "safety.changed",
            {"person": "p1", "safety": {"safe_hours": [{"days": ["mon"], "from": "10:00"}]}},
            "safety.safe_hours[0].to",
        ),
        (
            "safety.changed",
            {"person": "p1", "safety": {"safe_hours": [{"days": ["mon"], "from": "9:00", "to": "10:00"}]}},
            "safety.safe_hours[0].from",
        ),
        (
            "safety.changed",
            {"person": "p1", "safety": {"safe_hours": [{"days": ["Mon"], "from": "09:00", "to": "24:00"}]}},
            "safety.safe_hours[0].days[0]",
        ),
        ("needs_assessment.completed", {"person": "p1", "gateways": ["young"]}, "gateways[0]"),
        ("needs_assessment.completed", {"person": "p1", "enhanced": 1}, "enhanced"),
        ("crime.recorded", {"offence_classes": ["burglary"]}, "offence_classes[0]"),
        ("crime.recorded", {"officer": ["PC"]}, "officer"),
        ("case.linked", {"cases": []}, "cases"),
        ("suspect.charged", {"suspect": "s1", "charges": "Theft"}, "charges"),
        ("suspect.charged", {"suspect": "s1", "custody": "prison"}, "custody"),
        ("suspect.charged", {"suspect": "s1", "first_hearing": {"starts_at": "2026-05-11"}}, "first_hearing.starts_at"),
        ("custody.changed", {"suspect": "s1", "to": "bailed"}, "to"),
        ("disposal.out_of_court.given", {"suspect": "s1", "disposal": "warning"}, "disposal"),
        ("wcu.received.hearing_listed", {"hearing": "h1", "listing": "maybe"}, "listing"),
        (
            "wcu.received.hearing_listed",
            {"hearing": "h1", "window": {"from": "2026-07-02", "to": "2026-07-01"}},
            "window",
        ),
        ("wcu.received.hearing_listed", {"hearing": "h1", "window": {"from": "2026-07-02"}}, "window.to"),
        ("wcu.received.hearing_listed", {"hearing": "h1", "occurred_on": "yesterday"}, "occurred_on"),
        ("wcu.received.plea", {"suspect": "s1", "plea": "maybe"}, "plea"),
        ("wcu.received.bail_outcome", {"suspect": "s1", "outcome": "freed"}, "outcome"),
        ("wcu.received.case_outcome", {"suspect": "s1", "outcome": "guilty"}, "outcome"),
        ("wcu.received.sentence", {"suspect": "s1", "sentence_kind": "prison"}, "sentence_kind"),
        ("wcu.received.sentence", {"suspect": "s1", "court_type": "county"}, "court_type"),
        ("wcu.received.sentence", {"suspect": "s1", "custody_months": "14"}, "custody_months"),
        ("wcu.received.sentence", {"suspect": "s1", "custody_months": -1}, "custody_months"),
        ("contact.made", {"person": "p1", "how": "text"}, "how"),
        ("contact.made", {"person": "p1", "substantive": "true"}, "substantive"),
        ("owner.confirmed", {"update_point": "r9-outcome", "person": "p1", "by": "police"}, "by"),
        ("operational_hold.set", {"hold": "op1", "until": "2026-03-11"}, "until"),
        ("case.handed_over", {"owner": "cps"}, "owner"),
        ("event.corrected", {"event": "e1", "data": []}, "data"),
        ("event.corrected", {"event": "e1", "time": "2026-03-11"}, "time"),
    ],
)
def test_wrong_values_name_their_field(kind: str, data: dict[str, Any], field: str) -> None:
    """A word outside its list, a value of the wrong kind, a slip in a date: refused by the path of the field."""
    error = refused(kind, data)
    assert error.field == f"data.{field}"
    assert error.reason == "bad_field"
    assert "published schema" not in error.remedy  # each of these has words of its own


def test_half_months_are_possible() -> None:
    """A length in months need not be whole."""
    data = read_data("wcu.received.sentence", {"suspect": "s1", "custody_months": 4.5})
    assert isinstance(data, Sentence)
    assert data.custody_months == 4.5


def test_a_correction_carries_data_of_another_type() -> None:
    """Its data is kept whole and read by the type of the event that it corrects."""
    data = read_data("event.corrected", {"event": "e1", "data": {"suspect": "s1", "where": "voluntary"}})
    assert isinstance(data, EventCorrected)
    assert data.data is not None
    assert read_data("suspect.arrested", data.data).model_fields_set == {"suspect", "where"}
    assert refused("suspect.arrested", {"suspect": "s1", "where": "home"}).field == "data.where"


def test_lists_of_words_have_no_doubles() -> None:
    """Every list says each of its words once."""
    lists = [get_args(value) for name, value in vars(words).items() if name[0].isupper() and name != "Literal"]
    assert len(lists) > 20
    for listed in lists:
        assert len(set(listed)) == len(listed) > 1


def test_no_shape_hands_its_input_to_a_message() -> None:
    """Every model inside the events hides what it was given from its errors."""
    waiting: list[type[BaseModel]] = [BaseModel]
    while waiting:
        for shape in waiting.pop().__subclasses__():
            waiting.append(shape)
            if shape.__module__.startswith("schemas."):
                assert shape.model_config.get("hide_input_in_errors") is True, shape
