"""What is known of one person, folded from every case in which they appear.

Only states replace one another, each part on its own; a part that an event does not name is unchanged. Contact values and names
are not here: they live in the vault (`services.ledger.vault`) and are named by `detail`, a number that is equal for two contact
points exactly when they are the same number or address in any spelling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Person:
    """The state of a person across the force. `None` always means not known, and rules take the careful side."""

    force: str
    id: str
    born: date | None = None
    turned_18: datetime | None = None
    died: bool = False
    language: str | None = None
    access_needs: tuple[str, ...] = ()
    household: str | None = None
    contacts: tuple[Contact, ...] = ()
    channel: str | None = None
    frequency_days: int | None = None
    opt_out: tuple[str, ...] = ()
    quiet_hours: tuple[dict[str, Any], ...] = ()
    plain_wording: bool | None = None
    english_accepted: bool | None = None
    wants_outcome: bool | None = None
    has_safety_profile: bool = False
    safe_hours: tuple[dict[str, Any], ...] = ()
    texts_safe: bool | None = None
    voicemail_safe: bool | None = None
    cover_name: str | None = None
    lives_with_suspect: bool | None = None
    reconfirm_by: date | None = None
    stopped_channels: tuple[str, ...] = field(default=())
    """Channels on which this person's contact answered STOP (from the ledger's suppressions, not from events)."""
