"""Templates as they stand on disk: read, checked and compiled once, when the module is first used.

A *frame* is what surrounds the news, one a kind, channel and style; a *block* is the news itself, one an update point (or
family), channel, style and form. Each file begins with TOML between two lines of `+++`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.wording.fields import FIELDS
from services.wording.never import forbidden
from services.wording.types import TemplateError

FOLDER: Final = Path(__file__).parent / "templates"
FRAME_FIELDS: Final = frozenset(
    {"reference", "force_name", "telephone", "reach", "who", "hours", "relay", "change", "talk", "text", "closing"}
)
ENVIRONMENT: Final = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
)
"""No escaping: everything is plain text, never HTML. No globals: a template names fields and nothing else."""
ENVIRONMENT.globals.clear()

_LOGIC: Final = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_BLOCK_KEYS: Final = frozenset(
    {
        "update_points",
        "channel",
        "style",
        "form",
        "version",
        "needs",
        "may",
        "guards",
        "carries",
        "change",
        "closing",
        "shorter",
    }
)
_FRAME_KEYS: Final = frozenset({"kind", "channel", "style", "version", "subject"})


@dataclass(frozen=True, slots=True)
class Block:
    """The news itself.

    `needs` are shown and must be known; `may` are shown if known; `guards` must hold; `carries` is what it tells, in the words
    of the books' `content_required`. `shorter` says the same where that saves a part; `closing` is a text's way to a person.
    """

    name: str
    version: str
    update_points: tuple[str, ...]
    channel: str
    style: str
    form: str
    needs: tuple[str, ...]
    may: tuple[str, ...]
    guards: tuple[str, ...]
    carries: frozenset[str]
    change: bool
    body: Template
    shorter: Template | None
    closing: Template | None


@dataclass(frozen=True, slots=True)
class Surround:
    """What stands around the news, or the whole of a prompt."""

    name: str
    version: str
    body: Template
    subject: Template | None


@dataclass(frozen=True, slots=True)
class Library:
    """Every template of one language."""

    frames: Mapping[tuple[str, str, str], Surround]
    blocks: Mapping[tuple[str, str, str], Mapping[str, Block]]


@cache
def library(language: str) -> Library | None:
    """The templates of `language`, None where there are none; raises TemplateError for one that must not be used."""
    if not re.fullmatch("[a-z]{2}", language) or not (FOLDER / language).is_dir():
        return None
    return read(FOLDER / language)


def read(folder: Path) -> Library:
    """Read and check every template under `folder`; raises TemplateError."""
    frames: dict[tuple[str, str, str], Surround] = {}
    for path in sorted((folder / "frames").glob("*.txt")):
        key, frame = _frame(path)
        if frames.setdefault(key, frame) is not frame:
            raise TemplateError(f"{path.name}: another frame is for the same kind, channel and style")
    blocks: dict[tuple[str, str, str], dict[str, Block]] = {}
    for path in sorted((folder / "blocks").glob("*.txt")):
        block = _block(path)
        for point in block.update_points:
            forms = blocks.setdefault((point, block.channel, block.style), {})
            if forms.setdefault(block.form, block) is not block:
                raise TemplateError(f"{path.name}: another block is for {point} in the same channel, style and form")
    return Library(frames, blocks)


def _parts_of(path: Path, allowed: frozenset[str]) -> tuple[dict[str, Any], str, str]:
    """Its head, its body and a version that no other text can have."""
    source = path.read_text(encoding="utf-8")
    pieces = re.split(r"^\+\+\+$\n?", source, maxsplit=2, flags=re.MULTILINE)
    if len(pieces) != 3 or pieces[0].strip():
        raise TemplateError(f"{path.name}: begin with TOML between two lines of +++")
    try:
        head = tomllib.loads(pieces[1])
    except tomllib.TOMLDecodeError as problem:
        raise TemplateError(f"{path.name}: the head is not TOML: {problem}") from None
    if unknown := head.keys() - allowed:
        raise TemplateError(f"{path.name}: nobody knows the key {min(unknown)}")
    if not isinstance(head.get("version"), int):
        raise TemplateError(f"{path.name}: give a version, a whole number")
    return head, pieces[2].strip(), f"{head['version']}-{hashlib.sha256(source.encode()).hexdigest()[:8]}"


def _compile(
    path: Path, source: str, known: frozenset[str], channel: str, style: str
) -> tuple[Template, frozenset[str]]:
    """One compiled template and the fields it names; refuses words that may never be said and fields nobody declared."""
    try:
        named = frozenset(meta.find_undeclared_variables(ENVIRONMENT.parse(source)))
        template = ENVIRONMENT.from_string(source)
    except TemplateSyntaxError as problem:
        raise TemplateError(f"{path.name}: {problem.message}") from None
    if strange := named - known:
        raise TemplateError(f"{path.name}: the field {min(strange)} is not declared")
    if said := [word for piece in _LOGIC.split(source) for word in forbidden(piece, channel=channel, style=style)]:
        raise TemplateError(f"{path.name}: may not say {', '.join(said)}")
    return template, named


def _frame(path: Path) -> tuple[tuple[str, str, str], Surround]:
    head, body, version = _parts_of(path, _FRAME_KEYS)
    kind, channel, style = head["kind"], head["channel"], head["style"]
    template, named = _compile(path, body, FRAME_FIELDS, channel, style)
    ways = {"closing"} if (kind, channel) == ("news", "sms") else {"telephone", "reach"}
    if "reference" not in named or not named & ways:
        raise TemplateError(f"{path.name}: a message gives its reference and a way to reach a person")
    if style == "neutral" and "force_name" in named:
        raise TemplateError(f"{path.name}: a neutral message does not name the force")
    subject = head.get("subject")
    if (subject is None) != (channel == "sms"):
        raise TemplateError(f"{path.name}: an email has a subject and a text has none")
    line = None if subject is None else _compile(path, subject, frozenset({"reference"}), channel, "neutral")[0]
    return (kind, channel, style), Surround(path.stem, version, template, line)


def _block(path: Path) -> Block:
    head, body, version = _parts_of(path, _BLOCK_KEYS)
    channel, style = head["channel"], head["style"]
    needs, may, guards = (tuple(head.get(key, ())) for key in ("needs", "may", "guards"))
    if unknown := {*needs, *may, *guards} - FIELDS.keys():
        raise TemplateError(f"{path.name}: nobody knows the field {min(unknown)}")
    template, named = _compile(path, body, frozenset({*needs, *may}), channel, style)
    closing = head.get("closing")
    last = (
        None if closing is None else _compile(path, closing, frozenset({*needs, *may}) | FRAME_FIELDS, channel, style)
    )
    shorter = (
        None
        if (text := head.get("shorter")) is None
        else _compile(path, text, frozenset({*needs, *may}), channel, style)
    )
    if shorter and shorter[1] != named:
        raise TemplateError(f"{path.name}: the shorter form names other fields")
    if idle := {*needs, *may} - named - (last[1] if last else frozenset()):
        raise TemplateError(f"{path.name}: the field {min(idle)} is declared and not used; make it a guard or drop it")
    if channel == "sms" and not (last and last[1] & {"telephone", "reach"}):
        raise TemplateError(f"{path.name}: a text closes with a way to reach a person")
    if not head.get("carries"):
        raise TemplateError(f"{path.name}: say what it carries")
    return Block(
        path.stem, version, tuple(head["update_points"]), channel, style, head.get("form", ""), needs, may, guards,
        frozenset(head["carries"]), head.get("change", False), template,
        shorter[0] if shorter else None, last[0] if last else None,
    )  # fmt: skip
