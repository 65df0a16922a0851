"""How a service lives: its tasks run together, SIGTERM ends them in order, a task that dies or stands still ends the process."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from services import logs
from services.ops import Check, Progress, ops_app
from services.refusals import Refused

log = logs.get(__name__)

STUCK_EXIT = 75


class PortTaken(Refused, OSError):
    """Raised when a listen address is in use: the text is a sentence for whoever started the process."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, because the runner owns signals; it says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.up.set()


def bind(listen: tuple[str, int], setting: str) -> socket.socket:
    """A listening socket; raises PortTaken with a sentence that names the setting."""
    host, port = listen
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: asyncio turns Nagle's algorithm off only where it is, and each answer would wait 40 ms otherwise.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host.strip("[]"), port))
    except OSError as error:
        opened.close()
        why = "is in use by another process" if error.errno == errno.EADDRINUSE else "cannot be listened on"
        raise PortTaken(f"{setting}: {host}:{port} {why}; give another address") from error
    opened.listen(1024)
    opened.setblocking(False)
    return opened


@asynccontextmanager
async def serving(app: ASGIApp, on: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on a bound socket for as long as the block runs."""
    server = _Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5)
    )
    task = asyncio.create_task(server.serve(sockets=[on]))
    try:
        started = asyncio.create_task(server.up.wait())
        await asyncio.wait([started, task], return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([task], timeout=10)


@asynccontextmanager
async def ops_pages(listen: str | None, progress: Progress, ready: dict[str, Check]) -> AsyncIterator[None]:
    """Serve `/live`, `/ready` and `/metrics` on `KEPT_OPS_LISTEN`, if it is given, for as long as the block runs."""
    if listen is None:
        yield
        return
    host, _, port = listen.rpartition(":")
    async with serving(ops_app(progress, ready), bind((host, int(port)), "KEPT_OPS_LISTEN")):
        yield


class Stopping(asyncio.Event):
    """Set when the process is asked to stop."""

    def listen(self) -> None:
        """Set this on SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.set)


async def watch(progress: Progress, every: float = 1.0) -> None:
    """End the process when a loop stands still: a supervisor starts it again, a silent reader nobody notices."""
    while True:
        await asyncio.sleep(every)
        stuck = progress.stuck()
        if stuck:
            log.critical("process_stuck", loops=stuck)
            sys.stderr.flush()
            os._exit(STUCK_EXIT)


async def run_until_stopped(
    loops: dict[str, Callable[[], Coroutine[Any, Any, None]]],
    stopping: Stopping,
    progress: Progress,
    stop: Callable[[], Awaitable[None]],
    seconds: float,
) -> None:
    """Run every loop until SIGTERM, then `stop` (take nothing new, finish what is in flight) within `seconds`.

    A loop that ends or raises by itself ends all of them; its error is raised here.
    """
    tasks = {name: asyncio.create_task(loop(), name=name) for name, loop in loops.items()}
    guard = asyncio.create_task(watch(progress))
    asked = asyncio.create_task(stopping.wait())
    try:
        done, _ = await asyncio.wait([*tasks.values(), asked, guard], return_when=asyncio.FIRST_COMPLETED)
        if asked in done:
            log.info("stopping")
            try:
                async with asyncio.timeout(seconds):
                    await stop()
            except TimeoutError:
                log.warning("stopped_with_work_in_flight")
            return
        for task in done:
            if task.exception() is not None:
                log.critical("loop_failed", loop=task.get_name(), exc_info=task.exception())
            task.result()
        raise RuntimeError("a loop of the service ended by itself")
    finally:
        for task in (*tasks.values(), asked, guard):
            task.cancel()
        await asyncio.gather(*tasks.values(), asked, guard, return_exceptions=True)
