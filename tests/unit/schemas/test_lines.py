"""Events in a file: which line each starts on, and what is wrong where."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from schemas.lines import LineResult, check_lines
from tests.unit.schemas.samples import EXAMPLES, record

GOOD = orjson.dumps(record())
BAD = orjson.dumps(record(subject=...))
PRETTY = EXAMPLES["suspect.arrested"]


def told(text: bytes) -> list[tuple[int, str]]:
    """The line of each event of a file with the type that was read, or the reason and field of what is wrong."""
    return [(result.line, _said(result)) for result in check_lines(text.splitlines(keepends=True))]


def _said(result: LineResult) -> str:
    assert (result.read is None) != (result.problem is None)
    if result.problem is not None:
        return f"{result.problem.reason} {result.problem.field}".strip()
    assert result.read is not None
    return result.read.event.type


READ = "suspect.arrested"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"\n \n\n", [], id="blank"),
        pytest.param(GOOD, [(1, READ)], id="one"),
        pytest.param(GOOD + b"\r\n\r\n" + GOOD + b"\n", [(1, READ), (3, READ)], id="blank-between"),
        pytest.param(b"\n\n" + GOOD, [(3, READ)], id="blank-before"),
        pytest.param(GOOD + b"\n" + BAD + b"\n" + GOOD, [(1, READ), (2, "bad_field subject"), (3, READ)], id="a-bad-one"),
        pytest.param(b"{\n" + GOOD, [(1, "not_json"), (2, READ)], id="a-broken-first"),
        pytest.param(b"oops\n\n" + GOOD, [(1, "not_json"), (3, READ)], id="words-first"),
        pytest.param(GOOD + b"\n[" + GOOD + b"]", [(1, READ), (2, "not_cloudevent")], id="a-list-on-a-line"),
        pytest.param(b"\xff\n" + GOOD, [(1, "not_utf8"), (2, READ)], id="not-utf8"),
        pytest.param(b"\xef\xbb\xbf" + GOOD, [(1, READ)], id="byte-order-mark"),
        pytest.param(PRETTY, [(1, READ)], id="one-over-many-lines"),
        pytest.param(b"\n\n" + PRETTY + b"\n\n", [(3, READ)], id="one-over-many-lines-and-blanks"),
        pytest.param(b"[]", [], id="array-empty"),
        pytest.param(b" [ \n ] \n", [], id="array-empty-spread"),
        pytest.param(b"[" + GOOD + b"," + GOOD + b"]", [(1, READ), (1, READ)], id="array-on-a-line"),
        pytest.param(b"[\n" + GOOD + b"\n,\n\n" + BAD + b"]\n", [(2, READ), (5, "bad_field subject")], id="array-spread"),
        pytest.param(b"\n[\n" + PRETTY + b",\n" + PRETTY + b"]", [(3, READ), (3 + PRETTY.count(b"\n") + 1, READ)],
                     id="array-pretty"),
        pytest.param(b"[1,\n null]", [(1, "not_cloudevent"), (2, "not_cloudevent")], id="array-of-others"),
        pytest.param(b"[" + GOOD + b"\n" + GOOD + b"]", [(1, READ), (2, "not_json")], id="array-comma-missing"),
        pytest.param(b"[" + GOOD + b",\n]", [(1, READ), (2, "not_json")], id="array-comma-too-many"),
        pytest.param(b"[" + GOOD + b",\n{oops}\n]", [(1, READ), (2, "not_json")], id="array-broken-inside"),
        pytest.param(b"[" + GOOD, [(1, READ), (1, "not_json")], id="array-unfinished"),
        pytest.param(b"[" + GOOD + b"]\nmore", [(1, READ), (2, "not_json")], id="array-and-more"),
        pytest.param(b"[\n\xff]", [(2, "not_utf8")], id="array-not-utf8"),
        pytest.param(b"[" * 100_000, [(1, "not_json")], id="array-bottomless"),
    ],
)  # fmt: skip
def test_files(text: bytes, expected: list[tuple[int, str]]) -> None:
    """Each event of a file is told by the line on which it starts, and one bad event spoils no other."""
    assert told(text) == expected


def test_the_bytes_of_a_line_are_the_record() -> None:
    """What is published is what stood in the file, so that the same file names the same events with the same bytes."""
    lines = [result.value for result in check_lines([GOOD + b"  \n", b" " + BAD])]
    array = [result.value for result in check_lines([b"[ ", GOOD, b" ,\n", BAD, b"\n]"])]
    assert lines == array == [GOOD, BAD]


def test_lines_are_read_as_they_come() -> None:
    """A long file is not read whole before its first event is told."""

    def endless() -> Iterator[bytes]:
        yield GOOD + b"\n"
        yield BAD + b"\n"
        raise AssertionError("read too far")

    results = check_lines(endless())
    assert next(results).line == 1
    assert next(results).line == 2
