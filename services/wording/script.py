"""Words for the person who tells it: what to say, what never to say, and why no machine says it.

Scripts are data (`scripts/en/*.toml`), one table an update point. `no_template` is the written reason why no machine says it at
all; where templates exist, `why` says when they are not used. A line whose facts are not known is left out; a table
`{text, without}` is the line for when a fact (or each of several) is not known, `{text, when, is}` the line for one value of it,
`{text, to}` the line for some roles, `{text, access}` the line for who has that need. `ready` is what to have at hand before the
call, and comes first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from services.wording.script_fields import SCRIPT_FIELDS
from services.wording.script_lines import Line, read_line
from services.wording.types import Facts, TemplateError

FOLDER: Final = Path(__file__).parent / "scripts" / "en"
ANY: Final = "any"
"""The table whose lines stand around every script, and that serves alone for an update point without one of its own."""
HERE: Final = "---"
"""Where a script's own lines go among those."""

_TABLE_KEYS: Final = frozenset({"why", "no_template", "prompt", "prompt_when", "ready", "say", "never_say"})
_PROMPTS: Final[Mapping[Any, Literal["news", "talk"] | None]] = {"news": "news", "talk": "talk", "none": None}


@dataclass(frozen=True, slots=True)
class Script:
    """What is said of one update point. `why` is why no machine says it, or when it does not."""

    why: str
    by_machine: bool
    """Whether some template says it."""
    prompt: Literal["news", "talk"] | None
    prompt_when: Mapping[str, Any]
    say: tuple[Line, ...]
    never_say: tuple[Line, ...]


def script(update_point: str, facts: Facts, access: Collection[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to say, line by line with the facts of the update, and what never to say. There is one for every update point.

    The role is the facts' `told_as`; `access` are the person's access needs.
    """
    role = facts.get("told_as") or "victim"
    say, never_say, fields = _for(update_point, role if isinstance(role, str) else "victim", frozenset(access))
    values = {name: SCRIPT_FIELDS[name](facts) for name in fields}
    return _said(say, values), _said(never_say, values)


def why_not(update_point: str) -> str:
    """Why no machine says it, or when it does not: a sentence for the person who has the task."""
    return _of(update_point).why


def prompt_of(update_point: str, facts: Facts) -> Literal["news", "talk"] | None:
    """What a prompt about it says: that there is news, that we would like to talk, or None where nobody is asked to ring."""
    found = _of(update_point)
    if facts.get("told_as") == "bereaved_relative":  # everything goes through the liaison officer (PR14)
        return None
    if any(facts.get(key) != value for key, value in found.prompt_when.items()):
        return None
    return found.prompt


@lru_cache(maxsize=2048)
def _for(
    update_point: str, role: str, access: frozenset[str]
) -> tuple[tuple[Line, ...], tuple[Line, ...], tuple[str, ...]]:
    """The lines for a person told in this role with these needs, and the fields that they name."""
    found = _of(update_point)
    say, never_say = (
        tuple(line for line in lines if line.concerns(role, access)) for lines in (found.say, found.never_say)
    )
    return say, never_say, tuple({field for line in (*say, *never_say) for field in line.fields})


def _said(lines: tuple[Line, ...], values: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([text for line in lines if (text := line.said(values)) is not None]))


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
            raise TemplateError(path.name, "file", f"it is not TOML: {problem}", "mend it") from None
        for point, table in read_tables.items():
            if point in tables:
                raise TemplateError(path.name, point, f"there is a script already, in {tables[point][0]}", "drop one")
            tables[point] = path.name, table
    name, around = tables[ANY]
    middle = around["say"].index(HERE)
    before = [read_line(name, ANY, line) for line in around["say"][:middle]]
    after = [read_line(name, ANY, line) for line in around["say"][middle + 1 :]]
    never = [read_line(name, ANY, line) for line in around["never_say"]]
    return {point: _script(name, point, table, before, after, never) for point, (name, table) in tables.items()}


def _script(
    name: str, point: str, table: dict[str, Any], before: list[Line], after: list[Line], never: list[Line]
) -> Script:
    if unknown := table.keys() - _TABLE_KEYS:
        fault = f"nobody knows the key {min(unknown)}"
        raise TemplateError(name, point, fault, "drop it or mend its name")
    if not table.get("say") or not table.get("never_say"):
        raise TemplateError(name, point, "something is missing", "give why or no_template, say and never_say")
    why = table.get("why") or table.get("no_template")
    if not why or ("why" in table) == ("no_template" in table):
        raise TemplateError(
            name, point, "nothing says when no machine tells it", "give why or no_template, one of them"
        )
    if table.get("prompt") not in _PROMPTS:
        raise TemplateError(name, point, "its prompt is no word for that", "prompt is news, talk or none")
    ready = [read_line(name, point, line) for line in table.get("ready", [])]
    own = [] if point == ANY else [read_line(name, point, line) for line in table["say"]]
    never_own = [] if point == ANY else [read_line(name, point, line) for line in table["never_say"]]
    say, never_say = (*ready, *before, *own, *after), (*never_own, *never)
    return Script(why, "why" in table, _PROMPTS[table["prompt"]], table.get("prompt_when", {}), say, never_say)
