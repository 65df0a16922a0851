"""Records to start from: the example of every type, and ways to spoil one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

import schemas

EXAMPLES = {
    path.stem: path.read_bytes() for path in sorted((Path(schemas.__file__).parent / "examples").glob("*.json"))
}
"""The bytes of the example of each type."""


def record(kind: str = "suspect.arrested", /, **changes: Any) -> dict[str, Any]:
    """The example of `kind` with other attributes; `...` takes one away."""
    made = {**orjson.loads(EXAMPLES[kind]), **changes}
    return {name: value for name, value in made.items() if value is not ...}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value inside `value`."""
    steps: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        steps = iter(value.items())
    elif isinstance(value, list):
        steps = iter(enumerate(value))
    for step, inner in steps:
        yield (*path, step)
        yield from places(inner, (*path, step))


def put(value: Any, path: tuple[str | int, ...], new: Any) -> None:
    """Replace the value at `path`; `...` takes it away."""
    for step in path[:-1]:
        value = value[step]
    if new is ...:
        del value[path[-1]]
    else:
        value[path[-1]] = new


def texts(value: Any) -> Iterator[str]:
    """Every text inside `value`, the names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
