"""Two schedulers and two dispatchers at once, while one more joins and one is killed: everybody is told once."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from services.ledger import audit
from tests.conftest import eventually
from tests.road import FORCE, road


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


async def test_people_of_several_cases_who_change_their_minds_are_told_of_each_once(
    kafka: str, prefix: str, ledger_url: str, tmp_path: Path
) -> None:
    """Two of each, every person in three cases, records in any order, and half of them want email instead in the middle.

    Whoever plans, releases or sends, locks the same people and cases as the others: each update is told by one message.
    """
    draw = random.Random(7)
    async with road(kafka, ledger_url, prefix, tmp_path) as whole:
        await whole.start("scheduler", "scheduler-2", "dispatcher", "dispatcher-2", "receipts")
        cases = [
            replace(
                whole.case(f"storm-{number}"),
                victim=f"person-{number % 12}",
                also=f"confirms.{number % 12}@example.org",
            )
            for number in range(36)
        ]
        cases = [replace(case, address=f"+447700900{300 + number % 12}") for number, case in enumerate(cases)]
        whole.cases[:] = cases
        records = [(case, event) for case in cases for event in case.events]
        draw.shuffle(records)
        half = len(records) // 2
        for case, event in records[:half]:
            await whole.put(event, key=f"{FORCE}/{case.id}".encode())
        now = whole.clock.now().isoformat()
        for case in cases[:6]:
            wish = {"person": case.person, "preference": {"channel": "email", "plain_wording": True}}
            changed = case.event("preference.changed", wish, time=now, knownat=now)
            await whole.put(changed, key=f"{FORCE}/{case.id}".encode())
        for case, event in records[half:]:
            await whole.put(event, key=f"{FORCE}/{case.id}".encode())
        await whole.quiet()
        told = await whole.rows(
            "select u.case_id, u.state, (select count(*) from message_update mu join messages m on m.id = mu.message_id"
            " join attempts a on a.message_id = m.id where mu.update_id = u.id and m.kind = 'news' and a.state = 'delivered')"
            " as news from updates u"
        )
        assert sorted((row["case_id"], row["state"], row["news"]) for row in told) == sorted(
            (case.id, "told", 1) for case in cases
        )
        bodies = [message.body for message in whole.twilio.accepted()] + [mail.body for mail in whole.box.messages]
        delivered = await whole.value("select count(*) from attempts where state = 'delivered'")
        assert len(bodies) == len(set(bodies)) == delivered
        assert {mail.to for mail in whole.box.messages}
        async with whole.pool.acquire() as connection:
            assert (await audit.verify(connection)).ok
        assert await whole.rows("select kind, text from alerts") == []
