"""What is valid JSON and still cannot be kept: PostgreSQL stores no NUL, and neither side goes down without end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from schemas.case_events import DATA

DEEPEST: Final = 64
"""Levels of lists and objects inside `data`."""


def why_not_storable(value: bytes, data: dict[str, Any]) -> tuple[str, str] | None:
    """The field and the remedy if PostgreSQL would refuse `data`; `value` is the record that it was read from.

    Two counts over the bytes answer for nearly every record; only a suspicious one is walked.
    """
    may_be_deep = value.count(b"[") + value.count(b"{") > DEEPEST
    if not may_be_deep and b"\\u0000" not in value:
        return None
    for path, depth, item in _walk(data):
        if depth > DEEPEST:
            return "data", f"nest lists and objects at most {DEEPEST} deep"
        texts = item if isinstance(item, dict) else (item,)
        if any(isinstance(text, str) and "\0" in text for text in texts):
            return path, "leave out the character NUL (\\u0000), which cannot be stored"
    return None


def _walk(data: dict[str, Any]) -> Iterator[tuple[str, int, Any]]:
    """Every value with its path and depth. A field that is not listed is not named: its name came with the record."""
    waiting: list[tuple[str, int, Any]] = [("data", 1, data)]
    while waiting:
        path, depth, item = waiting.pop()
        yield path, depth, item
        if depth > DEEPEST:
            continue
        if isinstance(item, dict):
            waiting.extend((f"{path}.{_shown(key)}", depth + 1, inner) for key, inner in item.items())
        elif isinstance(item, list):
            waiting.extend((f"{path}[{n}]", depth + 1, inner) for n, inner in enumerate(item))


def _shown(key: str) -> str:
    return key if key in _listed_fields() else "(a field that is not listed)"


@cache
def _listed_fields() -> frozenset[str]:
    """The names of every field of every event."""
    names: set[str] = set()
    for shape in DATA.values():
        names |= _fields_of(shape)
    return frozenset(names)


def _fields_of(shape: type[BaseModel]) -> set[str]:
    schema = shape.model_json_schema()
    found = set(schema.get("properties", ()))
    for part in schema.get("$defs", {}).values():
        found |= set(part.get("properties", ()))
    return found
