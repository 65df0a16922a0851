"""A rival edition tried over the cases of a ledger: what would be otherwise is printed, and nothing is stored or sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson

from schemas.editions.load import FOLDER, load_books
from services.clock import Clock
from services.ledger.connection import Pool
from services.scheduler.intake import Intake, Record
from services.scheduler.working_days import england_and_wales
from tests.cli import kept

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
CLOCK = Clock(datetime.now(UTC), NOW, 1.0)


def _event(kind: str, case: str, at: str, data: dict[str, object]) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{case}-{kind}",
            "source": "/force/staffs/rms",
            "type": kind,
            "subject": case,
            "time": at,
            "knownat": at,
            "data": data,
        }
    )


async def test_6_22_a_rival_is_computed_over_real_cases_and_never_acted_on(
    pool: Pool, ledger_url: str, tmp_path: Path
) -> None:
    """6.22: two cases in the ledger, both arrests due sooner by the rival; every row of the ledger is as it was."""
    settings = {"KEPT_DATABASE_URL": ledger_url, "KEPT_CLOCK": CLOCK.describe()}
    events = [
        event
        for case in ("case-1", "case-2")
        for event in (
            _event("person.recorded", case, "2026-03-09T10:00:00+00:00", {"person": f"{case}-v", "roles": ["victim"]}),
            _event(
                "needs_assessment.completed",
                case,
                "2026-03-09T10:05:00+00:00",
                {"person": f"{case}-v", "enhanced": False},
            ),
            _event("suspect.arrested", case, "2026-03-09T10:15:00+00:00", {"suspect": "s1"}),
        )
    ]
    intake = Intake(pool, CLOCK, load_books(), england_and_wales())
    await intake.apply([Record("events", 0, number, None, value) for number, value in enumerate(events)])
    everything = (
        "select (select md5(string_agg(u::text, '|' order by u.id)) from updates u),"
        " (select count(*) from messages), (select count(*) from audit_entry)"
    )
    before = await pool.fetch(everything)
    rival = tmp_path / "rival.toml"
    text = (FOLDER / "vc-2020.toml").read_text("utf-8").replace('id = "vc-2020"', 'id = "vc-2027"')
    rival.write_text(text.replace("standard = { working_days = 5 }", "standard = { working_days = 3 }"), "utf-8")
    found = await kept("editions", "diff", "--shadow", str(rival), "--json", settings=settings)
    assert found.status == 0
    changes = [line for line in found.lines("editions-diff") if line["what"] != "rule"]
    assert [
        (line["case"], line["person"], line["rule"], line["what"], line["old"], line["new"]) for line in changes
    ] == [
        ("case-1", "case-1-v", "r6-arrest", "due_moves", "2026-03-16", "2026-03-12"),
        ("case-2", "case-2-v", "r6-arrest", "due_moves", "2026-03-16", "2026-03-12"),
    ]
    assert await pool.fetch(everything) == before
