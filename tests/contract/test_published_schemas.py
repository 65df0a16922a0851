"""The published schemas say what the code does, and take nothing away from anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import publish
from schemas.envelope import BadEvent, read_event
from tests.unit.schemas.samples import EXAMPLES, places, put, record

CHECKED_IN = publish.checked_in()
READERS = {
    kind: jsonschema.Draft202012Validator(
        CHECKED_IN[f"case-events/{kind}.json"], format_checker=jsonschema.FormatChecker(["date"])
    )
    for kind in EXAMPLES
}


def test_the_published_schemas_are_as_the_code_has_them() -> None:
    """Nothing was changed without being published: `python -m schemas.publish` writes them."""
    now = publish.published()
    assert sorted(now) == sorted(CHECKED_IN)
    assert [name for name in now if now[name] != CHECKED_IN[name]] == []


def test_no_promise_is_broken() -> None:
    """No checked-in schema loses a field, a word or a kind of value, or asks for more than it did."""
    assert publish.broken_promises(CHECKED_IN, publish.published()) == []


@pytest.mark.parametrize("name", sorted(set(CHECKED_IN) - {publish.ASYNCAPI}))
def test_every_schema_is_a_schema(name: str) -> None:
    """Each follows the dialect that it names."""
    jsonschema.Draft202012Validator.check_schema(CHECKED_IN[name])
    assert CHECKED_IN[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert CHECKED_IN[name]["description"]


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_example_is_valid_and_is_read(kind: str) -> None:
    """The example of each type passes its published schema and our own reading, and no other type's schema."""
    example = orjson.loads(EXAMPLES[kind])
    READERS[kind].validate(example)
    assert read_event(EXAMPLES[kind]).event.type == kind
    assert not READERS["person.died" if kind != "person.died" else "crime.recorded"].is_valid(example)


def test_examples_name_sample_people_only() -> None:
    """Numbers that Ofcom keeps for drama and domains that RFC 2606 keeps for examples, in every example."""
    values = [
        contact["value"]
        for kind in EXAMPLES
        for contact in record(kind)["data"].get("contacts", ())
        if contact["value"]
    ]
    assert values
    for value in values:
        assert value.startswith("07700 900") or value.endswith("@example.org")


WRONG = st.sampled_from([..., None, True, 7, -1, "", "no such word", [], ["x"], [None], {}, {"x": 1}])


@settings(deadline=None)
@given(st.data())
def test_schema_and_reading_agree(data: st.DataObject) -> None:
    """Whatever is put into an example: what our reading accepts its published schema accepts, and the other way round.

    The schema cannot say that a window ends after it starts, that a year can be counted from, or how an instant is written.
    """
    kind = data.draw(st.sampled_from(sorted(EXAMPLES)))
    spoiled = record(kind)
    path = data.draw(st.sampled_from(list(places(spoiled))))
    wrong = data.draw(WRONG)
    put(spoiled, path, wrong)
    problem = _problem(spoiled)
    valid = READERS[kind].is_valid(spoiled)
    if problem is None:
        assert valid, (path, wrong)
    elif "RFC 3339" not in problem.remedy and "datacontenttype" not in problem.field:
        assert not valid, (path, wrong, problem.remedy)


def _problem(spoiled: dict[str, Any]) -> BadEvent | None:
    try:
        read_event(orjson.dumps(spoiled))
    except BadEvent as problem:
        return problem
    return None


def test_the_command_tells_what_is_stale_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check names every schema that is not as the code has it; without it they are written."""
    assert publish.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err.count("run python -m schemas.publish") == len(publish.published())
    assert publish.main([], tmp_path) == 0
    assert publish.main(["--check"], tmp_path) == 0
    assert publish.main(["--chekc"], tmp_path) == 2


def test_the_command_never_writes_over_a_promise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A schema that would lose a field stays as it was published, and the command says which field."""
    publish.main([], tmp_path)
    file = tmp_path / "case-events" / "person.died.json"
    promised = orjson.loads(file.read_bytes())
    promised["properties"]["data"]["properties"]["place"] = {"type": "string"}
    file.write_bytes(orjson.dumps(promised))
    assert publish.main([], tmp_path) == 1
    assert "case-events/person.died.json: data: the field place is gone" in capsys.readouterr().err
    assert orjson.loads(file.read_bytes()) == promised
