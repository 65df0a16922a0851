"""Where Twilio's callbacks come in: checked, kept raw in the ledger, and only then answered.

The URL that was signed is made of the configured public URL and the path and query exactly as they came; what a proxy says in
`Host` or `X-Forwarded-*` decides nothing. Nothing is applied here, and nothing a caller sends can make this answer 500.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from services import faults, logs
from services.clock import Clock
from services.dispatcher.receipts.callbacks import (
    LARGEST_BODY,
    Fields,
    Malformed,
    genuine,
    inbound_text,
    status_callback,
)
from services.ledger import receipts
from services.ledger.connection import Pool
from services.ledger.receipts import Received
from services.metrics import RECEIPTS

SLOW_BODY_SECONDS: Final = 10.0
STORE_SECONDS: Final = 10.0
"""Twilio waits 15 s for an answer."""
STATUS_PATH: Final = "/twilio/status"
INBOUND_PATH: Final = "/twilio/inbound"

log = logs.get(__name__)


class _Answer(Exception):
    """Raised to answer at once with `status`; `outcome` is what the counter calls it."""

    def __init__(self, status: int, outcome: str) -> None:
        super().__init__(outcome)
        self.status, self.outcome = status, outcome


class _Web:
    def __init__(
        self, pool: Pool, clock: Clock, public_url: str, account_sid: str, auth_tokens: Sequence[str], slow: float
    ) -> None:
        self._pool, self._clock = pool, clock
        self._public_url = public_url.rstrip("/")
        self._prefix = urlsplit(self._public_url).path
        self._account_sid = account_sid
        self._auth_tokens = tuple(auth_tokens)
        self._slow = slow

    def routes(self) -> list[Route]:
        """The two paths, also behind a proxy that leaves the public URL's own path in front."""
        prefixes = {"", self._prefix}
        return [
            *(Route(prefix + STATUS_PATH, self._status, methods=["POST"]) for prefix in prefixes),
            *(Route(prefix + INBOUND_PATH, self._inbound, methods=["POST"]) for prefix in prefixes),
        ]

    async def _status(self, request: Request) -> Response:
        return await self._take(request, STATUS_PATH)

    async def _inbound(self, request: Request) -> Response:
        return await self._take(request, INBOUND_PATH)

    async def _take(self, request: Request, path: str) -> Response:
        try:
            raw, fields = await self._checked(request, path)
            received = _read(request.scope["query_string"], raw, fields, path)
        except _Answer as answer:
            RECEIPTS.labels(answer.outcome).inc()
            return Response(status_code=answer.status)
        except Malformed as error:
            RECEIPTS.labels("malformed").inc()
            log.warning("receipt_malformed", field=str(error))
            return Response(status_code=400)
        faults.point("receipts.before_store")
        try:
            async with asyncio.timeout(STORE_SECONDS), self._pool.acquire() as connection:
                await receipts.keep(connection, received, self._clock.now())
        except Exception as error:  # noqa: BLE001 - whatever ails the ledger, the caller is told to come again and no more
            # Most callers do not: what this one had to say is then found by asking the provider.
            RECEIPTS.labels("ledger_away").inc()
            log.warning("receipt_not_kept", error=type(error).__name__)
            return Response(status_code=503, headers={"retry-after": "5"})
        faults.point("receipts.after_store")
        return Response(status_code=204)

    async def _checked(self, request: Request, path: str) -> tuple[bytes, Fields]:
        """The body and its fields, once it is certain that our provider account sent them."""
        signatures = request.headers.getlist("x-twilio-signature")
        if len(signatures) != 1 or not signatures[0]:
            raise _Answer(403, "forged")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise _Answer(415, "malformed")
        raw = await self._body(request)
        fields = Fields(raw)
        url = self._signed_url(request, path)
        if url is None or not genuine(self._auth_tokens, url, fields, signatures[0]):
            raise _Answer(403, "forged")
        if fields.getlist("AccountSid") != [self._account_sid]:
            raise _Answer(403, "forged")
        return raw, fields

    async def _body(self, request: Request) -> bytes:
        stated = request.headers.get("content-length", "0")
        if not stated.isdigit() or len(stated) > 9 or int(stated) > LARGEST_BODY:
            raise _Answer(413, "malformed")
        body = bytearray()
        try:
            async with asyncio.timeout(self._slow):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > LARGEST_BODY:
                        raise _Answer(413, "malformed")
        except TimeoutError:
            raise _Answer(408, "malformed") from None
        except ClientDisconnect:
            raise _Answer(400, "malformed") from None
        return bytes(body)

    def _signed_url(self, request: Request, path: str) -> str | None:
        """The URL that the provider signed: the public one, with the query byte for byte."""
        raw_path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
        if raw_path not in {path, self._prefix + path}:
            return None  # spelt otherwise, such as percent-encoded: nobody was given such a URL
        query = request.scope["query_string"].decode("latin-1")
        return self._public_url + path + (f"?{query}" if query else "")


def _read(query: bytes, raw: bytes, fields: Fields, path: str) -> Received:
    if path == STATUS_PATH:
        said = status_callback(query, fields)
        code = None if said.code is None else f"twilio:{said.code}"
        return Received("twilio", "status", raw, said.token, said.sid, said.status, code)
    text = inbound_text(fields)
    return Received("twilio", "inbound", raw, provider_id=text.sid)


def receipts_app(
    pool: Pool,
    clock: Clock,
    *,
    public_url: str,
    account_sid: str,
    auth_tokens: Sequence[str],
    slow_body_seconds: float = SLOW_BODY_SECONDS,
) -> Starlette:
    """The web application of `kept receipts`. While a token is being changed, `auth_tokens` holds both."""
    app = Starlette(routes=_Web(pool, clock, public_url, account_sid, auth_tokens, slow_body_seconds).routes())
    app.router.redirect_slashes = False  # a redirect would be to whatever the caller's Host says
    return app
