"""The embedded Kafka and PostgreSQL: started for real, used, killed, started again, and ended with nothing left behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.sandbox import postgres, processes
from services.sandbox.embedded import CannotStart, Servers, embedded, sweep
from services.sandbox.processes import command_of
from tests.conftest import eventually

RUN = """
import asyncio, sys
from pathlib import Path
from services.sandbox.embedded import embedded

async def main():
    async with embedded(Path(sys.argv[1])):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def pids(folder: Path) -> list[int]:
    """The servers that a run has recorded in its folder."""
    return [json.loads(file.read_text())["pid"] for file in sorted(folder.glob("*.pid"))]


def names(folder: Path) -> set[str]:
    """What is left in a folder."""
    return {file.name for file in folder.iterdir()}


async def _gone(servers: list[int]) -> bool:
    return all(command_of(pid) is None for pid in servers)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the servers of a folder, and is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background ignores Ctrl-C, and so would everything started from there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no thread runs here
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


async def produce_and_consume(servers: Servers, topic: str, value: bytes) -> list[bytes]:
    """Write one record and read the topic from its beginning."""
    async with AIOKafkaProducer(
        bootstrap_servers=servers.kafka_bootstrap, acks="all", enable_idempotence=True
    ) as producer:
        await producer.send_and_wait(topic, value)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest")
    async with consumer:
        found: list[bytes] = []
        while value not in found:
            found.append((await asyncio.wait_for(consumer.getone(), 10)).value)
    return found


async def check_roles(servers: Servers) -> None:
    """The owner makes tables and databases, the service may not; what commits is synced to disk."""
    owner = await asyncpg.connect(servers.owner_url)
    service = await asyncpg.connect(servers.database_url)
    try:
        assert await owner.fetchval("select current_user || '@' || current_database()") == "kept_owner@kept"
        assert await service.fetchval("select current_user || '@' || current_database()") == "kept_service@kept"
        shown = [await service.fetchval(f"show {name}") for name in ("fsync", "synchronous_commit", "max_connections")]
        assert shown == ["on", "on", "200"]
        await owner.execute("create table kept_things (n int)")
        await owner.execute("insert into kept_things values (1)")
        await owner.execute("create database another")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute("create table mine (n int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.fetch("select * from kept_things")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(servers.owner_url.replace("kept_owner", "kept_service"))
    finally:
        await owner.close()
        await service.close()


async def test_a_killed_runs_servers_are_ended_and_new_ones_serve(tmp_path: Path, run: subprocess.Popen[str]) -> None:
    """After kill -9, the next start in the folder ends the orphans by their pids; its own servers work, and work again
    after each was killed and started on its data; at the end nothing runs and nothing but logs is left."""
    orphans = pids(tmp_path)
    assert len(orphans) == 2
    with pytest.raises(CannotStart, match=f"process {run.pid} is using the folder"):
        async with embedded(tmp_path):
            pass
    run.kill()
    run.wait()
    assert not await _gone(orphans)

    async with embedded(tmp_path) as servers:
        assert await _gone(orphans)
        admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic("things", 1, 1)])
        await admin.close()
        assert await produce_and_consume(servers, "things", b"one") == [b"one"]
        await check_roles(servers)

        for server in (servers.kafka, servers.postgres):
            assert server.process is not None
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.popen.wait()
            await server.start()
        assert await produce_and_consume(servers, "things", b"two") == [b"one", b"two"]
        owner = await asyncpg.connect(servers.owner_url)
        assert await owner.fetchval("select n from kept_things") == 1
        await owner.close()
        ours = pids(tmp_path)
        assert not await _gone(ours)
    assert await _gone(ours)
    assert names(tmp_path) == {"kafka.log", "postgres.log", "lock"}


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=lambda sign: sign.name)
async def test_a_signal_ends_the_servers_with_their_run(
    tmp_path: Path, run: subprocess.Popen[str], sign: signal.Signals
) -> None:
    """SIGTERM and Ctrl-C end both servers before the process itself ends."""
    servers = pids(tmp_path)
    run.send_signal(sign)
    await eventually(lambda: _ended(run))
    assert await _gone(servers)
    assert pids(tmp_path) == []


async def _ended(process: subprocess.Popen[str]) -> bool:
    return process.poll() is not None


def test_an_abandoned_temporary_run_is_swept(tmp_path: Path) -> None:
    """The next temporary start ends what a killed one left, in its own folder, and removes that folder; a living run's and a
    fresh one's are left alone."""
    folders = {name: tmp_path / f"kept-{os.getuid()}-run-{name}" for name in ("dead", "alive", "fresh")}
    for folder in folders.values():
        folder.mkdir()
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command) as orphan:
        while command_of(orphan.pid) != " ".join(command):  # until it has begun
            pass
        (folders["dead"] / "kafka.pid").write_text(json.dumps({"pid": orphan.pid, "command": command}))
        for name in ("dead", "alive"):
            (folders[name] / "lock").touch()
            os.utime(folders[name], (time.time() - 3600,) * 2)
        with processes.lock(folders["alive"]):
            os.utime(folders["alive"], (time.time() - 3600,) * 2)
            sweep(tmp_path)
        assert orphan.wait(5) == -signal.SIGTERM
    assert [name for name, folder in folders.items() if folder.exists()] == ["alive", "fresh"]


async def test_a_checkout_that_only_its_owner_can_reach_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under root, PostgreSQL runs as `nobody`, from a copy and in a folder that it can reach; its data can be kept and goes
    when it is not."""
    monkeypatch.setattr(postgres, "_reachable", lambda _: False)
    for keep in (True, False):
        server = postgres.Postgres(tmp_path, keep)
        await server.start()
        owner = await asyncpg.connect(server.url(postgres.OWNER))
        try:
            if keep:
                await owner.execute("create table things (n int)")
            assert await owner.fetch("select * from things") == []
        finally:
            await owner.close()
            await server.stop()
        assert (tmp_path / "postgres-passwords.json").exists() is keep
