"""`kept force` on a ledger: two names for what loosens, what waits is shown, and the backlog from before a force was live."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson

from schemas.editions.load import load_books
from services.clock import Clock
from services.ledger.connection import Pool
from services.scheduler.intake import Intake, Record
from services.scheduler.working_days import england_and_wales
from tests.cli import kept

NOW = datetime(2026, 3, 9, 10, 15, tzinfo=UTC)
CLOCK = Clock(datetime.now(UTC), NOW, 1.0)
HEAD = 'force = "staffs"\nname = "Staffs Police"\nlive_from = 2026-01-01T00:00:00Z\n'
LOOSER = HEAD + (
    '[[switch]]\nupdate_points = ["r6-bail*"]\noffence_classes = ["other"]\npeople = "standard"\nway = "automated"\n'
)


def settings(ledger_url: str) -> dict[str, str]:
    return {"KEPT_DATABASE_URL": ledger_url, "KEPT_CLOCK": CLOCK.describe()}


async def test_loosening_is_said_in_plain_sentences_and_waits(ledger_url: str, tmp_path: Path) -> None:
    """The first name is told what loosens and that a second must agree; `show` says what waits; the second name loads it."""
    own, file = settings(ledger_url), tmp_path / "staffs.toml"
    file.write_text(LOOSER)
    sentence = "r6-bail* for other, standard: from prompt to automated"
    first = await kept("force", "load", str(file), "--by", "Sam", settings=own)
    assert (first.status, sentence in first.out, "second person" in first.out) == (0, True, True)
    again = await kept("force", "load", str(file), "--by", "sam", settings=own)
    assert (again.status, "A second person" in again.err) == (1, True)
    shown = await kept("force", "show", "staffs", settings=own)
    assert (shown.status, shown.out) == (0, "")
    assert "careful default" in shown.err
    assert sentence in shown.err
    (line,) = (await kept("force", "show", "staffs", "--json", settings=own)).lines("force-show")
    assert (line["state"], line["proposed_by"], line["loosens"]) == ("waiting", "Sam", [sentence])
    assert "runs on these rules now" in (await kept("force", "load", str(file), "--by", "Alex", settings=own)).out
    assert (await kept("force", "show", "staffs", settings=own)).out == LOOSER
    past = await kept("force", "show", "staffs", "--history", settings=own)
    assert all(word in past.out for word in ("in force", "Sam", "Alex", sentence))
    file.write_text(LOOSER.replace("r6-bail*", "r6-bale*"))
    wrong = await kept("force", "load", str(file), "--by", "Sam", settings=own)
    assert wrong.status == 1
    assert (
        f"{file}: switch[0].update_points[0]: no book has an update point r6-bale*; did you mean r6-bail" in wrong.err
    )


def _event(kind: str, day: str, data: dict[str, object], case: str) -> bytes:
    at = f"{day}T10:00:00+00:00"
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{case}-{kind}-{day}",
            "source": "/force/staffs/rms",
            "type": kind,
            "subject": case,
            "time": at,
            "knownat": at,
            "data": data,
        }
    )


async def test_pr22_the_backlog_is_a_list_and_nothing_is_sent(pool: Pool, ledger_url: str, tmp_path: Path) -> None:
    """PR22: what is owed from before `live_from` is listed with how late it is, and neither stored nor sent."""
    own, file = settings(ledger_url), tmp_path / "staffs.toml"
    assert "no live_from" in (await kept("force", "backlog", "staffs", settings=own)).err
    file.write_text(HEAD)
    assert (await kept("force", "load", str(file), "--by", "Sam", settings=own)).status == 0
    assert "Nothing is owed" in (await kept("force", "backlog", "staffs", settings=own)).out
    phone = {"id": "c1", "channel": "sms", "value": "07700 900001", "safe": True}
    events = []
    for case in ("case-1", "case-2"):
        person: dict[str, object] = {
            "person": f"v-{case}",
            "roles": ["victim"],
            "born": "1980-05-01",
            "contacts": [phone],
        }
        events.append(_event("person.recorded", "2025-12-01", person, case))
        events.append(_event("crime.recorded", "2025-12-01", {"offence_classes": ["other"]}, case))
        events.append(_event("suspect.arrested", "2025-12-08", {"suspect": "s1", "where": "custody"}, case))
    told = {"person": "v-case-2", "update_points": ["r6-arrest"], "how": "phone", "by": "Jo", "substantive": True}
    events.append(_event("contact.made", "2025-12-09", told, "case-2"))
    intake = Intake(pool, CLOCK, load_books(), england_and_wales())
    await intake.apply([Record("t", 0, place, None, value) for place, value in enumerate(events)])
    lines = (await kept("force", "backlog", "staffs", "--json", settings=own)).lines("force-backlog")
    arrests = [line for line in lines if line["update_point"] == "r6-arrest"]
    assert [(line["case"], line["person"], line["due_at"][:10]) for line in arrests] == [
        ("case-1", "v-case-1", "2025-12-09")
    ]
    assert arrests[0]["days_late"] == 90
    assert {line["case"] for line in lines} <= {"case-1", "case-2"}
    counts = await pool.fetchrow(
        "select (select count(*) from updates where update_point = 'r6-arrest') as updates,"
        " (select count(*) from messages) as messages"
    )
    assert counts is not None
    assert tuple(counts) == (0, 0)
    table = await kept("force", "backlog", "staffs", settings=own)
    assert "case-1" in table.out
