"""A Twilio look-alike: Messages are created, fetched and listed over real HTTP; signed callbacks follow; faults by number.

    async with twilio_sandbox() as twilio:      # twilio.base_url, twilio.account_sid, twilio.api_key, ...

Beside Twilio's own addresses it has those of `control.py`, by which a tester in another process steers it and reads what it took.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import itertools
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from services.sandbox import control
from services.sandbox.callbacks import Caller, inbound_parameters, status_parameters
from services.sandbox.control import Inbound, Knobs
from services.sandbox.messages import VERSION, Message, Problem, problem_body, read_create
from services.sandbox.numbers import SCRIPTS, Script
from services.sandbox.paging import page_of
from services.sandbox.serving import Dropped, Silent, serving

STOP_WORDS: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"})
START_WORDS: Final = frozenset({"START", "YES", "UNSTOP"})


_PLAIN: Final = Script()


@dataclass(slots=True)
class TwilioSandbox:
    """The look-alike's state. In the process that runs it, its attributes may be read and its scripts set directly."""

    knobs: Knobs
    account_sid: str
    auth_token: str
    api_key: str
    api_secret: str
    base_url: str = ""
    scripts: dict[str, Script] = field(default_factory=lambda: dict(SCRIPTS))
    messages: dict[str, Message] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)
    _stopped: set[tuple[str, str]] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: itertools.count[int] = field(default_factory=itertools.count)
    _caller: Caller | None = None
    _keys: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        """Twilio takes the account's own credentials as well as an API key's."""
        pairs = ((self.account_sid, self.auth_token), (self.api_key, self.api_secret))
        self._keys = frozenset(b"Basic " + base64.b64encode(f"{user}:{word}".encode()) for user, word in pairs)

    def accepted(self) -> list[Message]:
        """Every message taken to be sent, in order."""
        return [message for message in self.messages.values() if message.direction != "inbound"]

    def settings(self) -> dict[str, str]:
        """The settings that make a service use this far end."""
        return {
            "KEPT_TWILIO_BASE_URL": self.base_url,
            "KEPT_TWILIO_ACCOUNT_SID": self.account_sid,
            "KEPT_TWILIO_API_KEY": self.api_key,
            "KEPT_TWILIO_API_SECRET": self.api_secret,
            "KEPT_TWILIO_AUTH_TOKEN": self.auth_token,
        }

    def script(self, number: str, script: Script | None = None) -> None:
        """Set what happens with `number` (None: nothing out of the ordinary); what it counted starts again."""
        self.scripts[number] = script or _PLAIN
        self._seen.pop(number, None)

    def reset(self) -> None:
        """Forget every message, request and opt-out; the numbers do again what they do at the start."""
        for task in self._tasks:
            task.cancel()
        self.scripts = dict(SCRIPTS)
        self.messages.clear()
        self.requests.clear()
        self._seen.clear()
        self._stopped.clear()

    async def settled(self) -> None:
        """Return when everything that was to follow has followed."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    # What clients of Twilio's API reach.

    def app(self) -> ASGIApp:
        """The look-alike as an ASGI application."""
        messages = f"/{VERSION}/Accounts/{{account}}/Messages"
        return Starlette(
            routes=[
                Route(f"{messages}.json", self._create, methods=["POST"]),
                Route(f"{messages}.json", self._list, methods=["GET"]),
                Route(f"{messages}/{{sid}}.json", self._fetch, methods=["GET"]),
                *control.routes(self),
            ]
        )

    def _signed_in(self, request: Request) -> bool:
        shown = request.headers.get("authorization", "").encode()
        ours = any(hmac.compare_digest(shown, key) for key in self._keys)
        return ours and request.path_params["account"] == self.account_sid

    async def _create(self, request: Request) -> ASGIApp:
        arrived = datetime.now(UTC)
        form = _form(await request.body())
        if not self._signed_in(request):
            return self._answered(arrived, form, _refusal(Problem(401, 20003)), 401, None)
        read = read_create(self.account_sid, form)
        if isinstance(read, Problem):
            return self._answered(arrived, form, _refusal(read, dict(form).get("To", "")), read.status, None)
        script = self._script_for(read.to)
        if script.accepts and (read.sender or read.service_sid or "", read.to) in self._stopped:
            return self._answered(arrived, form, _refusal(Problem(400, 21610)), 400, None)
        if script.accepts:
            self.messages[read.sid] = read
            self._later(self._follow(read, script))
        return self._answered(arrived, form, *self._answer(script, read), read if script.accepts else None)

    def _script_for(self, number: str) -> Script:
        script = self.scripts.get(number, _PLAIN)
        if script.times is None:
            return script
        self._seen[number] += 1
        return script if self._seen[number] <= script.times else script.fresh()

    def _answer(self, script: Script, message: Message) -> tuple[ASGIApp, int | None]:
        body = orjson.dumps(message.resource())
        match script.answer:
            case "created":
                return _json(body, 201), 201
            case "truncated":
                return _json(body[: len(body) // 2], 201), 201
            case "html":
                return Response(b"<html><body>OK</body></html>", 201, media_type="text/html"), 201
            case "empty":
                return _json(b"", 201), 201
            case "no_sid":
                return _json(orjson.dumps(message.resource() | {"sid": None}), 201), 201
            case "silent":
                return Silent(self._ending), None
            case "dropped":
                return Dropped(), None
            case "error":
                return _error(script, message.to), script.status

    def _answered(
        self,
        arrived: datetime,
        form: list[tuple[str, str]],
        response: ASGIApp,
        status: int | None,
        message: Message | None,
    ) -> ASGIApp:
        first = dict(reversed(form))
        self.requests.append(
            {
                "at": arrived.isoformat(),
                "to": first.get("To"),
                "status_callback": first.get("StatusCallback"),
                "answer": status,
                "sid": message.sid if message else None,
            }
        )
        return response

    async def _fetch(self, request: Request) -> Response:
        if not self._signed_in(request):
            return _refusal(Problem(401, 20003))
        message = self.messages.get(request.path_params["sid"])
        if message is None:
            return _refusal(Problem(404, 20404))
        return _json(orjson.dumps(message.resource()))

    async def _list(self, request: Request) -> Response:
        if not self._signed_in(request):
            return _refusal(Problem(401, 20003))
        shown_until = datetime.now(UTC) - timedelta(seconds=self.knobs.list_lag_seconds)
        newest_first = (message for message in reversed(self.messages.values()) if message.created <= shown_until)
        return _json(orjson.dumps(page_of(newest_first, request.url.path, request.query_params)))

    # What follows by itself.

    def receive(self, text: Inbound) -> None:
        """A person sends a text; what Twilio does then follows."""
        self._later(self._receive(text))

    def _later(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, message: Message, script: Script) -> None:
        """The life of a message: it is sent and it ends, and both are called back as its script says."""
        half = self._delay() / 2
        steps: list[tuple[str, int | None]] = [("sent", None)]
        await asyncio.sleep(half)
        message.move("sent")
        if script.callbacks == "in_order" and not script.late_seconds:
            await self._tell(message, "sent", None)
        await asyncio.sleep(half)
        if script.outcome != "sent":
            message.move(script.outcome, script.error_code)
            steps.append((script.outcome, script.error_code))
        await asyncio.sleep(script.late_seconds)
        match script.callbacks:
            case "none":
                steps = []
            case "doubled_reversed":
                steps = [step for step in reversed(steps) for _ in range(2)]
            case "in_order" if not script.late_seconds:
                steps = steps[1:]
        for status, error_code in steps:
            await self._tell(message, status, error_code)
        if script.reply is not None and message.sender is not None:
            await self._receive(Inbound(sender=message.to, to=message.sender, body=script.reply))

    def _delay(self) -> float:
        """Seconds within the span set; drawn evenly, and the same in every run."""
        low, high = self.knobs.delay_ms
        return (low + (high - low) * (next(self._turn) * 0.618034 % 1)) / 1000

    async def _tell(self, message: Message, status: str, error_code: int | None) -> None:
        if message.status_callback is None or self._caller is None:
            return
        told = await self._caller.call(message.status_callback, status_parameters(message, status, error_code))
        message.callbacks.append({"status": status, **told})

    async def _receive(self, text: Inbound) -> None:
        """A person's text arrives: Twilio itself acts on the words that stop and start, then hands it on."""
        word = text.body.strip().upper()
        if word in STOP_WORDS:
            self._stopped.add((text.to, text.sender))
        elif word in START_WORDS:
            self._stopped.discard((text.to, text.sender))
        message = Message(self.account_sid, text.to, text.sender, text.body, "received", direction="inbound")
        self.messages[message.sid] = message
        if self.knobs.inbound_url is not None and self._caller is not None:
            told = await self._caller.call(self.knobs.inbound_url, inbound_parameters(message))
            message.callbacks.append({"status": "received", **told})


@contextlib.asynccontextmanager
async def twilio_sandbox(
    port: int = 0,
    *,
    account_sid: str | None = None,
    auth_token: str | None = None,
    api_key: str | None = None,
    api_secret: str | None = None,
    delay_ms: tuple[float, float] = (50, 150),
    inbound_url: str | None = None,
) -> AsyncIterator[TwilioSandbox]:
    """Run a look-alike on 127.0.0.1 for the length of the block. Port 0 is any free one; credentials not given are made up."""
    twilio = TwilioSandbox(
        knobs=Knobs(delay_ms=delay_ms, inbound_url=inbound_url),
        account_sid=account_sid or "AC" + secrets.token_hex(16),
        auth_token=auth_token or secrets.token_hex(16),
        api_key=api_key or "SK" + secrets.token_hex(16),
        api_secret=api_secret or secrets.token_hex(16),
    )
    caller = twilio._caller = Caller(twilio.auth_token)  # noqa: SLF001  its own module's
    try:
        async with serving(twilio.app(), port) as twilio.base_url:
            try:
                yield twilio
            finally:
                twilio._ending.set()  # noqa: SLF001  its own module's
                tasks = list(twilio._tasks)  # noqa: SLF001  its own module's
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await caller.close()


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


def _refusal(problem: Problem, to: str = "") -> Response:
    response = _json(orjson.dumps(problem_body(problem, to)), problem.status)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def _error(script: Script, to: str) -> Response:
    if script.code is None:
        response = Response(b"<html><body>Bad gateway</body></html>", script.status, media_type="text/html")
    else:
        response = _refusal(Problem(script.status, script.code), to)
    if script.retry_after is not None:
        response.headers["Retry-After"] = str(script.retry_after)
    return response
