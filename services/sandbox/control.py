"""How a tester in another process steers the Twilio look-alike and reads what it took: JSON in, JSON out, on loopback only.

- GET /sandbox/ledger: `accepts`, every message taken; `requests`, every request to create one and how it was answered.
- POST /sandbox/numbers: a script with its number, or a list of them (`numbers.py`). A number alone: nothing out of the ordinary.
- POST /sandbox/inbound: a person sends a text, {"from", "to", "body"}.
- POST /sandbox/settings: changes those of `Knobs` that it names; answers with all.
- POST /sandbox/reset: forgets all messages, requests and opt-outs; the numbers do again what they do at the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.numbers import Script

if TYPE_CHECKING:
    from services.sandbox.twilio import TwilioSandbox


class Knobs(BaseModel):
    """How the look-alike behaves as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_ms: tuple[float, float] = (50, 150)
    """The last callback of a message follows its creation within this span; the one before it comes half way."""
    list_lag_seconds: float = Field(0, ge=0)
    """A message shows in the list only after so long, as Twilio's list may lag."""
    inbound_url: str | None = None
    """Where the texts that people send are posted; without it they are only kept."""


class Numbered(Script):
    """A script with its number."""

    number: str = Field(pattern=r"^\+[1-9]\d{6,14}$")


class Inbound(BaseModel):
    """A text from a person to one of our numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    sender: str = Field(alias="from")
    to: str
    body: str


_NUMBERED: Final[TypeAdapter[Numbered | list[Numbered]]] = TypeAdapter(Numbered | list[Numbered])


def routes(twilio: TwilioSandbox) -> list[Route]:
    """The addresses under /sandbox/ for one look-alike."""

    async def ledger(_: Request) -> Response:
        accepts = [message.entry() for message in twilio.accepted()]
        return _json(orjson.dumps({"accepts": accepts, "requests": twilio.requests}))

    async def numbers(request: Request) -> Response:
        try:
            given = _NUMBERED.validate_json(await request.body())
        except ValidationError as error:
            return _wrong(error)
        for each in given if isinstance(given, list) else [given]:
            twilio.script(each.number, each)
        return Response(status_code=204)

    async def inbound(request: Request) -> Response:
        try:
            text = Inbound.model_validate_json(await request.body())
        except ValidationError as error:
            return _wrong(error)
        twilio.receive(text)
        return Response(status_code=204)

    async def settings(request: Request) -> Response:
        try:
            twilio.knobs = Knobs.model_validate(twilio.knobs.model_dump() | orjson.loads(await request.body()))
        except (ValidationError, orjson.JSONDecodeError, TypeError) as error:
            return _wrong(error)
        return _json(twilio.knobs.model_dump_json().encode())

    async def reset(_: Request) -> Response:
        twilio.reset()
        return Response(status_code=204)

    return [
        Route("/sandbox/ledger", ledger, methods=["GET"]),
        Route("/sandbox/numbers", numbers, methods=["POST"]),
        Route("/sandbox/inbound", inbound, methods=["POST"]),
        Route("/sandbox/settings", settings, methods=["POST"]),
        Route("/sandbox/reset", reset, methods=["POST"]),
    ]


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _wrong(error: Exception) -> Response:
    return Response(orjson.dumps({"problem": str(error)}), 400, media_type="application/json")
