"""The AsyncAPI document is one, leads to every schema, and takes nothing away from anybody."""

from __future__ import annotations

import copy
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from schemas import asyncapi, publish
from schemas.case_events import DATA
from schemas.topics import TOPICS

_SHAPE = Path(__file__).parent / "asyncapi" / "3.0.0.json.gz"
CHECKED_IN = publish.checked_in()[publish.ASYNCAPI]


def test_it_is_an_asyncapi_document() -> None:
    """It follows the schema that AsyncAPI publishes for version 3.0.0."""
    shape = orjson.loads(gzip.decompress(_SHAPE.read_bytes()))
    jsonschema.Draft7Validator(shape).validate(CHECKED_IN)


def test_every_reference_leads_somewhere() -> None:
    """Each `$ref` is a part of the document or a schema beside it, and every schema of a record is referred to."""
    files = set()
    for reference in _references(CHECKED_IN):
        file, _, inside = reference.partition("#")
        if file:
            files.add(file.removeprefix("./"))
            continue
        found: Any = CHECKED_IN
        for part in inside.strip("/").split("/"):
            found = found[part]
    records = {name for name in publish.checked_in() if not name.startswith("commands/") and name != publish.ASYNCAPI}
    assert files == records


def test_it_names_the_topics_as_the_code_has_them() -> None:
    """Address, partitions and retention of each topic."""
    for topic in TOPICS:
        channel = CHECKED_IN["channels"][topic.name]
        kafka = channel["bindings"]["kafka"]
        assert channel["address"] == topic.name
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention_days * 86_400_000
    assert set(CHECKED_IN["channels"]["case-events"]["messages"]) == set(DATA)


def _less_a_type(document: dict[str, Any]) -> None:
    del document["channels"]["case-events"]["messages"]["suspect.arrested"]


def _less_a_channel(document: dict[str, Any]) -> None:
    del document["channels"]["delivery-status"]


def _another_topic(document: dict[str, Any]) -> None:
    document["channels"]["case-events"]["address"] = "events"


def _more_partitions(document: dict[str, Any]) -> None:
    document["channels"]["case-events"]["bindings"]["kafka"]["partitions"] += 1


def _another_kind(document: dict[str, Any]) -> None:
    document["components"]["messages"]["delivery-status"]["contentType"] = "application/json"


def _less_an_operation(document: dict[str, Any]) -> None:
    del document["operations"]["tellStatus"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_less_a_type, "no longer carries suspect.arrested"),
        (_less_a_channel, "delivery-status is gone"),
        (_another_topic, "has another topic"),
        (_more_partitions, "has other partitions"),
        (_another_kind, "has another contentType"),
        (_less_an_operation, "tellStatus is gone"),
    ],
)
def test_a_change_that_would_break_a_reader_is_refused(change: Callable[[dict[str, Any]], None], says: str) -> None:
    """The check names what would be taken away; what is only added passes."""
    after = copy.deepcopy(CHECKED_IN)
    change(after)
    (problem,) = asyncapi.takes_away(CHECKED_IN, after)
    assert says in problem
    more = asyncapi.document([*DATA, "something.new"])
    assert asyncapi.takes_away(CHECKED_IN, more) == []


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
