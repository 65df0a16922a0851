"""Callbacks over real HTTP: kept raw before they are answered, and only if our account signed exactly what came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from services.dispatcher.receipts.web import receipts_app
from services.ledger.connection import Pool
from services.metrics import REGISTRY
from services.runner import bind, serving
from tests.integration.dispatcher.rows import CLOCK, Ledger

AUTH = "f" * 32
ACCOUNT = "AC" + "0" * 32
PUBLIC = "https://kept.example.org/hooks"
TOKEN = "0123456789abcdef0123456789abcdef"
STATUS = f"/twilio/status?attempt={TOKEN}"
SID = "SM" + "0123456789abcdef" * 2
FORM = {"MessageSid": SID, "MessageStatus": "sent", "AccountSid": ACCOUNT, "To": "+447700900001", "ErrorCode": ""}
INBOUND = {"MessageSid": SID, "From": "+447700900001", "To": "+447700900099", "Body": "STOP", "AccountSid": ACCOUNT}

Answer = tuple[int, bytes]


class Web:
    """The application on a real socket, and a client that sends exactly the bytes it is told."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def raw(self, data: bytes, *, then: bytes = b"", within: float = 5) -> int:
        """Send bytes, read a status; 0 if the server hung up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            if then:
                writer.write(then)
            line = await asyncio.wait_for(reader.readline(), within)
        except ConnectionError:
            return 0
        finally:
            writer.close()
        return int(line.split(b" ")[1]) if line else 0

    async def post(
        self,
        path: str = STATUS,
        form: dict[str, str] | bytes = FORM,
        *,
        signed: str | None = None,
        signature: str | None = None,
        headers: str = "",
        content_type: str = "application/x-www-form-urlencoded",
    ) -> int:
        """Post a form as the provider would; `signed` is the URL that it signed, `signature` replaces what it computes."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        if signature is None:
            fields = form if isinstance(form, dict) else {}
            signature = str(RequestValidator(AUTH).compute_signature(signed or PUBLIC + path, fields))
        lines = [
            f"POST {path} HTTP/1.1",
            "Host: anything",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
        ]
        if signature:
            lines.append(f"X-Twilio-Signature: {signature}")
        return await self.raw(("\r\n".join(lines) + f"\r\n{headers}\r\n").encode() + body)


@pytest.fixture
async def web(pool: Pool) -> AsyncIterator[Web]:
    """The receipts application, listening."""
    socket = bind(("127.0.0.1", 0), "KEPT_RECEIPTS_LISTEN")
    app = receipts_app(
        pool, CLOCK, public_url=PUBLIC, account_sid=ACCOUNT, auth_tokens=["old" * 10, AUTH], slow_body_seconds=0.4
    )
    async with serving(app, socket):
        yield Web(socket.getsockname()[1])


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("kept_receipts_total", {"outcome": outcome}) or 0.0


async def test_a_status_callback_is_kept_raw_and_then_answered(web: Web, ledger: Ledger) -> None:
    """204 means that the bytes, the token, the name, the status and the code are in the ledger, not applied yet."""
    assert await web.post(form={**FORM, "MessageStatus": "undelivered", "ErrorCode": "30003"}) == 204
    [row] = await ledger.rows(
        "select provider, kind, token, provider_id, status, code, convert_from(raw, 'UTF8'), received_at, applied_at"
        " from receipts"
    )
    assert row[:6] == ("twilio", "status", TOKEN, SID, "undelivered", "twilio:30003")
    assert "To=%2B447700900001" in row[6]
    assert row[7].year == 2026
    assert row[8] is None


async def test_a_text_that_came_in_is_kept_raw(web: Web, ledger: Ledger) -> None:
    """An answer of somebody's is kept as it came, with the provider's name for it."""
    assert await web.post("/twilio/inbound", INBOUND) == 204
    assert await ledger.rows("select kind, token, provider_id from receipts") == [("inbound", None, SID)]


@pytest.mark.parametrize(
    "signature",
    ["", "x", "AAAA" * 7, str(RequestValidator("another account").compute_signature(PUBLIC + STATUS, FORM))],
    ids=["S09-none", "S09-wrong", "S09-another", "S09-other-account"],
)
async def test_s09_without_our_signature_nothing_is_kept(web: Web, ledger: Ledger, signature: str) -> None:
    """403, a counter, and nothing in the ledger."""
    before = counted("forged")
    assert await web.post(signature=signature) == 403
    assert await ledger.value("select count(*) from receipts") == 0
    assert counted("forged") == before + 1


async def test_s09_cut_off_doubled_or_of_another_account(web: Web, ledger: Ledger) -> None:
    """A signature cut short, two of them, and an account that is not ours though the token fits."""
    good = str(RequestValidator(AUTH).compute_signature(PUBLIC + STATUS, FORM))
    assert await web.post(signature=good[:-1]) == 403
    assert await web.post(signature=good, headers=f"X-Twilio-Signature: {good}\r\n") == 403
    assert await web.post(form={**FORM, "AccountSid": "AC" + "1" * 32}) == 403
    assert await web.post(form={name: value for name, value in FORM.items() if name != "AccountSid"}) == 403
    assert await ledger.value("select count(*) from receipts") == 0


@pytest.mark.parametrize(
    ("path", "signed", "status"),
    [
        pytest.param(STATUS, PUBLIC + STATUS, 204, id="S10-http-inside"),
        pytest.param("/hooks" + STATUS, PUBLIC + STATUS, 204, id="S10-prefix-left-in-front"),
        pytest.param(STATUS, PUBLIC.replace(".org", ".org:443") + STATUS, 204, id="S10-port"),
        pytest.param(STATUS, "http://kept.example.org/hooks" + STATUS, 403, id="S10-scheme"),
        pytest.param(STATUS, "https://kept.example.org" + STATUS, 403, id="S10-no-prefix"),
        pytest.param(STATUS + "&b=1&a=2", PUBLIC + STATUS + "&b=1&a=2", 204, id="S10-order-kept"),
        pytest.param(STATUS + "&b=1&a=2", PUBLIC + STATUS + "&a=2&b=1", 403, id="S10-query-re-ordered"),
        pytest.param(STATUS + "&q=%27", PUBLIC + STATUS + "&q=%27", 204, id="S10-quoted"),
        pytest.param(STATUS + "&q=%27", PUBLIC + STATUS + "&q='", 403, id="S10-re-quoted"),
        pytest.param(STATUS.replace("s?", "%73?"), PUBLIC + STATUS, 403, id="S10-path-re-quoted"),
        pytest.param(STATUS.replace("0123", "%30123", 1), PUBLIC + STATUS, 403, id="S10-token-re-quoted"),
    ],
)
async def test_s10_accepted_exactly_when_the_bytes_match_what_was_signed(
    web: Web, path: str, signed: str, status: int
) -> None:
    """Whatever a proxy does to the URL, only the public URL with the query as it was signed counts."""
    assert await web.post(path, signed=signed) == status


async def test_s10_hosts_and_forwarded_headers_decide_nothing(web: Web) -> None:
    """A forged X-Forwarded-Host neither helps nor harms."""
    headers = "X-Forwarded-Host: evil.example.org\r\nX-Forwarded-Proto: http\r\nForwarded: host=evil.example.org\r\n"
    assert await web.post(headers=headers) == 204
    assert await web.post(signed="https://evil.example.org/hooks" + STATUS, headers=headers) == 403


async def test_s10_empty_and_repeated_fields(web: Web) -> None:
    """Fields without a value are under the signature and count; so does a field that comes twice."""
    assert await web.post(form={**FORM, "Empty": "", "Ŵ": "ŷ &="}) == 204

    class Repeated(dict[str, str]):
        def getlist(self, name: str) -> list[str]:
            return ["1", "2"] if name == "Extra" else [self[name]]

    repeated = Repeated(FORM, Extra="")
    signature = str(RequestValidator(AUTH).compute_signature(PUBLIC + STATUS, repeated))
    body = urlencode([*FORM.items(), ("Extra", "2"), ("Extra", "1")]).encode()
    assert await web.post(form=body, signature=signature) == 204


async def test_s12_signed_but_cut_up_differently(web: Web, ledger: Ledger) -> None:
    """The same letters under a good signature, with other boundaries: 400 and nothing kept."""
    whole = {**FORM, "ErrorCode": "30003"}
    cut = {**FORM, "ErrorCode3": "0003"}
    del cut["ErrorCode"]
    signature = str(RequestValidator(AUTH).compute_signature(PUBLIC + STATUS, whole))
    assert signature == str(RequestValidator(AUTH).compute_signature(PUBLIC + STATUS, cut))
    assert await web.post(form=cut, signature=signature) == 400
    assert await ledger.value("select count(*) from receipts") == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param({"content_type": "application/json"}, 415, id="S14-json"),
        pytest.param({"content_type": "multipart/form-data; boundary=x"}, 415, id="S14-multipart"),
        pytest.param({"form": b"a=" + b"x" * 20_000, "signature": "x"}, 413, id="S14-too-big"),
        pytest.param({"form": b"&".join(b"a=1" for _ in range(500)), "signature": "x"}, 400, id="S14-too-many-fields"),
        pytest.param({"form": b"\xff\xfe", "signature": "x"}, 400, id="S14-no-form"),
        pytest.param({"form": b"", "signature": "x"}, 403, id="S14-empty"),
    ],
)
async def test_s14_odd_requests_are_refused_and_never_an_error(web: Web, data: dict[str, object], status: int) -> None:
    """Wrong type, too big, too many fields, no form at all."""
    assert await web.post(**data) == status  # type: ignore[arg-type]  # the parameters of post


async def test_s14_10_mb_and_a_slow_body_end_early(web: Web) -> None:
    """A body announced as huge, one that turns out huge in chunks, and one that never ends: refused without being read."""
    head = (
        "POST /twilio/status HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: x\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    )
    assert await web.raw(f"{head}Content-Length: 10000000\r\n\r\n".encode()) == 413
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert await web.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), then=chunk) == 413
    assert await web.raw(f"{head}Content-Length: 100\r\n\r\na=".encode()) == 408


async def test_other_paths_and_methods(web: Web) -> None:
    """Nothing else is there, and no redirect is ever given."""
    assert await web.raw(b"GET /twilio/status HTTP/1.1\r\nHost: x\r\n\r\n") == 405
    assert await web.post("/twilio/status/") == 404
    assert await web.post("/") == 404


async def test_with_the_ledger_away_the_answer_says_so(web: Web, pool: Pool) -> None:
    """503 and not a word more; nothing breaks."""
    await pool.close()
    assert await web.post() == 503
