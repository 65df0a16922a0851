"""Reading one record: what is accepted, what is refused with which field and remedy, and what is never said."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.case_events.people import PersonRecorded
from schemas.case_events.suspects import SuspectArrested
from schemas.envelope import LARGEST_RECORD, BadEvent, event_from_row, read_event
from tests.unit.schemas.samples import EXAMPLES, places, put, record, texts

SECRET = "zq07700900999zq"


def refused(value: bytes | None) -> BadEvent:
    """The error that `value` is refused with."""
    with pytest.raises(BadEvent) as caught:
        read_event(value)
    return caught.value


def test_a_record_is_read_with_its_instants_in_utc() -> None:
    """Every attribute of the envelope arrives, times in UTC, with the digest of the bytes."""
    value = orjson.dumps(record(time="2026-03-29T02:30:00+01:00", knownat="2026-03-29T01:31:00.5Z"))
    event = read_event(value).event
    assert (event.force, event.case, event.source, event.id) == ("staffs", "case-1", "/force/staffs/rms", "e20")
    assert event.time == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert event.known_at == datetime(2026, 3, 29, 1, 31, 0, 500_000, tzinfo=UTC)
    assert event.time.tzinfo is UTC
    assert event.sequence == 20
    assert event.data == SuspectArrested(suspect="s1", where="custody", more_arrests_planned=False)
    assert event.digest == sha256(value).digest()


def test_fields_that_are_not_listed_are_kept_and_ignored() -> None:
    """`raw` holds the data as it came, in every depth; the event knows only what is listed."""
    data = {"suspect": "s1", "colour": {"of": ["car"]}, "where": None}
    read = read_event(orjson.dumps(record(data=data, traceparent="00-1")))
    assert read.raw == data
    assert not hasattr(read.event.data, "colour")
    assert read.event.data.model_fields_set == {"suspect", "where"}


@pytest.mark.parametrize("missing", ["sequence", "dataschema", "datacontenttype"])
@pytest.mark.parametrize("value", [None, ...])
def test_attributes_that_may_be_absent(missing: str, value: Any) -> None:
    """Absent and null are the same for the attributes that an event can do without."""
    read_event(orjson.dumps(record(**{missing: value})))


@pytest.mark.parametrize("media", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_by_any_of_its_names(media: str) -> None:
    """The media type of the data is JSON however it is spelled."""
    read_event(orjson.dumps(record(datacontenttype=media)))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, "no_value", id="R08-no-value"),
        pytest.param(b"", "no_value", id="R08-empty"),
        pytest.param(b"x" * (5 * 1024 * 1024), "too_large", id="R08-5MB"),
        pytest.param(b'"' + b"x" * LARGEST_RECORD + b'"', "too_large", id="R08-just-over-1MiB"),
        pytest.param(b"\x00" * 100, "not_json", id="R08-binary-zeros"),
        pytest.param(b"\x00\xff\xfe", "not_utf8", id="R08-binary"),
        pytest.param(b'{"specversion":', "not_json", id="R08-bad-json"),
        pytest.param(b"\xef\xbb\xbf" + EXAMPLES["suspect.arrested"], "not_json", id="byte-order-mark"),
        pytest.param(b'{"a": "\xe9"}', "not_utf8", id="latin-1"),
        pytest.param(b'{"a": "\\ud800"}', "not_json", id="half-a-surrogate-pair"),
        pytest.param(b'{"a": 1e999}', "not_json", id="beyond-numbers"),
        pytest.param(b"NaN", "not_json", id="NaN"),
        pytest.param(b"[" * 200_000, "not_json", id="bottomless"),
        pytest.param(b"[]", "not_cloudevent", id="R08-a-list"),
        pytest.param(b"null", "not_cloudevent", id="R08-null"),
        pytest.param(b"{}", "not_cloudevent", id="R08-empty-object"),
    ],
)
def test_bytes_that_are_no_event(value: bytes | None, reason: str) -> None:
    """R08: whatever the bytes are, they are refused with a reason and a remedy."""
    error = refused(value)
    assert error.reason == reason
    assert error.field in {"", "specversion"}
    assert error.remedy


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"specversion": ...}, "not_cloudevent", "specversion"),
        ({"specversion": "0.3"}, "not_cloudevent", "specversion"),
        ({"specversion": 1.0}, "not_cloudevent", "specversion"),
        ({"id": ...}, "not_cloudevent", "id"),
        ({"id": None}, "not_cloudevent", "id"),
        ({"id": ""}, "bad_field", "id"),
        ({"id": 7}, "bad_field", "id"),
        ({"id": "e" * 129}, "bad_field", "id"),
        ({"id": "e\n7"}, "bad_field", "id"),
        ({"id": "e\x1f7"}, "bad_field", "id"),
        ({"id": "e\u20287"}, "bad_field", "id"),
        ({"source": ...}, "not_cloudevent", "source"),
        ({"source": "/staffs/rms"}, "bad_field", "source"),
        ({"source": "/force//rms"}, "bad_field", "source"),
        ({"source": "/force/two words/rms"}, "bad_field", "source"),
        ({"source": "/force/staffs/" + "r" * 191}, "bad_field", "source"),
        ({"source": ["/force/staffs/rms"]}, "bad_field", "source"),
        ({"type": ...}, "not_cloudevent", "type"),
        ({"type": "suspect.vanished"}, "unknown_type", "type"),
        ({"type": ["suspect.arrested"]}, "unknown_type", "type"),
        ({"dataschema": "kept:case-event:2"}, "unknown_version", "dataschema"),
        ({"dataschema": []}, "unknown_version", "dataschema"),
        ({"datacontenttype": "text/xml"}, "not_cloudevent", "datacontenttype"),
        ({"datacontenttype": 1}, "not_cloudevent", "datacontenttype"),
        ({"data_base64": "e30="}, "not_cloudevent", "data_base64"),
        ({"time": ...}, "bad_field", "time"),
        ({"time": "2026-03-09T10:15:00"}, "bad_field", "time"),
        ({"knownat": ...}, "bad_field", "knownat"),
        ({"knownat": "2026-03-09"}, "bad_field", "knownat"),
        ({"knownat": 1773051300}, "bad_field", "knownat"),
        ({"subject": ...}, "bad_field", "subject"),
        ({"subject": {}}, "bad_field", "subject"),
        ({"sequence": "7"}, "bad_field", "sequence"),
        ({"sequence": 7.0}, "bad_field", "sequence"),
        ({"sequence": True}, "bad_field", "sequence"),
        ({"sequence": 2**63}, "bad_field", "sequence"),
        ({"data": ...}, "bad_field", "data"),
        ({"data": None}, "bad_field", "data"),
        ({"data": []}, "bad_field", "data"),
        ({"data": {}}, "bad_field", "data.suspect"),
        ({"data": {"suspect": None}}, "bad_field", "data.suspect"),
        ({"data": {"suspect": 1}}, "bad_field", "data.suspect"),
        ({"data": {"suspect": "s1", "where": "pub"}}, "bad_field", "data.where"),
        ({"data": {"suspect": "s1", "more_arrests_planned": "no"}}, "bad_field", "data.more_arrests_planned"),
        ({"data": {"suspect": "s1", "people": "p1"}}, "bad_field", "data.people"),
        ({"data": {"suspect": "s1", "people": ["p1", None]}}, "bad_field", "data.people[1]"),
    ],
)
def test_attributes_that_are_missing_or_wrong(changes: dict[str, Any], reason: str, field: str) -> None:
    """R08: the first thing that is wrong is named, with how to mend it."""
    error = refused(orjson.dumps(record(**changes)))
    assert (error.reason, error.field) == (reason, field)
    assert str(error) == f"{field}: {error.remedy}"
    assert len(error.remedy) > 15


def test_the_order_of_the_checks() -> None:
    """What is wrong outside is told before what is wrong inside."""
    wrong: dict[str, Any] = {
        "specversion": "2",
        "dataschema": "x",
        "type": "x",
        "time": "x",
        "knownat": "x",
        "source": "x",
        "subject": "",
        "data": {"suspect": "s\0"},
    }
    right = record()
    for name in list(wrong):
        assert refused(orjson.dumps({**right, **wrong})).field.split(".")[0] == name
        wrong[name] = right.get(name)
    read_event(orjson.dumps({**right, **wrong}))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"suspect": "s1", "where": "custody", "note": "a\0b"}, "data.(a field that is not listed)"),
        ({"suspect": "s1", "note\0": 1}, "data"),
        ({"suspect": "s1", "notes": [{"x": ["a\0"]}]}, "data.(a field that is not listed)[0]"),
        ({"suspect": "s1", "conditions": [{"x\0": 1}]}, "data.conditions[0]"),
    ],
)
def test_what_postgresql_cannot_store(data: dict[str, Any], field: str) -> None:
    """NUL is valid in JSON and stored nowhere: the event is refused wherever it stands, its own field names unsaid."""
    error = refused(orjson.dumps(record(data=data)))
    assert error.reason == "not_storable"
    assert error.field.startswith(field)


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    """The six characters \\u0000 as text are text."""
    assert read_event(orjson.dumps(record(data={"suspect": "s1", "note": "\\u0000"}))).raw["note"] == "\\u0000"


@pytest.mark.parametrize(("depth", "fits"), [(60, True), (64, False), (900, False)])
def test_data_is_not_bottomless(depth: int, fits: bool) -> None:
    """Nesting has a floor, so that what was read can be written again."""
    nested = b"[" * depth + b"]" * depth
    value = orjson.dumps(record(data={"suspect": "s1", "x": 0})).replace(b'"x":0', b'"x":' + nested)
    if fits:
        orjson.dumps(read_event(value).raw)
    else:
        assert refused(value).reason == "not_storable"


def test_wide_data_is_no_deep_data() -> None:
    """Many lists and objects side by side are fine."""
    read_event(orjson.dumps(record(data={"suspect": "s1", "x": [[{}]] * 1000})))


def test_a_slip_in_the_type_is_answered_with_a_guess() -> None:
    """The remedy names the known type that is nearest, and never what was sent."""
    error = refused(orjson.dumps(record(type="suspect.arested")))
    assert "did you mean suspect.arrested?" in error.remedy
    assert "arested" not in str(error).replace("arrested", "")
    assert "did you mean" not in refused(orjson.dumps(record(type="z" * 500_000))).remedy


def test_a_word_outside_its_list_is_answered_with_the_list() -> None:
    """The remedy names every word that may stand there."""
    error = refused(orjson.dumps(record("suspect.released", data={"suspect": "s1", "mode": SECRET})))
    assert str(error) == "data.mode: use a word of its list: no_charge, bail, rui"


def test_the_row_gives_back_the_event() -> None:
    """What the ledger keeps of an event builds the same event again, also without the contact values taken out."""
    for value in EXAMPLES.values():
        read = read_event(value)
        e = read.event
        text = orjson.dumps(read.raw).decode()
        again = event_from_row(e.force, e.source, e.id, e.type, e.case, e.time, e.known_at, e.sequence, text, e.digest)
        assert again == e
        assert again.data.model_fields_set == e.data.model_fields_set


def test_a_row_without_name_and_values_is_still_an_event() -> None:
    """Intake takes names and contact values out before it stores the data."""
    raw = orjson.loads(EXAMPLES["person.recorded"])["data"]
    del raw["name"]
    for contact in raw["contacts"]:
        del contact["value"]
    now = datetime(2026, 3, 2, tzinfo=UTC)
    text = orjson.dumps(raw).decode()
    event = event_from_row("staffs", "/force/staffs/rms", "e1", "person.recorded", "c", now, now, None, text, b"")
    assert isinstance(event.data, PersonRecorded)
    assert event.data.contacts is not None
    assert [contact.value for contact in event.data.contacts] == [None, None]


JSON_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from([SECRET, "\0"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([SECRET, "\0"]) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_nothing_else_is_raised(value: bytes) -> None:
    """Whatever arrives, BadEvent is the only answer besides an event."""
    refused(value)


@settings(deadline=None)
@given(st.data())
def test_a_spoiled_example_is_read_or_refused_in_words_of_ours(data: st.DataObject) -> None:
    """One value of an example replaced by anything: an event, or BadEvent that says nothing of the value."""
    kind = data.draw(st.sampled_from(sorted(EXAMPLES)))
    spoiled = record(kind)
    put(spoiled, data.draw(st.sampled_from(list(places(spoiled)))), data.draw(JSON_VALUE))
    try:
        value = orjson.dumps(spoiled)
    except orjson.JSONEncodeError:  # a number beyond 64 bits
        return
    read, problem = None, None
    try:
        read = read_event(value)
    except BadEvent as error:
        problem = error
    if problem is not None:
        assert problem.remedy
        assert SECRET not in f"{problem} {problem!r} {problem.field} {problem.remedy}"
    if read is not None:
        assert "\0" not in "".join(texts(read.raw))
        assert orjson.loads(orjson.dumps(read.raw)) == read.raw


def test_nothing_of_the_record_hangs_on_the_error() -> None:
    """A trace of the error, with everything that led to it, shows no value of the record."""
    error = refused(orjson.dumps(record(data={"suspect": "s1", "where": SECRET})))
    seen: BaseException | None = error
    while seen is not None:
        assert SECRET not in repr(seen)
        assert SECRET not in str(seen)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
