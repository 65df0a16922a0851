"""A mail server that keeps what it is given, with faults by the recipient's local part, and reports to the return path.

    async with mailbox(bounces_to=("127.0.0.1", 8026)) as box:      # box.host, box.port, box.messages

The first word of the local part says what happens (`refused@example.org`, also `refused.2@example.org`):

- refused: 550 5.1.1 at RCPT; full: 452 4.2.2; greylist: 451 4.7.1 the first time, then fine
- drops: takes the mail, then resets the connection without a reply; silent: takes it and never replies;
  garbage: takes it and replies with what is no reply
- bounces: takes it, and reports 5.1.1 soon after; confirms: takes it, and reports success if the sender asked for that

Every other mail is taken with 250. `faults` makes a step of the conversation fail for everybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from services.sandbox.conversation import Conversation
from services.sandbox.mails import Mail, Mailbox
from services.sandbox.processes import listen, listen_no_more

__all__ = ["Mail", "Mailbox", "mailbox"]


@contextlib.asynccontextmanager
async def mailbox(
    port: int = 0,
    *,
    bounces_to: tuple[str, int] | None = None,
    tls: ssl.SSLContext | None = None,
    require_tls: bool = False,
    login: tuple[str, str] | None = None,
    delay_ms: tuple[float, float] = (50, 150),
) -> AsyncIterator[Mailbox]:
    """Run a mail server on 127.0.0.1 for the length of the block. Port 0 is any free one.

    `tls` offers STARTTLS, `require_tls` insists on it; `login` is the one user and password taken, after STARTTLS.
    `bounces_to` is the SMTP listener to which reports go, whatever the return path's domain.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # below that, it writes addresses
    box = Mailbox(bounces_to=bounces_to, delay_ms=delay_ms)
    open_ones: set[Conversation] = set()
    loop = asyncio.get_running_loop()

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: LoginPassword
    ) -> AuthResult:
        # Not handled: the server replies 235 or 535 itself.
        return AuthResult(success=login == (data.login.decode(), data.password.decode()), handled=False)

    def conversation() -> Conversation:
        return Conversation(
            box,
            open_ones,
            loop=loop,
            tls_context=tls,
            require_starttls=require_tls,
            authenticator=authenticate,
            auth_required=login is not None,
        )

    listener = listen(box.host, port)
    box.port = listener.getsockname()[1]
    server = await loop.create_server(conversation, sock=listener)
    try:
        yield box
    finally:
        await listen_no_more(listener)
        server.close()
        await box.end()
        for each in list(open_ones):
            each.abort()
        while open_ones:  # noqa: ASYNC110  connections set no Event
            await asyncio.sleep(0.005)
        await server.wait_closed()
