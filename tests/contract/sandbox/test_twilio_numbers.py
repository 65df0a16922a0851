"""What the look-alike does with each of its numbers, seen through Twilio's own client, a plain one, and the callbacks."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from services.sandbox.numbers import PREFIX, SCRIPTS, Script
from services.sandbox.twilio import TwilioSandbox, twilio_sandbox
from tests.conftest import eventually
from tests.contract.sandbox.conftest import (
    SENDER,
    TWILIOS_CLIENT_IS_OLD_FASHIONED,
    Receiver,
    address,
    signed_in,
    valid,
)

pytestmark = TWILIOS_CLIENT_IS_OLD_FASHIONED


async def send(client: Client, receiver: Receiver, number: str, attempt: str = "t0") -> str:
    """Create a message to one of the numbers; returns its SID."""
    made = await client.messages.create_async(
        to=number, from_=SENDER, body="Please call us.", status_callback=f"{receiver.base_url}/status?attempt={attempt}"
    )
    return str(made.sid)


async def _some(things: list[dict[str, object]]) -> bool:
    return bool(things)


async def by_hand(
    http: aiohttp.ClientSession, twilio: TwilioSandbox, receiver: Receiver, number: str, limit: float = 5
) -> aiohttp.ClientResponse:
    """The same by a plain client, whose answer can be looked at whatever it is."""
    form = {
        "To": number,
        "From": SENDER,
        "Body": "Please call us.",
        "StatusCallback": f"{receiver.base_url}/status?attempt=t0",
    }
    async with http.post(
        address(twilio), data=form, headers=signed_in(twilio), timeout=aiohttp.ClientTimeout(limit)
    ) as response:
        await response.read()
        return response


@pytest.mark.parametrize(
    ("number", "final", "code", "called_back"),
    [
        ("900", "delivered", None, ["sent", "delivered"]),
        ("101", "undelivered", 30003, ["sent", "undelivered"]),
        ("102", "undelivered", 30005, ["sent", "undelivered"]),
        ("116", "undelivered", 30006, ["sent", "undelivered"]),
        ("108", "delivered", None, []),
        ("109", "delivered", None, ["delivered", "delivered", "sent", "sent"]),
    ],
)
async def test_an_accepted_message_ends_as_its_number_says(
    twilio: TwilioSandbox,
    client: Client,
    receiver: Receiver,
    number: str,
    final: str,
    code: int | None,
    called_back: list[str],
) -> None:
    """The message's status at Twilio, its error code, and its callbacks one by one."""
    sid = await send(client, receiver, PREFIX + number)
    await twilio.settled()
    fetched = await client.messages(sid).fetch_async()
    assert (fetched.status, fetched.error_code) == (final, code)
    assert receiver.statuses(sid) == called_back
    codes = [call.form.get("ErrorCode") for call in receiver.calls if call.form["MessageStatus"] == final]
    assert set(codes) <= {str(code) if code else None}


async def test_callbacks_carry_the_token_and_twilios_signature(
    twilio: TwilioSandbox, client: Client, receiver: Receiver
) -> None:
    """Twilio's own validator accepts every callback on the exact URL, and no altered one."""
    token = "T-a.b~c%2Bd&x=%C3%A9"
    sid = await send(client, receiver, f"{PREFIX}900", token)
    await twilio.settled()
    assert len(receiver.calls) == 2
    for call in receiver.calls:
        assert call.url == f"{receiver.base_url}/status?attempt={token}"
        assert valid(twilio, call)
        assert {"AccountSid": twilio.account_sid, "To": f"{PREFIX}900", "From": SENDER}.items() <= call.form.items()
        assert (call.form["SmsSid"], call.form["SmsStatus"]) == (sid, call.form["MessageStatus"])
        call.form["MessageStatus"] = "undelivered"
        assert not valid(twilio, call)


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [("103", 400, 21211), ("104", 400, 21610), ("106", 500, 20500), ("117", 401, 20003)],
)
async def test_a_refused_message_is_refused_every_time_and_never_taken(
    twilio: TwilioSandbox, client: Client, receiver: Receiver, number: str, status: int, code: int
) -> None:
    """Twilio's client raises with the status and the code, and the ledger of accepts stays empty."""
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refused:
            await send(client, receiver, PREFIX + number)
        assert (refused.value.status, refused.value.code) == (status, code)
    assert twilio.accepted() == []
    assert [each["answer"] for each in twilio.requests] == [status, status]


@pytest.mark.parametrize(("number", "status", "times", "retry_after"), [("105", 429, 2, "1"), ("112", 503, 1, None)])
async def test_a_passing_fault_passes(
    twilio: TwilioSandbox,
    http: aiohttp.ClientSession,
    receiver: Receiver,
    number: str,
    status: int,
    times: int,
    retry_after: str | None,
) -> None:
    """The first requests are turned away, with Retry-After where that is said; the next is taken, once."""
    for _ in range(times):
        response = await by_hand(http, twilio, receiver, PREFIX + number)
        assert (response.status, response.headers.get("Retry-After")) == (status, retry_after)
        assert twilio.accepted() == []
    for _ in range(2):
        assert (await by_hand(http, twilio, receiver, PREFIX + number)).status == 201
    assert len(twilio.accepted()) == 2


async def test_silence_is_an_accepted_message_without_an_answer(
    twilio: TwilioSandbox, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    """The client waits in vain; the message was taken and its callbacks come."""
    waiting = asyncio.create_task(by_hand(http, twilio, receiver, f"{PREFIX}107", limit=30))
    await eventually(lambda: _some(twilio.requests))
    await twilio.settled()
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    (message,) = twilio.accepted()
    assert receiver.statuses(message.sid) == ["sent", "delivered"]
    assert twilio.requests[0]["answer"] is None


async def test_a_silent_connection_does_not_keep_the_look_alike_from_ending(receiver: Receiver) -> None:
    """Whoever still waits when the look-alike ends sees the connection break, at once."""
    async with aiohttp.ClientSession() as http:
        async with twilio_sandbox() as twilio:
            waiting = asyncio.create_task(by_hand(http, twilio, receiver, f"{PREFIX}107", limit=30))
            await eventually(lambda: _some(twilio.requests))
            started = time.monotonic()
        with pytest.raises(aiohttp.ClientConnectionError):
            await waiting
        assert time.monotonic() - started < 3


async def test_a_dropped_connection_took_nothing(
    twilio: TwilioSandbox, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    """The connection breaks without an answer, and nothing was taken."""
    with pytest.raises((aiohttp.ClientConnectionError, ConnectionError)):
        await by_hand(http, twilio, receiver, f"{PREFIX}115")
    await twilio.settled()
    assert twilio.accepted() == []
    assert receiver.calls == []
    assert (await by_hand(http, twilio, receiver, f"{PREFIX}900")).status == 201


async def test_a_truncated_answer_hides_an_accepted_message(
    twilio: TwilioSandbox, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    """201 whose JSON breaks off; the message was taken and its callbacks come."""
    response = await by_hand(http, twilio, receiver, f"{PREFIX}113")
    assert response.status == 201
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        await response.json()
    await twilio.settled()
    assert receiver.statuses(twilio.accepted()[0].sid) == ["sent", "delivered"]


async def test_500_may_come_after_the_message_was_taken(
    twilio: TwilioSandbox, client: Client, receiver: Receiver
) -> None:
    """The answer is 500, and the message is there and is delivered all the same."""
    with pytest.raises(TwilioRestException) as refused:
        await send(client, receiver, f"{PREFIX}114")
    assert refused.value.status == 500
    await twilio.settled()
    (message,) = twilio.accepted()
    assert receiver.statuses(message.sid) == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("answer", "kind", "body"),
    [("html", "text/html", "<html>"), ("empty", "application/json", ""), ("no_sid", "application/json", '"sid":null')],
)
async def test_spoiled_answers_can_be_scripted(
    twilio: TwilioSandbox, http: aiohttp.ClientSession, receiver: Receiver, answer: str, kind: str, body: str
) -> None:
    """A 201 that names no message is an accepted message all the same."""
    twilio.script(f"{PREFIX}150", Script.model_validate({"answer": answer}))
    response = await by_hand(http, twilio, receiver, f"{PREFIX}150")
    assert (response.status, response.content_type) == (201, kind)
    text = await response.text()
    assert body in text
    assert (text == "") is (answer == "empty")
    assert len(twilio.accepted()) == 1


async def test_late_callbacks_are_later_than_the_truth(
    twilio: TwilioSandbox, client: Client, receiver: Receiver
) -> None:
    """The message is delivered in truth while its callbacks are still to come."""
    assert SCRIPTS[f"{PREFIX}110"].late_seconds == 2
    twilio.script(f"{PREFIX}110", SCRIPTS[f"{PREFIX}110"].model_copy(update={"late_seconds": 0.4}))
    sid = await send(client, receiver, f"{PREFIX}110")
    while (await client.messages(sid).fetch_async()).status != "delivered":
        assert receiver.calls == []
    assert receiver.calls == []
    await twilio.settled()
    assert receiver.statuses(sid) == ["sent", "delivered"]


async def test_stop_is_an_inbound_text_and_bars_the_sender(
    twilio: TwilioSandbox, client: Client, receiver: Receiver
) -> None:
    """Delivered, then STOP comes in, signed, empty fields and all; Twilio itself refuses further texts until START."""
    number = f"{PREFIX}111"
    twilio.knobs = twilio.knobs.model_copy(update={"inbound_url": f"{receiver.base_url}/inbound"})
    sid = await send(client, receiver, number)
    await twilio.settled()
    assert receiver.statuses(sid) == ["sent", "delivered"]
    call = receiver.calls[-1]
    assert call.url == f"{receiver.base_url}/inbound"
    assert (call.form["From"], call.form["To"], call.form["Body"]) == (number, SENDER, "STOP")
    assert call.form["FromCity"] == ""
    assert valid(twilio, call)
    with pytest.raises(TwilioRestException) as refused:
        await send(client, receiver, number)
    assert refused.value.code == 21610
    async with aiohttp.ClientSession() as http:
        text = {"from": number, "to": SENDER, "body": " start "}
        async with http.post(f"{twilio.base_url}/sandbox/inbound", json=text) as response:
            assert response.status == 204
    await twilio.settled()
    twilio.script(number)
    await send(client, receiver, number)
    assert len(twilio.accepted()) == 2


async def test_whatever_is_answered_counts_as_told(twilio: TwilioSandbox, client: Client, receiver: Receiver) -> None:
    """A callback that is answered with 500 is not repeated: Twilio repeats only where no connection came about."""
    receiver.answer = 500
    sid = await send(client, receiver, f"{PREFIX}900")
    await twilio.settled()
    assert receiver.statuses(sid) == ["sent", "delivered"]
    assert [each["answer"] for each in twilio.messages[sid].callbacks] == [500, 500]


async def test_callbacks_to_nobody_are_given_up(twilio: TwilioSandbox, client: Client) -> None:
    """Where nobody listens, the callbacks are lost and the message is delivered all the same."""
    made = await client.messages.create_async(
        to=f"{PREFIX}900", from_=SENDER, body="One", status_callback="http://127.0.0.1:9/status"
    )
    await twilio.settled()
    message = twilio.messages[made.sid]
    assert message.status == "delivered"
    assert [each["answer"] for each in message.callbacks] == [None, None]


async def test_every_number_of_the_list_is_within_the_range_for_drama() -> None:
    """No script may ever name a number that somebody could own."""
    assert {int(number[1:]) for number in SCRIPTS} <= set(range(447700900000, 447700901000))


async def test_a_tester_in_another_process_steers_and_reads(
    twilio: TwilioSandbox, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    """Scripts, settings, the ledger and a reset, over HTTP; what is not understood is refused and changes nothing."""
    control = f"{twilio.base_url}/sandbox"
    scripts = [
        {"number": f"{PREFIX}151", "outcome": "undelivered", "error_code": 30007},
        {"number": f"{PREFIX}152", "answer": "error", "status": 502, "accepts": False, "times": 1},
    ]
    async with http.post(f"{control}/numbers", json=scripts) as response:
        assert response.status == 204
    assert (await by_hand(http, twilio, receiver, f"{PREFIX}151")).status == 201
    bad_gateway = await by_hand(http, twilio, receiver, f"{PREFIX}152")
    assert (bad_gateway.status, bad_gateway.content_type) == (502, "text/html")
    await twilio.settled()
    async with http.get(f"{control}/ledger") as response:
        ledger = await response.json()
    (accept,) = ledger["accepts"]
    assert (accept["to"], accept["status"], accept["error_code"]) == (f"{PREFIX}151", "undelivered", 30007)
    assert [each["answer"] for each in accept["callbacks"]] == [204, 204]
    assert [(each["to"], each["answer"]) for each in ledger["requests"]] == [
        (f"{PREFIX}151", 201),
        (f"{PREFIX}152", 502),
    ]

    for path, body in {
        "numbers": {"number": f"{PREFIX}153", "answr": "silent"},
        "inbound": {"from": "x"},
        "settings": {"delays": 1},
    }.items():
        async with http.post(f"{control}/{path}", json=body) as response:
            assert response.status == 400
            assert "problem" in await response.json()
    async with http.post(f"{control}/settings", json={"list_lag_seconds": 3600}) as response:
        assert (await response.json())["list_lag_seconds"] == 3600
    async with http.get(address(twilio), headers=signed_in(twilio)) as response:
        assert (await response.json())["messages"] == []

    async with http.post(f"{control}/reset") as response:
        assert response.status == 204
    async with http.get(f"{control}/ledger") as response:
        assert await response.json() == {"accepts": [], "requests": []}
    assert f"{PREFIX}151" not in twilio.scripts
