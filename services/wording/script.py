"""Words for the person who tells it: what to say, what never to say, and why no machine says it.

Scripts are data (`scripts/en/*.toml`), one table an update point. A line whose facts are not known is left out; a table
`{text, without}` is the line for when a fact (or each of several) is not known, `{text, when, is}` the line for one value of it.
`ready` is what to have at hand before the call, and comes first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from jinja2 import Template, TemplateSyntaxError, meta

from services.wording.script_fields import SCRIPT_FIELDS
from services.wording.templates import ENVIRONMENT
from services.wording.types import Facts, TemplateError

FOLDER: Final = Path(__file__).parent / "scripts" / "en"
ANY: Final = "any"
"""The table whose lines stand around every script, and that serves alone for an update point without one of its own."""
HERE: Final = "---"
"""Where a script's own lines go among those."""

_TABLE_KEYS: Final = frozenset({"why", "prompt", "prompt_when", "ready", "say", "never_say"})
_LINE_KEYS: Final = frozenset({"text", "without", "when", "is"})
_PRINTED: Final = re.compile(r"\{\{ (\w+) \}\}")


@dataclass(frozen=True, slots=True)
class Script:
    """What is said of one update point. `why` is why no machine says it, or when it does not."""

    why: str
    prompt: Literal["news", "talk"] | None
    prompt_when: Mapping[str, Any]
    say: Template
    fields: tuple[str, ...]
    never_say: tuple[str, ...]


def script(update_point: str, facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to say, line by line with the facts of the update, and what never to say. There is one for every update point."""
    found = _of(update_point)
    values = {name: SCRIPT_FIELDS[name](facts) for name in found.fields}
    return tuple(found.say.render(values).splitlines()), found.never_say


def why_not(update_point: str) -> str:
    """Why no machine says it, or when it does not: a sentence for the person who has the task."""
    return _of(update_point).why


def prompt_of(update_point: str, facts: Facts) -> Literal["news", "talk"] | None:
    """What a prompt about it says: that there is news, that we would like to talk, or None where nobody is asked to ring."""
    found = _of(update_point)
    if any(facts.get(key) != value for key, value in found.prompt_when.items()):
        return None
    return found.prompt


def _of(update_point: str) -> Script:
    scripts = library()
    return scripts.get(update_point) or scripts[ANY]


@cache
def library() -> Mapping[str, Script]:
    """Every script by update point; raises TemplateError for one that must not be used."""
    return read(FOLDER)


def read(folder: Path) -> Mapping[str, Script]:
    """Read and check every script under `folder`; raises TemplateError."""
    tables: dict[str, tuple[str, dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            read_tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as problem:
            raise TemplateError(f"{path.name}: not TOML: {problem}") from None
        for point, table in read_tables.items():
            if point in tables:
                raise TemplateError(f"{path.name}: {point} has a script already")
            if unknown := table.keys() - _TABLE_KEYS:
                raise TemplateError(f"{path.name}: {point}: nobody knows the key {min(unknown)}")
            if not table.get("why") or not table.get("say") or not table.get("never_say"):
                raise TemplateError(f"{path.name}: {point}: give why, say and never_say")
            tables[point] = path.name, table
    _, around = tables[ANY]
    middle = around["say"].index(HERE)
    before, after = around["say"][:middle], around["say"][middle + 1 :]
    scripts = {}
    for point, (name, table) in tables.items():
        own = [] if point == ANY else table["say"]
        lines = [*table.get("ready", []), *before, *own, *after]
        scripts[point] = _script(f"{name}: {point}", table, lines, around["never_say"])
    return scripts


def _script(where: str, table: dict[str, Any], lines: list[Any], never: list[str]) -> Script:
    source = "".join([_line(where, line) for line in lines])
    try:
        fields = tuple(sorted(meta.find_undeclared_variables(ENVIRONMENT.parse(source))))
        template = ENVIRONMENT.from_string(source)
    except TemplateSyntaxError as problem:
        raise TemplateError(f"{where}: {problem.message}") from None
    if unknown := set(fields) - SCRIPT_FIELDS.keys():
        raise TemplateError(f"{where}: nobody knows the field {min(unknown)}")
    if table.get("prompt") not in {"news", "talk", "none"}:
        raise TemplateError(f"{where}: prompt is news, talk or none")
    return Script(
        table["why"],
        None if table["prompt"] == "none" else table["prompt"],
        table.get("prompt_when", {}),
        template,
        fields,
        tuple(dict.fromkeys([*table["never_say"], *never])),
    )


def _line(where: str, line: Any) -> str:
    """One line as a piece of template: there when its facts are known and its condition holds."""
    entry = {"text": line} if isinstance(line, str) else line
    if (
        not isinstance(entry, dict)
        or entry.keys() - _LINE_KEYS
        or "text" not in entry
        or ("when" in entry) != ("is" in entry)
    ):
        raise TemplateError(f"{where}: a line is a text, or a table of text, without, when and is")
    conditions = [f"{name} is not none" for name in dict.fromkeys(_PRINTED.findall(entry["text"]))]
    without = entry.get("without", [])
    conditions += [f"{name} is none" for name in ([without] if isinstance(without, str) else without)]
    if "when" in entry:
        conditions.append(f"{entry['when']} == {entry['is']!r}")
    text = f"{entry['text']}\n"
    return f"{{% if {' and '.join(conditions)} %}}{text}{{% endif %}}" if conditions else text
