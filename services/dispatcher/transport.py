"""The HTTP transport under Twilio's client: it really times out, never posts twice, and says what became of a request.

Every request ends in one of three ways: an answer, `NotWritten` (proven that no byte of it left) or `ReplyLost` (it may have been
taken). Nothing is ever sent again here, whatever happened: whether a request may be repeated is decided far above.

Why not a client off the shelf: those that are fast enough post again by themselves when a kept connection turns out dead, or
blur the difference between not written and reply lost (docs/decisions/0005-a-transport-of-our-own.md).
"""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote_plus, urlsplit

from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from services.dispatcher.http_connection import Answer, AnswerLost, HttpConnection
from services.dispatcher.slots import Slots

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 35.0
"""Twilio may take 26 s to answer; a shorter limit manufactures doubt."""
IDLE_SECONDS: Final = 4.0
"""How long a resting connection is trusted: less than the 5 s after which the commonest servers hang up."""

_log: Final = logging.getLogger(__name__)
_UNSAFE_IN_HEADERS: Final = frozenset("\r\n\0")


class NotWritten(Exception):
    """Raised when it is proven that nothing of a request left. `why`: connect, tls, busy or closed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ReplyLost(Exception):
    """Raised when a request may have been taken and its answer was not read.

    `why`: timeout, closed, ended, unreadable or too_long.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a URL leads: what to connect to, and what to ask for there."""

    host: str
    port: int
    secure: bool
    header: str
    target: str


class HttpTransport(AsyncHttpClient):  # type: ignore[misc]  # twilio ships no types
    """An HTTP/1.1 client for one provider, with at most `connections` requests at once. Times are machine seconds."""

    def __init__(
        self,
        *,
        connections: int = 64,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        wait_seconds: float = ANSWER_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        ca_file: Path | None = None,
    ) -> None:
        super().__init__(_log, is_async=True, timeout=answer_seconds)
        self._slots = Slots(connections)
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._wait_seconds = wait_seconds
        self._idle_seconds = idle_seconds
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._resting: dict[tuple[str, int, bool], list[HttpConnection]] = {}
        self._busy: set[HttpConnection] = set()
        self._closed = False

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make one request, once; the signature is `twilio.http.AsyncHttpClient.request`'s. Raises NotWritten or ReplyLost.

        `timeout` shortens the whole limit. Redirects are never followed: an answer from elsewhere proves nothing here.
        """
        if allow_redirects:
            raise ValueError("redirects are not followed")
        place = _place(uri)
        target = place.target
        if params:
            target += ("&" if "?" in target else "?") + encode_form(params)
        body = encode_form(data).encode("ascii") if data else b""
        first, rest = _head(method.upper(), place.header, tuple((headers or {}).items()), auth)
        request = b"%b%b%bcontent-length: %d\r\n\r\n%b" % (first, target.encode("ascii"), rest, len(body), body)
        answer = await self._exchange(place, request, min(timeout or self._answer_seconds, self._answer_seconds))
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)

    async def _exchange(self, place: _Place, request: bytes, answer_seconds: float) -> Answer:
        """Send the bytes of one request and read one answer."""
        if self._closed:
            raise NotWritten("closed")
        try:
            await self._slots.take(self._wait_seconds)
        except TimeoutError:
            raise NotWritten("busy") from None
        try:
            key = (place.host, place.port, place.secure)
            connection = self._rested(key) or await self._connect(place)
            if not connection.open:
                raise NotWritten("connect")  # it was gone before anything was written
            self._busy.add(connection)
            try:
                async with asyncio.timeout(answer_seconds):
                    answer = await connection.send(request)
            except BaseException as error:
                # Also when we are cancelled: whatever comes back later must never be read as another request's answer.
                connection.abort()
                if isinstance(error, AnswerLost):
                    raise ReplyLost(error.why) from None
                if isinstance(error, TimeoutError):
                    raise ReplyLost("timeout") from None
                raise
            finally:
                self._busy.discard(connection)
            if connection.open and not self._closed:
                connection.rest()
                self._resting.setdefault(key, []).append(connection)
            else:
                connection.abort()
            return answer
        finally:
            self._slots.give_back()

    async def close(self) -> None:
        """End every connection; answers still awaited are lost, and nothing more is written."""
        self._closed = True
        for connection in [*self._busy, *(one for many in self._resting.values() for one in many)]:
            connection.abort()
        self._resting.clear()
        await asyncio.sleep(0)  # the transports say goodbye in the loop's next turn

    def _rested(self, key: tuple[str, int, bool]) -> HttpConnection | None:
        """The connection that rested last, if it is still good; those found bad are ended."""
        resting = self._resting.get(key)
        while resting:
            connection = resting.pop()
            if connection.rested():
                return connection
            connection.abort()
        return None

    async def _connect(self, place: _Place) -> HttpConnection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(
                    lambda: HttpConnection(self._idle_seconds),
                    place.host,
                    place.port,
                    ssl=self._tls if place.secure else None,
                )
        except ssl.SSLError:
            raise NotWritten("tls") from None
        except (OSError, TimeoutError, UnicodeError):
            raise NotWritten("connect") from None
        if self._closed:
            connection.abort()
            raise NotWritten("closed")
        return connection


class _Quoted(dict[str, str]):
    """How each character of a form is written: found once, then looked up (RFC 3986 section 2, with `+` for a space)."""

    def __missing__(self, character: str) -> str:
        self[character] = text = quote_plus(character)
        return text


_QUOTED: Final = _Quoted()


def _quoted(text: str) -> str:
    return "".join(map(_QUOTED.__getitem__, text))


def encode_form(fields: Mapping[str, object]) -> str:
    """`application/x-www-form-urlencoded`; a list or tuple repeats its name. Raises UnicodeEncodeError for half a character."""
    return "&".join(
        f"{_quoted(name)}={_quoted(str(item))}"
        for name, value in fields.items()
        for item in (value if isinstance(value, (list, tuple)) else (value,))
    )


@lru_cache(maxsize=256)
def _place(url: str) -> _Place:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("give an http or https URL with a host and no sign-in in it")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii() or any(mark <= " " for mark in target):
        raise ValueError("the URL's path is not percent-encoded")
    return _Place(parts.hostname, parts.port or (443 if secure else 80), secure, parts.netloc, target)


@lru_cache(maxsize=256)
def _head(
    method: str, host: str, headers: tuple[tuple[str, str], ...], auth: tuple[str, str] | None
) -> tuple[bytes, bytes]:
    """The head of a request as two pieces, before and after its target."""
    lines = [("host", host), *((name.lower(), value) for name, value in headers)]
    if auth is not None:
        lines.append(("authorization", "Basic " + base64.b64encode(":".join(auth).encode()).decode("ascii")))
    if any(_UNSAFE_IN_HEADERS & {*name, *value} for name, value in lines):
        raise ValueError("a header holds a line break")
    rest = " HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"{method} ".encode("ascii"), rest.encode("latin-1")
