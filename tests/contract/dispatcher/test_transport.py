"""The HTTP transport over real sockets: every request is answered, not written, or its reply is lost, and none is made twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop

from services.dispatcher.transport import HttpTransport, NotWritten, ReplyLost
from tests.contract.dispatcher.servers import (
    Certificates,
    HttpServer,
    Request,
    always,
    arrived,
    free_port,
    http_answer,
    http_server,
    reset,
)


@asynccontextmanager
async def transport(**options: Any) -> AsyncIterator[HttpTransport]:
    opened = HttpTransport(**{"connect_seconds": 2.0, "answer_seconds": 5.0, **options})
    try:
        yield opened
    finally:
        await opened.close()


async def _post_3000() -> tuple[dict[str, str], Counter[str]]:
    """Post 3,000 times to a server that ends resting connections at any moment: how each ended, and what arrived."""
    chance = random.Random(4711)
    seen: Counter[str] = Counter()

    async def script(_server: HttpServer, request: Request, writer: asyncio.StreamWriter) -> None:
        seen[request.body.decode()] += 1
        writer.write(http_answer("201 Created", "{}"))
        if chance.random() < 0.5:
            asyncio.get_running_loop().call_later(chance.random() * 0.004, writer.close)

    ends: dict[str, str] = {}

    async def post(http: HttpTransport, number: int) -> None:
        try:
            answer = await http.request("POST", url, data={"id": str(number)})
            ends[f"id={number}"] = str(answer.status_code)
        except NotWritten:
            ends[f"id={number}"] = "not written"
        except ReplyLost:
            ends[f"id={number}"] = "reply lost"

    async def poster(http: HttpTransport, numbers: range) -> None:
        for number in numbers:
            await post(http, number)
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random() * 0.003)

    async with http_server(script) as server, transport(connections=16) as http:
        url = f"{server.url}/m"
        await asyncio.gather(*(poster(http, range(start, 3000, 16)) for start in range(16)))
        assert server.connections > 200
    return ends, seen


def _run(factory: Callable[[], asyncio.AbstractEventLoop]) -> tuple[dict[str, str], Counter[str]]:
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_post_3000())


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
async def test_r36_3000_posts_to_a_server_that_hangs_up(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Whenever the server ends resting connections, nothing is posted twice and each end is called rightly, on both loops."""
    ends, seen = await asyncio.to_thread(_run, factory)
    assert max(seen.values()) == 1
    assert len(ends) == 3000
    assert all(seen[name] == 1 for name, end in ends.items() if end == "201")
    assert all(seen[name] == 0 for name, end in ends.items() if end == "not written")
    # The goodbye crossed a request hundreds of times: those are lost replies, some taken and some not, and none was repeated.
    assert {seen[name] for name, end in ends.items() if end == "reply lost"} == {0, 1}
    assert Counter(ends.values())["201"] > 1500


@pytest.mark.parametrize("when", ["before reading", "after reading", "half an answer"])
async def test_r36_what_was_written_and_never_answered_is_a_lost_reply(when: str) -> None:
    """A connection that ends after the request was written leaves it open whether it was taken; one POST is made."""

    async def script(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        if when == "half an answer":
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")
            await writer.drain()
            writer.close()
        else:
            reset(writer)

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    if when == "before reading":
        listening = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with listening, transport() as http:
            port = listening.sockets[0].getsockname()[1]
            with pytest.raises((ReplyLost, NotWritten)):
                await http.request("POST", f"http://127.0.0.1:{port}/m", data={"id": "1"})
        return
    async with http_server(script) as server, transport() as http:
        with pytest.raises(ReplyLost) as lost:
            await http.request("POST", f"{server.url}/m", data={"id": "1"})
        assert lost.value.why == "closed"
        assert len(server.requests) == 1


async def test_r36_the_limit_on_the_whole_answer_is_kept() -> None:
    """A limit shorter than the answer takes ends the request at the limit, with one POST, even if bytes keep dripping in."""

    async def drip(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    async with http_server(drip) as server, transport(answer_seconds=0.4) as http:
        started = asyncio.get_running_loop().time()
        with pytest.raises(ReplyLost) as lost:
            await http.request("POST", f"{server.url}/m", data={"id": "1"})
        assert lost.value.why == "timeout"
        assert asyncio.get_running_loop().time() - started < 1.5
        assert len(server.requests) == 1


async def test_a_request_can_shorten_the_limit_but_not_lengthen_it() -> None:
    """The caller's own limit counts when it is the shorter one."""

    async def never(_server: HttpServer, _request: Request, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    for own, of_request in ((5.0, 0.2), (0.2, 5.0)):
        async with http_server(never) as server, transport(answer_seconds=own) as http:
            started = asyncio.get_running_loop().time()
            with pytest.raises(ReplyLost):
                await http.request("POST", f"{server.url}/m", timeout=of_request)
            assert asyncio.get_running_loop().time() - started < 1.5


async def test_nobody_listening_means_not_written() -> None:
    """A refused connection and a name that leads nowhere prove that nothing left."""
    async with transport() as http:
        for url in (f"http://127.0.0.1:{free_port()}/m", "http://nobody.invalid/m"):
            with pytest.raises(NotWritten) as error:
                await http.request("POST", url, data={"id": "1"})
            assert error.value.why == "connect"


async def test_a_far_end_that_never_shakes_hands_means_not_written() -> None:
    """TLS that never gets going ends at the connect limit, with no byte of the request written."""
    heard = bytearray()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            heard.extend(data)
        writer.close()

    listening = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with listening, transport(connect_seconds=0.3) as http:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(NotWritten) as error:
            await http.request("POST", f"https://127.0.0.1:{port}/m", data={"id": "secret"})
    assert error.value.why == "connect"
    assert b"secret" not in heard


@pytest.mark.parametrize("kind", ["self_signed", "wrong_host", "plain"])
async def test_tls_that_does_not_hold_means_not_written(certificates: Certificates, kind: str) -> None:
    """A certificate that nobody we trust signed, one for another host, and no TLS at all: nothing is written."""
    tls = None if kind == "plain" else getattr(certificates, kind)
    async with http_server(always(http_answer("201 Created", "{}")), tls) as server:
        async with transport(ca_file=certificates.ca_file, connect_seconds=0.5) as http:
            with pytest.raises(NotWritten) as error:
                await http.request("POST", f"https://localhost:{server.port}/m", data={"id": "1"})
        assert error.value.why == ("connect" if kind == "plain" else "tls")  # the plain one waits for more, in vain
        assert not server.requests


async def test_tls_that_holds_is_used(certificates: Certificates) -> None:
    """With the right authority the request goes through, and the connection is used again."""
    async with http_server(always(http_answer("201 Created", "{}")), certificates.right) as server:
        async with transport(ca_file=certificates.ca_file) as http:
            for _ in range(3):
                answer = await http.request("POST", f"https://localhost:{server.port}/m", data={"id": "1"})
                assert answer.status_code == 201
        assert server.connections == 1


async def test_waiting_for_a_turn_ends_and_no_turn_is_lost() -> None:
    """With every connection busy a request gives up unwritten in time, and waiters that were cancelled cost no turn."""
    gate = asyncio.Event()

    async def held(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        writer.write(http_answer("200 OK"))

    async with http_server(held) as server, transport(connections=2, wait_seconds=0.2) as http:
        busy = [asyncio.create_task(http.request("POST", f"{server.url}/m")) for _ in range(2)]
        await arrived(server, 2)
        with pytest.raises(NotWritten) as error:
            await http.request("POST", f"{server.url}/m")
        assert error.value.why == "busy"
        waiting = [asyncio.create_task(http.request("POST", f"{server.url}/m")) for _ in range(4)]
        await asyncio.sleep(0)
        for task in waiting[:3]:
            task.cancel()
        gate.set()
        assert [answer.status_code for answer in await asyncio.gather(*busy)] == [200, 200]
        assert (await waiting[3]).status_code == 200
        answers = await asyncio.gather(*(http.request("POST", f"{server.url}/m") for _ in range(2)))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert server.connections == 2


async def test_an_answer_nobody_asked_for_is_never_given_to_the_next_request() -> None:
    """Two answers to one request, or one that comes at rest, end the connection instead of answering somebody else."""

    async def script(_server: HttpServer, request: Request, writer: asyncio.StreamWriter) -> None:
        number = request.body.decode()
        writer.write(http_answer("200 OK", number) + http_answer("200 OK", "stray"))

    async with http_server(script) as server, transport(connections=1) as http:
        for number in range(20):
            answer = await http.request("POST", f"{server.url}/m", data={"id": str(number)})
            assert answer.text == f"id={number}"


async def test_a_resting_connection_the_far_end_left_is_noticed_before_it_is_used() -> None:
    """A goodbye that already arrived costs no request: another connection is opened instead."""

    async def script(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(http_answer("200 OK"))
        await writer.drain()
        writer.close()

    async with http_server(script) as server, transport(connections=1) as http:
        for number in range(20):
            await asyncio.sleep(0.012)
            assert (await http.request("POST", f"{server.url}/m", data={"id": str(number)})).status_code == 200
        assert server.connections == 20


@pytest.mark.parametrize("header", ["", "Keep-Alive: timeout=1\r\n"])
async def test_a_connection_that_rested_too_long_is_not_used(header: str) -> None:
    """Older than our limit, or than what the far end says it keeps: a new connection."""
    limit = 60.0 if header else 0.05
    async with http_server(always(http_answer("200 OK", "", header))) as server:
        async with transport(idle_seconds=limit) as http:
            await http.request("POST", f"{server.url}/m")
            await asyncio.sleep(0.1)
            await http.request("POST", f"{server.url}/m")
        assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "abcde",
            id="chunks",
        ),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", id="continue"
        ),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", id="http-1.0"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", "", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", "until the end", id="to-the-end"),
    ],
)
async def test_every_form_of_answer_is_read(answer: bytes, text: str) -> None:
    """Chunks, an interim answer, HTTP/1.0, no content, and a body that ends with the connection."""

    async def script(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        if b"close" in answer:
            writer.close()

    async with http_server(script) as server, transport() as http:
        for _ in range(2):
            assert (await http.request("POST", f"{server.url}/m")).text == text


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"what is this\r\n\r\n", "unreadable"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "unreadable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 2_000_000, "too_long"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_lost_reply(answer: bytes, why: str) -> None:
    """Garbage, an upgrade nobody asked for, and more than anybody needs."""
    async with http_server(always(answer)) as server, transport() as http:
        with pytest.raises(ReplyLost) as lost:
            await http.request("POST", f"{server.url}/m")
        assert lost.value.why == why
        assert len(server.requests) == 1


async def test_a_cancelled_request_leaves_nothing_behind() -> None:
    """Its connection is ended, so that its answer can never be taken for another's, and its turn goes back."""
    gate = asyncio.Event()

    async def script(_server: HttpServer, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.body == b"id=1":
            await gate.wait()
        writer.write(http_answer("200 OK", request.body.decode()))

    async with http_server(script) as server, transport(connections=1) as http:
        first = asyncio.create_task(http.request("POST", f"{server.url}/m", data={"id": "1"}))
        await arrived(server, 1)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gate.set()
        assert (await http.request("POST", f"{server.url}/m", data={"id": "2"})).text == "id=2"
        assert server.connections == 2


async def test_closing_loses_what_is_in_flight_and_writes_nothing_more() -> None:
    """After close every new request is refused unwritten; the one under way is a lost reply."""

    async def never(_server: HttpServer, _request: Request, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    async with http_server(never) as server, transport() as http:
        under_way = asyncio.create_task(http.request("POST", f"{server.url}/m"))
        await arrived(server, 1)
        await http.close()
        with pytest.raises(ReplyLost):
            await under_way
        with pytest.raises(NotWritten):
            await http.request("POST", f"{server.url}/m")
        assert len(server.requests) == 1


async def test_redirects_and_line_breaks_are_refused() -> None:
    """A redirect comes back as it is; a header with a line break in it never reaches the wire."""
    async with http_server(always(http_answer("307 Temporary Redirect", "", "Location: /other\r\n"))) as server:
        async with transport() as http:
            assert (await http.request("POST", f"{server.url}/m")).status_code == 307
            with pytest.raises(ValueError, match="line break"):
                await http.request("POST", f"{server.url}/m", headers={"X": "a\r\nInjected: b"})
            with pytest.raises(ValueError, match="percent-encoded"):
                await http.request("POST", f"{server.url}/m m")
        assert len(server.requests) == 1
