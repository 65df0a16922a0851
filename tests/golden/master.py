"""Reads the sample cases, explains them, and compares with what is checked in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from schemas.lines import check_lines
from services.sandbox.story import load_cases
from services.scheduler.explain import distinct, explain
from tests.unit.scheduler.explaining import BOOKS, CALENDAR, assessed, crime, instant, record, victim

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE / "explain"
_FORCE: Final = "staffs"
_WORDS: Final = frozenset({"title", "instrument", "sources"})
_OLD: Final = "2000-01-03 09:00"


def _sms(value: str) -> list[dict[str, Any]]:
    return [{"id": "c1", "channel": "sms", "value": value, "safe": True}]


PEOPLE: Final[Mapping[str, list[dict[str, Any]]]] = {
    "victim": [victim(_OLD), assessed(enhanced=False, at=_OLD)],
    "victim-witness": [victim(_OLD, roles=["victim", "witness"]), assessed(enhanced=False, at=_OLD)],
    "witness": [victim(_OLD, "w1", roles=["witness"], contacts=_sms("07700 900002"))],
    "relative": [victim(_OLD, "b1", roles=["bereaved_relative"], contacts=_sms("07700 900003"))],
    "business": [victim(_OLD, "f1", roles=["business_contact"], contacts=_sms("07700 900004"))],
    "child": [
        victim(_OLD, "k1", born="2012-05-01", contacts=[]),
        victim(_OLD, "p1", roles=["parent_guardian"], contacts=_sms("07700 900005"), **{"for": ["k1"]}),
    ],
}


def inputs() -> Iterator[tuple[str, list[bytes], str | None]]:
    """Every file of events: its name, its lines, and as of when it is explained."""
    for row in tomllib.loads((HERE / "cases.toml").read_text("utf-8"))["case"]:
        for year in row["years"]:
            name = row["name"] if year == 2026 else f"{row['name']}-{year}"
            as_of = row.get("as_of")
            yield name, list(_records(row, year)), None if as_of is None else _moved(as_of, year)
    for case in load_cases():
        yield case.id, [record.value + b"\n" for record in case.records], None


def expected(lines: Iterable[bytes], as_of: str | None) -> bytes:
    """What a file owes, a line an update, without sentences."""
    reads, _ = distinct(check_lines(lines))
    cases = explain(reads, BOOKS, CALENDAR, as_of=None if as_of is None else instant(as_of))
    return b"".join(_without_sentences(line) for case in cases for line in case.lines)


def write() -> None:
    """Write every file anew."""
    FOLDER.mkdir(exist_ok=True)
    names = set()
    for name, lines, as_of in inputs():
        names |= {f"{name}.jsonl", f"{name}.owes.jsonl"}
        (FOLDER / f"{name}.jsonl").write_bytes(b"".join(lines))
        (FOLDER / f"{name}.owes.jsonl").write_bytes(expected(lines, as_of))
    for path in FOLDER.iterdir():
        if path.name not in names:
            path.unlink()


def differences() -> list[tuple[str, str]]:
    """What is not as it stands in the folder: the name of a file, and what is wrong with it."""
    found: list[tuple[str, str]] = []
    names = set()
    for name, lines, as_of in inputs():
        names |= {f"{name}.jsonl", f"{name}.owes.jsonl"}
        for file, wanted in ((f"{name}.jsonl", b"".join(lines)), (f"{name}.owes.jsonl", expected(lines, as_of))):
            path = FOLDER / file
            if not path.exists():
                found.append((file, "it is not there"))
            elif path.read_bytes() != wanted:
                found.append((file, _first(path.read_bytes(), wanted)))
    return found + [(path.name, "no case has this name") for path in sorted(FOLDER.glob("*")) if path.name not in names]


def _records(row: Mapping[str, Any], year: int) -> Iterator[bytes]:
    case = {"case": row["name"]}
    people = [one for kind in row["people"] for one in PEOPLE[kind]]
    events = [{**one, "subject": row["name"]} for one in people]
    if people:
        at = _moved("2026-03-01 09:00", year)
        events.insert(0, {**crime(at, *row.get("classes", ())), "subject": row["name"]})
    for number, (at, kind, data, *received) in enumerate(_moved(row["event"], year), 1):
        court = kind.startswith("wcu.received.")
        said = {"occurred_on": at[:10], **data} if court else data
        name = "received" if court else "known"
        events.append(record(f"e{number}", kind, at, said, **case, **({name: received[0]} if received else {})))
    for event in events:
        yield orjson.dumps(event) + b"\n"


def _moved(value: Any, year: int) -> Any:
    """The same in another year: only what is dated 2026 moves."""
    if isinstance(value, dict):
        return {name: _moved(item, year) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, year) for item in value]
    return f"{year}{value[4:]}" if isinstance(value, str) and value.startswith("2026-") else value


def _first(before: bytes, now: bytes) -> str:
    """The first line that differs, by the names of what changed in it."""
    here, there = before.splitlines(), now.splitlines()
    for number, (one, other) in enumerate(zip(here, there, strict=False), 1):
        if one != other:
            old, new = orjson.loads(one), orjson.loads(other)
            changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
            about = new.get("update_point", new.get("type"))
            return f"line {number} ({about}): {', '.join(f'{key} {old.get(key)!r} -> {new.get(key)!r}' for key in changed)}"
    return f"{len(here)} lines are {len(there)}"


def _without_sentences(line: Mapping[str, Any]) -> bytes:
    kept = {name: value for name, value in line.items() if value not in (None, "", []) and name not in _WORDS}
    return orjson.dumps({**kept, "reasons": [reason["code"] for reason in line["reasons"]]}) + b"\n"
