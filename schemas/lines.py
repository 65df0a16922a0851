"""Events in a file: one JSON object a line, one array of objects, or a single object over several lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

import orjson

from schemas.envelope import BadEvent, ReadEvent, read_event

_SPACE: Final = " \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class LineResult:
    """One event of a file: where it starts, its bytes, and either what was read or what is wrong with it."""

    line: int  # from 1
    value: bytes
    read: ReadEvent | None
    problem: BadEvent | None


def check_lines(lines: Iterable[bytes]) -> Iterator[LineResult]:
    """Read every event of a file that is given line by line; blank lines are passed over.

    JSON lines are read as they come; an array, or one object over several lines, is read whole.
    """
    numbered: Iterator[tuple[int, bytes]] = ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    start, first = next(numbered, (0, b""))
    if not first:
        return
    first = first.removeprefix(_BOM)
    if first.lstrip().startswith(b"["):
        yield from _array(_joined(start, first, numbered), start)
        return
    if not _is_json(first):
        others = list(numbered)
        whole = _joined(start, first, others)
        if _is_json(whole):
            yield _result(start, whole.strip())
            return
        numbered = iter(others)
    for number, line in chain([(start, first)], numbered):
        yield _result(number, line.strip())


def _joined(start: int, first: bytes, rest: Iterable[tuple[int, bytes]]) -> bytes:
    """The lines as one text, with the blank ones put back so that lines can be counted in it."""
    parts, last = [first], start
    for number, line in rest:
        parts += [b"\n"] * (number - last - 1) + [line]
        last = number
    return b"".join(parts)


def _result(line: int, value: bytes) -> LineResult:
    try:
        return LineResult(line, value, read_event(value), None)
    except BadEvent as problem:
        return LineResult(line, value, None, problem)


def _is_json(value: bytes) -> bool:
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True


def _array(value: bytes, first_line: int) -> Iterator[LineResult]:
    """Each element of an array with the line on which it starts. Where the array itself is broken, reading stops there."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        line = first_line + value.count(b"\n", 0, error.start)
        yield _broken(line, "not_utf8", "write the file in UTF-8; a byte of this line is not")
        return
    decode = json.JSONDecoder().raw_decode
    at, line, counted = text.index("[") + 1, first_line, 0
    at = _past_space(text, at)
    if text.startswith("]", at):
        yield from _after(text, at + 1, first_line)
        return
    while True:
        line, counted = line + text.count("\n", counted, at), at
        try:
            _, end = decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            yield _broken(line, "not_json", "send valid JSON; the event that starts here cannot be read")
            return
        yield _result(line, text[at:end].encode())
        at = _past_space(text, end)
        if text.startswith("]", at):
            yield from _after(text, at + 1, first_line)
            return
        if not text.startswith(",", at):
            line += text.count("\n", counted, at)
            yield _broken(line, "not_json", "put a comma between the events of an array, and a ] after the last")
            return
        at = _past_space(text, at + 1)


def _after(text: str, at: int, first_line: int) -> Iterator[LineResult]:
    at = _past_space(text, at)
    if at < len(text):
        yield _broken(first_line + text.count("\n", 0, at), "not_json", "leave out what follows the array's ]")


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _broken(line: int, reason: str, remedy: str) -> LineResult:
    return LineResult(line, b"", None, BadEvent(reason, "", remedy))
