"""What is written to whom: the words of a message, its sender and how long a text may still be handed over. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services import logs
from services.ledger import contact_hours, gates
from services.ledger.gates import GateView, Shut, first_shut
from services.ledger.messages import Carried, Message
from services.ledger.people import Person
from services.ledger.vault import Address
from services.wording import CannotSay, Frame, Item, Words, write
from services.wording.never import POLICE_NUMBERS

log = logs.get(__name__)

LONGEST_VALIDITY: Final = 1800
"""Machine seconds that a text may wait at the provider; a late one is a risk, and doubt lasts as long."""
SHORTEST_VALIDITY: Final = 60


@dataclass(frozen=True, slots=True)
class Origins:
    """What every message of this deployment carries. A force's own senders outrank these."""

    sms_from: str
    email_from: str
    bounce_domain: str
    receipts_url: str  # where callbacks come in, without a slash at the end
    may_receive: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Written:
    """One message as it will be sent."""

    message: Message
    updates: Sequence[Carried]
    person: Person
    to: Address
    words: Words
    sender: str
    sender_name: str
    validity: int


def detail_of(view: GateView) -> int:
    """The number or address in the vault to which the message goes; -1 where there is none any more."""
    contact = gates.contact_of(view.person, view.contact_id)
    return -1 if contact is None or contact.detail is None else contact.detail


def put_into_words(
    message: Message,
    updates: Sequence[Carried],
    view: GateView,
    addresses: Mapping[int, Address],
    origins: Origins,
    rate: float,
) -> Written | Shut:
    """The words of one message, to whom and from whom; or the gate that shuts because they cannot be written.

    `rate` is how fast case time runs beside machine time.
    """
    person, rules = view.person, view.rules
    to = addresses.get(detail_of(view))
    if person is None or to is None or not to.address:
        return Shut("contact_gone", "the contact it was planned for is gone", "hold", task="find_safe_contact")
    cover = person.cover_name is not None
    sender: str | None
    if message.channel == "sms":
        sender = rules.senders.cover if cover else (rules.senders.plain or origins.sms_from)
    else:
        # The force's address would give away what a cover name was agreed to hide, and no force has another.
        sender = None if cover else (rules.senders.email or origins.email_from)
    if view.flagged and rules.senders.telephone in POLICE_NUMBERS:
        return Shut("sender_not_neutral", "the number to ring would show who writes", "hold")
    if sender is None:
        return Shut("no_cover_sender", "a cover name was agreed, and the force has no sender for it", "hold")
    frame = Frame(
        reference=message.reference,
        force_name=rules.name,
        telephone=rules.senders.telephone,
        contact_name=person.cover_name,
        cover=cover,
        no_voice="no_voice" in person.access_needs,
    )
    try:
        words = write(
            message.kind,
            message.channel,
            message.style,
            message.language,
            [Item(update.update_point, update.facts) for update in updates],
            frame,
        )
    except CannotSay as error:
        return Shut(error.code, error.text, "hold")
    except Exception:  # words that cannot be made are a person's task, never a message lost
        log.exception("words_failed", message=str(message.id))
        return Shut("no_words", "the words could not be made", "hold")
    if view.brakes.templates:
        shut = first_shut(replace(view, template=words.template))
        if shut is not None:
            return shut
    sender_name = person.cover_name or rules.name
    validity = _validity(view, rate) if message.channel == "sms" else 0
    return Written(message, updates, person, to, words, sender, sender_name, validity)


def _validity(view: GateView, rate: float) -> int:
    """Machine seconds for which the text may still be handed over: not past its deadline, nor the hours it may come in."""
    seconds = float(LONGEST_VALIDITY)
    if view.due_at is not None and view.due_at > view.now:
        seconds = min(seconds, (view.due_at - view.now).total_seconds() / rate)
    if view.person is not None:
        allowed, closed = gates.hours(view.rules, view.person)
        seconds = min(seconds, _open_seconds(view.now, allowed, closed, seconds, rate))
    return max(SHORTEST_VALIDITY, int(seconds))


def _open_seconds(
    now: datetime,
    allowed: Sequence[Sequence[contact_hours.Window]],
    closed: Sequence[contact_hours.Window],
    seconds: float,
    rate: float,
) -> float:
    """How many of the next `seconds` (machine) the hours stay open, to the nearest thirtieth."""
    step = seconds / 30
    for number in range(30, 0, -1):
        at = now + timedelta(seconds=step * number * rate)
        if all(contact_hours.is_open(at, windows) for windows in allowed) and not contact_hours.is_open(at, closed):
            return step * number
    return 0.0
