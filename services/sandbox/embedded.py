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
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.sandbox import kafka, postgres, processes
from services.sandbox.processes import CannotStart

DEFAULT_FOLDER: Final = Path(".kept")
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
    if temporary:
        sweep(Path(tempfile.gettempdir()))
        folder = Path(tempfile.mkdtemp(prefix=_prefix()))
        # PostgreSQL, which will not run as root, must be able to pass through; nobody else can list it.
        folder.chmod(0o711)
    folder = (folder or DEFAULT_FOLDER).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with processes.lock(folder):
            end_orphans(folder)
            if not keep:
                _clear(folder)
            broker, database = kafka.Kafka(folder, keep), postgres.Postgres(folder, keep)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(broker.start())
                    tasks.create_task(database.start())
            except BaseException as error:
                await _stop(broker, database)
                if isinstance(error, BaseExceptionGroup) and (told := error.subgroup(CannotStart)):
                    raise told.exceptions[0] from None
                raise
            try:
                yield Servers(
                    folder=folder,
                    kafka_bootstrap=broker.bootstrap,
                    database_url=database.url(postgres.SERVICE),
                    owner_url=database.url(postgres.OWNER),
                    admin_url=database.url("postgres", "postgres"),
                    kafka=broker,
                    postgres=database,
                )
            finally:
                await _stop(broker, database)
    finally:
        if temporary:
            shutil.rmtree(folder, ignore_errors=True)


async def _stop(*servers: kafka.Kafka | postgres.Postgres) -> None:
    await asyncio.gather(*(server.stop() for server in servers))


def _clear(folder: Path) -> None:
    kafka.remove(folder)
    postgres.remove(folder)
    for name in (kafka.NAME, postgres.NAME):
        processes.log_of(folder, name).unlink(missing_ok=True)


def end_orphans(folder: Path) -> list[int]:
    """End what a killed run left running in `folder`; returns the process ids. The caller holds the folder's lock."""
    ended = (
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
