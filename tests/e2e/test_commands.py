"""Every command of the reference, on a deployment that runs: its exit status, what it prints, and what it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import TOPICS
from services.sandbox.processes import free_port, listen
from tests.cli import Ran, kept, kept_process
from tests.conftest import eventually
from tests.road import FORCE, RULES, SOURCE, STARTS, Case, Road

COMMANDS: Final = {
    "migrate": (),
    "topics": ("create", "check"),
    "scheduler": (),
    "dispatcher": (),
    "receipts": (),
    "sandbox": (),
    "demo": (),
    "events": ("validate", "publish", "rejected", "waiting", "replay"),
    "updates": ("list", "show", "trial"),
    "holds": ("list", "take", "told", "decline", "back"),
    "alerts": ("list", "clear"),
    "audit": ("verify",),
    "force": ("load", "show", "backlog"),
    "brakes": ("show", "set", "lift"),
}


@pytest.fixture
def ledger(standing: Road) -> dict[str, str]:
    """The settings of a command that works on the ledger of the running deployment."""
    wanted = ("KEPT_DATABASE_URL", "KEPT_KAFKA_BOOTSTRAP", "KEPT_KAFKA_PREFIX")
    return {name: standing.settings[name] for name in wanted} | {"KEPT_CLOCK": standing.clock.describe()}


async def _one_told(standing: Road, name: str) -> Case:
    case = standing.case(name)
    await standing.publish(case)
    await standing.quiet()
    return case


async def _one_held(standing: Road, name: str) -> tuple[Case, str]:
    """A case of domestic abuse, which a person must tell; its update's id."""
    case = standing.case(name, offence="domestic_abuse")
    await standing.publish(case)
    await standing.quiet()
    found = await standing.value("select id::text from updates where case_id = $1 and state = 'held'", case.id)
    assert found
    return case, found


def _file(folder: Path, *events: bytes, name: str = "events.jsonl") -> str:
    path = folder / name
    path.write_bytes(b"\n".join(events) + b"\n")
    return str(path)


def _well(ran: Ran) -> Ran:
    """It did what it should: exit 0, and no complaint."""
    assert (ran.status, ran.err) == (0, ""), ran
    return ran


def _wrong(ran: Ran, status: int, *words: str) -> Ran:
    """It ended with a sentence that holds these words, and no trace."""
    assert ran.status == status, ran
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, ran
    return ran


# ---------------------------------------------------------------- which there are


async def test_help_names_every_command() -> None:
    """As a process: help exits 0 and names each; a word that is no command is misuse, and so is none at all."""
    told = _well(await kept_process("--help", settings={}))
    assert all(name in told.out for name in COMMANDS)
    assert (await kept_process("tell", settings={})).status == 2


@pytest.mark.parametrize("command", COMMANDS)
async def test_each_command_has_help_and_refuses_an_option_that_it_does_not_know(command: str) -> None:
    """`--help` exits 0; an unknown option is misuse: 2."""
    helped = _well(await kept(command, "--help", settings={}))
    for inner in COMMANDS[command]:
        assert inner in helped.out
        assert "--help" in _well(await kept(command, inner, "--help", settings={})).out
        assert (await kept(command, inner, "--no-such", settings={})).status == 2
    assert (await kept(command, "--no-such", settings={})).status == 2


# ---------------------------------------------------------------- settings


LEDGER_COMMANDS: Final = ("updates list", "holds list", "alerts list", "audit verify", "brakes show", "events rejected")


@pytest.mark.parametrize(
    "command", [*LEDGER_COMMANDS, "scheduler", "dispatcher", "receipts", "migrate", "topics check"]
)
async def test_a_setting_that_nobody_knows_stops_every_command(ledger: dict[str, str], command: str) -> None:
    """Exit 2, with a sentence that names it."""
    ran = await kept(*command.split(), settings=ledger | {"KEPT_DATABSE_URL": "x"})
    _wrong(ran, 2, "KEPT_DATABSE_URL is not a setting of any command")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KEPT_CLOCK", "tomorrow", "ANCHOR,START,RATE"),
        ("KEPT_LOG_LEVEL", "loud", "KEPT_LOG_LEVEL"),
        ("KEPT_ENVIRONMENT", "staging", "KEPT_ENVIRONMENT"),
        ("KEPT_CRASH_AT", "somewhere:1", "give POINT:N"),
        ("KEPT_LEASE_SECONDS", "0", "KEPT_LEASE_SECONDS"),
        ("KEPT_OPS_LISTEN", "8080", "HOST:PORT"),
        ("KEPT_KAFKA_SECURITY", "none", "KEPT_KAFKA_SECURITY"),
        ("KEPT_SHUTDOWN_SECONDS", "soon", "KEPT_SHUTDOWN_SECONDS"),
        ("KEPT_KAFKA_CA_FILE", "/no/such/file", "there is no such file"),
        ("KEPT_SECRETS_DIR", "/no/such/folder", "there is no such folder"),
    ],
)
async def test_a_wrong_setting_stops_a_service(ledger: dict[str, str], name: str, value: str, says: str) -> None:
    """Exit 2, with a sentence that names the setting and says what to give."""
    _wrong(await kept("scheduler", settings=ledger | {name: value}), 2, name, says)


async def test_a_service_says_everything_that_it_lacks_at_once() -> None:
    """As a process: exit 2, a line for each setting, and no value of any."""
    ran = _wrong(
        await kept_process("dispatcher", settings={}), 2, "KEPT_DATABASE_URL is missing", "KEPT_SMTP_HOST is missing"
    )
    assert ran.err.count("is missing: this command needs it") >= 8


async def test_settings_come_from_files_of_the_same_name(ledger: dict[str, str], tmp_path: Path) -> None:
    """`KEPT_SECRETS_DIR`: the database's URL in a file; a file that is no setting stops the start like a variable."""
    (tmp_path / "KEPT_DATABASE_URL").write_text(ledger["KEPT_DATABASE_URL"])
    settings = {"KEPT_SECRETS_DIR": str(tmp_path)}
    _well(await kept("updates", "list", "--json", settings=settings))
    (tmp_path / "KEPT_DATABASE_UR").write_text("x")
    _wrong(await kept("updates", "list", "--json", settings=settings), 2, "KEPT_DATABASE_UR is not a setting")


async def test_names_of_test_settings_are_passed_over(ledger: dict[str, str]) -> None:
    """`KEPT_TEST_*` belongs to whoever runs tests."""
    _well(await kept("updates", "list", "--json", settings=ledger | {"KEPT_TEST_WHATEVER": "1"}))


async def test_a_database_or_a_broker_that_is_not_there_is_told_in_a_sentence(ledger: dict[str, str]) -> None:
    """Exit 1, and not a word of the password."""
    url = f"postgresql://kept:hidden@127.0.0.1:{free_port()}/kept"
    ran = _wrong(await kept("updates", "list", settings=ledger | {"KEPT_DATABASE_URL": url}), 1, "cannot be reached")
    assert "hidden" not in ran.err + ran.out


async def test_a_port_that_is_taken_ends_the_service_with_a_sentence(standing: Road) -> None:
    """As a process: exit 1, naming the setting and the address."""
    with listen() as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = standing.settings | {"KEPT_OPS_LISTEN": address, "KEPT_CLOCK": standing.clock.describe()}
        for service in ("scheduler", "dispatcher", "receipts"):
            _wrong(await kept_process(service, settings=settings), 1, "KEPT_OPS_LISTEN", address, "in use")
    settings.pop("KEPT_OPS_LISTEN")  # the running receipts have theirs already
    _wrong(await kept_process("receipts", settings=settings), 1, "KEPT_RECEIPTS_LISTEN", "in use")


# ---------------------------------------------------------------- migrate, topics


async def test_migrate_may_run_again_and_marks_what_the_database_is_for(owner_url: str, ledger_url: str) -> None:
    """Exit 0 each time; the mark is written by the owner alone; without the owner's URL it is misuse."""
    settings = {"KEPT_DATABASE_OWNER_URL": owner_url, "KEPT_DATABASE_URL": ledger_url}
    for _ in range(2):
        assert "up to date" in _well(await kept("migrate", "--mark", "production", settings=settings)).out
    owner = await asyncpg.connect(owner_url)
    try:
        assert await owner.fetchval("select value from mark where name = 'environment'") == "production"
    finally:
        await owner.close()
    _wrong(await kept("migrate", settings={"KEPT_DATABASE_URL": ledger_url}), 2, "KEPT_DATABASE_OWNER_URL is missing")


@pytest.fixture
async def fresh_topics(standing: Road) -> AsyncIterator[str]:
    """A prefix whose topics are not there; they go at the end."""
    prefix = f"t{uuid4().hex[:10]}-"
    yield prefix
    admin = AIOKafkaAdminClient(bootstrap_servers=standing.bootstrap)
    await admin.start()
    await admin.delete_topics([topic.full_name(prefix) for topic in TOPICS])
    await admin.close()


async def test_topics_are_missed_made_and_found(ledger: dict[str, str], standing: Road, fresh_topics: str) -> None:
    """check 1, create 0, check 0, create again 0; a service refuses to start without them and names them."""
    settings = ledger | {"KEPT_KAFKA_PREFIX": fresh_topics}
    _wrong(await kept("topics", "check", settings=settings), 1, f"{fresh_topics}case-events", "kept topics create")
    missing = standing.settings | settings
    _wrong(await kept_process("scheduler", settings=missing), 1, f"{fresh_topics}updates-due", "kept topics create")
    _wrong(await kept_process("dispatcher", settings=missing), 1, f"{fresh_topics}updates-due", "kept topics create")
    assert f"{fresh_topics}delivery-status" in _well(await kept("topics", "create", settings=settings)).out
    _well(await kept("topics", "check", settings=settings))
    assert "All topics are there." in _well(await kept("topics", "create", settings=settings)).out


# ---------------------------------------------------------------- events


def _new_case() -> Case:
    return Case(f"file-{uuid4().hex[:6]}", "sms", "+447700900998", STARTS)


async def test_validate_names_line_field_and_remedy(tmp_path: Path) -> None:
    """Exit 0 for a good file, in lines or as an array or from standard input; 1 for a bad one, with a sentence a line."""
    case = _new_case()
    assert (
        "4 events would be accepted, 0"
        in _well(await kept("events", "validate", _file(tmp_path, *case.events), settings={})).out
    )
    array = b"[" + b",\n".join(case.events) + b"]"
    _well(await kept("events", "validate", "-", settings={}, given=array))
    bad = [
        case.events[0],
        b"{not json",
        case.event("suspect.arrestd", {}),
        case.event("person.recorded", {"person": "p", "contacts": [{"id": "c", "channel": "pigeon"}]}),
        case.event("suspect.arrested", {"suspect": "s"}, time="2026-03-09T10:00:00"),
        case.events[3],
    ]
    ran = _wrong(await kept("events", "validate", _file(tmp_path, *bad), settings={}), 1)
    lines = ran.err.splitlines()
    assert [line.split(":")[0].split(",")[0] for line in lines] == ["line 2", "line 3", "line 4", "line 5"]
    assert "did you mean suspect.arrested?" in lines[1]
    assert "data.contacts[0].channel" in lines[2]
    assert "sms, email, phone, letter" in lines[2]
    assert "time" in lines[3]
    assert "offset" in lines[3]
    assert "2 events would be accepted, 4 would be rejected." in ran.out
    _wrong(await kept("events", "validate", str(tmp_path / "none.jsonl"), settings={}), 1, "cannot be read")


async def test_publish_puts_a_whole_file_on_the_topic_or_nothing(
    ledger: dict[str, str], standing: Road, tmp_path: Path
) -> None:
    """A file with one bad event publishes nothing; the same file mended becomes an update that is told."""
    case = standing.case("published")
    path = _file(tmp_path, *case.events, b"{}")
    _wrong(await kept("events", "publish", path, settings=ledger), 1, "line 5", "Nothing was published")
    assert await standing.value("select count(*) from case_event where case_id = $1", case.id) == 0
    path = _file(tmp_path, *case.events)
    assert "Published 4 events." in _well(await kept("events", "publish", path, settings=ledger)).out
    await standing.quiet()
    assert await standing.told([case]) == 1


async def test_rejected_events_are_listed_and_replayed(ledger: dict[str, str], standing: Road) -> None:
    """A record that no version can read stays rejected; one that this version can is applied, once, by the same code."""
    case = standing.case("replayed")
    await standing.put(b"{}", key=f"{FORCE}/{case.id}".encode())

    async def rejected() -> list[Any]:
        return _well(await kept("events", "rejected", "--json", settings=ledger)).lines("events-rejected")

    await eventually(rejected)
    (line,) = await rejected()
    assert line["topic"] == f"{standing.prefix}case-events"
    assert (line["size"], bool(line["reason"]), bool(line["remedy"])) == (2, True, True)
    assert line["reason"] in _well(await kept("events", "rejected", settings=ledger)).out
    # As if an older version had refused what this one understands.
    await standing.value(
        "insert into rejected_event (topic, partition, record_offset, received_at, reason, field, remedy, size, bytes)"
        " select $1, 0, 1000000 + n, now(), 'internal', '', 'replay it', length(b), b from unnest($2::bytea[])"
        " with ordinality u (b, n)",
        line["topic"],
        case.events,
    )
    assert len(await rejected()) == 5
    ran = _well(await kept("events", "replay", "--by", "Sam", settings=ledger))
    assert ran.out.count(": applied") == 4
    assert ran.out.count(f"{line['id']}: {line['reason']}") == 1
    assert [left["id"] for left in await rejected()] == [line["id"]]
    await standing.quiet()
    assert await standing.told([case]) == 1
    again = _well(await kept("events", "replay", line["id"], settings=ledger))
    assert again.out.strip() == f"{line['id']}: {line['reason']}"
    _wrong(await kept("events", "replay", "not-an-id", settings=ledger), 2, "give an id")
    by = await standing.value("select count(*) from audit_entry where action = 'event.replayed' and actor = 'Sam'")
    assert by == 5


async def test_waiting_events_are_listed_until_their_person_is_recorded(ledger: dict[str, str], standing: Road) -> None:
    """An event that names somebody unknown is listed at once, with whom it waits for, and then no more."""
    case = standing.case("waits")
    crime, person, needs, _ = case.events
    arrest = case.event("suspect.arrested", {"suspect": "s1", "where": "custody", "people": [case.person]})
    await standing.put(crime, arrest, key=f"{FORCE}/{case.id}".encode())

    async def waiting() -> list[Any]:
        lines = _well(await kept("events", "waiting", "--json", settings=ledger)).lines("events-waiting")
        return [line for line in lines if line["case"] == case.id]

    await eventually(waiting)
    (line,) = await waiting()
    assert (line["force"], line["source"], line["event_id"]) == (FORCE, SOURCE, f"{case.id}-suspect.arrested")
    assert line["waits_for"] == [case.person]
    await standing.put(person, needs, key=f"{FORCE}/{case.id}".encode())
    await standing.quiet()
    assert await waiting() == []
    assert await standing.told([case]) == 1


# ---------------------------------------------------------------- updates


async def test_updates_are_listed_filtered_and_shown(ledger: dict[str, str], standing: Road) -> None:
    """One that was told, from list to story; every filter narrows; ids that are wrong or unknown are told apart."""
    case = await _one_told(standing, "listed")
    _well(await kept("updates", "list", settings=ledger))
    words = ("updates", "list", "--json")
    (line,) = _well(await kept(*words, "--case", case.id, settings=ledger)).lines("updates-list")
    assert (line["state"], line["evidence"], line["late"]) == ("told", "delivered", False)
    assert (line["update_point"], line["person"], line["edition"]) == ("r6-arrest", case.person, "vc-2020")
    (message,) = line["messages"]
    (text,) = [sent for sent in standing.twilio.accepted() if sent.to == case.address]
    assert message["reference"] in text.body
    assert (message["channel"], message["kind"], message["to_contact"]) == ("sms", "news", "c1")
    assert [(each["state"], each["provider_id"]) for each in message["attempts"]] == [("delivered", text.sid)]
    for options, many in (
        (("--person", case.person), 1),
        (("--person", case.person, "--state", "told"), 1),
        (("--person", case.person, "--state", "held"), 0),
        (("--person", case.person, "--late"), 0),
        (("--force", "nowhere"), 0),
    ):
        assert len(_well(await kept(*words, *options, settings=ledger)).lines("updates-list")) == many, options
    everything = _well(await kept(*words, settings=ledger)).lines("updates-list")
    assert len(_well(await kept(*words, "--limit", "1", settings=ledger)).lines("updates-list")) == 1 <= len(everything)
    story = _well(await kept("updates", "show", line["id"], settings=ledger)).out
    assert "r6-arrest" in story
    assert case.address not in story
    shown = orjson.loads(_well(await kept("updates", "show", line["id"], "--json", settings=ledger)).out)
    assert [step["at"] for step in shown["timeline"]] == sorted(step["at"] for step in shown["timeline"])
    assert len(shown["timeline"]) >= 4
    _wrong(await kept("updates", "show", str(uuid4()), settings=ledger), 1, "no update of this id")
    _wrong(await kept("updates", "show", "not-an-id", settings=ledger), 2, "give an id")


# ---------------------------------------------------------------- holds


async def test_two_people_on_one_hold(ledger: dict[str, str], standing: Road) -> None:
    """The second is told who has it; the first tells the person, and the update is told with that evidence."""
    case, update = await _one_held(standing, "two-people")
    (line,) = [
        each
        for each in _well(await kept("holds", "list", "--json", settings=ledger)).lines("holds-list")
        if each["id"] == update
    ]
    assert (line["case"], line["taken_by"], bool(line["say"]), bool(line["reasons"])) == (case.id, None, True, True)
    _well(await kept("holds", "take", update, "--by", "Ann", settings=ledger))
    _well(await kept("holds", "take", update, "--by", "Ann", settings=ledger))
    _wrong(await kept("holds", "take", update, "--by", "Bob", settings=ledger), 1, "Ann has had this hold since")
    now = standing.clock.now()
    told = ("holds", "told", update, "--how", "phone", "--at")
    _wrong(await kept(*told, now.isoformat(), "--by", "Bob", settings=ledger), 1, "Ann")
    _wrong(await kept(*told, "2026-03-09T10:15:00", "--by", "Ann", settings=ledger), 2, "offset")
    _wrong(await kept(*told, "today", "--by", "Ann", settings=ledger), 2, "instant")
    future = (now + timedelta(days=9)).isoformat()
    _wrong(await kept(*told, future, "--by", "Ann", settings=ledger), 1, "future")
    wrong_how = ("holds", "told", update, "--how", "pigeon", "--at", now.isoformat(), "--by", "Ann")
    _wrong(await kept(*wrong_how, settings=ledger), 2, "phone, visit, video, letter")
    _wrong(await kept("holds", "take", update, settings=ledger), 2, "--by")
    _well(await kept(*told, now.isoformat(), "--by", "Ann", settings=ledger))
    assert (
        await standing.value("select state || '/' || evidence from updates where id::text = $1", update)
        == "told/conversation"
    )
    _wrong(await kept(*told, now.isoformat(), "--by", "Ann", settings=ledger), 1, "it is told")
    actors = await standing.rows(
        "select distinct actor from audit_entry where action = 'hold.told' and subject = $1", update
    )
    assert [row["actor"] for row in actors] == ["Ann"]


async def test_a_hold_is_handed_back_and_declined_for_a_good_reason(ledger: dict[str, str], standing: Road) -> None:
    """Handed back, anybody may have it; a reason that the rule does not know is refused; a good one declines."""
    _, update = await _one_held(standing, "back")
    _well(await kept("holds", "take", update, "--by", "Ann", settings=ledger))
    _well(await kept("holds", "back", update, "--by", "Ann", settings=ledger))
    await standing.quiet()
    _well(await kept("holds", "take", update, "--by", "Bob", settings=ledger))
    decline = ("holds", "decline", update, "--by", "Bob", "--reason")
    _wrong(await kept(*decline, "TOO_BUSY", settings=ledger), 1, "good reason", "VICTIM_DECLINED")
    _well(await kept(*decline, "VICTIM_DECLINED", settings=ledger))
    assert await standing.value("select state from updates where id::text = $1", update) == "declined"
    gone = str(uuid4())
    for words in (("take",), ("back",), ("decline", "--reason", "VICTIM_DECLINED")):
        ran = await kept("holds", words[0], gone, "--by", "Bob", *words[1:], settings=ledger)
        _wrong(ran, 1, "no update of this id")


async def test_holds_are_listed_by_queue_and_force(ledger: dict[str, str], standing: Road) -> None:
    """For people a table, for machines lines; listing nothing exits 0 too."""
    _, update = await _one_held(standing, "queued")
    assert "Holds" in _well(await kept("holds", "list", settings=ledger)).out
    listed = _well(await kept("holds", "list", "--json", settings=ledger)).lines("holds-list")
    (queue,) = {line["queue"] for line in listed if line["id"] == update}
    some = _well(await kept("holds", "list", "--queue", queue, "--force", FORCE, "--json", settings=ledger))
    assert update in [line["id"] for line in some.lines("holds-list")]
    none = _well(await kept("holds", "list", "--queue", "nowhere", settings=ledger))
    assert "Nobody is waiting" in none.out


# ---------------------------------------------------------------- alerts, audit


async def test_alerts_are_listed_with_their_counts_and_cleared(ledger: dict[str, str], standing: Road) -> None:
    """The same trouble twice is one line with a count; once it is seen to, only `--all` shows it."""
    for _ in range(2):
        await standing.put(b"not an event", key=b"staffs/x")

    async def lines() -> list[Any]:
        found = _well(await kept("alerts", "list", "--json", settings=ledger)).lines("alerts-list")
        return [line for line in found if line["about"] == "not_json" and line["count"] >= 2]

    await eventually(lines)
    assert "kept events rejected" in _well(await kept("alerts", "list", settings=ledger)).out
    (line,) = await lines()
    _well(await kept("alerts", "clear", line["id"], "--by", "Ann", settings=ledger))
    assert await lines() == []
    everything = _well(await kept("alerts", "list", "--all", "--json", settings=ledger)).lines("alerts-list")
    assert [bool(each["cleared_at"]) for each in everything if each["id"] == line["id"]] == [True]
    _wrong(await kept("alerts", "clear", line["id"], "--by", "Ann", settings=ledger), 1, "no alert of this id is open")


async def test_the_audit_verifies_while_all_runs_and_fails_on_an_altered_row(
    ledger: dict[str, str], owner_url: str, ledger_url: str, tmp_path: Path
) -> None:
    """Exit 0 on the running deployment; on another ledger the owner alters one row: exit 1, and the entry is named."""
    (line,) = _well(await kept("audit", "verify", "--json", settings=ledger)).lines("audit-verify")
    assert (line["ok"], line["streams"], line["first_bad"]) == (True, 5, None)
    own = {"KEPT_DATABASE_URL": ledger_url}
    (tmp_path / "force.toml").write_text(RULES)
    for by in ("Ann", "Bob", "Cat"):
        _well(await kept("force", "load", str(tmp_path / "force.toml"), "--by", by, settings=own))
    assert "3 entries" in _well(await kept("audit", "verify", settings=own)).out
    owner = await asyncpg.connect(owner_url)
    try:
        await owner.execute("alter table audit_entry disable trigger all")
        await owner.execute("update audit_entry set actor = 'Nobody' where stream = 5 and index = 1")
    finally:
        await owner.close()
    _wrong(await kept_process("audit", "verify", settings=own), 1, "does not hold", "altered", "5/1")
    ran = _wrong(await kept("audit", "verify", "--json", settings=own), 1)
    (line,) = ran.lines("audit-verify")
    assert (line["ok"], line["first_bad"], bool(line["reason"])) == (False, "5/1", True)


# ---------------------------------------------------------------- force, brakes


async def test_a_forces_file_is_loaded_shown_and_refused_with_a_sentence(
    ledger: dict[str, str], tmp_path: Path
) -> None:
    """What was loaded is what is shown; a wrong file names its key and the remedy; a force that never was says so."""
    file = tmp_path / "force.toml"
    file.write_text(RULES.replace(FORCE, "kent").replace("Staffs", "Kent"))
    assert "Kent Police" in _well(await kept("force", "load", str(file), "--by", "Ann", settings=ledger)).out
    assert _well(await kept("force", "show", "kent", settings=ledger)).out.strip() == file.read_text().strip()
    _wrong(await kept("force", "show", "nowhere", settings=ledger), 1, "never loaded", "kept force load FILE")
    for wrong, words in (
        ("force = ", ("force.toml",)),
        (RULES.replace("[hours]", "[hors]"), ("hors",)),
        (RULES.replace('from = "00:00"', 'from = "25:00"'), ("hours.send[0].from", "give")),
        (RULES.replace("2026-01-01T00:00:00Z", "2026-01-01T00:00:00"), ("live_from", "offset")),
    ):
        file.write_text(wrong)
        _wrong(await kept("force", "load", str(file), "--by", "Ann", settings=ledger), 1, *words)
    assert "Kent Police" in _well(await kept("force", "show", "kent", settings=ledger)).out
    assert (await kept("force", "load", str(tmp_path / "none.toml"), settings=ledger)).status == 2


async def test_a_brake_stops_sending_until_two_people_lift_it(ledger: dict[str, str], standing: Road) -> None:
    """Set by one, nothing leaves; the same person cannot lift it twice; a second one can, and what waited goes."""
    assert "No brake is on" in _well(await kept("brakes", "show", settings=ledger)).out
    brake = _well(await kept("brakes", "set", "force", FORCE, "--by", "Ann", settings=ledger)).out.strip()
    assert _well(await kept("brakes", "set", "force", FORCE, "--by", "Bob", settings=ledger)).out.strip() == brake
    case = standing.case("braked")
    await standing.publish(case)

    async def planned() -> bool:
        return bool(
            await standing.value("select count(*) from messages where case_id = $1 and state = 'planned'", case.id)
        )

    await eventually(planned)
    (line,) = [
        orjson.loads(row) for row in _well(await kept("brakes", "show", "--json", settings=ledger)).out.splitlines()
    ]
    assert (line["id"], line["scope"], line["value"], line["set_by"]) == (brake, "force", FORCE, "Ann")
    assert FORCE in _well(await kept("brakes", "show", settings=ledger)).out
    assert "second person" in _well(await kept("brakes", "lift", brake, "--by", "Ann", settings=ledger)).out
    _wrong(await kept("brakes", "lift", brake, "--by", "ann ", settings=ledger), 1, "a second person must lift it")
    assert [sent for sent in standing.twilio.accepted() if sent.to == case.address] == []
    assert "off" in _well(await kept("brakes", "lift", brake, "--by", "Bob", settings=ledger)).out
    await standing.quiet()
    assert await standing.told([case]) == 1
    _wrong(await kept("brakes", "lift", brake, "--by", "Cat", settings=ledger), 1, "no brake of this id is on")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("set", "everything", "--by", "Ann"), 2, "all, channel, template, force"),
        (("set", "channel", "--by", "Ann"), 1, "say which channel"),
        (("set", "channel", "pigeon", "--by", "Ann"), 1, "sms, email"),
        (("set", "all", "sms", "--by", "Ann"), 1, "takes no value"),
        (("set", "all"), 2, "--by"),
        (("lift", "nonsense", "--by", "Ann"), 2, "give an id"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
async def test_a_brake_that_makes_no_sense_is_refused(
    ledger: dict[str, str], words: tuple[str, ...], status: int, says: str
) -> None:
    """With a sentence, and nothing is set."""
    _wrong(await kept("brakes", *words, settings=ledger), status, says)
    assert "No brake is on" in _well(await kept("brakes", "show", settings=ledger)).out


async def test_the_kill_switch_from_outside_stops_a_service_from_sending(standing: Road, tmp_path: Path) -> None:
    """`KEPT_STOP_FILE`: while the file is there nothing is released; once it is gone, what waited goes."""
    file = tmp_path / "stop"
    file.touch()
    await standing.stop("scheduler")
    await standing.start("scheduler", KEPT_STOP_FILE=str(file))
    case = standing.case("stopped")
    await standing.publish(case)

    async def planned() -> bool:
        return bool(
            await standing.value("select count(*) from messages where case_id = $1 and state = 'planned'", case.id)
        )

    await eventually(planned)
    assert [sent for sent in standing.twilio.accepted() if sent.to == case.address] == []
    file.unlink()
    await standing.quiet()
    assert await standing.told([case]) == 1
