"""Texts through twilio's own client against servers that misbehave: one POST a send, and the right one of four outcomes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.dispatcher.gateways import Accepted, NotSent, Outcome, Refused, Sms, Unknown
from services.dispatcher.sms import TwilioSms
from tests.contract.dispatcher.servers import (
    SID,
    HttpServer,
    Request,
    always,
    created,
    free_port,
    http_answer,
    http_server,
    reset,
)

ACCOUNT = "AC" + "0" * 32
TEXT = Sms(
    to="+447700900001",
    sender="+447700900099",
    body="Ref KF7Q2R8M: we have news for you. Ŵ & 100% = 1+1?",
    status_callback="https://receipts.example.org/twilio/status?attempt=0123456789abcdef0123456789abcdef",
    validity_seconds=1800,
)


@asynccontextmanager
async def gateway(base_url: str, **options: Any) -> AsyncIterator[TwilioSms]:
    sms = TwilioSms(
        account_sid=ACCOUNT, api_key="SK" + "1" * 32, api_secret="shh", base_url=base_url, connect_seconds=2, **options
    )
    try:
        yield sms
    finally:
        await sms.close()


def error(status: str, code: int, message: str = "something about +447700900001") -> bytes:
    return http_answer(status, f'{{"code": {code}, "message": "{message}", "status": {status[:3]}}}')


async def test_a_text_is_posted_as_twilio_documents_it() -> None:
    """The path, the sign-in and every field of a create, and the name that Twilio gives comes back."""
    async with http_server(always(created())) as server, gateway(server.url) as sms:
        assert await sms.send(TEXT) == Accepted(SID, "queued")
    [request] = server.requests
    assert request.line == f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"SK" + b"1" * 32 + b":shh").decode()
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {
        "To": [TEXT.to],
        "From": [TEXT.sender],
        "Body": [TEXT.body],
        "StatusCallback": [TEXT.status_callback],
        "ValidityPeriod": ["1800"],
        "SmartEncoded": ["false"],
    }


async def test_a_messaging_service_is_named_as_one() -> None:
    """A sender that is a Messaging Service goes into its own field."""
    service = "MG" + "2" * 32
    text = replace(TEXT, sender=service)
    async with http_server(always(created())) as server, gateway(server.url) as sms:
        assert isinstance(await sms.send(text), Accepted)
    fields = parse_qs(server.requests[0].body.decode())
    assert fields["MessagingServiceSid"] == [service]
    assert "From" not in fields


async def test_the_environment_does_not_choose_where_texts_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twilio's own environment variables change neither the host nor the sign-in."""
    for name in ("TWILIO_EDGE", "TWILIO_REGION", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "elsewhere")
    async with http_server(always(created())) as server, gateway(server.url) as sms:
        assert isinstance(await sms.send(TEXT), Accepted)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(error("500 Error", 20500), Unknown("twilio:20500", ""), id="R36-R21-500"),
        pytest.param(http_answer("502 Bad Gateway", "<html>no</html>"), Unknown("twilio:502", ""), id="R36-R21-502-html"),
        pytest.param(error("503 Busy", 20503), Unknown("twilio:20503", ""), id="R36-R21-503"),
        pytest.param(http_answer("504 Gateway Timeout"), Unknown("twilio:504", ""), id="R36-R21-504"),
        pytest.param(http_answer("201 Created", '{"sid": "SM0'), Unknown("twilio:unreadable", ""), id="R22-cut-off"),
        pytest.param(http_answer("201 Created", "<html/>"), Unknown("twilio:unreadable", ""), id="R22-html"),
        pytest.param(http_answer("201 Created", "[1]"), Unknown("twilio:unreadable", ""), id="R22-a-list"),
        pytest.param(http_answer("201 Created", "null"), Unknown("twilio:unreadable", ""), id="R22-null"),
        pytest.param(http_answer("201 Created", ""), Unknown("twilio:unreadable", ""), id="R22-empty"),
        pytest.param(http_answer("201 Created", "{}"), Unknown("twilio:no_sid", ""), id="R22-no-sid"),
        pytest.param(created("nonsense"), Unknown("twilio:no_sid", ""), id="R22-odd-sid"),
        pytest.param(http_answer("201 Created", "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")),
                     Unknown("twilio:unreadable", ""), id="R22-no-utf8"),
        pytest.param(http_answer("302 Found", "", "Location: /x\r\n"), Unknown("twilio:302", ""), id="redirect"),
        pytest.param(http_answer("408 Request Timeout"), Unknown("twilio:408", ""), id="408"),
        pytest.param(error("401 Unauthorized", 20003), NotSent("twilio:20003", "", None, True), id="401"),
        pytest.param(http_answer("403 Forbidden"), NotSent("twilio:403", "", None, True), id="403"),
        pytest.param(error("400 Bad", 30002), NotSent("twilio:30002", "", None, True), id="account-suspended"),
        pytest.param(error("403 Forbidden", 21408), Refused("twilio:21408", ""), id="403-about-one-number"),
        pytest.param(error("400 Bad", 21211), Refused("twilio:21211", ""), id="21211"),
        pytest.param(error("400 Bad", 21610), Refused("twilio:21610", ""), id="21610"),
        pytest.param(http_answer("404 Not Found", "<html/>"), Refused("twilio:404", ""), id="404-html"),
        pytest.param(error("400 Bad", 21611), NotSent("twilio:21611", ""), id="queue-full"),
        pytest.param(error("429 Too Many", 20429), NotSent("twilio:429", ""), id="R23-429"),
        pytest.param(
            http_answer("429 Too Many", "{}", "Retry-After: 7\r\n"), NotSent("twilio:429", "", 7.0), id="R23-429-after-7"
        ),
        pytest.param(
            http_answer(
                "400 Bad", '{"type": "t", "title": "no", "status": 400, "code": 21614, "detail": "x"}'
            ),
            Refused("twilio:21614", ""),
            id="rfc-9457",
        ),
    ],
)  # fmt: skip
async def test_r36_one_create_is_one_post_and_one_outcome(answer: bytes, expected: Outcome) -> None:
    """Whatever comes back, the text is posted once; the outcome carries our words and never Twilio's, which hold the number."""
    async with http_server(always(answer)) as server, gateway(server.url) as sms:
        outcome = await sms.send(TEXT)
    assert len(server.requests) == 1
    assert type(outcome) is type(expected)
    for name in ("code", "retry_after", "provider_wide"):
        assert getattr(outcome, name, None) == getattr(expected, name, None)
    assert "7700" not in repr(outcome)


async def test_r36_a_reset_is_unknown_and_one_post() -> None:
    """A connection reset after the request is one POST and unknown."""

    async def script(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    async with http_server(script) as server, gateway(server.url) as sms:
        assert await sms.send(TEXT) == Unknown("http:closed", "The provider's answer was lost.")
    assert len(server.requests) == 1


async def test_r36_the_time_limit_fires() -> None:
    """A limit fires on an answer that takes many times longer, and the outcome is unknown after one POST."""

    async def script(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1.8)
        writer.write(created())

    async with http_server(script) as server, gateway(server.url, answer_seconds=0.4) as sms:
        started = asyncio.get_running_loop().time()
        assert await sms.send(TEXT) == Unknown("http:timeout", "The provider's answer was lost.")
        assert asyncio.get_running_loop().time() - started < 1.5
    assert len(server.requests) == 1


async def test_r25_silence_for_one_does_not_stop_the_others() -> None:
    """While one request is never answered, other recipients' texts go through."""

    async def script(_server: HttpServer, request: Request, writer: asyncio.StreamWriter) -> None:
        if b"900066" in request.body:
            await asyncio.sleep(3600)
        writer.write(created())

    async with http_server(script) as server, gateway(server.url, answer_seconds=0.5, connections=4) as sms:
        silent = replace(TEXT, to="+447700900066")
        lost = [asyncio.create_task(sms.send(silent)) for _ in range(3)]
        for _ in range(5):
            assert isinstance(await sms.send(TEXT), Accepted)
        assert all(isinstance(outcome, Unknown) for outcome in await asyncio.gather(*lost))


async def test_a_provider_that_is_not_there_is_not_sent() -> None:
    """Nobody listens, and a certificate nobody signed: proven that nothing left."""
    async with gateway(f"http://127.0.0.1:{free_port()}") as sms:
        assert await sms.send(TEXT) == NotSent("http:connect", "The provider could not be reached.")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (field, value, code)
        for field, code, values in (
            (
                "to",
                "kept:bad_recipient",
                [
                    "07700900001",
                    "+44770\r\n0900001",
                    "+447700900001\0",
                    "whatsapp:+447700900001",
                    "+447700900001\n",
                    "",
                ],
            ),
            ("sender", "kept:bad_sender", ["a\r\nb", "Staffs\u2028Police", "=?utf-8?q?x?=", "x" * 10_000, ""]),
            ("status_callback", "kept:bad_callback", ["https://a b", "ftp://x", "https://x\r\nHost: y"]),
            (
                "body",
                "kept:bad_body",
                ["nul \0", "line\rfeed", "separator\u2029", "half \ud83d", "x" * 1601, " "],
            ),
            ("validity_seconds", "kept:bad_validity", [0, -5, 36_001]),
        )
        for value in values
    ],
)
async def test_s34_what_is_not_fit_never_reaches_the_library(field: str, value: Any, code: str) -> None:
    """Line breaks, NUL, Unicode separators and other shapes are refused before any request is made."""
    async with http_server(always(created())) as server, gateway(server.url) as sms:
        outcome = await sms.send(replace(TEXT, **{field: value}))
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert not server.requests


async def test_nothing_personal_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Even with every logger at its loudest, no number and no word of a text is logged."""
    caplog.set_level(1)
    async with http_server(always(error("400 Bad", 21211))) as server, gateway(server.url) as sms:
        await sms.send(TEXT)
    assert "7700" not in caplog.text
    assert "KF7Q2R8M" not in caplog.text
