"""The messages of explained cases as they would read: the scheduler's plan, put into words by the dispatcher. Pure.

No address is shown: to which contact a message goes is its id. The references are samples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.dispatcher.writing import Origins, Written, put_into_words
from services.ledger.gates import GateView, contact_of
from services.ledger.messages import Carried, Message
from services.ledger.vault import Address
from services.scheduler.explain import Explained
from services.scheduler.plan.types import Planned, PlannedMessage
from services.wording.gsm import is_gsm
from services.wording.reference import ALPHABET

LOCK_SCREEN: Final = 90
"""About how many characters of a message a locked telephone or a list of mails shows."""
_ANYBODY: Final = Address(0, "somebody@example.org", suppressed=False, suspect=False)
_ORIGINS: Final = Origins(
    sms_from="+447700900000",
    email_from="updates@police.example",
    bounce_domain="bounces.police.example",
    receipts_url="https://receipts.police.example",
    may_receive=lambda _: True,
)


@dataclass(frozen=True, slots=True)
class Preview:
    """One message as its person would see it, or the reason why it cannot be written."""

    case: str
    message: PlannedMessage
    updates: tuple[Planned, ...]
    reference: str
    written: Written | None
    refused: tuple[str, str] | None
    """Code and sentence."""

    @property
    def body(self) -> str:
        """What is read; empty where it cannot be written."""
        return "" if self.written is None else self.written.words.body

    @property
    def at_a_glance(self) -> str:
        """What a locked telephone or a list of mails shows of it."""
        if self.written is None:
            return ""
        subject = self.written.words.subject
        text = " ".join((f"{subject}: {self.body}" if subject else self.body).split())
        return text if len(text) <= LOCK_SCREEN else text[: LOCK_SCREEN - 1] + "…"

    def line(self) -> dict[str, Any]:
        """Keyed as it is printed."""
        words = None if self.written is None else self.written.words
        return {
            "case": self.case,
            "person": self.message.person,
            "kind": self.message.kind,
            "channel": self.message.channel,
            "contact": self.message.contact,
            "language": self.message.language,
            "style": self.message.style,
            "send_at": self.message.send_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updates": [str(update.id) for update in self.updates],
            "update_points": [update.update_point for update in self.updates],
            "reference": self.reference,
            "sender": None if self.written is None else self.written.sender,
            "sender_name": None if self.written is None else self.written.sender_name,
            "subject": None if words is None else words.subject,
            "body": None if words is None else words.body,
            "at_a_glance": self.at_a_glance or None,
            "parts": None if words is None or self.message.channel != "sms" else words.parts,
            "alphabet": None if self.message.channel != "sms" else "GSM-7" if is_gsm(self.body) else "UCS-2",
            "template": None if words is None else words.template,
            "version": None if words is None else words.version,
            "refused": None if self.refused is None else {"code": self.refused[0], "text": self.refused[1]},
        }


def previews(case: Explained) -> list[Preview]:
    """Every message of the case's plan, in the order in which they would go."""
    by_id = {update.id: update for update in case.plan.updates}
    ordered = sorted(case.plan.messages, key=lambda message: (message.send_at, message.person, str(message.updates)))
    return [_preview(case, message, by_id) for message in ordered]


def _preview(case: Explained, message: PlannedMessage, by_id: Mapping[UUID, Planned]) -> Preview:
    known = case.known
    updates = tuple(by_id[update] for update in message.updates)
    reference = _reference(message.updates)
    person = known.people.get(message.person)
    contact = contact_of(person, message.contact)
    number = -1 if contact is None or contact.detail is None else contact.detail
    view = GateView(
        now=message.send_at,
        kind=message.kind,
        channel=message.channel,
        contact_id=message.contact,
        rules=known.rules,
        person=person,
        due_at=_earliest(updates),
        flagged=any(update.flagged for update in updates),
    )
    found = put_into_words(
        _message(case, message, reference),
        [_carried(update) for update in updates],
        view,
        {number: _ANYBODY},
        _ORIGINS,
        1.0,
    )
    if isinstance(found, Written):
        return Preview(known.case, message, updates, reference, found, None)
    return Preview(known.case, message, updates, reference, None, (found.code, found.text))


def _message(case: Explained, message: PlannedMessage, reference: str) -> Message:
    return Message(
        id=min(message.updates),
        force=case.known.force,
        case=case.known.case,
        person=message.person,
        kind=message.kind,
        channel="sms" if message.channel == "sms" else "email",
        contact=message.contact,
        language=message.language,
        style=message.style,
        reference=reference,
        epoch=0,
        tries=0,
        detail=None,
        message_id=None,
        due_at=None,
    )


def _carried(update: Planned) -> Carried:
    return Carried(
        id=update.id,
        case=update.case,
        update_point=update.update_point,
        edition=update.edition,
        cls=update.cls,
        state=update.state,
        kind=update.kind,
        correction=update.corrects is not None,
        contested=False,
        due_at=update.due_at,
        enhanced=update.enhanced,
        flagged=update.flagged,
        facts=update.facts,
    )


def _earliest(updates: tuple[Planned, ...]) -> datetime | None:
    return min((update.due_at for update in updates if update.due_at is not None), default=None)


def _reference(updates: tuple[UUID, ...]) -> str:
    """A sample that is the same every time; real ones are drawn at random."""
    number = int.from_bytes(hashlib.sha256(min(updates).bytes).digest()[:5], "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(35, -5, -5))
