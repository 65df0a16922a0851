"""`python -m bench.explain`: how long `kept explain` takes from a cold start, where that time goes, and what one plan costs.

The case has 50 events, of many kinds that a case sees on its way from report to trial. Times are the best of several runs: on a
machine that does other work the rest measures the other work.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from bench.load import a_case
from schemas.editions.load import load_books
from schemas.envelope import ReadEvent
from schemas.lines import check_lines
from services.scheduler.explain import distinct, explain
from services.scheduler.plan import plan
from services.scheduler.working_days import england_and_wales

AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVENTS: Final = 50
_ROUNDS: Final = 7
_SHOWN: Final = 8
_COURSE: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("suspect.interviewed", {"suspect": "s-1", "where": "custody"}),
    ("suspect.released", {"suspect": "s-1", "mode": "bail", "return_on": "2026-04-02", "protects": ["p-1"]}),
    ("officer.note", {"text": "We are waiting for the laboratory.", "next_contact_on": "2026-04-01"}),
    ("contact.made", {"person": "p-1", "update_points": ["r6-bail"], "how": "phone", "by": "Jo", "substantive": True}),
    ("police_bail.conditions_changed", {"suspect": "s-1", "conditions": ["not to call"], "protects": ["p-1"]}),
    ("suspect.charged", {"suspect": "s-1", "charges": ["burglary"], "custody": "bail"}),
    ("wcu.received.hearing_listed", {"hearing": "h1", "listing": "fixed", "starts_at": "2026-09-14T10:00:00+01:00"}),
    ("wcu.received.attendance_required", {"person": "p-1", "hearing": "h1", "at": "2026-09-14T09:30:00+01:00"}),
    ("wcu.received.bail_outcome", {"suspect": "s-1", "outcome": "bailed"}),
    ("special_measures.decided", {"person": "p-1", "granted": True}),
)


def records(count: int = EVENTS) -> Iterator[bytes]:
    """One case of `count` events, as JSON lines."""
    made = 0
    for _, value in a_case(1, AT):
        made += 1
        yield value + b"\n"
    while made < count:
        kind, data = _COURSE[made % len(_COURSE)]
        at = (AT + timedelta(hours=6 * made)).isoformat()
        first = orjson.loads(next(a_case(1, AT))[1])
        made += 1
        named = {"id": f"1-{made}", "sequence": made, "type": kind, "time": at, "knownat": at, "data": data}
        yield orjson.dumps(first | named) + b"\n"


def reads(count: int = EVENTS) -> list[ReadEvent]:
    """The same, read."""
    found, problems = distinct(check_lines(records(count)))
    assert not problems
    return found


def cold(file: Path, rounds: int = _ROUNDS) -> tuple[float, float]:
    """Wall and processor seconds of `kept explain FILE --json` in a new process, the best of `rounds`."""
    command = [sys.executable, "-m", "services.cli", "explain", str(file), "--json"]
    wall = processor = float("inf")
    for _ in range(rounds):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = min(wall, time.perf_counter() - start)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        processor = min(processor, used)
    return wall, processor


def imports(file: Path) -> list[tuple[str, int]]:
    """Microseconds of import time by package, the slowest first, as `python -X importtime` has them."""
    command = [sys.executable, "-X", "importtime", "-m", "services.cli", "explain", str(file), "--json"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found: dict[str, int] = defaultdict(int)
    for line in said.splitlines():
        own, bar, rest = line.removeprefix("import time:").partition("|")
        if bar and own.strip().isdigit():
            found[rest.rpartition("|")[2].strip().partition(".")[0]] += int(own)
    return sorted(found.items(), key=lambda item: -item[1])


def microseconds(count: int, rounds: int = 20, plans: int = 20) -> float:
    """What one plan of a case of `count` events costs in processor time, the best of `rounds` of `plans` plans each."""
    books, calendar = load_books(), england_and_wales()
    (case,) = explain(reads(count), books, calendar)
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(plans):
            plan(case.known, books, calendar)
        best = min(best, (time.process_time() - start) / plans)
    return best * 1e6


def main() -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.jsonl"
        file.write_bytes(b"".join(records()))
        wall, processor = cold(file)
        print(
            f"kept explain, {EVENTS} events, cold: {wall * 1e3:.0f} ms, of which {processor * 1e3:.0f} ms of processor"
        )
        slowest = imports(file)
        print(f"importing: {sum(cost for _, cost in slowest) / 1e3:.0f} ms under -X importtime, of which")
        for name, cost in slowest[:_SHOWN]:
            print(f"  {name:<16} {cost / 1e3:6.0f} ms")
    for count in (4, 10, EVENTS):
        print(f"a plan of {count} events: {microseconds(count):.0f} us")


if __name__ == "__main__":
    main()
