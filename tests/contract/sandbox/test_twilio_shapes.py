"""The look-alike's requests and answers are Twilio's: held to the table made from Twilio's published OpenAPI file."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from services.sandbox import messages
from services.sandbox.twilio import TwilioSandbox
from tests.contract.sandbox.conftest import SENDER, TWILIOS_CLIENT_IS_OLD_FASHIONED, address, signed_in

pytestmark = TWILIOS_CLIENT_IS_OLD_FASHIONED

TABLE: dict[str, Any] = json.loads(Path(messages.__file__).with_name("twilio_fields.json").read_text())
TO = "+447700900900"


def wrong(value: Any, schema: dict[str, Any]) -> str | None:
    """What is wrong with a value by the published schema of its field."""
    if value is None:
        return None if schema.get("nullable") else "null"
    kinds: dict[str, type] = {"string": str, "integer": int, "array": list, "object": dict}
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return f"{type(value).__name__}, not {schema['type']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return "does not match the pattern"
    if "enum" in schema and value not in schema["enum"]:
        return "not in the list"
    if schema.get("format") == "date-time-rfc-2822":
        parsedate_to_datetime(value)
    return None


def faults(shown: dict[str, Any], table: dict[str, Any]) -> dict[str, str]:
    """Every field of `shown` that is not as published, and every published one that it lacks."""
    found = dict.fromkeys(shown.keys() ^ table.keys(), "missing or not Twilio's")
    for name in shown.keys() & table.keys():
        if problem := wrong(shown[name], table[name]):
            found[name] = problem
    return found


async def test_a_message_has_every_published_field_and_no_other_through_its_whole_life(
    twilio: TwilioSandbox, http: aiohttp.ClientSession
) -> None:
    """Created, fetched and listed, before and after delivery and after a failure, a message is as published."""
    url, headers = address(twilio), signed_in(twilio)
    for to in (TO, "+447700900101"):
        form = {"To": to, "From": SENDER, "Body": "Please call us.", "ValidityPeriod": "1800"}
        async with http.post(url, data=form, headers=headers) as response:
            assert response.status == 201
            created = await response.json()
        assert faults(created, TABLE["message"]) == {}
        assert (created["status"], created["direction"]) == ("queued", "outbound-api")
        await twilio.settled()
        async with http.get(twilio.base_url + created["uri"], headers=headers) as response:
            assert faults(await response.json(), TABLE["message"]) == {}
    async with http.get(url, headers=headers) as response:
        page = await response.json()
    assert faults(page, TABLE["page"]) == {}
    assert [faults(each, TABLE["message"]) for each in page["messages"]] == [{}, {}]


async def test_twilios_own_client_creates_fetches_and_lists(twilio: TwilioSandbox, client: Client) -> None:
    """Twilio's client reads back what it sent, and what became of it."""
    made = await client.messages.create_async(to=TO, from_=SENDER, body="Please call us.")
    assert (made.to, made.from_, made.body, made.status) == (TO, SENDER, "Please call us.", "queued")
    assert made.date_sent is None
    await twilio.settled()
    fetched = await client.messages(made.sid).fetch_async()
    assert (fetched.sid, fetched.status, fetched.error_code) == (made.sid, "delivered", None)
    assert fetched.date_sent is not None
    assert [each.sid for each in await client.messages.list_async(to=TO)] == [made.sid]


async def test_the_list_pages_newest_first_and_filters(twilio: TwilioSandbox, client: Client) -> None:
    """Twilio's client walks over the pages and meets every message once; To, From and DateSent narrow the list."""
    made = [
        (await client.messages.create_async(to=f"+4477009007{n:02}", from_=SENDER, body="One")).sid for n in range(45)
    ]
    await twilio.settled()
    listed = [each.sid for each in await client.messages.list_async(page_size=20)]
    assert listed == made[::-1]
    assert [each.sid for each in await client.messages.list_async(to="+447700900707")] == [made[7]]
    assert await client.messages.list_async(from_="+447700900002") == []
    today = twilio.messages[made[0]].created
    assert len(await client.messages.list_async(date_sent=today)) == 45
    assert await client.messages.list_async(date_sent_before=today.replace(year=today.year - 1)) == []
    assert len(await client.messages.list_async(limit=5, page_size=2)) == 5


async def test_a_message_that_is_not_sent_yet_is_hidden_by_a_filter_on_its_date(
    twilio: TwilioSandbox, client: Client
) -> None:
    """DateSent hides what has no such date yet: whoever reconciles must filter by To only."""
    twilio.knobs = twilio.knobs.model_copy(update={"delay_ms": (60_000, 60_000)})
    made = await client.messages.create_async(to=TO, from_=SENDER, body="One")
    assert await client.messages.list_async(to=TO, date_sent=twilio.messages[made.sid].created) == []
    assert len(await client.messages.list_async(to=TO)) == 1


async def test_a_messaging_service_may_stand_for_the_sender(twilio: TwilioSandbox, client: Client) -> None:
    """A message through a Messaging Service is accepted first, without a sender."""
    service = "MG" + "0" * 32
    made = await client.messages.create_async(to=TO, messaging_service_sid=service, body="One")
    assert (made.status, made.from_, made.messaging_service_sid) == ("accepted", None, service)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": None}, 21604),
        ({"To": "07700 900900"}, 21211),
        ({"To": "+0"}, 21211),
        ({"From": None}, 21603),
        ({"From": "far too long a name"}, 21212),
        ({"From": None, "MessagingServiceSid": "MG1"}, 21212),
        ({"Body": None}, 21602),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "ftp://example.org/"}, 21609),
        ({"StatusCallback": "https://under_score.example.org/"}, 21609),
        ({"StatusCallback": "https://[::1/"}, 21609),
        ({"ValidityPeriod": "0"}, 90007),
        ({"ValidityPeriod": "36001"}, 90007),
        ({"ValidityPeriod": "1.5"}, 90007),
    ],
)
async def test_a_request_that_twilio_would_refuse_is_refused(
    twilio: TwilioSandbox, http: aiohttp.ClientSession, change: dict[str, str | None], code: int
) -> None:
    """Each fault has Twilio's code, in Twilio's shape, and nothing is taken."""
    form = {"To": TO, "From": SENDER, "Body": "One"} | change
    async with http.post(
        address(twilio),
        data={name: value for name, value in form.items() if value is not None},
        headers=signed_in(twilio),
    ) as response:
        body = await response.json()
    assert (response.status, body["code"], body["status"]) == (400, code, 400)
    assert body.keys() == {"code", "message", "more_info", "status"}
    assert twilio.accepted() == []


async def test_only_the_key_and_the_account_itself_are_let_in(twilio: TwilioSandbox) -> None:
    """An API key or the account's token opens, on this account; anything else is 401 with code 20003."""
    pairs = {
        (twilio.api_key, twilio.api_secret): True,
        (twilio.account_sid, twilio.auth_token): True,
        (twilio.api_key, twilio.auth_token): False,
        ("", ""): False,
    }
    async with AsyncTwilioHttpClient() as http:
        for (user, word), let_in in pairs.items():
            client = Client(user or "x", word or "x", twilio.account_sid, http_client=http)
            client.api.base_url = twilio.base_url
            if let_in:
                await client.messages.create_async(to=TO, from_=SENDER, body="One")
                continue
            with pytest.raises(TwilioRestException) as refused:
                await client.messages.create_async(to=TO, from_=SENDER, body="One")
            assert (refused.value.status, refused.value.code) == (401, 20003)
        other = Client(twilio.api_key, twilio.api_secret, "AC" + "9" * 32, http_client=http)
        other.api.base_url = twilio.base_url
        with pytest.raises(TwilioRestException) as refused:
            await other.messages.create_async(to=TO, from_=SENDER, body="One")
        assert refused.value.status == 401
    assert len(twilio.accepted()) == 2


async def test_a_message_that_is_not_there_is_not_found(client: Client) -> None:
    """A SID that was never given is 404 with code 20404."""
    with pytest.raises(TwilioRestException) as refused:
        await client.messages("SM" + "0" * 32).fetch_async()
    assert (refused.value.status, refused.value.code) == (404, 20404)


async def test_a_field_that_twilio_does_not_have_is_ignored_and_shown(
    twilio: TwilioSandbox, http: aiohttp.ClientSession
) -> None:
    """Twilio would ignore it; the ledger names it, for it is a slip of the caller's."""
    form = {"To": TO, "From": SENDER, "Body": "One", "Callback": "x", "ValidityPeriod": "60"}
    async with http.post(address(twilio), data=form, headers=signed_in(twilio)) as response:
        assert response.status == 201
    assert twilio.accepted()[0].unknown_fields == ("Callback",)
    assert twilio.accepted()[0].validity_seconds == 60
