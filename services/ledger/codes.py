"""What a provider's code means for the contact and for the person who must see to it. Pure, total: every code has a meaning.

Sources: Twilio's error dictionary (twilio.com/docs/api/errors/CODE) and RFC 3463 for the enhanced codes of mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Contact = Literal["suspect", "stopped"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """`contact` is what the code says of the number or address; `task` and `text` are for a person; `alert` names our fault."""

    contact: Contact | None
    task: str
    text: str
    alert: str | None = None


_BAD_NUMBER: Final = Meaning("suspect", "find_safe_contact", "the number is wrong, or no longer in use")
_STOPPED: Final = Meaning("stopped", "find_safe_contact", "the number has asked for no more texts")
_CONFIGURATION: Final = Meaning(
    None, "call", "the text service refuses messages of this kind", "the text service's set-up refuses messages"
)
_ACCOUNT: Final = Meaning(
    None, "call", "the provider does not let us in", "the provider refuses our account or our sign-in"
)
_FILTERED: Final = Meaning(None, "call", "the carrier blocked the message", "a carrier filters our messages")
_NOT_REACHED: Final = Meaning(None, "call", "the handset could not be reached")
_BAD_ADDRESS: Final = Meaning("suspect", "find_safe_contact", "the address is wrong, or no longer in use")
_FULL: Final = Meaning(None, "call", "the mailbox is full")
_POLICY: Final = Meaning(None, "call", "the mail was refused by a policy", "a mail server refuses our mail by policy")
_OURS: Final = Meaning(None, "call", "the message could not be handed over", "a message of ours was malformed")
_OTHER: Final = Meaning(None, "call", "the message did not arrive")
_UNSURE: Final = Meaning(None, "check_whether_told", "nobody knows whether the message left: ask before telling again")

_TWILIO: Final[Mapping[str, Meaning]] = {
    **dict.fromkeys(("21211", "21614", "21635", "30005", "30006"), _BAD_NUMBER),
    "21610": _STOPPED,
    **dict.fromkeys(("21408", "21612", "21606", "21703", "21705", "21609", "21608"), _CONFIGURATION),
    **dict.fromkeys(("401", "403", "20003", "10001", "30002"), _ACCOUNT),
    **dict.fromkeys(("21617", "21602", "21604"), _OURS),
    **dict.fromkeys(("30004", "30007"), _FILTERED),
    "30003": _NOT_REACHED,
}
_MAIL: Final[Mapping[str, Meaning]] = {
    **dict.fromkeys(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"), _BAD_ADDRESS),
    **dict.fromkeys(("4.2.2", "5.2.2"), _FULL),
    **dict.fromkeys(("5.7.1", "5.7.26", "5.7.23"), _POLICY),
    "5.3.4": _OURS,
}
_ENHANCED: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def meaning(code: str | None) -> Meaning:
    """What `twilio:21211`, `smtp:550/5.1.1` and their like mean; a code that is not known asks a person to call."""
    provider, _, rest = (code or "").partition(":")
    if provider == "twilio":
        return _TWILIO.get(rest, _OTHER)
    enhanced = _ENHANCED.search(rest)
    if enhanced is not None:
        found = _MAIL.get(enhanced.group())
        if found is None and enhanced.group().startswith("5.6."):
            return _OURS
        return found or _OTHER
    if provider == "smtp" and rest[:3] in {"530", "534", "535", "538"}:
        return _ACCOUNT
    return _OTHER


def unsure() -> Meaning:
    """What an unknown outcome asks of a person, whatever the code."""
    return _UNSURE
