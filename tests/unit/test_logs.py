"""Logs: one JSON object a line, ids only, and nothing of a person even when a library or an exception quotes one."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services import logs


class Lines:
    """What a piece of code writes to standard error with logging set up on it."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.text = ""

    @contextmanager
    def written(self) -> Iterator[Lines]:
        root = logging.getLogger()
        before, level = root.handlers[:], root.level
        logs.configure("debug", "test")
        try:
            yield self
        finally:
            root.handlers[:] = before
            root.setLevel(level)
            self.text = self._capsys.readouterr().err

    def objects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Standard error, line by line."""
    return Lines(capsys)


def test_a_line_is_one_object_with_its_service(lines: Lines) -> None:
    """A constant name and ids as fields."""
    with lines.written():
        logs.get("somewhere").info("update_planned", update="u-1")
    (line,) = lines.objects()
    assert (line["event"], line["update"], line["service"], line["level"]) == ("update_planned", "u-1", "test", "info")


@pytest.mark.parametrize(
    "text", ["+447700900123", "07700 900123", "0044 7700 900123", "jo@staffs.example", "sent to <jo@staffs.example>"]
)
def test_s27_what_looks_like_a_contact_is_blotted_out(lines: Lines, text: str) -> None:
    """A net below the rule that nobody logs contacts."""
    with lines.written():
        logs.get("somewhere").info("something", detail=text)
    out = lines.text
    assert "900123" not in out
    assert "jo@" not in out


def test_ids_and_times_are_left_alone(lines: Lines) -> None:
    """A UUID or an instant is no telephone number."""
    name = "0f8fad5b-d9cb-469f-a165-708677289501"
    with lines.written():
        logs.get("somewhere").info("something", update=name, at="2026-03-09T10:15:00Z")
    (line,) = lines.objects()
    assert (line["update"], line["at"]) == (name, "2026-03-09T10:15:00Z")


def test_s27_an_exception_is_logged_by_type_only(lines: Lines) -> None:
    """Its text may quote a name that no pattern finds."""
    with lines.written():
        logs.get("somewhere").error("something_failed", exc_info=ValueError("Canary Birdsong of 1 Sample Street"))
    (line,) = lines.objects()
    assert line["error"] == "ValueError"
    assert "Canary" not in json.dumps(line)


def test_s27_a_librarys_text_is_not_passed_on(lines: Lines) -> None:
    """The text provider's client prints numbers at INFO and the broker's client prints whole records on errors."""
    with lines.written():
        logging.getLogger("twilio.http_client").info("To=%s", "+447700900123")
        logging.getLogger("aiokafka.consumer").error("bad record: %s", "Canary Birdsong")
    (line,) = lines.objects()
    assert (line["event"], line["library"]) == ("library_error", "aiokafka.consumer")
    assert "Canary" not in json.dumps(line)


def test_s28_a_value_with_line_breaks_stays_one_line(lines: Lines) -> None:
    """Nobody forges a line by what they type."""
    with lines.written():
        logs.get("somewhere").info("something", id='x"}\n{"event":"forged"}\x1b[31m')
    (line,) = lines.objects()
    assert line["event"] == "something"
