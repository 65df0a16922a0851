"""Case events: every type, its fields and their words, and the update points that it raises."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from pydantic import BaseModel

from schemas.case_events import care, corrections, court, investigation, parts, people, suspects
from schemas.case_events.parts import EventData
from schemas.editions.load import load_books
from scripts.reference.text import code, done, start, table

_FAMILIES: Final = {
    "People": people,
    "Crimes and investigations": investigation,
    "Suspects": suspects,
    "Courts": court,
    "Care and contact": care,
    "Corrections": corrections,
}


def page() -> str:
    """`docs/reference/events.md`."""
    lines = start("Case events", "events")
    shapes: dict[str, type[BaseModel]] = {}
    for title, module in _FAMILIES.items():
        lines += [f"## {title}", ""]
        for kind, shape in module.DATA.items():
            lines += [f"### `{kind}`", "", *_about(shape)]
            raised = sorted({point.id for edition in load_books().editions for point in edition.points.values()
                             if any(trigger.event == kind for trigger in point.triggers)})  # fmt: skip
            rows = list(_fields(shape, shapes))
            lines += table(("Field", "Values", "Notes"), rows) if rows else ["It has no fields of its own.", ""]
            lines += [f"Raises: {', '.join(map(code, raised))}.", ""] if raised else ["Raises nothing by itself.", ""]
    lines += ["## Shapes inside `data`", ""]
    for name, shape in sorted(shapes.items()):
        lines += [f"### {name}", "", *_about(shape), *table(("Field", "Values", "Notes"), _fields(shape, {}))]
    return done(lines)


def _about(shape: type[BaseModel]) -> list[str]:
    text = shape.__dict__.get("__doc__")
    said = " ".join(re.sub(r"^`[^`]+`[.:;]?\s*", "", inspect.cleandoc(text or "")).split())
    return [said[:1].upper() + said[1:], ""] if said else []


def _fields(shape: type[BaseModel], shapes: dict[str, type[BaseModel]]) -> Iterator[tuple[str, str, str]]:
    """The fields of a shape; the shapes that they are made of are added to `shapes`."""
    schema = shape.model_json_schema(by_alias=True)
    named: Mapping[str, Any] = schema.get("$defs", {})
    for name in named:
        shapes.setdefault(name, getattr(parts, name, None) or getattr(people, name))
    needed = set(schema.get("required", ()))
    notes = _notes(shape)
    for name in sorted(schema["properties"], key=lambda name: name not in needed):
        if name == "people":
            continue  # every event may have it: the page says so once
        note = notes.get(name) or notes.get(f"{name}_") or ""
        yield (
            code(name),
            _values(schema["properties"][name]),
            f"{'**Needed.** ' if name in needed else ''}{note}".strip(),
        )


def _values(field: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_values(part) for part in field["anyOf"] if part.get("type") != "null"))
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return ", ".join(map(code, field["enum"]))
    if "const" in field:
        return code(field["const"])
    kind = field.get("type")
    if kind == "array":
        return f"list of {_values(field['items'])}"
    if kind == "string":
        return {"date": "date", "date-time": "instant"}.get(field.get("format", ""), _text(field))
    return {"boolean": "`true`, `false`", "integer": "whole number", "object": "object"}.get(str(kind), "any value")


def _text(field: Mapping[str, Any]) -> str:
    if field.get("maxLength") == parts.LONGEST_ID:
        return "id"
    return '"HH:MM"' if ":" in field.get("pattern", "") else "text"


def _notes(shape: type[BaseModel]) -> dict[str, str]:
    """The sentence under each field in the code."""
    found: dict[str, str] = {}
    for base in reversed(shape.__mro__):
        if not (issubclass(base, BaseModel) and base.__module__.startswith("schemas.")) or base is EventData.__mro__[1]:
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        lines = body.body if isinstance(body, ast.ClassDef) else []
        for field, after in pairwise(lines):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(after):
                found[field.target.id] = " ".join(inspect.cleandoc(after.value.value).split())  # type: ignore[attr-defined]  # just asked
    return found


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
