"""The worked dates, every row, through `explain`: the table is `worked_dates.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.scheduler.explaining import assessed, codes, crime, lines, record, victim

ROWS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "worked_dates.toml").read_text("utf-8"))["row"]
NUMBERS = {"1", "2", "3", "5", "8", "10", "11", "13", "15", "17", "18", "19", "21", "22", "24", "26", "28", "29", "30"}
NUMBERS |= {"31", "32", "33", "36", "37", "39", "41"}


def tries() -> Iterator[Any]:
    """Each row for each kind of person that it is about."""
    for row in ROWS:
        own = any("own" in owed for owed in row["owes"])
        for status in ("own",) if own else ("standard", "enhanced"):
            yield pytest.param(row, status, id=f"{row['number']}-{status}")


def story(row: Mapping[str, Any], status: str) -> list[dict[str, Any]]:
    """The events of a row."""
    found = [crime(row.get("crime_at", "2015-01-05 09:00"), *row.get("classes", ())), victim(**row.get("person", {}))]
    if status != "own":
        found.append(assessed(enhanced=status == "enhanced"))
    for event in row.get("event", ()):
        times = {name: event[name] for name in ("known", "received") if name in event}
        found.append(record(event["id"], event["type"], event["at"], event["data"], **times))
    return found


def test_every_row_is_there() -> None:
    """No worked date was left out of the table."""
    assert {row["number"].partition("-")[0] for row in ROWS} == NUMBERS


@pytest.mark.parametrize(("row", "status"), list(tries()))
def test_worked_dates(row: Mapping[str, Any], status: str) -> None:
    """What a row owes, with its dates; and what it must not raise or send."""
    found = lines(story(row, status), as_of=row.get("as_of"))
    for owed in row["owes"]:
        event = owed.get("event_id")
        mine = [
            line for line in found if line["update_point"] == owed["update_point"] and event in {None, line["event_id"]}
        ]
        if event is None and "days" not in owed:
            mine = mine[-1:]  # of a rule that is raised anew, such as a cadence, the one that counts
        assert mine, [(line["update_point"], line["event_id"]) for line in found]
        if "days" in owed:
            assert sorted(line["due_on"] for line in mine) == owed["days"]
        for line in mine:
            wanted = {**owed.get("both", {}), **owed.get(status, {})}
            assert set(wanted.pop("codes", ())) <= set(codes(line))
            assert {name: line[name] for name in wanted} == {
                name: None if value == "none" else value for name, value in wanted.items()
            }
    assert {line["update_point"] for line in found}.isdisjoint(row.get("absent", ()))
    stopped = [line for line in found if line["update_point"] in row.get("stopped", ())]
    assert {line["state"] for line in stopped} <= {"withdrawn"}
    assert bool(stopped) == bool(row.get("stopped"))
