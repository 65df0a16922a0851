"""Templates as they stand on disk: read when first used, refused where they name what is not declared or say what is never said.

A *frame* is what surrounds the news, one a kind, channel and style; a *block* is the news itself, one an update point (or
family), channel, style and form. Each file begins with TOML between two lines of `+++`; its `status` says whether somebody
answers for the words (`services.wording.approval`). What takes longer to find out (whether it
compiles, whether each sample of facts makes a message that may be sent and can be read) is for `services.wording.check`, before a
service starts.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.wording.approval import KEYS, may_be_sent
from services.wording.fields import FIELDS
from services.wording.never import forbidden
from services.wording.piece import LOGIC, Piece
from services.wording.reader import READER_WORDS
from services.wording.types import TemplateError

FOLDER: Final = Path(__file__).parent / "templates"
FRAME_FIELDS: Final = frozenset(
    {
        "reference",
        "force_name",
        "telephone",
        "reach",
        "who",
        "hours",
        "relay",
        "change",
        "talk",
        "text",
        "closing",
        "day",
        "greeting",
    }
)
"""What a frame may declare, and the closing of a block name besides its own fields."""
_BLOCK_KEYS: Final = frozenset(
    {
        "update_points", "channel", "style", "form", "version", "needs", "may", "guards", "carries", "change", "closing",
        "shorter", *KEYS,
    }
)  # fmt: skip
_FRAME_KEYS: Final = frozenset({"kind", "channel", "style", "version", "subject", "fields", *KEYS})
_CHANNELS: Final = ("sms", "email", "letter")
_STYLES: Final = ("neutral", "plain")
_KINDS: Final = ("news", "prompt")


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
    body: Piece
    shorter: Piece | None
    closing: Piece | None
    reader: tuple[str, ...]
    """Which of the reader's words it names."""
    approved: bool
    """Whether it may be sent."""
    pair_of: str
    """The version of the English template whose words these are; "" for English itself."""


@dataclass(frozen=True, slots=True)
class Surround:
    """What stands around the news, or the whole of a prompt."""

    name: str
    version: str
    body: Piece
    subject: Piece | None
    approved: bool
    pair_of: str


@dataclass(frozen=True, slots=True)
class Library:
    """Every template of one language."""

    language: str
    frames: Mapping[tuple[str, str, str], Surround]
    blocks: Mapping[tuple[str, str, str], Mapping[str, Block]]


@cache
def library(language: str) -> Library | None:
    """The templates of `language`, None where there are none; raises TemplateError for one that must not be used."""
    if not re.fullmatch("[a-z]{2}", language) or not (FOLDER / language).is_dir():
        return None
    return read(FOLDER / language, language)


def read(folder: Path, language: str) -> Library:
    """Read every template under `folder`; raises TemplateError."""
    frames: dict[tuple[str, str, str], Surround] = {}
    for path in sorted((folder / "frames").glob("*.txt")):
        key, frame = _frame(path, language)
        if frames.setdefault(key, frame) is not frame:
            raise TemplateError(path.name, "kind", "another frame is for the same kind, channel and style", "drop one")
    blocks: dict[tuple[str, str, str], dict[str, Block]] = {}
    for path in sorted((folder / "blocks").glob("*.txt")):
        block = _block(path, language)
        for point in block.update_points:
            forms = blocks.setdefault((point, block.channel, block.style), {})
            if forms.setdefault(block.form, block) is not block:
                fault = f"another block is for {point} in the same channel, style and form"
                raise TemplateError(path.name, "update_points", fault, "drop one")
    return Library(language, frames, blocks)


def _parts_of(path: Path, allowed: frozenset[str], language: str) -> tuple[dict[str, Any], str, str, bool]:
    """Its head, its body, a version that no other words can have, and whether somebody answers for them."""
    source = path.read_text(encoding="utf-8")
    pieces = re.split(r"^\+\+\+$\n?", source, maxsplit=2, flags=re.MULTILINE)
    if len(pieces) != 3 or pieces[0].strip():
        raise TemplateError(path.name, "head", "there is none", "begin with TOML between two lines of +++")
    try:
        head = tomllib.loads(pieces[1])
    except tomllib.TOMLDecodeError as problem:
        raise TemplateError(path.name, "head", f"it is not TOML: {problem}", "mend it") from None
    if unknown := head.keys() - allowed:
        raise TemplateError(path.name, min(unknown), f"nobody knows the key {min(unknown)}", "drop it or mend its name")
    if type(head.get("version")) is not int:
        raise TemplateError(path.name, "version", "there is none", "give a version, a whole number")
    for key, words in (("channel", _CHANNELS), ("style", _STYLES), ("kind", _KINDS)):
        if key in allowed and head.get(key) not in words:
            raise TemplateError(path.name, key, "it is no word for that", f"give one of {', '.join(words)}")
    body = pieces[2].strip("\n")
    said = json.dumps([{key: head[key] for key in sorted(head.keys() - KEYS)}, body], ensure_ascii=False, default=str)
    version = f"{head['version']}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    return head, body, version, may_be_sent(path.name, head, version, language)


def _piece(where: tuple[str, str], source: str, known: frozenset[str], channel: str, style: str) -> Piece:
    file, key = where
    found = Piece(source)
    if strange := found.names - known:
        raise TemplateError(file, key, f"the field {min(strange)} is not declared", "declare it or drop it")
    said = [word for text in LOGIC.split(source) for word in forbidden(text, channel=channel, style=style)]
    if said:
        raise TemplateError(file, key, f"may not say {', '.join(said)}", "find other words")
    return found


def _frame(path: Path, language: str) -> tuple[tuple[str, str, str], Surround]:
    head, body, version, approved = _parts_of(path, _FRAME_KEYS, language)
    kind, channel, style = head["kind"], head["channel"], head["style"]
    declared = frozenset(head.get("fields", ()))
    if unknown := declared - FRAME_FIELDS:
        raise TemplateError(path.name, "fields", f"nobody knows the field {min(unknown)}", "drop it or mend its name")
    found = _piece((path.name, "body"), body, declared, channel, style)
    ways = {"closing"} if (kind, channel) == ("news", "sms") else {"telephone", "reach"}
    if "reference" not in found.names or not found.names & ways:
        fault = "a message gives its reference and a way to reach a person"
        raise TemplateError(path.name, "body", fault, f"name reference and {' or '.join(sorted(ways))}")
    if style == "neutral" and "force_name" in found.names:
        raise TemplateError(path.name, "body", "a neutral message does not name the force", "drop force_name")
    subject = head.get("subject")
    if (subject is None) != (channel != "email"):
        raise TemplateError(path.name, "subject", "an email has a subject and nothing else has", "add it or drop it")
    # A subject stands on a locked screen, so it is neutral whatever the style.
    known = frozenset({"reference"})
    line = None if subject is None else _piece((path.name, "subject"), subject, known, channel, "neutral")
    _all_used(path, declared, found.names | (line.names if line else frozenset()))
    return (kind, channel, style), Surround(path.stem, version, found, line, approved, head.get("pair_of", ""))


def _block(path: Path, language: str) -> Block:
    head, body, version, approved = _parts_of(path, _BLOCK_KEYS, language)
    channel, style = head["channel"], head["style"]
    needs, may, guards = (tuple(head.get(key, ())) for key in ("needs", "may", "guards"))
    for key, names in (("needs", needs), ("may", may), ("guards", guards)):
        if unknown := set(names) - FIELDS.keys():
            raise TemplateError(path.name, key, f"nobody knows the field {min(unknown)}", "drop it or mend its name")
    declared = frozenset({*needs, *may})
    known = declared | READER_WORDS
    found = _piece((path.name, "body"), body, known, channel, style)
    closing, shorter = head.get("closing"), head.get("shorter")
    last = None if closing is None else _piece((path.name, "closing"), closing, known | FRAME_FIELDS, channel, style)
    tight = None if shorter is None else _piece((path.name, "shorter"), shorter, known, channel, style)
    if tight and tight.names - READER_WORDS != found.names - READER_WORDS:
        raise TemplateError(path.name, "shorter", "the shorter form names other fields", "say the same in fewer words")
    _all_used(path, declared, found.names | (last.names if last else frozenset()))
    if channel == "sms" and not (last and last.names & {"telephone", "reach"}):
        fault = "a text closes with a way to reach a person"
        raise TemplateError(path.name, "closing", fault, "name telephone or reach in it")
    for key in ("update_points", "carries"):
        if not head.get(key):
            raise TemplateError(
                path.name, key, "there is none", f"say what it {'is for' if key[0] == 'u' else 'carries'}"
            )
    named = found.names.union(*(piece.names for piece in (last, tight) if piece is not None))
    return Block(
        path.stem, version, tuple(head["update_points"]), channel, style, head.get("form", ""), needs, may, guards,
        frozenset(head["carries"]), head.get("change", False), found, tight, last,
        tuple(sorted(named & READER_WORDS)), approved, head.get("pair_of", ""),
    )  # fmt: skip


def _all_used(path: Path, declared: frozenset[str], named: frozenset[str]) -> None:
    if idle := declared - named:
        fault = f"the field {min(idle)} is declared and not used"
        raise TemplateError(path.name, "fields", fault, "make it a guard or drop it")
