"""The demo as a person runs it: it ends as its cases say, its audit holds while it runs, and Ctrl-C leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from schemas.outputs import OUTPUTS
from services.sandbox.processes import command_of
from tests.cli import WIDE, kept
from tests.conftest import eventually

RATE: Final = 4000
"""Case seconds a second: the story's three and a half days take 76 s. On two busy cores 5000 still ends as it should."""


@asynccontextmanager
async def _process(folder: Path, *words: str) -> AsyncIterator[Process]:
    """`kept WORDS --folder` in a session of its own, as a terminal gives it one; its output goes to files in `folder`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")} | WIDE
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "services.cli", *words, "--folder", str(folder / "run")),
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            # Whoever runs the tests in the background ignores Ctrl-C, and so would everything started from there.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 25)


def _said(folder: Path) -> str:
    return (folder / "out").read_text() + (folder / "err").read_text()


async def _says(folder: Path, process: Process, words: str) -> None:
    async def said() -> bool:
        assert process.returncode is None, _said(folder)
        return words in _said(folder)

    await eventually(said, within=30)


def _family(pid: int) -> dict[int, str]:
    """Every process that descends from `pid`, with its command."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in map(str.split, listed.splitlines())}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {each: command for each in found if (command := command_of(each)) is not None}


def _left(family: dict[int, str]) -> dict[int, str]:
    """Those of them that still run what they ran."""
    return {pid: command for pid, command in family.items() if command_of(pid) == command}


def _database_url(folder: Path) -> str:
    """The ledger of a run, from what it keeps in its folder."""
    command: Sequence[str] = json.loads((folder / "run" / "postgres.pid").read_text())["command"]
    password = json.loads((folder / "run" / "postgres-passwords.json").read_text())["kept_service"]
    return f"postgresql://kept_service:{password}@127.0.0.1:{command[command.index('-p') + 1]}/kept"


@pytest.mark.timeout(240)
async def test_the_demo_ends_as_its_cases_say_and_its_audit_holds_while_it_runs(tmp_path: Path) -> None:
    """Exit 0, nothing unexpected, a report of the published shape, and no process left."""
    report = tmp_path / "report.json"
    async with _process(tmp_path, "demo", "--headless", "--report", str(report), "--rate", str(RATE)) as process:
        await _says(tmp_path, process, "The first message is delivered")
        family = _family(process.pid)
        assert len(family) == 1 + 3 + 2 + _sessions(family), family  # itself, the services, the servers
        checked = 0

        async def ended_or_checked() -> bool:
            nonlocal checked
            if process.returncode is not None:
                return True
            with suppress(FileNotFoundError):  # it ended a moment ago
                found = await kept("audit", "verify", "--json", settings={"KEPT_DATABASE_URL": _database_url(tmp_path)})
                if process.returncode is None and found.out:
                    assert (found.status, found.lines("audit-verify")[0]["ok"]) == (0, True), found
                    checked = found.lines("audit-verify")[0]["entries"]
            return False

        for _ in range(6):  # no wait of more than half a minute without a sign of life
            before = checked
            with suppress(pytest.fail.Exception):
                await eventually(ended_or_checked, within=25, every=2)
            if process.returncode is not None:
                break
            assert checked > before, "the story does not go on"
        assert process.returncode == 0, _said(tmp_path)
    assert checked > 600
    found: dict[str, Any] = orjson.loads(report.read_bytes())
    OUTPUTS["demo-report"].model_validate(found)
    assert found["unexpected"] == []
    assert found["updates"]["told"] >= 80
    assert found["attempts"]["delivered"] >= 35
    assert min(found["messages"].values()) >= 10
    assert found["events"] > 280
    assert _left(family) == {}


def _sessions(family: dict[int, str]) -> int:
    """How many of them are processes of the database besides its first."""
    return sum(command.startswith("postgres:") for command in family.values())


@pytest.mark.parametrize(
    ("sign", "to_all", "once"),
    [(signal.SIGINT, True, "The first message is delivered"), (signal.SIGTERM, False, "Ready.")],
    ids=["Ctrl-C", "SIGTERM"],
)
async def test_a_demo_that_is_stopped_ends_cleanly(
    tmp_path: Path, sign: signal.Signals, to_all: bool, once: str
) -> None:
    """Ctrl-C in a terminal reaches every process of its group at once: it ends with 0, says so, and nothing is left."""
    async with _process(tmp_path, "demo") as process:
        await _says(tmp_path, process, once)
        family = _family(process.pid)
        assert len(family) > 5
        if to_all:
            os.killpg(process.pid, sign)
        else:
            process.send_signal(sign)
        assert await asyncio.wait_for(process.wait(), 25) == 0
        said = _said(tmp_path)
        assert "Everything it started has ended." in said
        assert "Traceback" not in said
        assert _left(family) == {}
        assert not (tmp_path / "run" / "postgres").exists()
        assert not (tmp_path / "run" / "kafka").exists()


@pytest.mark.parametrize("once", ["Starting a broker and a database", "Starting scheduler"])
async def test_ctrl_c_while_the_demo_is_still_starting_ends_it_cleanly(tmp_path: Path, once: str) -> None:
    """Nobody has to wait until it is ready in order to stop it."""
    async with _process(tmp_path, "demo") as process:
        await _says(tmp_path, process, once)
        os.killpg(process.pid, signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 25) == 0
        assert "Traceback" not in _said(tmp_path)
        assert list((tmp_path / "run").glob("*.pid")) == []


async def test_a_service_that_ends_during_the_demo_is_told_in_a_sentence(tmp_path: Path) -> None:
    """Exit 1, which service and with what status, where its log is, and no trace; nothing is left."""
    async with _process(tmp_path, "demo") as process:
        await _says(tmp_path, process, "Ready.")
        family = _family(process.pid)
        (dispatcher,) = [pid for pid, command in family.items() if command.endswith("services.cli dispatcher")]
        os.kill(dispatcher, signal.SIGKILL)
        assert await asyncio.wait_for(process.wait(), 25) == 1
        assert "dispatcher ended with status -9; its log is in" in _said(tmp_path)
        assert "Traceback" not in _said(tmp_path)
        assert _left(family) == {}


async def test_what_a_killed_demo_left_running_is_ended_by_the_next_start(tmp_path: Path) -> None:
    """kill -9 on the demo itself: its services and servers live on, until somebody starts in the same folder again."""
    async with _process(tmp_path, "demo") as process:
        await _says(tmp_path, process, "Ready.")
        family = _family(process.pid)
        process.kill()
        await process.wait()
    left = _left(family)
    assert sum("services.cli" in command for command in left.values()) == 3
    async with _process(tmp_path, "sandbox") as process:
        await _says(tmp_path, process, "KEPT_ALLOWED_RECIPIENTS=")
        assert _left(left) == {}


async def test_the_sandbox_prints_settings_and_ends_when_asked(tmp_path: Path) -> None:
    """`kept sandbox`: NAME=value lines that the services know, then it runs until it is stopped."""
    async with _process(tmp_path, "sandbox") as process:
        await _says(tmp_path, process, "KEPT_ALLOWED_RECIPIENTS=")
        settings = dict(line.split("=", 1) for line in (tmp_path / "out").read_text().splitlines() if "=" in line)
        checked = await kept("topics", "check", settings=settings)
        assert (checked.status, checked.err) == (0, ""), checked
        listed = await kept("updates", "list", "--json", settings=settings)
        assert (listed.status, listed.out) == (0, "")
        family = _family(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 25) == 0
        assert "Traceback" not in _said(tmp_path)
        assert _left(family) == {}
