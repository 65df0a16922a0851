"""Mail through the force's relay, by aiosmtplib one command at a time, so that it is always known how far a mail had come.

Until the last dot is written, whatever happens proves that nothing was taken. After it, only a reply of the relay decides; no
reply is *unknown* (RFC 1047). Without a verified TLS connection no address and no word of a mail is ever written, unless
the relay is named local.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal

import aiosmtplib

from services import faults
from services.dispatcher.gateways import Accepted, Email, NotSent, Outcome, Refused, Unknown
from services.dispatcher.mail import render, stuffed, unsafe
from services.dispatcher.slots import Slots

Tls = Literal["starttls", "implicit", "none-local"]
Phase = Literal["connect", "hello", "tls", "login", "mail", "rcpt", "data", "dot"]

CONNECT_SECONDS: Final = 5.0
COMMAND_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 35.0
IDLE_SECONDS: Final = 5.0
"""How long a resting connection is used again."""
MAILS_A_CONNECTION: Final = 100

_ENHANCED: Final = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_SIGN_IN: Final = frozenset({530, 534, 535, 538})
"""The relay wants another sign-in or another encryption (RFC 4954 section 6)."""


class _Stopped(Exception):
    """Raised when a mail went no further than `phase`: `code` is the relay's reply, None if there was none that can be read."""

    def __init__(self, phase: Phase, code: int | None = None, text: str = "", word: str = "lost") -> None:
        super().__init__(phase)
        self.phase, self.code, self.text, self.word = phase, code, text, word


@dataclass(slots=True)
class _Session:
    client: aiosmtplib.SMTP
    mails: int = 0
    rested_since: float = 0.0


class SmtpEmail:
    """Sends mail (`gateways.EmailGateway`), one recipient a transaction. One a process, in its event loop; machine seconds."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls: Tls = "starttls",
        username: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        hello_name: str = "localhost",
        connections: int = 16,
        connect_seconds: float = CONNECT_SECONDS,
        command_seconds: float = COMMAND_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._username, self._password = username, password
        self._hello_name = hello_name
        self._connect_seconds, self._command_seconds = connect_seconds, command_seconds
        self._answer_seconds, self._idle_seconds = answer_seconds, idle_seconds
        self._context = ssl.create_default_context(cafile=ca_file)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._slots = Slots(connections)
        self._resting: list[_Session] = []
        self._closed = False

    async def send(self, email: Email, before_data: Callable[[], Awaitable[None]]) -> Outcome:
        """Hand over one mail, once. Never raises for what the relay or the network does.

        What `before_data` raises goes up, with nothing sent.
        """
        if wrong := unsafe(email):
            return Refused(f"kept:{wrong}", "The mail was not offered to the relay: it is not fit to be sent.")
        message = render(email, datetime.now(UTC))
        try:
            await self._slots.take(self._answer_seconds)
        except TimeoutError:
            return NotSent("smtp:busy", "No connection to the relay was free.")
        session: _Session | None = None
        try:
            session = await self._begin(email, len(message))
            await self._address(session, email)
            await before_data()
            faults.point("email.before_data")
            await self._hand_over(session, message)
            faults.point("email.after_data")
        except _Stopped as error:
            return outcome(error.phase, error.code, error.text, error.word)
        else:
            self._rest(session)
            session = None
            return Accepted(email.message_id)
        finally:
            if session is not None:
                session.client.close()
            self._slots.give_back()

    async def close(self) -> None:
        """Say goodbye on every resting connection."""
        self._closed = True
        sessions, self._resting = self._resting, []
        await asyncio.gather(*(self._goodbye(session) for session in sessions))

    # ------------------------------------------------------------ the steps

    async def _begin(self, email: Email, size: int) -> _Session:
        """Name the sender. A resting connection that turns out to be dead is replaced: nothing of the mail has left yet."""
        resting = self._rested()
        if resting is not None:
            try:
                await self._step("mail", self._mail(resting, email, size))
            except _Stopped as error:
                resting.client.close()
                if error.code is not None and error.code != 421:
                    raise
            except BaseException:
                resting.client.close()
                raise
            else:
                return resting
        session = await self._connect()
        try:
            await self._step("mail", self._mail(session, email, size))
        except BaseException:
            session.client.close()
            raise
        return session

    async def _connect(self) -> _Session:
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls == "implicit",
            start_tls=False,  # never left to chance: asked for below, or not at all
            tls_context=self._context,
            local_hostname=self._hello_name,
            timeout=self._command_seconds,
        )
        try:
            await self._step("connect", client.connect(timeout=self._connect_seconds))
            if self._tls == "none-local":
                _require(_is_here(client), "tls", "not_local")
            await self._step("hello", client.ehlo())
            if self._tls == "starttls":
                _require(client.supports_extension("starttls"), "tls", "no_starttls")
                await self._step("tls", client.starttls(server_hostname=self._host))
                await self._step("hello", client.ehlo())
            if self._username is not None:
                _require(client.supports_extension("auth"), "login", "no_login")
                await self._step("login", client.login(self._username, self._password or ""))
        except BaseException:
            client.close()
            raise
        return _Session(client)

    async def _mail(self, session: _Session, email: Email, size: int) -> None:
        client = session.client
        options = [f"SIZE={size}"] if client.supports_extension("size") else []
        if client.supports_extension("dsn"):
            options += ["RET=HDRS", f"ENVID={email.envelope_id}"]
        await client.mail(email.return_path, options=options)

    async def _address(self, session: _Session, email: Email) -> None:
        client = session.client
        options = []
        if client.supports_extension("dsn"):
            options = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(email.to)}"]
        await self._step("rcpt", client.rcpt(email.to, options=options))

    async def _hand_over(self, session: _Session, message: bytes) -> None:
        client = session.client
        reply = await self._step("data", client.execute_command(b"DATA"))
        if reply.code != 354:
            raise _Stopped("data", reply.code, reply.message, "unreadable")
        protocol = client.protocol
        if protocol is None or not protocol.is_connected:
            raise _Stopped("data")
        protocol.write(stuffed(message))  # from here on the relay may have it all
        reply = await self._step("dot", protocol.read_response(timeout=self._answer_seconds))
        if not 200 <= reply.code < 300:
            raise _Stopped("dot", reply.code, reply.message, "unreadable")

    async def _step(self, phase: Phase, step: Awaitable[object]) -> aiosmtplib.SMTPResponse:
        """Await one step; whatever keeps it from succeeding becomes `_Stopped`."""
        try:
            return await step  # type: ignore[return-value]  # steps that answer with nothing are awaited for their end only
        except aiosmtplib.SMTPResponseException as error:
            raise _Stopped(phase, error.code, error.message, "unreadable") from None
        except aiosmtplib.SMTPRecipientsRefused:
            raise _Stopped(phase, word="unreadable") from None
        except ssl.SSLError:
            raise _Stopped("tls", word="tls") from None
        except aiosmtplib.SMTPConnectError as error:
            tls = isinstance(error.__cause__, ssl.SSLError)
            raise _Stopped("tls" if tls else phase, word="tls" if tls else "lost") from None
        except aiosmtplib.SMTPTimeoutError:
            raise _Stopped(phase, word="timeout") from None
        except (aiosmtplib.SMTPException, OSError, ValueError):
            # A sign-in that the relay does not offer, a dropped connection, a name that does not resolve.
            raise _Stopped(phase) from None

    # ------------------------------------------------------------ connections at rest

    def _rested(self) -> _Session | None:
        now = asyncio.get_running_loop().time()
        while self._resting:
            session = self._resting.pop()
            if session.client.is_connected and now - session.rested_since <= self._idle_seconds:
                return session
            session.client.close()
        return None

    def _rest(self, session: _Session) -> None:
        session.mails += 1
        session.rested_since = asyncio.get_running_loop().time()
        if self._closed or session.mails >= MAILS_A_CONNECTION or not session.client.is_connected:
            session.client.close()
        else:
            self._resting.append(session)

    async def _goodbye(self, session: _Session) -> None:
        with suppress(aiosmtplib.SMTPException, OSError):
            await session.client.quit(timeout=1)
        session.client.close()


def outcome(phase: Phase, code: int | None, text: str, word: str) -> Outcome:
    """What it means that a mail went no further than `phase`. Pure; total over every phase and reply code.

    `code` is the relay's reply, None if there was none; `text` is only searched for an enhanced status code (RFC 3463).
    """
    answered = code is not None and 400 <= code < 600
    found = _ENHANCED.match(text) if answered else None
    name = (f"smtp:{code}" + (f"/{found.group(1)}" if found else "")) if answered else f"smtp:{word}"
    if not answered:
        if phase == "dot":
            return Unknown(name, "The relay may have taken the mail; its answer was lost.")
        safe = phase in {"tls", "login"}
        return NotSent(name, f"Nothing was taken: the relay got no further than {phase}.", provider_wide=safe)
    if code in _SIGN_IN or phase in {"tls", "login"}:
        return NotSent(name, "The relay refuses our sign-in or our encryption.", provider_wide=True)
    if code is not None and code < 500:
        return NotSent(name, f"The relay put the mail off at {phase}.")
    if phase in {"connect", "hello"} or (phase == "mail" and code != 552):
        # Nobody was named yet, so it is about us and not about a recipient.
        return NotSent(name, f"The relay refuses us at {phase}.", provider_wide=True)
    return Refused(name, f"The relay refused the mail at {phase}.")


def _require(condition: bool, phase: Phase, word: str) -> None:
    if not condition:
        raise _Stopped(phase, word=word)


def _is_here(client: aiosmtplib.SMTP) -> bool:
    peer = client.get_transport_info("peername")
    try:
        return ip_address(str(peer[0])).is_loopback
    except (TypeError, IndexError, ValueError):
        return False


def _xtext(text: str) -> str:
    """RFC 3461 section 4: `+` and `=` are written in hexadecimal."""
    return text.replace("+", "+2B").replace("=", "+3D")
