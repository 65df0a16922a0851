"""Twilio's own client on the look-alike, and somebody who receives its callbacks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from services.sandbox.serving import serving
from services.sandbox.twilio import TwilioSandbox, twilio_sandbox

SENDER = "+447700900001"
TWILIOS_CLIENT_IS_OLD_FASHIONED = [
    # It signs in by a way that aiohttp means to drop.
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]


@dataclass
class Call:
    """One callback as it came in."""

    url: str
    form: dict[str, str]
    signature: str


@dataclass
class Receiver:
    """An address that callbacks are sent to."""

    base_url: str = ""
    answer: int = 204
    calls: list[Call] = field(default_factory=list)

    def statuses(self, sid: str) -> list[str]:
        return [call.form["MessageStatus"] for call in self.calls if call.form.get("MessageSid") == sid]

    async def handle(self, request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, strict_parsing=True))
        signature = request.headers["X-Twilio-Signature"]
        self.calls.append(Call(f"{self.base_url}{request.url.path}{query}", form, signature))
        return Response(status_code=self.answer)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Receives callbacks on any path."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/{rest:path}", receiver.handle, methods=["POST"])])
    async with serving(app) as receiver.base_url:
        yield receiver


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioSandbox]:
    """A look-alike whose callbacks follow at once."""
    async with twilio_sandbox(delay_ms=(0, 10)) as sandbox:
        yield sandbox


@pytest.fixture
async def client(twilio: TwilioSandbox) -> AsyncIterator[Client]:
    """Twilio's own client, signed in with the API key."""
    http = AsyncTwilioHttpClient()
    client = Client(twilio.api_key, twilio.api_secret, twilio.account_sid, http_client=http)
    client.api.base_url = twilio.base_url
    yield client
    await http.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield session


def signed_in(twilio: TwilioSandbox) -> dict[str, str]:
    """The header of a request by hand."""
    return {"Authorization": aiohttp.encode_basic_auth(twilio.api_key, twilio.api_secret)}


def address(twilio: TwilioSandbox) -> str:
    """Where messages are created and listed."""
    return f"{twilio.base_url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"


def valid(twilio: TwilioSandbox, call: Call) -> bool:
    """What Twilio's own validator says of a callback's signature."""
    return bool(RequestValidator(twilio.auth_token).validate(call.url, call.form, call.signature))
