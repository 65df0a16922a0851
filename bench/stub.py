"""A text provider that answers every POST at once with 201, and counts what it was sent: `python -m bench.stub PORT`.

POST .../Messages.json answers; GET /count answers {"posts": all, "references": distinct}; POST /reset forgets.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Final, cast

import orjson
import uvloop

_REFERENCE: Final = re.compile(rb"ref\+([0-9A-Z]{8})|Ref\+([0-9A-Z]{8})|id-(\d+)")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Seen:
    """What arrived."""

    def __init__(self) -> None:
        self.posts = 0
        self.references: set[bytes] = set()


class Answering(asyncio.Protocol):
    """One connection: whole requests in, whole answers out, in order."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._waiting = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.WriteTransport", transport)  # the loop's own class does not say that it is one

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._waiting += data
        answers = []
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end]
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(self._waiting) < end + 4 + length:
                break
            body = self._waiting[end + 4 : end + 4 + length]
            self._waiting = self._waiting[end + 4 + length :]
            answers.append(self._answer(head, body))
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))

    def _answer(self, head: bytes, body: bytes) -> bytes:
        status, answer = b"200 OK", b"{}"
        if head.startswith(b"GET /count"):
            answer = orjson.dumps({"posts": self._seen.posts, "references": len(self._seen.references)})
        elif head.startswith(b"POST /reset"):
            self._seen.posts, self._seen.references = 0, set()
        else:
            self._seen.posts += 1
            if found := _REFERENCE.search(body):
                self._seen.references.add(found[0])
            status = b"201 Created"
            answer = (
                b'{"sid":"SM%032x","status":"queued","to":"","from":"","body":"","error_code":null}' % self._seen.posts
            )
        return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            status,
            len(answer),
            answer,
        )


async def serve(port: int) -> None:
    """Serve until killed."""
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(lambda: Answering(seen), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
