"""`python -m schemas.publish [--check]`: write the JSON Schemas of everything that crosses a boundary and the AsyncAPI document
of the topics, or check them.

A published schema is a promise: it is never replaced by one that takes something away.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel

from schemas import asyncapi
from schemas.case_events import DATA, EventData
from schemas.case_events.parts import LONGEST_ID, PLAIN
from schemas.compatible import Direction, breaks
from schemas.envelope import DATASCHEMA, LARGEST_SEQUENCE, SOURCE
from schemas.outputs import OUTPUTS
from schemas.updates import DeliveryStatus, UpdatesDue

PUBLISHED: Final = Path(__file__).parent / "published"
ASYNCAPI: Final = "asyncapi.json"
"""The document of topics and records; it refers to the schemas beside it."""
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NO_TITLES: Final = frozenset({"title", "default"})


def published() -> dict[str, dict[str, Any]]:
    """Every schema, and the AsyncAPI document, by its file's name, as it ought to stand in `schemas/published`."""
    schemas = {f"case-events/{kind}.json": _case_event(kind, data) for kind, data in sorted(DATA.items())}
    schemas["updates-due.json"] = _of(UpdatesDue, "kept:updates-due:1")
    schemas["delivery-status.json"] = _of(DeliveryStatus, "kept:delivery-status:1")
    for name, output in OUTPUTS.items():
        schemas[f"commands/{name}.json"] = _of(output, f"kept:{name}:1")
    schemas[ASYNCAPI] = asyncapi.document(DATA)
    return schemas


def direction(name: str) -> Direction:
    """Whether others write what the schema describes, or read it."""
    return "in" if name.startswith("case-events/") else "out"


def checked_in(folder: Path = PUBLISHED) -> dict[str, dict[str, Any]]:
    """Every schema in `folder` by its file's name."""
    return {str(path.relative_to(folder)): orjson.loads(path.read_bytes()) for path in sorted(folder.rglob("*.json"))}


def broken_promises(before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What `now` takes away from `before`, a sentence each."""
    gone = [f"{name}: the schema is gone" for name in sorted(set(before) - set(now))]
    for name in sorted(set(before) & set(now)):
        if name == ASYNCAPI:
            gone += [f"{name}: {what}" for what in asyncapi.takes_away(before[name], now[name])]
            continue
        gone += [f"{name}: {what}" for what in breaks(before[name], now[name], direction(name))]
        if name == "updates-due.json":  # written and read by two processes that may be of different age
            gone += [f"{name}: {what}" for what in breaks(before[name], now[name], "in")]
    return gone


def main(arguments: list[str], folder: Path = PUBLISHED) -> int:
    """0 when all is well; 1 with a sentence for each thing that is not; 2 when misused."""
    if arguments not in ([], ["--check"]):
        print("use: python -m schemas.publish [--check]", file=sys.stderr)  # noqa: T201  # a command's answer
        return 2
    before, now = checked_in(folder), published()
    problems = broken_promises(before, now)
    stale = [name for name in sorted(set(before) | set(now)) if before.get(name) != now.get(name)]
    if arguments and stale:
        problems += [f"{name}: not as the code has it; run python -m schemas.publish" for name in stale]
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201  # a command's answer
    if problems:
        return 1
    for name in [] if arguments else stale:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(now[name], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return 0


def _of(shape: type[BaseModel], name: str) -> dict[str, Any]:
    plain: dict[str, Any] = _without_titles(shape.model_json_schema(by_alias=True))
    return {"$schema": _DIALECT, "$id": name, **plain}


def _case_event(kind: str, data: type[EventData]) -> dict[str, Any]:
    """The whole record of one type: the envelope with its data."""
    shape: dict[str, Any] = _without_titles(data.model_json_schema(by_alias=True))
    shared = shape.pop("$defs", None)
    about = shape.pop("description")
    one_line = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": PLAIN}
    instant = {"type": "string", "format": "date-time"}
    schema = {
        "$schema": _DIALECT,
        "$id": f"{DATASCHEMA}:{kind}",
        "description": about,
        "type": "object",
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": one_line,
            "source": {"type": "string", "pattern": f"^{SOURCE}$"},
            "type": {"type": "string", "const": kind},
            "subject": {**one_line, "description": "The case."},
            "time": {**instant, "description": "When it happened."},
            "knownat": {**instant, "description": "When the force knew."},
            "sequence": {
                "anyOf": [
                    {"type": "integer", "minimum": -LARGEST_SEQUENCE, "maximum": LARGEST_SEQUENCE},
                    {"type": "null"},
                ],
                "description": "Orders events of one case from one source; gaps are allowed.",
            },
            "datacontenttype": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "dataschema": {"anyOf": [{"type": "string", "const": DATASCHEMA}, {"type": "null"}]},
            "data": shape,
        },
        "required": ["specversion", "id", "source", "type", "subject", "time", "knownat", "data"],
    }
    return {**schema, "$defs": shared} if shared else schema


def _without_titles(schema: Any) -> Any:
    """Without what pydantic adds for forms: titles of fields, and nulls as defaults."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _without_titles(field) for name, field in value.items()}
        if key in ("properties", "$defs")
        else _without_titles(value)
        for key, value in schema.items()
        if key not in _NO_TITLES
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
