"""How one update goes: by a machine, on which channel and in what words, or by a person, perhaps with a prompt. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.editions.model import UpdatePoint
from services.ledger.people import Person
from services.ledger.second_word import Contact
from services.scheduler.plan.care import Care
from services.scheduler.plan.case import Case
from services.scheduler.plan.contact import Reach, candidates, reach
from services.scheduler.plan.holds import in_order, may_prompt
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.types import Kind
from services.scheduler.plan.words import can_say
from services.values import value
from services.wording.tongue import language_code

_WITH_DETAILS: Final = "r3-ack"
"""The written acknowledgement, which carries details of the offence: no neutral text can (PR01)."""


@value(frozen=True, slots=True)
class Way:
    """`kind` is news, a prompt beside a hold, or None: nothing goes. `holds` are the reasons, the gravest first."""

    kind: Kind | None
    contact: Contact | None
    language: str
    style: str
    holds: tuple[str, ...]


def way(
    case: Case, point: UpdatePoint, recipient: Recipient, care: Care, facts: Mapping[str, Any], codes: Sequence[str]
) -> Way:
    """Choose contact, language and words; `codes` are the reasons for a hold that are known already."""
    person = recipient.person
    found = _options(case, person, care)
    contact = found[0] if found else None
    held = list(codes)
    styles = _styles(case, recipient, care)
    language, theirs = _language(point, recipient, facts, found, styles)
    if not theirs:
        held.append("interpreter")
    if point.id == _WITH_DETAILS and "plain" not in styles:
        held.append("details_by_letter")
    news: tuple[Contact, str] | None = None
    if not held:
        # Where no channel was asked for, the first on which it can be said.
        options = found[:1] if person.channel is not None or care.flagged else found
        news = next(
            (
                (option, style)
                for option in options
                for style in _fit(styles, option)
                if can_say(point, "news", option.channel, style, language, facts)
            ),
            None,
        )
        if news is not None:
            contact = news[0]
    reached = _reach(case, person, contact, care)
    held.extend(reached.holds)
    if contact is not None and (sender := _sender(case, recipient, care, contact)) is not None:
        held.append(sender)
    if not held and news is None:
        held.append("to_do" if point.duty == "act" else "no_words")
    if not held and news is not None:
        return Way("news", contact, language, news[1], ())
    holds = in_order(held)
    ask_in = language if theirs else language_code(person.language)
    # A prompt in words that they read may go while an interpreter is found; one who needs an interpreter is rung with one.
    others = holds if theirs or "interpreter" in codes else [code for code in holds if code != "interpreter"]
    if contact is not None and reached.contact is not None and not care.flagged and may_prompt(others):
        for style in _fit(styles, contact):
            if can_say(point, "prompt", contact.channel, style, ask_in, facts):
                return Way("prompt", contact, ask_in, style, holds)
    return Way(None, reached.contact, language, "neutral", holds)


def _options(case: Case, person: Person, care: Care) -> list[Contact]:
    asked = person.id, care.flagged
    if asked not in case.options:
        case.options[asked] = candidates(person, care, case.who_has)
    return case.options[asked]


def _reach(case: Case, person: Person, contact: Contact | None, care: Care) -> Reach:
    asked = person.id, "" if contact is None else contact.id, care.flagged, care.domestic_abuse
    if asked not in case.reached:
        case.reached[asked] = reach(person, contact, care, case.who_has, case.known.shut)
    return case.reached[asked]


def _language(
    point: UpdatePoint,
    recipient: Recipient,
    facts: Mapping[str, Any],
    found: Sequence[Contact],
    styles: tuple[str, ...],
) -> tuple[str, bool]:
    """The language to write in, and whether the person reads it (PR18): their own where approved words say it, else English."""
    language = language_code(recipient.person.language)
    if language == "en":
        return "en", True
    channels = {contact.channel: None for contact in found}
    if not found:  # a letter, which says what an email in plain words would
        channels, styles = {"email": None}, ("plain", "neutral")
    if any(can_say(point, "news", channel, style, language, facts) for channel in channels for style in styles):
        return language, True
    return "en", recipient.person.english_accepted is True


def _sender(case: Case, recipient: Recipient, care: Care, contact: Contact) -> str | None:
    """Why it could not be from whom it must: a cover name only as agreed, nothing that names the police to the flagged (PR16)."""
    senders = case.known.rules.senders
    if recipient.person.cover_name is not None:
        # The force's own address would give away what a cover name was agreed to hide.
        return None if contact.channel == "sms" and senders.cover is not None else "no_cover_sender"
    if not care.flagged or contact.channel != "sms" or senders.plain is None:
        return None
    return "sender_not_neutral" if any(map(str.isalpha, senders.plain)) else None


def _styles(case: Case, recipient: Recipient, care: Care) -> tuple[str, ...]:
    """Plain words only where they were agreed, the case and the person were assessed, and nothing speaks against them."""
    person = recipient.person
    plain = (
        person.plain_wording is True
        and person.cover_name is None
        and care.assessed
        and not care.flagged
        and len(case.file.suspects) <= 1
    )
    return ("plain", "neutral") if plain else ("neutral",)


def _fit(styles: tuple[str, ...], contact: Contact) -> tuple[str, ...]:
    """On a handset or mailbox that somebody else reads, neutral words only."""
    return ("neutral",) if contact.shared is True else styles
