"""The fold of a person: states replace one another part by part, in one order, and silence takes nothing away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import CaseEvent
from services.ledger.people import Person, fold_person
from services.ledger.person_rows import person_from_row, person_to_row
from services.ledger.second_word import Contact
from tests.unit.scheduler.plan.cases import event

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def recorded(hours: int, **data: Any) -> CaseEvent:
    return event("person.recorded", {"person": "p1", **data}, at=AT + timedelta(hours=hours), id=f"r{hours}")


def said(kind: str, hours: int, **data: Any) -> CaseEvent:
    return event(kind, {"person": "p1", **data}, at=AT + timedelta(hours=hours), id=f"{kind}{hours}")


def fold(
    *events: CaseEvent, details: dict[tuple[str, str, str], tuple[int | None, str | None]] | None = None
) -> Person:
    return fold_person("staffs", "p1", events, details or {})


def test_each_part_is_the_last_word_on_it() -> None:
    """A later event replaces the parts that it names and leaves the others."""
    person = fold(
        recorded(0, born="1990-02-03", language="en", preference={"channel": "sms", "opt_out": ["cadence"]}),
        recorded(1, language="pl"),
        said("preference.changed", 2, preference={"channel": "email"}),
    )
    assert (person.born, person.language) == (date(1990, 2, 3), "pl")
    assert (person.channel, person.opt_out) == ("email", ("cadence",))


def test_null_is_a_word_in_a_preference() -> None:
    """An explicit null in a preference says that it is not known any more."""
    person = fold(
        recorded(0, preference={"channel": "sms", "opt_out": ["all"]}),
        said("preference.changed", 1, preference={"channel": None, "opt_out": None}),
    )
    assert (person.channel, person.opt_out) == (None, ())


@pytest.mark.parametrize(
    "silent",
    [{}, {"safety": None}, {"safety": {}}, {"safety": {"texts_safe": None, "safe_hours": None}}],
    ids=["absent", "null", "empty", "nulls"],
)
def test_silence_never_loosens_a_safety_profile(silent: dict[str, Any]) -> None:
    """PR11: an event that says nothing of safety leaves the profile as it was."""
    person = fold(recorded(0, safety={"texts_safe": False, "reconfirm_by": "2026-06-01"}), recorded(1, **silent))
    assert (person.has_safety_profile, person.texts_safe, person.reconfirm_by) == (True, False, date(2026, 6, 1))


@pytest.mark.parametrize("safety", [{}, None, {"texts_safe": None}], ids=["empty", "null", "nulls"])
def test_a_profile_that_says_nothing_is_none(safety: Any) -> None:
    """An empty `safety` is no profile."""
    assert not fold(recorded(0, safety=safety)).has_safety_profile


def test_contacts_are_replaced_by_id_only() -> None:
    """A list of contacts replaces only the contacts that it names."""
    details: dict[tuple[str, str, str], tuple[int | None, str | None]] = {
        ("/force/staffs/rms", "r0", "a"): (1, None),
        ("/force/staffs/rms", "r0", "b"): (2, None),
        ("/force/staffs/rms", "r1", "a"): (3, "not_a_mobile"),
    }
    person = fold(
        recorded(
            0, contacts=[{"id": "a", "channel": "sms", "value": "1"}, {"id": "b", "channel": "email", "value": "2"}]
        ),
        recorded(1, contacts=[{"id": "a", "channel": "sms", "value": "3"}]),
        details=details,
    )
    assert person.contacts == (
        Contact("a", "sms", 3, unusable="not_a_mobile", unconfirmed=True),
        Contact("b", "email", 2),
    )


@pytest.mark.parametrize(("second", "expected"), [(1, False), (2, None)], ids=["the same number", "another number"])
def test_another_number_inherits_nothing(second: int, expected: bool | None) -> None:
    """A word on the same number keeps what was agreed about it; a new number starts with nothing known."""
    details: dict[tuple[str, str, str], tuple[int | None, str | None]] = {
        ("/force/staffs/rms", "r0", "a"): (1, None),
        ("/force/staffs/rms", "r1", "a"): (second, None),
    }
    contact = {"id": "a", "channel": "sms", "value": "x"}
    person = fold(recorded(0, contacts=[{**contact, "safe": False}]), recorded(1, contacts=[contact]), details=details)
    assert person.contacts[0].safe is expected


def test_a_word_without_the_number_keeps_the_number() -> None:
    """A contact point named without its value is the number that it was."""
    details: dict[tuple[str, str, str], tuple[int | None, str | None]] = {("/force/staffs/rms", "r0", "a"): (7, None)}
    person = fold(
        recorded(0, contacts=[{"id": "a", "channel": "sms", "value": "x", "safe": True}]),
        recorded(1, contacts=[{"id": "a", "safe": False}]),
        details=details,
    )
    assert person.contacts == (Contact("a", "sms", 7, safe=False),)


def test_a_contact_that_never_had_a_value_cannot_be_used() -> None:
    """A contact point without a value says why it cannot be used."""
    assert fold(recorded(0, contacts=[{"id": "a", "channel": "sms"}])).contacts == (
        Contact("a", "sms", None, unusable="no_value"),
    )


def test_death_and_birthday_are_remembered() -> None:
    """person.died and person.turned_18 are kept with the time of the birthday."""
    person = fold(said("person.died", 1), said("person.turned_18", 2))
    assert (person.died, person.turned_18) == (True, AT + timedelta(hours=2))


def test_a_withdrawn_death_did_not_happen() -> None:
    """event.withdrawn takes back what it names."""
    died = said("person.died", 1)
    back = event("event.withdrawn", {"event": died.id}, at=AT + timedelta(hours=2), id="w")
    assert not fold(died, back).died


def test_a_correction_replaces_the_data() -> None:
    """event.corrected replaces the whole data of the event that it names."""
    first = recorded(0, born="1990-01-01", language="pl")
    mended = event(
        "event.corrected",
        {"event": first.id, "data": {"person": "p1", "born": "1991-01-01"}},
        at=AT + timedelta(hours=5),
    )
    person = fold(first, mended)
    assert (person.born, person.language) == (date(1991, 1, 1), None)


def test_r13_the_order_of_arrival_never_matters() -> None:
    """R13: five events on one person fold alike in every order of arrival."""
    events = [
        recorded(
            0, language="pl", contacts=[{"id": "a", "channel": "sms", "safe": True}], safety={"texts_safe": False}
        ),
        recorded(1, born="1990-01-01", preference={"channel": "sms"}),
        said("preference.changed", 1, preference={"channel": "email", "opt_out": ["all"]}),
        said("safety.changed", 3, safety={"texts_safe": True}),
        recorded(4, contacts=[{"id": "a", "safe": False}]),
    ]
    assert len({repr(fold(*order)) for order in permutations(events)}) == 1


def test_sequence_orders_events_of_one_instant() -> None:
    """Of two events of one case, source and instant the higher sequence stands, whatever their ids."""
    first = event("person.recorded", {"person": "p1", "language": "pl"}, at=AT, id="z", sequence=1)
    last = event("person.recorded", {"person": "p1", "language": "cy"}, at=AT, id="a", sequence=2)
    assert fold(last, first).language == "cy"


def test_what_is_said_of_others_says_nothing() -> None:
    """Events of other people are passed over."""
    other = event("person.recorded", {"person": "p2", "language": "pl"}, at=AT)
    assert fold(other) == Person("staffs", "p1")


_INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
_FLAGS = st.none() | st.booleans()
_PEOPLE = st.builds(
    Person,
    force=st.just("staffs"),
    id=st.just("p1"),
    born=st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    turned_18=st.none() | _INSTANTS,
    died=st.booleans(),
    language=st.none() | st.text(max_size=5),
    access_needs=st.lists(st.sampled_from(["no_voice", "easy_read"]), max_size=2).map(tuple),
    contacts=st.lists(
        st.builds(
            Contact,
            id=st.text(min_size=1, max_size=4),
            channel=st.sampled_from(["sms", "email"]),
            detail=st.none() | st.integers(1, 9),
            safe=_FLAGS,
            verified_at=st.none() | _INSTANTS,
            shared=_FLAGS,
            unusable=st.none() | st.just("empty"),
            alike=st.none() | st.integers(1, 9),
            unconfirmed=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    channel=st.none() | st.just("sms"),
    frequency_days=st.none() | st.integers(1, 90),
    opt_out=st.lists(st.sampled_from(["all", "bail"]), max_size=2).map(tuple),
    quiet_hours=st.just(({"days": ["mon"], "from": "21:00", "to": "08:00"},)),
    spokesperson=st.none() | st.just("p2"),
    has_safety_profile=st.booleans(),
    unconfirmed=st.lists(st.sampled_from(["safe_hours", "texts_safe"]), max_size=2).map(tuple),
    texts_safe=_FLAGS,
    reconfirm_by=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)


@given(_PEOPLE)
def test_a_row_holds_the_whole_person(person: Person) -> None:
    """What is written of a person is what is read."""
    assert person_from_row(person_to_row(person)) == person
