"""What of a person waits for a second person's word: changed contact details, and a safety profile that would grow looser. Pure.

The first recording of a person's contacts stands by itself. Any other number or address that comes later, and any word that a
contact which was not safe is safe now, is kept and marked; whoever is *flagged* is not contacted there until a second person has
approved it. A safety profile only ever grows stricter by one word: what loosens it waits, and the stricter stands meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from services.ledger.contact_hours import DAYS, Window, windows_from

Verdict = Literal["approved", "refused"]
Word = tuple[str, str]
"""Source and id of the event, or of the correction, that says something."""
Verdicts = Mapping[tuple[str, str, str], Verdict]
"""By subject (`safety`, or `contact:` and the contact's id), source and id of the word: what a second person said."""
SAFETY: Final = "safety"
NOT_YET: Final[Verdicts] = {}
RELIED_ON: Final = frozenset({"safe_hours", "cover_name"})
"""What of a profile no machine relies on while another word waits: neither the old hour or name nor the new is surely safe."""


def of_contact(contact: str) -> str:
    """The subject that stands for a contact point."""
    return f"contact:{contact}"


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a person. `detail` names the number or address in the vault; `unusable` says why it cannot be used."""

    id: str
    channel: str  # sms, email, phone, letter
    detail: int | None
    safe: bool | None = None
    verified_at: datetime | None = None
    shared: bool | None = None
    unusable: str | None = None
    alike: int | None = None
    """The detail that it is compared by, where that is another: `ann+news@...` may be the mailbox of `ann@...`."""
    unconfirmed: bool = False
    """It changed after the first recording, and no second person has confirmed it."""

    @property
    def same(self) -> int | None:
        """Equal for two contact points exactly when they may lead to one handset, mailbox or door."""
        return self.detail if self.alike is None else self.alike


@dataclass(frozen=True, slots=True)
class Change:
    """Something that waits for a second person: about what, what it would change, since when, and by whose words."""

    subject: str
    what: tuple[str, ...]
    since: datetime
    words: tuple[Word, ...]


@dataclass(slots=True)
class Waiting:
    """The words that wait, as a fold goes along; a later word that needs no approval ends them."""

    verdicts: Verdicts
    words: dict[tuple[str, str], dict[Word, datetime]] = field(default_factory=dict)
    """By subject and what of it would change."""

    def verdict(self, subject: str, word: Word) -> Verdict | None:
        """What a second person said of a word."""
        return self.verdicts.get((subject, *word))

    def wait(self, subject: str, what: str, word: Word, known_at: datetime) -> None:
        """A word waits."""
        self.words.setdefault((subject, what), {})[word] = known_at

    def settle(self, subject: str, what: str | None = None) -> None:
        """What waited on a subject, or on one part of it, is settled by a later word."""
        for key in [key for key in self.words if key[0] == subject and what in {None, key[1]}]:
            del self.words[key]

    def unconfirmed(self, subject: str) -> tuple[str, ...]:
        """What of a subject waits, in order."""
        return tuple(sorted(what for about, what in self.words if about == subject))

    def changes(self) -> list[Change]:
        """Everything that waits, by subject."""
        found: list[Change] = []
        for subject in sorted({about for about, _ in self.words}):
            words: dict[Word, datetime] = {}
            for (about, _), said in self.words.items():
                if about == subject:
                    words.update(said)
            found.append(Change(subject, self.unconfirmed(subject), min(words.values()), tuple(sorted(words))))
        return found


@dataclass(slots=True)
class Contacts:
    """A person's contacts as they fold: the last word on each, and what stands confirmed."""

    waiting: Waiting
    first_at: datetime | None
    """When the force first knew of any number or address of the person; what it knew then needs no second word."""
    latest: dict[str, Contact] = field(default_factory=dict)
    confirmed: dict[str, Contact] = field(default_factory=dict)

    def say(self, contact: Contact, word: Word, known_at: datetime) -> None:
        """One more word on a contact: as it would be now."""
        subject = of_contact(contact.id)
        approved = self.waiting.verdict(subject, word) == "approved"
        what = None if approved or known_at == self.first_at else self._changes(contact)
        if what is None:
            self.waiting.settle(subject)
            self.latest[contact.id] = self.confirmed[contact.id] = contact
        else:
            self.waiting.wait(subject, what, word, known_at)
            self.latest[contact.id] = replace(contact, unconfirmed=True)

    def _changes(self, contact: Contact) -> str | None:
        own = self.confirmed.get(contact.id)
        alike = [one for one in self.confirmed.values() if one.detail == contact.detail]
        if contact.detail is not None and not alike:
            return "value"
        before = own if own in alike else next(iter(alike), None)
        if before is None:
            return None
        if before.safe is False and contact.safe is not False:
            return "safe"
        if before.shared is True and contact.shared is not True:
            return "shared"
        return None


def loosens(name: str, old: Any, new: Any) -> bool:
    """Whether a word on one field of a safety profile makes it less strict than `old`, which is None where nothing was said."""
    if old is None:
        return False
    match name:
        case "texts_safe" | "voicemail_safe":
            return old is False and new is True
        case "lives_with_suspect":
            return old is True and new is False
        case "safe_hours":
            return bool(old) and not within(new, old)
        case "cover_name":
            return " ".join(old.split()).casefold() != " ".join(new.split()).casefold()
        case _:
            return False  # the date by which it is to be confirmed again moves with every confirmation


def within(inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every minute of `inner` lies in `outer`; no hours at all are every hour. Hours that cannot be read never do."""
    try:
        return bool(inner) and minutes_of(inner) <= minutes_of(outer)
    except ValueError:
        return False


def minutes_of(hours: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """The minutes of a week, from Monday 00:00, in which hours are open; raises ValueError when they cannot be read."""
    return frozenset(minute for window in windows_from(hours) for minute in _minutes(window))


_DAY: Final = 24 * 60


def _minutes(window: Window) -> set[int]:
    start = window.start.hour * 60 + window.start.minute
    end = window.end.hour * 60 + window.end.minute
    length = end - start if end > start else end - start + _DAY
    week = _DAY * len(DAYS)
    return {(day * _DAY + start + step) % week for day in window.days for step in range(length)}
