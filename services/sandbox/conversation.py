"""One SMTP conversation of the sandbox's mail server: as aiosmtpd speaks it, with DSN (RFC 3461) and the scripted faults."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.sandbox.mails import Mail, Mailbox, word_of
from services.sandbox.reports import HOST

NO_REPLY: Final = "!? this is no reply"


class Conversation(SMTP):
    """One client's connection, which may carry any number of mails."""

    def __init__(self, box: Mailbox, open_ones: set[Conversation], **options: Any) -> None:
        super().__init__(self, hostname=HOST, ident="ESMTP sandbox", **options)
        self._box = box
        self._open = open_ones
        self._asked: dict[str, str] = {}
        self.on_wire: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.on_wire = self.on_wire or transport
        self._open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Reset the connection."""
        if isinstance(self.on_wire, asyncio.Transport):
            self.on_wire.abort()

    async def push(self, status: Any) -> None:
        """The banner is the one reply that no command leads to."""
        if "connect" in self._box.faults and status == f"220 {HOST} ESMTP sandbox":
            status = self._box.faults["connect"]
        await super().push(status)

    async def handle_EHLO(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if fault := self._box.faults.get("ehlo"):
            return [fault]
        return [*responses[:-1], "250-ENHANCEDSTATUSCODES", "250-DSN", responses[-1]]

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  aiosmtpd's name
        if fault := self._box.faults.get("mail"):
            await self.push(fault)
            return
        self._asked = {}
        await super().smtp_MAIL(self._without(arg, ("ENVID", "RET")))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802  aiosmtpd's name
        await super().smtp_RCPT(self._without(arg, ("NOTIFY", "ORCPT")))

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        if fault := self._box.faults.get("data"):
            await self.push(fault)
            return
        await super().smtp_DATA(arg)

    def _without(self, arg: str | None, names: Iterable[str]) -> str | None:
        """The argument without DSN's parameters, which aiosmtpd does not know; they are kept aside as they were written."""
        if arg is None or ">" not in arg:
            return arg
        address, _, parameters = arg.rpartition(">")
        rest = []
        for parameter in parameters.split():
            name, _, value = parameter.partition("=")
            if name.upper() in names:
                self._asked[name.upper()] = value
            else:
                rest.append(parameter)
        return " ".join([address + ">", *rest])

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self._box.on_recipient(address):
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        if fault := self._box.faults.get("dot"):
            return fault
        for address in envelope.rcpt_tos:
            self._box.keep(
                Mail(
                    sender=envelope.mail_from or "",
                    to=address,
                    content=bytes(envelope.original_content or b""),
                    arrived=datetime.now(UTC),
                    tls=session.ssl is not None,
                    envelope_id=_xtext(self._asked.get("ENVID")),
                    notify=frozenset(filter(None, self._asked.get("NOTIFY", "").upper().split(","))),
                    original_recipient=_xtext(self._asked.get("ORCPT")),
                    whole=self._asked.get("RET", "").upper() == "FULL",
                )
            )
        match word_of(envelope.rcpt_tos[0]):
            case "drops":
                self.abort()
                await asyncio.Event().wait()  # the loss of the connection cancels this
            case "silent":
                await asyncio.Event().wait()  # and so does the client when it gives up
            case "garbage":
                return NO_REPLY
        return f"250 2.0.0 Ok: queued as {len(self._box.messages):08X}"


def _xtext(value: str | None) -> str | None:
    """RFC 3461's encoding of a parameter: +XX is the character with that code."""
    if value is None:
        return None
    return re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), value)
