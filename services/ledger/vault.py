"""The only module that reads and writes contact details and names.

Each number or address of a force is stored once, in its normal form, and everything else refers to it by an id. Two contact
points that have the same id are the same number or address, however each was spelled; that is how a number shared with a suspect
is found without anybody comparing text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import phonenumbers

if TYPE_CHECKING:
    from services.ledger.connection import Connection  # what compares numbers in a file needs no database

_MEDIUM: Final[Mapping[str, str]] = {"sms": "phone", "phone": "phone", "email": "email", "letter": "post"}
_DRAMA: Final = range(447700900000, 447700901000)
"""Ofcom's numbers for drama: nobody owns them, so samples and tests use them, and no metadata calls them valid."""
_MOBILE: Final = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})
_LONGEST: Final = 500
"""Letters of a normal form that are kept."""
_GOOGLE: Final = frozenset({"gmail.com", "googlemail.com"})
"""One provider under two names, which ignores dots and whatever follows a plus (support.google.com/mail/answer/7436150)."""
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


@dataclass(frozen=True, slots=True)
class ContactSeen:
    """One event's word on one contact point of one person."""

    force: str
    person: str
    contact: str
    source: str
    event_id: str
    value: Normal


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, and whether it still may."""

    detail: int
    address: str
    suppressed: bool
    suspect: bool


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


Held = tuple[int | None, str | None, int | None]
"""Of one word on one contact: the detail's id, why it cannot be used, and the detail that it is compared by, if another."""


async def keep_contacts(
    connection: Connection, seen: Sequence[ContactSeen]
) -> dict[tuple[str, str, str, str, str], Held]:
    """Store what events said of contact points; returns it by (force, person, contact, source, event id)."""
    if not seen:
        return {}
    ids = await _details(connection, seen)
    found: dict[tuple[str, str, str, str, str], Held] = {
        (s.force, s.person, s.contact, s.source, s.event_id): (
            ids.get((s.force, s.value.medium, s.value.normal)),
            s.value.unusable,
            ids.get((s.force, s.value.alike_medium, s.value.alike)),
        )
        for s in seen
    }
    await connection.execute(
        "insert into contact_point (force, person_id, contact_id, source, event_id, detail_id, unusable, alike_id)"
        " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],"
        " $8::bigint[]) on conflict do nothing",
        *zip(*((*key, *detail) for key, detail in found.items()), strict=True),
    )
    return found


async def _details(connection: Connection, seen: Sequence[ContactSeen]) -> dict[tuple[str, str, str], int]:
    """The detail of each value, made where it is new. A blank value has none: two blanks are not one number."""
    wanted = {(s.force, s.value.alike_medium, s.value.alike): s.value.alike_address for s in seen if s.value.alike} | {
        (s.force, s.value.medium, s.value.normal): s.value.address for s in seen if s.value.normal
    }
    distinct = sorted(wanted.items())
    if not distinct:
        return {}
    forces, media, normals = zip(*(key for key, _ in distinct), strict=True)
    made = await connection.fetch(
        "insert into contact_detail (force, medium, normal, address)"
        " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) on conflict do nothing"
        " returning id, force, medium, normal",
        forces,
        media,
        normals,
        [address for _, address in distinct],
    )
    ids = {(row["force"], row["medium"], row["normal"]): row["id"] for row in made}
    rest = [key for key, _ in distinct if key not in ids]
    if rest:
        rows = await connection.fetch(
            "select d.id, d.force, d.medium, d.normal from contact_detail d"
            " join unnest($1::text[], $2::text[], $3::text[]) k (force, medium, normal) using (force, medium, normal)",
            *zip(*rest, strict=True),
        )
        ids.update({(row["force"], row["medium"], row["normal"]): row["id"] for row in rows})
    return ids


async def keep_names(connection: Connection, names: Iterable[tuple[str, str, str, str, str]]) -> None:
    """Store names as (force, person, source, event id, name)."""
    rows = list(names)
    if rows:
        await connection.execute(
            "insert into person_name (force, person_id, source, event_id, name)"
            " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) on conflict do nothing",
            *zip(*rows, strict=True),
        )


async def details_of(
    connection: Connection, people: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], dict[tuple[str, str, str], Held]]:
    """For each (force, person): what was given, by (source, event id, contact)."""
    rows = await connection.fetch(
        "select c.* from contact_point c join unnest($1::text[], $2::text[]) p (force, person_id) using (force, person_id)",
        [force for force, _ in people],
        [person for _, person in people],
    )
    found: dict[tuple[str, str], dict[tuple[str, str, str], Held]] = {key: {} for key in people}
    for row in rows:
        key = row["source"], row["event_id"], row["contact_id"]
        found[row["force"], row["person_id"]][key] = row["detail_id"], row["unusable"], row["alike_id"]
    return found


async def addresses(connection: Connection, details: Sequence[int]) -> dict[int, Address]:
    """Where each detail leads, read in the caller's transaction."""
    rows = await connection.fetch(
        "select id, address, suppressed_at, suspect_at from contact_detail where id = any($1::bigint[])", details
    )
    return {
        row["id"]: Address(row["id"], row["address"], row["suppressed_at"] is not None, row["suspect_at"] is not None)
        for row in rows
    }


async def shut_details(connection: Connection, details: Sequence[int]) -> dict[int, str]:
    """Those of `details` that nothing may be sent to: `stopped` by the person, or `suspect`."""
    rows = await connection.fetch(
        "select id, suppressed_at from contact_detail"
        " where id = any($1::bigint[]) and (suppressed_at is not null or suspect_at is not null)",
        details,
    )
    return {row["id"]: "stopped" if row["suppressed_at"] is not None else "suspect" for row in rows}


async def suppress(connection: Connection, channel: str, value: str, why: str, now: datetime) -> list[int]:
    """Send nothing more to this number or address, in every force that knows it; returns the details that it stands for."""
    normal = normalise(channel, value)
    rows = await connection.fetch(
        "update contact_detail set suppressed_at = coalesce(suppressed_at, $3), suppressed_why = coalesce(suppressed_why, $4)"
        " where medium = $1 and normal = $2 returning id",
        normal.medium,
        normal.normal,
        now,
        why,
    )
    return [row["id"] for row in rows]


async def details_with(connection: Connection, channel: str, value: str) -> list[int]:
    """The details, in every force, that stand for this number or address."""
    normal = normalise(channel, value)
    rows = await connection.fetch(
        "select id from contact_detail where medium = $1 and normal = $2", normal.medium, normal.normal
    )
    return [row["id"] for row in rows]


async def mark_suspect(connection: Connection, details: Sequence[int], why: str, now: datetime) -> None:
    """A provider says that a number or address is wrong: nothing goes there until somebody has looked."""
    await connection.execute(
        "update contact_detail set suspect_at = coalesce(suspect_at, $2), suspect_why = coalesce(suspect_why, $3)"
        " where id = any($1::bigint[])",
        details,
        now,
        why,
    )


async def people_with(connection: Connection, details: Sequence[int]) -> list[tuple[str, str]]:
    """Every (force, person) that ever had one of these details."""
    rows = await connection.fetch(
        "select distinct force, person_id from contact_point where detail_id = any($1::bigint[])", details
    )
    return [(row["force"], row["person_id"]) for row in rows]
