"""Two schedulers and two dispatchers at once, while one more joins and one is killed: everybody is told once."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import eventually
from tests.road import road


async def test_r05_r06_two_of_each_with_a_joiner_and_a_death_tell_everybody_once(
    kafka: str, prefix: str, ledger_url: str, tmp_path: Path
) -> None:
    """R05, R06: cases keep coming while the group changes twice; no update is lost, none doubled, and the audit holds."""
    async with road(kafka, ledger_url, prefix, tmp_path) as whole:
        await whole.start("scheduler", "scheduler-2", "dispatcher", "dispatcher-2", "receipts")
        first = whole.some("before", 24)
        await whole.publish(*first)

        async def some_are_told() -> bool:
            return await whole.told(first) >= 6

        await eventually(some_are_told, every=0.01)
        # A third scheduler joins and cases come while the group changes hands.
        await whole.run.start("scheduler-3", "scheduler")
        await whole.publish(*whole.some("joining", 20))
        await whole.run.ready("scheduler-3")
        await whole.publish(*whole.some("after", 12))
        await whole.kill("scheduler")
        # The same events again, to whoever has the partitions now.
        again = [event for case in first for event in case.events]
        await whole.put(*again)
        await whole.publish(*whole.some("killed", 12))
        await whole.quiet()
        assert await whole.problems() == []
        assert await whole.told() == 68
        assert {
            name: status for name, status in (await whole.run.stop()).items() if name != "scheduler"
        } == dict.fromkeys(("scheduler-2", "scheduler-3", "dispatcher", "dispatcher-2", "receipts"), 0)
