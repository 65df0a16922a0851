"""Serving an ASGI application on a port of 127.0.0.1 within a running loop, for the length of a block."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.sandbox.processes import listen, listen_no_more

DROP = "kept.drop"


class _Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, and a way for the application to tear the connection down instead of answering."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {DROP: {"abort": self.transport.abort}}


class _Server(uvicorn.Server):
    """Signals belong to whoever runs the process, and the end comes when it is said, not at the next look."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        while not self.ending.is_set():
            await self.on_tick(0)  # the date in the headers, once a second
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), 1)


class Dropped:
    """An answer that is none: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Reset it, and return when uvicorn knows."""
        scope["extensions"][DROP]["abort"]()
        await _gone(receive)


class Silent:
    """An answer that never comes: the connection stays open until the client gives up or the server ends."""

    def __init__(self, ending: asyncio.Event) -> None:
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say nothing."""
        ended = asyncio.create_task(self._ending.wait())
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({ended, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                await Dropped()(scope, receive, send)
        finally:
            ended.cancel()
            gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve `app` until the block ends; yields its base URL. Port 0 is any free one. Raises OSError when the port is taken."""
    listener = listen(host, port)
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.sleep(0.005)
            if task.done():
                await task
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        await listen_no_more(listener)
        server.ending.set()
        await task
