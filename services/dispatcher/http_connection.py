"""One kept HTTP/1.1 connection: writes a request, reads its answer, and knows whether it may be used again.

Anything out of the ordinary (bytes nobody asked for, a second answer, an answer cut short) ends the connection, because the
next request on it could be given somebody else's answer.
"""

from __future__ import annotations

import asyncio
import select
from dataclasses import dataclass
from typing import Final, cast

import httptools

LARGEST_ANSWER: Final = 1 << 20
"""Bytes of headers and body; Twilio's answers have a few thousand."""
_LOOK_AFTER: Final = 0.01
"""Seconds of rest after which a connection is looked at before it is trusted."""


class AnswerLost(Exception):
    """Raised when the answer to a request that was written cannot be read; `why` is one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, headers by lower-case name (repeats joined with a comma), the body."""

    status: int
    headers: dict[str, str]
    body: bytes


class HttpConnection(asyncio.Protocol):
    """One connection, at most one request at a time. Machine times are the event loop's."""

    def __init__(self, idle_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._poll: select.poll | None = None
        self._idle_seconds = idle_seconds
        self._rested_since = self._loop.time()
        self._answer: asyncio.Future[Answer] | None = None
        self._usable = True
        self._begin()

    # ------------------------------------------------------------ the pool's side

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """Write `request`. From this call on its bytes may have left; the future brings the answer or AnswerLost."""
        transport = self._transport
        if transport is None or self._answer is not None:
            raise RuntimeError("a connection takes one request at a time, while it is open")
        self._begin()
        self._answer = self._loop.create_future()
        transport.write(request)
        return self._answer

    def rested(self) -> bool:
        """Whether this resting connection may be given another request."""
        now = self._loop.time()
        if not self.open or now - self._rested_since > self._idle_seconds:
            return False
        if now - self._rested_since < _LOOK_AFTER or self._poll is None:
            return True
        # The far end's goodbye may be in the kernel and not yet read. A request written then is lost without a trace of
        # whether it was taken, which costs a person's time to find out; looking costs a microsecond.
        return not self._poll.poll(0)

    @property
    def open(self) -> bool:
        """Whether the connection is up and in order."""
        return self._usable and self._transport is not None and not self._transport.is_closing()

    def rest(self) -> None:
        """Note that the connection goes back to rest."""
        self._rested_since = self._loop.time()

    def abort(self) -> None:
        """End the connection at once; an answer still awaited is lost."""
        self._usable = False
        if self._transport is not None:
            self._transport.abort()
        self._lose("ended")

    # ------------------------------------------------------------ asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self._transport = cast("asyncio.Transport", transport)
        found = transport.get_extra_info("socket")
        if found is not None and hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(found.fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Read on; bytes that nobody asked for end the connection."""
        if self._answer is None or self._answer.done():
            self.abort()
            return
        self._size += len(data)
        if self._size > LARGEST_ANSWER:
            self._fail("too_long")
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("unreadable")

    def eof_received(self) -> None:
        """The far end will write no more: an answer without a stated length ends here."""
        self._usable = False
        if self._headers_done and not self._has_length:
            self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits for an answer has lost it."""
        self._transport = None
        self._usable = False
        if error is None and self._headers_done and not self._has_length:
            self._finish()
        self._lose("closed")

    # ------------------------------------------------------------ the parser's side

    def on_message_begin(self) -> None:
        """An answer begins; one that nobody asked for means that the connection is not to be trusted."""
        if self._answer is None:
            self._usable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one header."""
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """Know from here on whether the answer states its length."""
        self._headers_done = True
        status = self._parser.get_status_code()
        self._has_length = (
            "content-length" in self._headers or "transfer-encoding" in self._headers or status in {204, 304}
        )

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole, unless it only says that one will come."""
        if 100 <= self._parser.get_status_code() < 200:
            self._headers.clear()
            self._body.clear()
            self._headers_done = False
            return
        if self._answer is None or self._answer.done():
            self.abort()  # a second answer to one request
            return
        self._finish()

    # ------------------------------------------------------------

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._headers_done = False
        self._has_length = False
        self._size = 0

    def _finish(self) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        status = self._parser.get_status_code()
        if not self._has_length or not self._parser.should_keep_alive():
            self._usable = False
        elif (stated := _stated_idle(self._headers.get("keep-alive", ""))) is not None:
            self._idle_seconds = min(self._idle_seconds, stated)
        answer.set_result(Answer(status, self._headers, b"".join(self._body)))

    def _lose(self, why: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(AnswerLost(why))

    def _fail(self, why: str) -> None:
        self._lose(why)
        self.abort()


def _stated_idle(header: str) -> float | None:
    """How long the far end says it keeps a connection (`Keep-Alive: timeout=5`), less a second for the way."""
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "timeout" and value.strip().isdigit():
            return max(0.0, int(value) - 1.0)
    return None
