"""`kept explain` as a person runs it: files and standard input, one case and several, what is wrong, and what it exits with."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.outputs import ExplainLine
from services.scheduler.plan.spoken import span
from tests.cli import Ran, kept
from tests.unit.scheduler.explaining import assessed, codes, crime, explained, lines, only, record, victim

ARREST = record("arrest", "suspect.arrested", "2026-03-09 10:15", {"suspect": "s1"})
CASE = [crime(), victim(), assessed(enhanced=False), ARREST]


def text(records: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON lines."""
    return b"".join(orjson.dumps(one) + b"\n" for one in records)


async def explain(given: bytes, *words: str) -> Ran:
    """Run the command on standard input."""
    return await kept("explain", "-", *words, settings={}, given=given)


@pytest.mark.parametrize("array", [False, True], ids=["json-lines", "array"])
async def test_json_has_the_published_shape(array: bool) -> None:
    """Every line has exactly the keys of the published schema, from JSON lines and from an array."""
    ran = await explain(orjson.dumps(CASE) if array else text(CASE), "--json")
    found = ran.lines("explain")
    assert (ran.status, ran.err) == (0, "")
    arrest = only(found, "r6-arrest")
    assert (arrest["right"], arrest["paragraph"], arrest["confidence"], arrest["status"]) == (6, None, "R", "active")
    assert (arrest["due_on"], arrest["person"], arrest["for"], arrest["kind"]) == ("2026-03-16", "v1", None, "news")
    assert ExplainLine.model_validate(arrest).channel == "sms"


async def test_people_read_a_story(tmp_path: Path) -> None:
    """What, for whom, by which rule with its confidence, due when and counted over which days, and why."""
    file = tmp_path / "case.jsonl"
    file.write_bytes(
        text([*CASE, record("lodged", "wcu.received.appeal_lodged", "2026-03-10 10:00", {"appeal": "a1"})])
    )
    ran = await kept("explain", str(file), settings={})
    assert ran.status == 0
    for said in (
        "case-1 of staffs",
        "r6-arrest  A suspect is arrested",
        "v1 (victim, standard), about suspect s1",
        "Victims' Code 2020, Right 6",
        "confidence R",
        "*unverified*",
        "Mon 16 Mar 2026 23:59 (standard Mon 16 Mar 2026, enhanced Tue 10 Mar 2026)",
        "Tue 10 Mar 2026, Wed 11 Mar 2026",
        "5 working days from Mon 9 Mar 2026 (day 0) to the end of Mon 16 Mar 2026",
    ):
        assert said in ran.out


async def test_without_a_person_event_one_victim_is_assumed() -> None:
    """`person` is null, they count as enhanced, nothing can be sent to them, and the output says so."""
    line = only((await explain(text([ARREST]), "--json")).lines("explain"), "r6-arrest")
    assert (line["person"], line["role"], line["due_on"], line["state"]) == (None, "victim", "2026-03-10", "held")
    assert {"no_contact", "assumed_victim"} <= set(codes(line))
    ran = await explain(text([ARREST]))
    assert "one adult victim is assumed" in ran.out


@pytest.mark.parametrize(
    ("kind", "data", "point"),
    [
        ("police_bail.conditions_changed", {"suspect": "s1", "protects": ["v1"]}, "pace-bail-notify"),
        ("protective_order.made", {"order": "o1", "protects": ["v1"]}, "f-order-changed"),
        ("complaint.received", {"complaint": "k1", "person": "v1"}, "r12-complaint-ack"),
    ],
)
def test_whom_the_events_name_is_the_victim_who_is_assumed(kind: str, data: dict[str, Any], point: str) -> None:
    """The one person whom a file names, in whatever way, is whom it concerns."""
    assert only(lines([record("e1", kind, "2026-03-09 10:15", data)]), point)["person"] is None


async def test_bad_lines_are_named_and_the_rest_explained() -> None:
    """Exit 1; each bad line with field and remedy; the good ones explained."""
    same_name = {**ARREST, "data": {"suspect": "s9"}}
    ran = await explain(text([*CASE[:2], {**ARREST, "type": "suspect.arested"}, *CASE[2:], same_name]), "--json")
    assert ran.status == 1
    assert [line.partition(":")[0] for line in ran.err.splitlines()] == ["line 3, type", "line 6, id"]
    assert only(ran.lines("explain"), "r6-arrest")["suspect"] == "s1"


async def test_beyond_the_holiday_list_it_exits_1() -> None:
    """No date is better than a wrong one, and the exit status says so."""
    late = record("arrest", "suspect.arrested", "2028-12-29 10:15", {"suspect": "s1"})
    ran = await explain(text([*CASE[:3], late]), "--json")
    line = only(ran.lines("explain"), "r6-arrest")
    assert (ran.status, line["due_on"], line["state"]) == (1, None, "held")
    assert "beyond_holiday_list" in codes(line)


@pytest.mark.parametrize(
    "words",
    [
        ("-", "--as-of", "yesterday"),
        ("-", "--as-of", "2026-03-09T10:15:00"),
        ("/no/such/file.jsonl",),
        ("-", "--force", "/no/such/force.toml"),
        (),
    ],
)
async def test_misused_it_exits_2(words: tuple[str, ...]) -> None:
    """A wrong instant, no file, a file that is not there."""
    assert (await kept("explain", *words, settings={}, given=text(CASE))).status == 2


async def test_a_force_file_with_an_error_exits_1(tmp_path: Path) -> None:
    """The sentence names file and key."""
    file = tmp_path / "force.toml"
    file.write_text('force = "staffs"\nname = "Staffs"\nlive_from = 2026-01-01T00:00:00Z\n[cadence]\ndays = "often"\n')
    ran = await explain(text(CASE), "--force", str(file))
    assert ran.status == 1
    assert "force.toml: cadence.days" in ran.err


async def test_a_forces_own_rules_are_used_and_live_from_is_not(tmp_path: Path) -> None:
    """A force that has a person tell arrests holds them, also in events from before it was live."""
    file = tmp_path / "force.toml"
    file.write_text(
        'force = "staffs"\nname = "Staffs"\nlive_from = 2027-01-01T00:00:00Z\n'
        '[senders]\nplain = "+447700900001"\ntelephone = "01632 960123"\n'
        '[[switch]]\nupdate_points = ["r6-arrest"]\npeople = "any"\nway = "person"\n'
    )
    line = only((await explain(text(CASE), "--force", str(file), "--json")).lines("explain"), "r6-arrest")
    assert (line["state"], line["send_at"]) == ("held", None)
    assert "person_way" in codes(line)
    ran = await explain(text([{**ARREST, "source": "/force/other/rms"}]), "--force", str(file))
    assert "the events of other are explained with the rules that ship" in ran.err


async def test_of_nothing_nothing_is_owed() -> None:
    """An empty file, and events that owe nothing yet."""
    assert (await explain(b"")).err == "Nothing is owed by these events.\n"
    ran = await explain(text(CASE), "--as-of", "2000-01-01T00:00:00Z", "--json")
    assert (ran.status, ran.out) == (0, "")


def test_as_of_only_what_was_known_by_then_counts() -> None:
    """An event that the force knew later is not there yet; what reached it late is."""
    later = record(
        "again",
        "needs_assessment.changed",
        "2026-03-09 12:00",
        {"person": "v1", "enhanced": True},
        known="2026-03-12 09:00",
    )
    assert only(lines([*CASE, later], as_of="2026-03-11 09:00"), "r6-arrest")["due_on"] == "2026-03-16"
    assert only(lines([*CASE, later], as_of="2026-03-12 09:00"), "r6-arrest")["due_on"] == "2026-03-10"
    assert only(lines([*CASE, later]), "r6-arrest")["due_on"] == "2026-03-10"


def test_several_cases_in_the_order_of_the_file() -> None:
    """Each case is planned by itself; a person's preference follows them across the cases of their force."""
    other = [{**one, "subject": "case-0", "id": f"{one['id']}-b"} for one in (CASE[0], CASE[3])]
    joined = record(
        "joins", "person.recorded", "2026-03-01 09:00", {"person": "v1", "roles": ["victim"]}, case="case-0"
    )
    quiet = record("quiet", "preference.changed", "2026-03-01 09:30", {"person": "v1", "opt_out": ["investigation"]})
    found = explained([*CASE, quiet, joined, *other])
    assert [(case.known.case, case.assumed) for case in found] == [("case-1", False), ("case-0", False)]
    for case in found:
        assert only(case.lines, "r6-arrest")["state"] == "declined"


def test_equal_numbers_in_any_spelling_are_one_number() -> None:
    """A number that a suspect has too is found however each was spelled, as the vault does."""
    suspect = victim(
        who="s1", roles=["suspect"], contacts=[{"id": "x", "channel": "phone", "value": "+44 (0)7700-900001"}]
    )
    line = only(lines([*CASE, suspect]), "r6-arrest")
    assert (line["state"], line["kind"]) == ("held", None)
    assert {"shared_contact", "contact_of_suspect"} & set(codes(line))


def test_what_goes_together_has_one_message() -> None:
    """`message` is the same for what goes in one, and its instant is the message's."""
    events = [*CASE[1:3], crime("2026-03-09 09:00")]
    found = [line for line in lines(events) if line["message"] is not None]
    assert len(found) > 1
    assert len({(line["message"], line["send_at"]) for line in found}) == 1


async def test_it_loads_no_database_and_no_broker() -> None:
    """The command answers on a machine that has neither, and does not wait for their libraries."""
    program = (
        "import io, sys; sys.argv = ['kept', 'explain', '-']; sys.stdin = io.TextIOWrapper(io.BytesIO())\n"
        "from services.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'asyncpg', 'aiokafka', 'sqlalchemy', 'aiohttp', 'structlog', 'rich'} & set(sys.modules)))"
    )
    ran = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    out, _ = await ran.communicate()
    assert out.decode().splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "no time"), (1, "1 minute"), (61, "1 hour 1 minute"), (1440, "1 day"), (4380, "3 days 1 hour")],
)
def test_spans_as_people_say_them(minutes: int, said: str) -> None:
    """The two largest units."""
    assert span(timedelta(minutes=minutes)) == said


def test_an_event_that_was_moved_is_owed_where_it_belongs() -> None:
    """A correction moves an arrest to another case: withdrawn here, owed there, as the scheduler has it."""
    there = [{**one, "subject": "case-2", "id": f"{one['id']}-2"} for one in CASE[:3]]
    moves = {"event": "arrest", "subject": "case-2", "reason": "typed into the wrong case"}
    found = explained([*CASE, *there, record("moves", "event.corrected", "2026-03-09 11:00", moves)])
    states = {case.known.case: only(case.lines, "r6-arrest")["state"] for case in found}
    assert states["case-2"] == "planned"
    assert states.get("case-1", "withdrawn") == "withdrawn"


def test_a_linked_cases_suspect_is_seen() -> None:
    """PR11: a number that a suspect of a linked case has is not used, and the suspect is told nothing."""
    suspect = record(
        "sus",
        "person.recorded",
        "2026-03-01 09:00",
        {"person": "x1", "roles": ["suspect"], "contacts": [{"id": "x", "channel": "sms", "value": "07700900001"}]},
        case="case-2",
    )
    linked = record("link", "case.linked", "2026-03-01 10:00", {"cases": ["case-2"]})
    assert only(lines([*CASE, suspect]), "r6-arrest")["state"] == "planned"
    line = only(lines([*CASE, suspect, linked]), "r6-arrest")
    assert (line["state"], line["kind"]) == ("held", None)
