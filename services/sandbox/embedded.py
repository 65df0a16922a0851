"""The embedded broker and database of one run, started together in a folder of the run's own, and ended with it.

    async with embedded() as servers:          # in .kept/, one run at a time
    async with embedded(temporary=True) as servers:   # in a new folder that goes at the end

What a killed run left behind is ended by the next start: in the same folder, or in any abandoned temporary one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.sandbox import kafka, postgres, processes
from services.sandbox.processes import CannotStart

DEFAULT_FOLDER: Final = Path(".kept")
_USERS_SECONDS: Final = 2.0
_SETTLED_SECONDS = 60  # a temporary folder younger than this may belong to a run that is about to lock it

__all__ = ["DEFAULT_FOLDER", "CannotStart", "Servers", "embedded"]


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are. The URLs are plain ones that any process on this machine can use."""

    folder: Path
    kafka_bootstrap: str
    database_url: str  # as kept_service, on the database `kept`
    owner_url: str  # as kept_owner, who may also create databases
    admin_url: str  # as the superuser postgres
    kafka: kafka.Kafka
    postgres: postgres.Postgres

    def settings(self) -> dict[str, str]:
        """The settings that make a service use these servers."""
        return {
            "KEPT_KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "KEPT_DATABASE_URL": self.database_url,
            "KEPT_DATABASE_OWNER_URL": self.owner_url,
        }


@contextlib.asynccontextmanager
async def embedded(
    folder: Path | None = None, *, temporary: bool = False, keep: bool = False
) -> AsyncIterator[Servers]:
    """A real Kafka and a real PostgreSQL for the length of the block.

    `folder` is the run's own (`.kept` where nothing is said); `temporary` takes a new one and removes it at the end. What was
    in the folder goes at the start and at the end unless `keep` is set. Raises CannotStart with a sentence.
    """
    with _folder_of_its_own(folder, temporary) as place, _cancelled_by_sigterm():
        end_orphans(place)
        if not keep:
            _clear(place)
        broker, database = kafka.Kafka(place, keep), postgres.Postgres(place, keep)
        try:
            await _start(broker, database)
            yield Servers(
                folder=place,
                kafka_bootstrap=broker.bootstrap,
                database_url=database.url(postgres.SERVICE),
                owner_url=database.url(postgres.OWNER),
                admin_url=database.url("postgres", "postgres"),
                kafka=broker,
                postgres=database,
            )
        finally:
            await asyncio.gather(broker.stop(), database.stop())


async def _start(*servers: kafka.Kafka | postgres.Postgres) -> None:
    """Start them at the same time; one that cannot start stops the other's start."""
    await processes.together(*(server.start() for server in servers))


@contextlib.contextmanager
def _folder_of_its_own(folder: Path | None, temporary: bool) -> Iterator[Path]:
    """The folder of this run, locked; a temporary one goes at the end."""
    if temporary:
        sweep(Path(tempfile.gettempdir()))
        folder = Path(tempfile.mkdtemp(prefix=_prefix()))
        # PostgreSQL, which will not run as root, must be able to pass through; nobody else can list it.
        folder.chmod(0o711)
    place = (folder or DEFAULT_FOLDER).resolve()
    place.mkdir(parents=True, exist_ok=True)
    try:
        with processes.lock(place):
            yield place
    finally:
        if temporary:
            shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def _cancelled_by_sigterm() -> Iterator[None]:
    """Where nobody else listens for SIGTERM, it cancels the task that holds the servers, as Ctrl-C does, so that they end."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def cancel(*_: object) -> None:
        if task is None or task.done():  # the block outlives the task that began it, as in a test's fixture
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(task.cancel)

    nobody = (
        threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if nobody:
        signal.signal(signal.SIGTERM, cancel)
    try:
        yield
    finally:
        if nobody and signal.getsignal(signal.SIGTERM) is cancel:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _clear(folder: Path) -> None:
    kafka.remove(folder)
    postgres.remove(folder)
    for name in (kafka.NAME, postgres.NAME):
        processes.log_of(folder, name).unlink(missing_ok=True)


def end_orphans(folder: Path) -> list[int]:
    """End what a killed run left running in `folder`; returns the process ids. The caller holds the folder's lock.

    What used the servers ends before them, and without ceremony: its run is over.
    """
    users = [name for name in processes.recorded(folder) if name not in {kafka.NAME, postgres.NAME}]
    ended = (
        *(processes.end_orphan(folder, name, patience=_USERS_SECONDS) for name in users),
        processes.end_orphan(folder, kafka.NAME),
        processes.end_orphan(folder, postgres.NAME, polite=postgres.STOP_FAST),
    )
    return [pid for pid in ended if pid is not None]


def _prefix() -> str:
    return f"kept-{os.getuid()}-run-"


def sweep(parent: Path) -> None:
    """End what killed runs left in their temporary folders under `parent`, and remove those folders."""
    for folder in parent.glob(f"{_prefix()}*"):
        try:
            facts = folder.lstat()
            if facts.st_uid != os.getuid() or time.time() - facts.st_mtime < _SETTLED_SECONDS:
                continue
            with processes.lock(folder):
                end_orphans(folder)
                postgres.remove(folder)
                shutil.rmtree(folder, ignore_errors=True)
        except (CannotStart, OSError):
            continue  # its run lives, or another start is at it
