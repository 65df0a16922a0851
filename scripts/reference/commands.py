"""The commands, from the typer application itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import typer

from schemas.outputs import OUTPUTS
from scripts.reference.text import code, done, start, table
from services.cli.main import commands

_ALWAYS: Final = "--help"
_SHAPES: Final[Mapping[str, str]] = {"updates show": "updates-list", "demo": "demo-report"}
"""Commands whose output has a published shape under another name than their own."""


def page() -> str:
    """`docs/reference/commands.md`."""
    lines = start("Commands", "commands")
    everything = list(_commands(typer.main.get_command(commands()), ""))
    lines += table(("Command", "Does"), ((f"[`kept {name}`](#{_anchor(name)})", _first(it)) for name, it in everything))
    for name, command in everything:
        lines += [f"## kept {name}", "", " ".join((command.help or "").split()), "", *_use(name, command), ""]
        rows = [_parameter(one) for one in command.params if _ALWAYS not in one.opts]
        lines += table(("", "", "Default"), rows) if rows else []
        shape = _SHAPES.get(name, name.replace(" ", "-"))
        if shape in OUTPUTS:
            lines += [f"Shape of its JSON: `schemas/published/commands/{shape}.json`.", ""]
    return done(lines)


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield before + name, command


def _anchor(name: str) -> str:
    return f"kept-{name}".replace(" ", "-")


def _first(command: Any) -> str:
    return " ".join((command.help or "").split()).partition(". ")[0].rstrip(".") + "."


def _use(name: str, command: Any) -> list[str]:
    words = ["kept", name]
    for one in command.params:
        if _ALWAYS in one.opts:
            continue
        word = one.name.upper() if one.param_type_name == "argument" else _option(one)
        if one.nargs == -1:
            word += " ..."
        words.append(word if one.required else f"[{word}]")
    return ["```", " ".join(words), "```"]


def _option(one: Any) -> str:
    longest: str = max(one.opts, key=len)
    return longest if one.is_flag else f"{longest} {_value(one)}"


def _value(one: Any) -> str:
    name: str = one.name
    return {"by": "NAME", "at": "INSTANT", "how": "HOW", "reason": "CODE"}.get(name, name.upper())


def _parameter(one: Any) -> tuple[str, str, str]:
    name = one.name.upper() if one.param_type_name == "argument" else _option(one)
    default = "" if one.default in (None, False, "", ()) else code(str(one.default))
    return code(name), one.help or "", "**needed**" if one.required else default
