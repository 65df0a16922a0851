"""Every template tried before a service starts: it compiles, and each sample makes a message fit to send, and easy to read.

Takes a part of a second for a language, which is why commands that only ask for a few words do not do it. What nobody has
approved yet is tried too: a draft that people read in order to approve it should have nothing in it that a machine can find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from jinja2 import TemplateError as JinjaError
from jinja2 import meta, nodes

from services.wording import reading_welsh
from services.wording.never import PREVIEW, forbidden, preview
from services.wording.pairs import check_pairs
from services.wording.piece import ENVIRONMENT, Piece
from services.wording.reading import too_hard
from services.wording.samples import FRAME, said_in, samples
from services.wording.script import library as scripts
from services.wording.templates import FOLDER, Block, Library, Surround, read
from services.wording.tongue import TONGUES
from services.wording.types import CannotSay, Facts, Frame, Item, Kind, TemplateError, Words
from services.wording.words import MOST_PARTS, compose

_READERS: Final[tuple[dict[str, str], ...]] = ({}, {"told_as": "parent_guardian"}, {"told_as": "witness"})
"""Roles whose words differ; a block that is not for one of them says so by a guard."""
_TOO_CLEVER: Final = (
    nodes.Getattr, nodes.Getitem, nodes.Call, nodes.For, nodes.Assign, nodes.Macro, nodes.Block, nodes.Include, nodes.Import,
    nodes.FromImport, nodes.Extends, nodes.FilterBlock, nodes.CallBlock, nodes.Concat, nodes.Add, nodes.Mul, nodes.Mod,
)  # fmt: skip
"""What could make a text that nobody reads in the file: looking inside a value, calling, looping, gluing."""
_SIAN: Final = replace(FRAME, contact_name="Siân")
_FRAMES: Final[dict[str, tuple[Frame, ...]]] = {"en": (FRAME,), "cy": (FRAME, _SIAN)}
"""A circumflex is in no GSM-7 text: one in a name makes the whole text UCS-2, with 67 characters a part."""


def check_all() -> list[Library]:
    """Every language there is, English first, or TemplateError."""
    others = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir() and folder.name != "en")
    return [check(language) for language in ("en", *others)]


def check(language: str) -> Library:
    """Every template and script of `language`, or TemplateError with the file, the key and what to do."""
    if language not in TONGUES:
        raise TemplateError(
            language, "language", "nobody wrote how it says a day", "write it in services/wording/tongue.py"
        )
    found = check_folder(FOLDER / language, language)
    if language == "en":
        _check_reasons(found)
    else:
        check_pairs(read(FOLDER / "en", "en"), found)
    return found


def check_folder(folder: Path, language: str = "en") -> Library:
    """Every template under `folder`."""
    shelf = read(folder, language)
    for frame in shelf.frames.values():
        _check_piece(frame.name, "body", frame.body)
        if frame.subject is not None:
            _check_piece(frame.name, "subject", frame.subject)
    for block in dict.fromkeys(block for forms in shelf.blocks.values() for block in forms.values()):
        for key, piece in (("body", block.body), ("shorter", block.shorter), ("closing", block.closing)):
            if piece is not None:
                _check_piece(block.name, key, piece)
    for (kind, channel, style), frame in shelf.frames.items():
        if kind == "prompt" and channel != "letter":
            _check_prompt(shelf, frame, channel, style, language)
    told: dict[str, list[Facts]] = {}
    for (point, _, _), forms in shelf.blocks.items():
        for block in forms.values():
            _check_block(shelf, point, block, language, told.setdefault(block.name, []))
    return shelf


def _check_piece(name: str, key: str, piece: Piece) -> None:
    fault = piece.fault()
    if fault is not None:
        raise TemplateError(f"{name}.txt", key, f"it does not compile: {fault}", "mend it")
    tree = ENVIRONMENT.parse(piece.source)
    if meta.find_undeclared_variables(tree) != piece.names or next(tree.find_all(_TOO_CLEVER), None) is not None:
        raise TemplateError(f"{name}.txt", key, "it is too clever", "name fields, and choose by if, elif and else")


def _check_prompt(shelf: Library, frame: Surround, channel: str, style: str, language: str) -> None:
    for point in ("r6-bail", "r8-attend"):  # there is news; we would like to talk
        for around in _frames(language):
            words = _written(shelf, "prompt", channel, style, [Item(point, {})], frame.name, around)
            _check_text(words, frame.name, channel, style, words.body, language)


def _check_block(shelf: Library, point: str, block: Block, language: str, told: list[Facts]) -> None:
    """Try a block on every sample that it was not tried on for another point (`told`)."""
    try:
        tried = list(samples(point, block))
    except KeyError:
        fault = f"nobody wrote a sample for {point}{f' ({block.form})' if block.form else ''}"
        raise TemplateError(
            f"{block.name}.txt", "update_points", fault, "write one in services/wording/samples.py"
        ) from None
    for facts in _for_readers(block, [facts | said_in(language, facts) for facts in tried]):
        if facts in told:
            continue
        told.append(facts)
        for around in _frames(language):
            item = [Item(point, facts)]
            words = _written(shelf, "news", block.channel, block.style, item, block.name, around)
            _check_text(words, block.name, block.channel, block.style, words.news, language)


def _for_readers(block: Block, tried: list[dict[str, Any]]) -> Iterator[Facts]:
    yield from tried
    for reader in _READERS[1:]:
        if "for_themselves" not in block.guards or reader["told_as"] != "parent_guardian":
            yield tried[0] | reader


def _frames(language: str) -> Iterator[Frame]:
    for frame in _FRAMES[language]:
        yield from (frame, replace(frame, no_voice=True))


def _written(shelf: Library, kind: Kind, channel: str, style: str, items: list[Item], name: str, frame: Frame) -> Words:
    try:
        return compose(shelf, kind, channel, style, shelf.language, items, frame, drafts=True)
    except CannotSay as refused:
        fault = f"a sample makes no message: {refused.text}"
        raise TemplateError(
            f"{name}.txt", "body", fault, "say what the sample gives, in words that may be said"
        ) from None
    except JinjaError as failed:
        raise TemplateError(f"{name}.txt", "body", f"a sample makes no message: {failed}", "mend it") from None


def _check_text(words: Words, name: str, channel: str, style: str, news: str, language: str) -> None:
    """The rendered text: nothing from the Never list, nothing told on a locked screen, and no harder than a child can read."""
    file = f"{name}.txt"
    if said := forbidden(words.body, channel=channel, style=style):
        raise TemplateError(file, "body", f"may not say {', '.join(said)}", "find other words")
    if words.subject is not None and (said := forbidden(preview(words.subject, words.body), style="neutral")):
        fault = f"a locked screen would show {', '.join(said)}"
        raise TemplateError(file, "body", fault, f"let the first {PREVIEW} characters say nothing")
    if words.parts > MOST_PARTS:
        raise TemplateError(file, "body", f"a sample makes {words.parts} parts", f"say it in at most {MOST_PARTS}")
    for text in (words.body, news):
        if (hard := _MEASURES[language](text)) is not None:
            raise TemplateError(file, "body", hard, "write shorter sentences and shorter words")


_MEASURES: Final[dict[str, Callable[[str], str | None]]] = {"en": too_hard, "cy": reading_welsh.too_hard}
"""How hard a text is to read, by language: each has a measure of its own."""


def _check_reasons(shelf: Library) -> None:
    """Every template has its script, and what has none says why."""
    by_machine = {point for point, _, _ in shelf.blocks}
    for point, script in scripts().items():
        if script.by_machine and point not in by_machine:
            raise TemplateError(
                "scripts", point, "no template says it", "give no_template, the reason, in place of why"
            )
        if not script.by_machine and point in by_machine:
            raise TemplateError(
                "scripts", point, "a template says it", "give why, when it is not used, in place of no_template"
            )
    if missing := by_machine - scripts().keys():
        raise TemplateError("scripts", min(missing), "there is no script", "write one for the person who tells it")
