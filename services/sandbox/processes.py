"""Server processes of ours: started apart from the terminal, recorded by pid, stopped in order, and found again after a kill.

A record is a file `NAME.pid` in the folder of the run: the pid and the whole command. A pid is believed only while that
process still runs that command, so a number that the system gave to somebody else meanwhile is never signalled.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import fcntl
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.02
_PORTS = range(20_000, 30_000)  # below the range from which systems take the ports of outgoing connections


class CannotStart(Exception):
    """A server of the sandbox cannot be started; the text is one sentence with the way out."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user that a server runs as, when it refuses to run as root."""

    uid: int
    gid: int


@dataclass(slots=True)
class ServerProcess:
    """One running server: its process, its record and its log."""

    name: str
    folder: Path
    popen: subprocess.Popen[bytes]
    polite: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    _lines: int = field(default=20, repr=False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self.popen.pid

    def running(self) -> bool:
        """Whether it has not ended."""
        return self.popen.poll() is None

    def last_words(self) -> str:
        """The end of its log, for an error's text."""
        try:
            lines = log_of(self.folder, self.name).read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return " | ".join(line.strip() for line in lines[-self._lines :] if line.strip())[-2000:]

    async def stop(self) -> None:
        """End it politely, then for certain; returns when it has ended. Calling it again does nothing."""
        for sign, patience in ((self.polite, self.patience), (signal.SIGKILL, 10.0)):
            if not self.running():
                break
            self.popen.send_signal(signal.SIGCONT)  # a frozen process cannot hear
            self.popen.send_signal(sign)
            await _ended(self.popen, patience)
        _running.discard(self.popen)
        forget(self.folder, self.name)


_running: set[subprocess.Popen[bytes]] = set()


@atexit.register
def _end_the_rest() -> None:
    """Whatever is left when the interpreter ends, for want of a chance to stop it politely, ends too."""
    for popen in _running:
        if popen.poll() is None:
            popen.terminate()
    for popen in _running:
        try:
            popen.wait(5)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()


def start(
    name: str,
    command: Sequence[str],
    folder: Path,
    *,
    run_as: RunAs | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    polite: signal.Signals = signal.SIGTERM,
    patience: float = 10.0,
) -> ServerProcess:
    """Start a server and record its pid; its output goes to `NAME.log` in `folder`.

    Like everything that is started here it gets a session of its own: Ctrl-C in the terminal reaches us alone, and the others
    by us, in order.
    """
    popen = _spawn(command, log_of(folder, name), run_as, cwd, env)
    _running.add(popen)
    note(folder, name, popen.pid, command)
    return ServerProcess(name, folder, popen, polite, patience)


async def run(
    command: Sequence[str], log: Path, *, run_as: RunAs | None = None, cwd: Path | None = None, limit: float = 60.0
) -> int:
    """Run a tool to its end, its output in `log`; returns its exit status. A tool that overruns or is cancelled is killed."""
    popen = _spawn(command, log, run_as, cwd)
    try:
        await _ended(popen, limit)
    finally:
        if popen.poll() is None:
            popen.kill()
            popen.wait()
    return int(popen.returncode)


def _spawn(
    command: Sequence[str],
    log: Path,
    run_as: RunAs | None,
    cwd: Path | None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
            user=run_as.uid if run_as else None,
            group=run_as.gid if run_as else None,
            extra_groups=[] if run_as else None,
        )


async def _ended(popen: subprocess.Popen[bytes], limit: float) -> bool:
    """Wait for a process, by looking: that needs no watcher of the event loop's and outlives any loop."""
    deadline = time.monotonic() + limit
    while (ended := popen.poll()) is None and time.monotonic() < deadline:  # noqa: ASYNC110  a process sets no Event
        await asyncio.sleep(POLL_SECONDS)
    return ended is not None


def log_of(folder: Path, name: str) -> Path:
    """Where a server writes."""
    return folder / f"{name}.log"


def _record_of(folder: Path, name: str) -> Path:
    return folder / f"{name}.pid"


def note(folder: Path, name: str, pid: int, command: Sequence[str]) -> None:
    """Record a process, so that a later run can end it if this one cannot."""
    _record_of(folder, name).write_text(json.dumps({"pid": pid, "command": list(command)}))


def forget(folder: Path, name: str) -> None:
    """The process has ended."""
    _record_of(folder, name).unlink(missing_ok=True)


def recorded(folder: Path) -> list[str]:
    """The names of the processes that are recorded in `folder`."""
    return sorted(record.stem for record in folder.glob("*.pid"))


def command_of(pid: int) -> str | None:
    """The command that a process runs, its words parted by spaces; None when there is no such process (or only a zombie)."""
    if sys.platform == "linux":
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        return raw.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace") or None
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def end_orphan(folder: Path, name: str, polite: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> int | None:
    """End the server that a killed run left behind in `folder`, if its recorded pid is still that server.

    Returns the pid that was ended, or None. Blocking: it runs before anything else does.
    """
    record = _record_of(folder, name)
    try:
        known = json.loads(record.read_text())
        pid, command = int(known["pid"]), " ".join(known["command"]).strip()
    except (OSError, ValueError, KeyError, TypeError):
        record.unlink(missing_ok=True)
        return None
    ended = None
    for sign, wait in ((polite, patience), (signal.SIGKILL, 10.0)):
        if command_of(pid) != command:
            break
        ended = pid
        try:
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, sign)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + wait
        while command_of(pid) == command and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    record.unlink(missing_ok=True)
    return ended


def free_port(taken: frozenset[int] = frozenset()) -> int:
    """A port of 127.0.0.1 that nobody listens on now and that no outgoing connection will be given."""
    for port in random.SystemRandom().sample(_PORTS, 200):
        if port in taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise CannotStart(f"no free port was found on 127.0.0.1 between {_PORTS.start} and {_PORTS.stop}")


def listen(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises OSError when the port is taken.

    It names its protocol: asyncio turns Nagle's algorithm off only for sockets that do, and without that every answer written
    in two pieces waits 40 ms for the other side's acknowledgement.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


async def listen_no_more(listener: socket.socket) -> None:
    """Before a server on `listener` is closed: accept nothing new, and let what is being accepted become a connection.

    asyncio forgets a connection that it has accepted when its server is closed before the connection is made.
    """
    asyncio.get_running_loop().remove_reader(listener)
    for _ in range(3):
        await asyncio.sleep(0)


async def wait_for_port(process: ServerProcess, port: int, limit: float = 30.0) -> None:
    """Return when something listens on `port`; raises CannotStart when the server ends first or the limit passes."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if not process.running():
            break
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(POLL_SECONDS)
            continue
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return
    state = f"did not listen within {limit:g} s" if process.running() else "ended at once"
    raise CannotStart(
        f"the embedded {process.name} {state}; its log is {log_of(process.folder, process.name)}: {process.last_words()}"
    )


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold `folder` for this run; raises CannotStart when another run that still lives holds it. A kill -9 lets go of it."""
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise CannotStart(
                f"process {holder} is using the folder {folder}; stop it, or start this one in another folder"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Do all of it at once. The first error ends the rest and comes out as it is: its sentence is for whoever started us.

    Where we are being cancelled ourselves, that outranks it: Ctrl-C may reach a process before it has a session of its own.
    """
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    except Exception:
        us = asyncio.current_task()
        if us is not None and us.cancelling():
            raise asyncio.CancelledError from None
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
