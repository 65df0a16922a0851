"""The golden master of `explain`: what the sample cases owe is as it is checked in, and every update point is among it."""

from __future__ import annotations

import orjson

from schemas.editions.load import load_books
from tests.golden.master import FOLDER, differences


def test_the_sample_cases_owe_what_is_checked_in() -> None:
    """A change of any date, state, hold or id shows here; `python -m tests.golden --update` writes what was meant."""
    assert differences() == []


def test_every_update_point_appears() -> None:
    """Every rule of every book that ships is raised by some event of the sample cases."""
    owed = [orjson.loads(line) for path in FOLDER.glob("*.owes.jsonl") for line in path.read_bytes().splitlines()]
    points = {(edition.id, point) for edition in load_books().editions for point in edition.points}
    assert points - {(line["edition"], line["update_point"]) for line in owed} == set()
