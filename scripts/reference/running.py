"""What whoever runs it looks up: settings, states, reasons for a hold, metrics, and the points at which a test makes it die."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from scripts.reference.text import code, done, sentences, start, table
from services import faults as fault_points
from services import metrics as numbers
from services import settings as known
from services.ledger import states as lives
from services.scheduler.plan.holds import HOLDS
from services.scheduler.plan.reasons import REASONS

_COMMANDS: Final[Mapping[type[known.Settings], str]] = {
    known.SchedulerSettings: "scheduler",
    known.DispatcherSettings: "dispatcher",
    known.ReceiptsSettings: "receipts",
    known.MigrateSettings: "migrate",
    known.KafkaSettings: "topics and events publish",
    known.LedgerSettings: "commands that look or act",
}


def settings() -> str:
    """`docs/reference/settings.md`."""
    said = sentences("settings", known.known_names())
    lines = start("Settings", "settings")
    fields: dict[str, FieldInfo] = {}
    readers: dict[str, dict[str, bool]] = {}
    for kind, command in _COMMANDS.items():
        for field, info in kind.model_fields.items():
            name = f"KEPT_{field.upper()}"
            fields.setdefault(name, info)
            readers.setdefault(name, {})[command] = info.is_required()
    rows = []
    for name in sorted(said):
        found, who = fields.get(name), readers.get(name, {})
        values = "" if found is None else _values(found)
        rows.append((code(name), said[name], values, _default(found, who), _readers(who)))
    lines += table(("Setting", "Meaning", "Values", "Default", "Read by"), rows)
    return done(lines)


def _readers(commands: Mapping[str, bool]) -> str:
    if not commands:
        return "nobody yet"
    return "all" if len(commands) == len(_COMMANDS) else ", ".join(commands)


def _values(info: FieldInfo) -> str:
    words = _words(info.annotation)
    limits = [f"{name} {getattr(rule, key):g}" for rule in info.metadata for key, name in _LIMITS if hasattr(rule, key)]
    return f"{words}{',' if limits else ''} {' and '.join(limits)}".strip()


_LIMITS: Final = (("gt", "more than"), ("ge", "at least"), ("le", "at most"))


def _words(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return ", ".join(code(str(word)) for word in get_args(annotation))
    if origin in {Union, types.UnionType}:
        return _words(next(part for part in get_args(annotation) if part is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return "HOST:PORT"
    if origin is tuple:
        return "a list, separated by commas"
    if annotation is Path:
        return "a path"
    if annotation is SecretStr:
        return "a secret"
    return {int: "a whole number", float: "a number"}.get(annotation, "text")


def _default(info: FieldInfo | None, readers: Mapping[str, bool]) -> str:
    if info is None:
        return ""
    needing = [command for command, needed in readers.items() if needed]
    if needing:
        return "**needed**" if len(needing) == len(readers) else f"**needed** by {', '.join(needing)}"
    empty = info.default in {None, ""} or info.default == ()
    return "" if empty else code(f"{info.default:g}" if isinstance(info.default, float) else str(info.default))


def states() -> str:
    """`docs/reference/states.md`."""
    lines = start("States", "states")
    said = sentences("update_states", lives.UPDATE_STATES)
    lines += [
        "## An update",
        "",
        *table(("State", "Means"), ((code(name), said[name]) for name in lives.UPDATE_STATES)),
    ]
    lines += ["### How it moves", "", *_moves(lives.UPDATE_MOVES.items())]
    said = sentences("evidence", get_args(lives.Evidence))
    lines += ["### Evidence that it was told", ""]
    lines += table(("Evidence", "Means"), ((code(name), said[name]) for name in get_args(lives.Evidence)))
    said = sentences("attempt_states", lives.ATTEMPT_STATES)
    rows = (
        (code(name), said[name], "yes" if name in lives.LIVE_ATTEMPT_STATES else "") for name in lives.ATTEMPT_STATES
    )
    lines += ["## An attempt", "", *table(("State", "Means", "Live"), rows)]
    lines += ["A message has at most one live attempt; the database itself holds that.", ""]
    lines += ["### How it moves", "", *_moves(lives.ATTEMPT_MOVES.items())]
    return done(lines)


def _moves(moves: Iterable[tuple[tuple[str, str], str]]) -> list[str]:
    return table(("From", "To", "When"), ((code(old), code(new), why) for (old, new), why in moves))


def holds() -> str:
    """`docs/reference/holds.md`."""
    lines = start("Reasons for a hold", "holds")
    tasks = sentences("tasks", {*(hold.task for hold in HOLDS.values()), "check_whether_told"})
    lines += ["## What the person is to do", ""]
    lines += table(("Task", "Means"), ((code(name), said) for name, said in tasks.items()))
    lines += ["## Why a machine does not send it", ""]
    rows = (
        (code(name), hold.text, code(hold.task), "yes" if hold.prompt else "", "yes" if hold.safety else "")
        for name, hold in HOLDS.items()
    )
    lines += table(("Reason", "In words", "Task", "Prompt", "Safety"), rows)
    lines += ["## What the person does first and never", ""]
    rows_of_words = (
        (code(name), hold.first, hold.never, code(hold.good) if hold.good else "")
        for name, hold in HOLDS.items()
        if hold.first or hold.never or hold.good
    )
    lines += table(("Reason", "First", "Never", "Good reason"), rows_of_words)
    lines += ["## Why an update is as it is otherwise", ""]
    lines += table(("Reason", "In words"), ((code(name), text) for name, text in REASONS.items()))
    return done(lines)


def faults() -> str:
    """`docs/reference/faults.md`."""
    said = sentences("faults", fault_points.POINTS)
    lines = start("Fault points", "faults")
    lines += table(("Point", "The process dies"), ((code(name), said[name]) for name in fault_points.POINTS))
    return done(lines)


def metrics() -> str:
    """`docs/reference/metrics.md`."""
    found = [item for item in vars(numbers).values() if hasattr(item, "_labelnames")]
    names = {item: item._name + ("_total" if item._type == "counter" else "") for item in found}  # noqa: SLF001  # no other way
    said = sentences("metrics", names.values())
    lines = start("Metrics", "metrics")
    rows = (
        (code(name), item._type, ", ".join(map(code, item._labelnames)), item._documentation, said[name])  # noqa: SLF001  # as above
        for item, name in names.items()
    )
    lines += table(("Metric", "Kind", "Labels", "What it counts", "Shown by"), rows)
    return done(lines)
