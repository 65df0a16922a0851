"""Servers' processes: records that are believed only while they are true, locks, ports, and sentences when a start fails."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.sandbox import kafka, postgres, processes
from services.sandbox.processes import CannotStart, RunAs
from tests.conftest import eventually

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


async def test_a_server_is_recorded_while_it_runs_and_stopped(tmp_path: Path) -> None:
    """The record holds its pid and command; stopping ends it, even frozen, and takes the record away."""
    server = processes.start("sleeper", SLEEPER, tmp_path)
    assert json.loads((tmp_path / "sleeper.pid").read_text()) == {"pid": server.pid, "command": SLEEPER}
    os.kill(server.pid, signal.SIGSTOP)
    await server.stop()
    assert not server.running()
    assert not (tmp_path / "sleeper.pid").exists()
    await server.stop()


async def _in_log(server: processes.ServerProcess, word: str) -> bool:
    return word in server.last_words()


async def test_a_server_that_will_not_hear_is_killed(tmp_path: Path) -> None:
    """SIGTERM first, SIGKILL when its patience is over."""
    deaf = (
        "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    )
    server = processes.start("deaf", [sys.executable, "-c", deaf], tmp_path, patience=0.2)
    await eventually(lambda: _in_log(server, "ready"))
    await server.stop()
    assert server.popen.returncode == -signal.SIGKILL


def test_an_orphan_is_ended_by_its_recorded_pid(tmp_path: Path) -> None:
    """What a killed run left running is ended, and its record goes."""
    with subprocess.Popen(SLEEPER) as orphan:
        (tmp_path / "s.pid").write_text(json.dumps({"pid": orphan.pid, "command": SLEEPER}))
        while processes.command_of(orphan.pid) != " ".join(SLEEPER):
            pass
        assert processes.end_orphan(tmp_path, "s") == orphan.pid
        assert orphan.wait(5) == -signal.SIGTERM
    assert not (tmp_path / "s.pid").exists()


@pytest.mark.parametrize(
    "record",
    ['{"pid": PID, "command": ["another", "thing"]}', '{"pid": 0}', "[]", "half a rec", '{"pid": "x", "command": 1}'],
)
def test_a_pid_that_is_no_longer_that_process_is_left_alone(tmp_path: Path, record: str) -> None:
    """A number that the system has given to somebody else is never signalled; a spoiled record is only taken away."""
    with subprocess.Popen(SLEEPER) as other:
        (tmp_path / "s.pid").write_text(record.replace("PID", str(other.pid)))
        assert processes.end_orphan(tmp_path, "s") is None
        assert other.poll() is None
        other.kill()
    assert not (tmp_path / "s.pid").exists()


def test_a_folder_is_one_runs_at_a_time(tmp_path: Path) -> None:
    """The second is told who holds it; afterwards it is free."""
    told = pytest.raises(CannotStart, match=f"process {os.getpid()} is using the folder")
    with processes.lock(tmp_path), told, processes.lock(tmp_path):
        pass
    with processes.lock(tmp_path):
        pass


def test_a_free_port_is_one_that_nobody_listens_on() -> None:
    """A port that is taken, or spoken for, is not given."""
    port = processes.free_port()
    with processes.listen(port=port):
        assert processes.free_port(frozenset({port})) != port
        with pytest.raises(OSError, match="in use"):
            processes.listen(port=port)


def test_a_listening_socket_answers_without_delay() -> None:
    """asyncio turns Nagle's algorithm off only for sockets that name their protocol."""
    with processes.listen() as listener:
        assert listener.proto == socket.IPPROTO_TCP


async def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    """The sentence names the log and what stands at its end."""
    server = processes.start("broken", [sys.executable, "-c", "raise SystemExit('no such setting')"], tmp_path)
    with pytest.raises(CannotStart, match=r"embedded broken ended at once; its log is .*broken.log: no such setting"):
        await processes.wait_for_port(server, processes.free_port(), limit=10)
    await server.stop()


async def test_a_tool_that_overruns_is_killed(tmp_path: Path) -> None:
    """Its status says so."""
    assert await processes.run(SLEEPER, tmp_path / "log", limit=0.1) == -signal.SIGKILL


async def test_jars_that_cannot_be_had_are_told_with_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a repository in reach: one sentence, the broker's setting, and the folder for the JARs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    async def no_network(command: list[str], log: Path, **_: object) -> int:
        assert command[1:3] == ["-m", "jgo"]
        await asyncio.to_thread(log.write_text, "Resolving\nconnection refused\n")
        return 1

    monkeypatch.setattr(processes, "run", no_network)
    with pytest.raises(CannotStart) as told:
        await kafka.jars()
    for part in ("connection refused", "KEPT_KAFKA_BOOTSTRAP", str(kafka.cache()), "kafka_jars.json"):
        assert part in str(told.value)


async def test_jars_put_there_by_hand_are_used_if_they_are_the_listed_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly the listed bytes are taken without asking anybody; others are named and refused."""
    table = tmp_path / "jars.json"
    right = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # SHA-256 of foo
    table.write_text(json.dumps({"coordinates": ["a:b:1"], "jars": {"a.jar": right}}))
    monkeypatch.setattr(kafka, "TABLE", table)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    async def other_bytes(_: object, workshop: Path) -> list[Path]:
        (workshop / "a.jar").write_text("bar")
        return [workshop / "a.jar"]

    monkeypatch.setattr(kafka, "resolve", other_bytes)
    with pytest.raises(CannotStart, match=r"1 of Kafka's 1 JARs are missing or not the listed ones \(a.jar"):
        await kafka.jars()
    (kafka.cache() / "a.jar").write_text("foo")
    assert await kafka.jars() == kafka.cache()
    assert (kafka.cache() / "complete").exists()


def test_a_cluster_id_never_looks_like_an_option() -> None:
    """Kafka's tool refuses one that begins with a dash, which one in 64 would."""
    assert not any(kafka.cluster_id().startswith("-") for _ in range(500))


def test_a_cluster_lives_where_the_unprivileged_user_can_reach_it(tmp_path: Path) -> None:
    """In the run's folder where everybody may pass through to it, under the temporary directory otherwise."""
    everybody = RunAs(65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert postgres.data_folder(closed, None) == closed / "postgres" / "data"
    elsewhere = postgres.data_folder(closed, everybody)
    assert closed not in elsewhere.parents
    assert elsewhere == postgres.data_folder(closed, everybody)
