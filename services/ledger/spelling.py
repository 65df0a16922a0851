"""The one form in which numbers and addresses are compared, however they were spelled. Pure.

Two contact points that come to the same form are the same number, mailbox or door: that is how a number shared with a suspect is
found, in whatever spelling either was recorded.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import phonenumbers

_MEDIUM: Final[Mapping[str, str]] = {"sms": "phone", "phone": "phone", "email": "email", "letter": "post"}
_DRAMA: Final = range(447700900000, 447700901000)
"""Ofcom's numbers for drama: nobody owns them, so samples and tests use them, and no metadata calls them valid."""
_MOBILE: Final = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})
_LONGEST: Final = 500
"""Letters of a normal form that are kept."""
_GOOGLE: Final = frozenset({"gmail.com", "googlemail.com"})
"""One provider under two names, which ignores whatever follows a plus, and dots (support.google.com/mail/answer/7436150)."""
_ANGLES: Final = re.compile(r"[^<>]*<([^<>]+)>\s*")
_SCHEME: Final = re.compile(r"(?:mailto|tel|sms):(?://)?", re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")
_PLAINLY_BRITISH: Final = re.compile(r"(?:\+44|0)(7\d{9})", re.ASCII)
_GREAT_BRITAIN: Any = phonenumbers.PhoneMetadata.metadata_for_region("GB")
_BRITISH_MOBILE: Final = re.compile(_GREAT_BRITAIN.mobile.national_number_pattern, re.ASCII)
"""The metadata's own pattern: a mobile of Great Britain written plainly needs no parsing."""


@dataclass(frozen=True, slots=True)
class Normal:
    """A contact value in the form in which it is compared and used. `unusable` says why it cannot be used on its channel."""

    medium: str
    normal: str
    address: str
    unusable: str | None
    alike: str = ""
    """What it is compared by, where that is not `normal`: a mailbox without what follows a plus, a place without its commas."""
    alike_address: str = ""

    @property
    def alike_medium(self) -> str:
        """Where `alike` is kept: a mailbox may be an address itself, a place without its commas is none."""
        return "place" if self.medium == "post" else self.medium


@lru_cache(maxsize=4096)
def normalise(channel: str, value: str | None) -> Normal:
    """The normal form of a contact value for `channel`; never raises, an unusable value says why.

    Numbers are read as a caller in Great Britain would dial them and kept in E.164. Addresses are compared without case, and a
    mailbox without what follows a plus: two spellings that may lead to one mailbox count as one, each is written to as given.
    """
    medium = _MEDIUM[channel]
    text = (value or "").strip()
    if not text:
        return Normal(medium, "", "", "empty")
    if medium == "post":
        return _post(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")  # letters that nobody sees
    text = _SCHEME.sub("", text, count=1).strip()
    return _email(text) if medium == "email" else _phone(text, wants_mobile=channel == "sms")


def _post(text: str) -> Normal:
    plain = " ".join(text.casefold().split())
    alike = "".join(letter for letter in plain if letter.isalnum())
    return Normal("post", _bounded(plain), text, None, _bounded(alike))


def _bounded(text: str) -> str:
    """No longer than an index takes, and still another for another text."""
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: _LONGEST - len(digest)]}{digest}"


def _email(text: str) -> Normal:
    # Loaded when the first address comes: a command that reads a few numbers need not wait for it.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # as above

    named = _ANGLES.fullmatch(text)
    text = (named[1] if named is not None else text).strip().rstrip(".")
    try:
        valid = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return Normal("email", _bounded(text.casefold()), "", "not_an_address")
    local, domain = valid.local_part, valid.domain.casefold()
    box = local.partition("+")[0] or local
    if domain in _GOOGLE:
        # Surely one mailbox, so any spelling of it may be written to.
        normal = f"{box.replace('.', '') or box}@gmail.com".casefold()
        alike = alike_address = ""
    else:
        normal = f"{local}@{domain}".casefold()
        alike = "" if box == local else f"{box}@{domain}".casefold()
        alike_address = f"{box}@{valid.ascii_domain}" if alike else ""
    if valid.ascii_email is None:
        return Normal("email", normal, "", "not_plain_letters", alike)
    return Normal("email", normal, valid.ascii_email, None, alike, alike_address)


def _phone(text: str, *, wants_mobile: bool) -> Normal:
    plain = _PLAINLY_BRITISH.fullmatch(text.replace(" ", ""))
    if plain is not None and _BRITISH_MOBILE.fullmatch(plain[1]):
        e164 = f"+44{plain[1]}"
        return Normal("phone", e164, e164, None)
    return _any_phone(text, wants_mobile=wants_mobile)


def _any_phone(text: str, *, wants_mobile: bool) -> Normal:
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return _among_words(text)
    if number.extension is None and _LETTER.search(text) is not None:
        return _among_words(text)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    drama = int(e164[1:]) in _DRAMA
    if not drama and not phonenumbers.is_valid_number(number):
        return Normal("phone", e164, "", "not_in_use")
    if wants_mobile and not drama and phonenumbers.number_type(number) not in _MOBILE:
        return Normal("phone", e164, e164, "not_a_mobile")
    return Normal("phone", e164, e164, None)


def _among_words(text: str) -> Normal:
    """A number with words beside it ("mum's") may be somebody else's: a shared one is found, and it is never used."""
    found = next(iter(phonenumbers.PhoneNumberMatcher(text, "GB", phonenumbers.Leniency.POSSIBLE)), None)
    if found is None:
        return Normal("phone", _bounded(text.casefold()), "", "not_a_number")
    e164 = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    return Normal("phone", e164, e164, "not_a_number")
