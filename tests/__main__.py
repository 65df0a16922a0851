"""Run every tier on one broker and one database, and say what ran: `python -m tests [TIER ...]`.

The servers are those that `KEPT_TEST_KAFKA` and `KEPT_TEST_DATABASE_URL` name, or embedded ones started here once. A skipped
test fails the run: a tier that did not run proves nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent
TIERS = {
    "unit": "pure decisions, properties and tables",
    "contract": "shapes, and far ends against what they stand for",
    "integration": "real PostgreSQL and Kafka, in process and as processes",
    "faults": "processes killed, servers gone, answers lost",
    "e2e": "the whole road, as a person runs it",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one tier."""

    tier: str
    passed: int
    failed: int
    skipped: int
    seconds: float


async def run_tier(tier: str, environment: dict[str, str]) -> Ran:
    """Run one tier in a process of its own, its output passed through."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pytest", str(ROOT / tier), "-q", f"--junitxml={report}", env=environment
        )
        status = await process.wait()
        seconds = time.monotonic() - started
        if not report.exists():
            return Ran(tier, 0, 1, 0, seconds)
        suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314  # our own pytest wrote it a moment ago
        assert suite is not None
        count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = count["failures"] + count["errors"]
        passed = count["tests"] - failed - count["skipped"]
        return Ran(tier, passed, failed or int(status not in {0, 5}), count["skipped"], seconds)


async def main(tiers: list[str]) -> int:
    """Run the tiers in order; the exit status is 1 if anything failed, was skipped or did not run."""
    console = Console()
    environment = dict(os.environ)
    async with AsyncExitStack() as stack:
        if not (environment.get("KEPT_TEST_KAFKA") and environment.get("KEPT_TEST_DATABASE_URL")):
            from services.sandbox.embedded import embedded  # noqa: PLC0415  # only a run without named servers needs it

            servers = await stack.enter_async_context(embedded(temporary=True))
            environment.setdefault("KEPT_TEST_KAFKA", servers.kafka_bootstrap)
            environment.setdefault("KEPT_TEST_DATABASE_URL", servers.admin_url)
        ran = []
        for tier in tiers:
            console.rule(f"[bold]{tier}[/]: {TIERS[tier]}")
            ran.append(await run_tier(tier, environment))
    table = Table(title="Tiers")
    for name in ("tier", "passed", "failed", "skipped", "seconds"):
        table.add_column(name, justify="left" if name == "tier" else "right")
    for one in ran:
        table.add_row(
            one.tier, str(one.passed), str(one.failed), str(one.skipped), f"{one.seconds:.1f}",
            style="red" if one.failed or one.skipped or not one.passed else "green",
        )  # fmt: skip
    console.print(table)
    passed, failed, skipped = (sum(getattr(one, name) for one in ran) for name in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return int(bool(failed or skipped or any(not one.passed for one in ran)))


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(TIERS)
    unknown = sorted(set(wanted) - set(TIERS))
    if unknown:
        sys.exit(f"there is no tier {', '.join(unknown)}; the tiers are {', '.join(TIERS)}")
    sys.exit(asyncio.run(main(wanted)))
