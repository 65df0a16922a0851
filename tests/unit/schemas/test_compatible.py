"""Which changes to a published schema break a promise, and which only add."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from schemas.compatible import Direction, breaks

OLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^a"},
        "mode": {"anyOf": [{"enum": ["bail", "rui"], "type": "string"}, {"type": "null"}]},
        "parts": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Part"}}, {"type": "null"}]},
        "amount": {"type": "integer", "minimum": 0, "maximum": 10},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": ["id"],
    "$defs": {"Part": {"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "string"}}, "required": ["x"]}},
}  # fmt: skip


def changed(path: str, new: Any) -> dict[str, Any]:
    """OLD with the value at `path` replaced; `...` takes it away."""
    schema: Any = deepcopy(OLD)
    *steps, last = path.split("/")
    inner = schema
    for step in steps:
        inner = inner[int(step) if step.isdigit() else step]
    if new is ...:
        del inner[last]
    else:
        inner[last] = new
    return dict(schema)


@pytest.mark.parametrize("way", ["in", "out"])
@pytest.mark.parametrize(
    ("path", "new", "says"),
    [
        ("properties/amount", ..., "the object: the field amount is gone"),
        ("$defs/Part/properties/y", ..., "parts[]: the field y is gone"),
        ("properties/mode/anyOf/0/enum", ["bail"], "mode: the word rui is gone"),
        (
            "properties/mode/anyOf",
            [{"enum": ["bail", "rui"], "type": "string"}],
            "mode: a value of the kind null is gone",
        ),
        ("properties/id/type", "integer", "id: a value of the kind string is gone"),
        ("properties/id/pattern", "^b", "id: pattern is another"),
    ],
)
def test_what_nobody_may_lose(way: Direction, path: str, new: Any, says: str) -> None:
    """A field, a word or a kind of value that goes is told, in both directions and at any depth."""
    assert says in breaks(OLD, changed(path, new), way)


@pytest.mark.parametrize(
    ("path", "new", "says"),
    [
        ("required", ["id", "mode"], "the object: the field mode may no longer be left out"),
        ("$defs/Part/required", ["x", "y"], "parts[]: the field y may no longer be left out"),
        ("properties/id/maxLength", 64, "id: maxLength is lower"),
        ("properties/id/minLength", 2, "id: minLength is higher"),
        ("properties/amount/maximum", 9, "amount: maximum is lower"),
        ("properties/amount/minimum", 1, "amount: minimum is higher"),
        ("$defs/Part/properties/y", {"enum": ["a"], "type": "string"}, "parts[].y: only words of a list are left"),
        ("$defs/Part/properties/y", {"type": "string", "format": "date"}, "parts[].y: format is another"),
    ],
)
def test_what_others_write_may_not_be_asked_for_more(path: str, new: Any, says: str) -> None:
    """Somebody who wrote what was accepted goes on being accepted."""
    assert breaks(OLD, changed(path, new), "in") == [says]


@pytest.mark.parametrize(
    ("path", "new", "says"),
    [
        ("required", [], "the object: the field id may be left out"),
        ("$defs/Part/required", [], "parts[]: the field x may be left out"),
        ("properties/amount/type", ["integer", "null"], "amount: a value of the kind null is new"),
        ("properties/counts/additionalProperties", {"type": "string"}, "counts{}: a value of the kind integer is gone"),
    ],
)
def test_what_others_read_goes_on_being_there(path: str, new: Any, says: str) -> None:
    """Somebody who reads a field goes on finding it, with a value of a kind that they know."""
    assert says in breaks(OLD, changed(path, new), "out")


@pytest.mark.parametrize(
    ("path", "new", "ways"),
    [
        ("properties/more", {"type": "string"}, ("in", "out")),
        ("description", "In other words.", ("in", "out")),
        ("properties/mode/anyOf/0/enum", ["bail", "rui", "no_charge"], ("in", "out")),
        ("properties/id/maxLength", 256, ("in",)),
        ("properties/id/pattern", ..., ("in",)),
        ("properties/amount/type", "number", ("in",)),
        ("required", [], ("in",)),
        ("required", ["id", "mode"], ("out",)),
        ("properties/amount/maximum", 9, ("out",)),
    ],
)
def test_what_only_adds(path: str, new: Any, ways: tuple[Direction, ...]) -> None:
    """Another field, another word, a wider bound: nobody is let down."""
    assert all(breaks(OLD, changed(path, new), way) == [] for way in ways)


def test_a_shape_with_another_name_is_the_same_shape() -> None:
    """What counts is what a schema says, not how its parts are called."""
    new = deepcopy(OLD)
    new["$defs"]["Piece"] = new["$defs"].pop("Part")
    new["properties"]["parts"]["anyOf"][0]["items"]["$ref"] = "#/$defs/Piece"
    assert breaks(OLD, new, "in") == breaks(OLD, new, "out") == []
