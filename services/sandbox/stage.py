"""Everything that a day in the sandbox needs, started in order and ended in order: servers, far ends, and the services apart.

The services run as in production: each a process of its own, by its own command, with its settings from the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.clock import SYSTEM, Clock
from services.kafka import create_topics
from services.ledger.connection import connect
from services.ledger.force_history import load_rules
from services.ledger.migrate import migrate
from services.sandbox import processes
from services.sandbox.embedded import CannotStart, Servers, embedded
from services.sandbox.mailbox import Mailbox, mailbox
from services.sandbox.processes import free_port, log_of
from services.sandbox.twilio import TwilioSandbox, twilio_sandbox
from services.settings import KafkaSettings

ACCOUNT: Final = "AC" + "0" * 30 + "01"
BOUNCE_DOMAIN: Final = "bounces.sample-police.example"
SERVICES: Final = ("scheduler", "dispatcher", "receipts")

Say = Callable[[str], None]


@dataclass(slots=True)
class FarEnds:
    """The embedded four and the settings that make the services use them."""

    servers: Servers
    twilio: TwilioSandbox
    mailbox: Mailbox
    settings: dict[str, str]


@contextlib.asynccontextmanager
async def far_ends(
    folder: Path | None = None, *, temporary: bool = False, say: Say | None = None
) -> AsyncIterator[FarEnds]:
    """Start the broker, the database, the text provider's look-alike and the mailbox; prepare the ledger and the topics."""
    tell = say or (lambda _: None)
    token = secrets.token_hex(16)
    secret = secrets.token_hex(16)
    receipts, bounces = free_port(), free_port()
    tell("Starting a broker and a database")
    async with (
        embedded(folder, temporary=temporary) as servers,
        mailbox(bounces_to=("127.0.0.1", bounces)) as box,
        twilio_sandbox(
            account_sid=ACCOUNT,
            api_key="SK1",
            api_secret=secret,
            auth_token=token,
            inbound_url=f"http://127.0.0.1:{receipts}/twilio/inbound",
        ) as twilio,
    ):
        tell("Preparing the ledger and the topics")
        await migrate(servers.owner_url, servers.database_url)
        await create_topics(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap))
        settings = servers.settings() | {
            "KEPT_TWILIO_BASE_URL": twilio.base_url,
            "KEPT_TWILIO_ACCOUNT_SID": ACCOUNT,
            "KEPT_TWILIO_API_KEY": "SK1",
            "KEPT_TWILIO_API_SECRET": secret,
            "KEPT_TWILIO_AUTH_TOKEN": token,
            "KEPT_TWILIO_FROM": "+447700900001",
            "KEPT_SMTP_HOST": box.host,
            "KEPT_SMTP_PORT": str(box.port),
            "KEPT_SMTP_TLS": "none-local",
            "KEPT_EMAIL_FROM": "updates@sample-police.example",
            "KEPT_BOUNCE_DOMAIN": BOUNCE_DOMAIN,
            "KEPT_RECEIPTS_LISTEN": f"127.0.0.1:{receipts}",
            "KEPT_RECEIPTS_PUBLIC_URL": f"http://127.0.0.1:{receipts}",
            "KEPT_RECEIPTS_SMTP_LISTEN": f"127.0.0.1:{bounces}",
            "KEPT_ALLOWED_RECIPIENTS": "*",
        }
        yield FarEnds(servers, twilio, box, settings)


async def load_force(database_url: str, toml: str, now: datetime) -> None:
    """Load a force's rules, as `kept force load` does: by two people, if they loosen something."""
    connection = await connect(database_url, name="kept-sandbox")
    try:
        async with connection.transaction():
            if (await load_rules(connection, toml, "Sandbox One", now)).revision is None:
                await load_rules(connection, toml, "Sandbox Two", now)
    finally:
        await connection.close()


def clock_at(start: datetime, rate: float) -> Clock:
    """A case clock that starts at `start` now."""
    return Clock(datetime.now(UTC), start, rate)


@dataclass(slots=True)
class Services:
    """The services' processes. A service that ends by itself is an error, unless it was told to crash."""

    environment: dict[str, str]
    folder: Path
    running: dict[str, Process] = field(default_factory=dict)
    ops: dict[str, int] = field(default_factory=dict)

    async def start(self, name: str, service: str, extra: Mapping[str, str] | None = None) -> None:
        """Start `kept SERVICE` under `name`; its log goes to a file of that name."""
        self.ops[name] = free_port()
        environment = self.environment | {"KEPT_OPS_LISTEN": f"127.0.0.1:{self.ops[name]}"} | dict(extra or {})
        command = (sys.executable, "-m", "services.cli", service)
        with log_of(self.folder, name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command, env=environment, stderr=log, stdout=log, start_new_session=True
            )
        processes.note(self.folder, name, process.pid, command)
        self.running[name] = process

    async def ready(self, name: str, seconds: float = 30) -> None:
        """Wait until the process says that it is ready; raises CannotStart with the end of its log."""
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            if self.running[name].returncode is not None:
                break
            if await _is_ready(self.ops[name]):
                return
            await asyncio.sleep(0.05)
        words = log_of(self.folder, name).read_text("utf-8", "replace")[-2000:]
        raise CannotStart(f"{name} did not become ready; the end of its log: {words}")

    def kill(self, name: str) -> None:
        """End a process at once, as a crash does."""
        with contextlib.suppress(ProcessLookupError):
            self.running[name].kill()

    async def stop(self, seconds: float = 20) -> dict[str, int | None]:
        """Ask all to stop, in order; returns their exit statuses."""
        for process in self.running.values():
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in self.running.values()]
        if waits:
            await asyncio.wait(waits, timeout=seconds)
        for process in self.running.values():
            if process.returncode is None:
                process.kill()
                await process.wait()
        for name in self.running:
            processes.forget(self.folder, name)
        return {name: process.returncode for name, process in self.running.items()}


async def _is_ready(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


@contextlib.asynccontextmanager
async def services(settings: Mapping[str, str], folder: Path, clock: Clock = SYSTEM) -> AsyncIterator[Services]:
    """A place for services to run in; whatever still runs at the end is asked to stop."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    run = Services(base | dict(settings) | {"KEPT_CLOCK": clock.describe()}, folder)
    try:
        yield run
    finally:
        await run.stop()
