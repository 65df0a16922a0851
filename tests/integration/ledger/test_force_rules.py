"""A force's rules in the ledger: kept with history, audited, and every case of the force planned again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.ledger import audit
from services.ledger.connection import Pool
from services.ledger.force_history import ForceError, history, load_rules
from services.ledger.force_rules import rules_of

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
TOML = 'force = "staffs"\nname = "Staffs Police"\nlive_from = 2026-01-01T00:00:00Z\n'


async def test_a_file_is_kept_and_read_back(pool: Pool) -> None:
    """The newest revision is in force, the one before it is kept, and a force without one runs on the careful default."""
    async with pool.acquire() as connection:
        await load_rules(connection, TOML, "sam", NOW)
        await load_rules(connection, TOML + "[cadence]\ndays = 14\n", "alex", NOW + timedelta(days=1))
        rules = await rules_of(connection, ["staffs", "leics"])
        kept = await connection.fetch("select revision, loaded_by, loaded_at from force_rules order by revision")
    assert rules["staffs"].cadence_days == 14
    assert (rules["leics"].loaded, rules["leics"].cadence_days) == (False, 28)
    assert [tuple(row) for row in kept] == [(1, "sam", NOW), (2, "alex", NOW + timedelta(days=1))]


async def test_loading_is_audited(pool: Pool) -> None:
    """Who loaded which revision stands in the chain, which still verifies."""
    async with pool.acquire() as connection:
        await load_rules(connection, TOML, "sam", NOW)
        entry = await connection.fetchrow("select stream, action, force, actor, data from audit_entry")
        assert (await audit.verify(connection)).ok
    assert entry is not None
    assert (entry["stream"], entry["action"], entry["force"], entry["actor"]) == (
        audit.STREAMS["people"],
        "force.loaded",
        "staffs",
        "sam",
    )
    assert '"revision":1' in entry["data"]


async def test_every_case_of_the_force_is_planned_again(pool: Pool) -> None:
    """Loading asks for all cases of that force and of no other, and wakes the scheduler."""
    woken = asyncio.Event()

    def wake(*_: object) -> None:
        woken.set()

    async with pool.acquire() as listener, pool.acquire() as connection:
        await listener.add_listener("kept_replan", wake)
        await connection.execute(
            "insert into case_file (force, case_id) values ('staffs', 'case-1'), ('staffs', 'case-2'), ('leics', 'case-1')"
        )
        await load_rules(connection, TOML, "sam", NOW)
        asked = await connection.fetch("select force, case_id from replan order by case_id")
        async with asyncio.timeout(5):
            await woken.wait()
        await listener.remove_listener("kept_replan", wake)
    assert [tuple(row) for row in asked] == [("staffs", "case-1"), ("staffs", "case-2")]


async def test_two_loads_at_once_take_their_turn(pool: Pool) -> None:
    """Loads at the same time become one revision after the other; neither fails and none is lost."""

    async def load(name: str) -> None:
        async with pool.acquire() as connection:
            await load_rules(connection, TOML, name, NOW)

    await asyncio.gather(load("sam"), load("alex"), load("jo"))
    assert [row[0] for row in await pool.fetch("select revision from force_rules order by revision")] == [1, 2, 3]


async def test_a_bad_file_leaves_nothing(pool: Pool) -> None:
    """A file that is refused is not kept, not audited, and plans nothing."""
    async with pool.acquire() as connection:
        with pytest.raises(ValueError, match="colour"):
            await load_rules(connection, TOML + "colour = 1\n", "sam", NOW)
    assert await pool.fetchval("select (select count(*) from force_rules) + (select count(*) from audit_entry)") == 0


LOOSER = TOML + (
    '[[switch]]\nupdate_points = ["r6-bail*"]\noffence_classes = ["other"]\npeople = "standard"\nway = "automated"\n'
)


async def test_loosening_takes_two_names(pool: Pool) -> None:
    """A file that loosens waits for a second person with the same file; the same name twice is refused."""
    async with pool.acquire() as connection:
        await load_rules(connection, TOML, "sam", NOW)
        first = await load_rules(connection, LOOSER, "sam", NOW)
        assert (first.revision, first.loosens) == (None, ("r6-bail* for other, standard: from prompt to automated",))
        with pytest.raises(ForceError, match="second person"):
            await load_rules(connection, LOOSER, " Sam ", NOW)
        assert not (await rules_of(connection, ["staffs"]))["staffs"].switches[-1].own
        shown = await history(connection, "staffs")
        second = await load_rules(connection, LOOSER, "alex", NOW)
        assert (await rules_of(connection, ["staffs"]))["staffs"].switches[-1].own
        done = await history(connection, "staffs")
        actions = await connection.fetch("select action, actor from audit_entry order by index")
        assert (await audit.verify(connection)).ok
    assert [(line["state"], line["revision"], line["proposed_by"]) for line in shown] == [
        ("waiting", None, "sam"),
        ("in_force", 1, None),
    ]
    assert (second.revision, second.proposed_by) == (2, "sam")
    assert [(line["state"], line["proposed_by"], line["loaded_by"]) for line in done] == [
        ("in_force", "sam", "alex"),
        ("past", None, "sam"),
    ]
    assert [tuple(row) for row in actions] == [
        ("force.loaded", "sam"),
        ("force.proposed", "sam"),
        ("force.loaded", "alex"),
    ]


async def test_another_file_is_a_new_proposal(pool: Pool) -> None:
    """A changed file starts again with its first name; a file that loosens nothing takes effect and ends what waited."""
    changed = LOOSER + "[caps]\ncontact_per_day = 2\nparts_per_day = 9\n"
    async with pool.acquire() as connection:
        assert (await load_rules(connection, LOOSER, "sam", NOW)).revision is None
        assert (await load_rules(connection, changed, "alex", NOW)).revision is None
        assert (await load_rules(connection, LOOSER, "jo", NOW)).revision is None
        assert (await load_rules(connection, TOML, "jo", NOW)).revision == 1
        assert (await load_rules(connection, LOOSER, "alex", NOW)).revision is None
        ends = await connection.fetch(
            "select proposed_by, closed_how from force_proposal order by proposed_by, closed_how"
        )
    assert [tuple(row) for row in ends] == [
        ("alex", "replaced"),
        ("alex", None),
        ("jo", "replaced"),
        ("sam", "replaced"),
    ]
