"""The mails that the sandbox's mail server has taken, whom it refuses, and the reports that it sends of its own accord."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final, Literal

import aiosmtplib

from services.sandbox.reports import HOST, About, Action, report

Step = Literal["connect", "ehlo", "mail", "rcpt", "data", "dot"]
RCPT_FAULTS: Final = {
    "refused": "550 5.1.1 <{to}>: Recipient address rejected: User unknown",
    "full": "452 4.2.2 <{to}>: Mailbox full",
    "greylist": "451 4.7.1 <{to}>: Greylisted, try again later",
}
_TRIES, _PAUSE_SECONDS = 20, 0.5


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that was taken, as it came."""

    sender: str  # the return path
    to: str
    content: bytes
    arrived: datetime
    tls: bool
    envelope_id: str | None = None
    notify: frozenset[str] = frozenset()
    original_recipient: str | None = None
    whole: bool = False

    @property
    def parsed(self) -> EmailMessage:
        """The mail with its headers and parts."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def message_id(self) -> str:
        """Its Message-ID without brackets, or nothing."""
        return str(self.parsed.get("Message-ID", "")).strip().removeprefix("<").removesuffix(">")

    @property
    def body(self) -> str:
        """Its plain text."""
        part = self.parsed.get_body(("plain",))
        return part.get_content() if part is not None else ""


@dataclass(slots=True)
class Mailbox:
    """What the mail server has taken, and how it behaves."""

    host: str = "127.0.0.1"
    port: int = 0
    messages: list[Mail] = field(default_factory=list)
    faults: dict[Step, str] = field(default_factory=dict)
    """A reply for a step of the conversation, such as `{"mail": "451 4.3.0 Try again later"}`, while it is in there."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Every recipient that was refused, with the reply."""
    delay_ms: tuple[float, float] = (50, 150)
    """A report follows its mail within this span."""
    bounces_to: tuple[str, int] | None = None
    _greylisted: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def to(self, address: str) -> list[Mail]:
        """The mails to one address, in order."""
        return [mail for mail in self.messages if mail.to == address]

    async def settled(self) -> None:
        """Return when every report that was to follow has gone."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def end(self) -> None:
        """Send no more reports."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset(self) -> None:
        """Forget everything."""
        for task in self._tasks:
            task.cancel()
        self.messages.clear()
        self.refused.clear()
        self.faults.clear()
        self._greylisted.clear()

    def on_recipient(self, address: str) -> str | None:
        """The refusal of a recipient, or None."""
        word = word_of(address)
        if "rcpt" in self.faults:
            reply = self.faults["rcpt"]
        elif word not in RCPT_FAULTS or (word == "greylist" and address in self._greylisted):
            return None
        else:
            reply = RCPT_FAULTS[word].format(to=address)
            self._greylisted.add(address)
        self.refused.append((address, reply))
        return reply

    def keep(self, mail: Mail) -> None:
        """Take a mail; what is to follow will."""
        self.messages.append(mail)
        if self.bounces_to is None or mail.sender in ("", "<>"):
            return
        word = word_of(mail.to)
        if word == "bounces" and "NEVER" not in mail.notify and (not mail.notify or "FAILURE" in mail.notify):
            self._later(mail, "failed", "5.1.1", f"550 5.1.1 <{mail.to}>: Recipient address rejected: User unknown")
        elif word == "confirms" and "SUCCESS" in mail.notify:
            self._later(mail, "delivered", "2.0.0", "250 2.0.0 Ok: delivered")

    def _later(self, mail: Mail, action: Action, status: str, diagnostic: str) -> None:
        task = asyncio.create_task(self._report(mail, action, status, diagnostic))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _report(self, mail: Mail, action: Action, status: str, diagnostic: str) -> None:
        await asyncio.sleep(sum(self.delay_ms) / 2 / 1000)
        about = About(
            mail.sender, mail.to, mail.content, mail.arrived, mail.envelope_id, mail.original_recipient, mail.whole
        )
        content = report(about, action, status, diagnostic)
        for _ in range(_TRIES):  # a mail server keeps a report until the other side can take it
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._hand_over(mail.sender, content)
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _hand_over(self, to: str, content: bytes) -> None:
        """With the empty return path, so that a report is never reported on."""
        if self.bounces_to is None:
            return
        host, port = self.bounces_to
        async with aiosmtplib.SMTP(
            hostname=host, port=port, start_tls=False, local_hostname=HOST, timeout=10
        ) as client:
            await client.mail("")
            await client.rcpt(to)
            await client.data(content)


def word_of(address: str) -> str:
    """The first word of an address's local part."""
    return re.split(r"[^A-Za-z0-9]", address.partition("@")[0], maxsplit=1)[0].lower()
