"""The words that may never be said, in any body, subject, preview or sender. Checked on every template and on every text.

The list is the project's own: what a frightened person, or whoever holds her phone, must not read. For neutral texts it is
wider: nothing there may show that the police or a court write at all. Both languages are looked for in every text: a name or a
place may be in either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from typing import Final

from services.wording import never_list as never
from services.wording import never_welsh as welsh


def _pattern(listed: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word).replace(r"\*", ".*") for word in listed.split()))


_WORDS: Final = {
    label: f"{listed} {welsh.mutated(welsh.WORDS.get(label, ''))}" for label, listed in never.WORDS.items()
}
_BY_LABEL: Final = tuple((label, _pattern(listed)) for label, listed in _WORDS.items())
_ANY: Final = _pattern(" ".join(_WORDS.values()))
_NEUTRAL: Final = _pattern(f"{never.NEUTRAL} {welsh.mutated(welsh.NEUTRAL)}")
_SMS: Final = _pattern(f"{never.SMS} {welsh.mutated(welsh.SMS)}")
_SILENT: Final = "no way to reach a person"
_BY_TEXT: Final = "no outcome by text"


def _phrases_by_key() -> dict[str, tuple[tuple[str, str], ...]]:
    """Phrases by their longest word, so that a text is searched only for those it may hold."""
    listed = [
        (label, phrase)
        for language in (never.PHRASES, welsh.PHRASES)
        for label, phrases in language.items()
        for phrase in phrases
    ]
    listed += [(_BY_TEXT, phrase) for phrase in (*never.SMS_PHRASES, *welsh.SMS_PHRASES)]
    listed += [(_SILENT, phrase) for phrase in (*never.SILENCE, *welsh.SILENCE)]
    by_key: dict[str, tuple[tuple[str, str], ...]] = {}
    for label, phrase in listed:
        key = max(phrase.split(), key=len)
        by_key[key] = (*by_key.get(key, ()), (label, phrase))
    return by_key


_BY_KEY: Final = _phrases_by_key()
_KEYS: Final = frozenset(_BY_KEY)

_APART: Final = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) not in "-'"}
_MAYBE_CODE: Final = frozenset(code.lower() for code in never.CODES)
_DOTTED: Final = re.compile(r"\.(?<=[a-z0-9]\.)[a-z]{2,}")
_SPELT: Final = re.compile(r"\bdot\W{1,3}(?:com|uk|org|net|gov|info|ly)\b")
_MAYBE_POSTCODE: Final = re.compile(r"[0-9][abd-hjlnp-uw-z]{2}\b")  # the letters that end one: 8am and 9pm are times
_POSTCODE: Final = re.compile(r"\b[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][abd-hjlnp-uw-z]{2}\b")
_HOUSE: Final = re.compile(r"\b[0-9]{1,4}[a-z]? (?:[a-z'-]+ ){1,3}(?:" + "|".join(sorted(never.STREETS)) + r")\b")
_HEOL: Final = re.compile(r"\b[0-9]{1,4}[a-z]?,? (?:" + "|".join(welsh.STREETS) + r") [a-z]")
_HEOLYDD: Final = frozenset(welsh.STREETS)
_CODE: Final = re.compile(r"\b(?:" + "|".join(sorted(never.CODES)) + r")\b")
_NOTHING: Final = re.compile(r"\bNone\b(?! of)")
_POINT: Final = re.compile(r"(?:r[0-9]{1,2}|w|f|pace)-[a-z-]+")
_BLANKS: Final = {
    **dict.fromkeys("{}<>", ("",)),
    ",": (" ,", ",,", ",.", ":,", ";,"),
    ".": (" .", ":.", ": ."),
    ":": (" :",),
    ";": (" ;",),
    "?": (" ?",),
    "!": (" !",),
    "(": ("()", "( "),
    "[": ("[]", "[ "),
}
"""What a blank leaves behind, by the sign that must be there."""
_TELEPHONE: Final = re.compile(r"[0-9][0-9 ]{6,}[0-9]")
_DIGITS: Final = "0123456789"

PREVIEW: Final = 90
"""Characters of a body that a locked screen shows."""
_KEPT: Final = 6
_MOST: Final = 20_000
POLICE_NUMBERS: Final = frozenset({"101", "999"})
"""Numbers that everybody knows for the police's."""
_harmless: dict[tuple[bool, bool], set[str]] = {}
"""Words already found harmless, by (neutral, by text): nearly every word is a template's own."""


def forbidden(text: str, *, channel: str | None = None, style: str | None = None) -> list[str]:
    """What in `text` may never be said: a label each, with the word where it is one of ours (`false comfort: safe`).

    `channel` "sms" adds what may not go by text; `style` "neutral" adds every word that shows who writes and why.
    """
    folded = _fold(text)
    sms, neutral = channel == "sms", style == "neutral"
    in_order = folded.translate(_APART).split()
    words = set(in_order)
    harmless = _harmless.setdefault((neutral, sms), set())
    found = []
    if unknown := words - harmless:
        found += _found_in(unknown, in_order, harmless, neutral=neutral, sms=sms)
    if keys := words & _KEYS:
        found += _phrases_in(" ".join(in_order), keys, folded, sms=sms)
    if neutral and words & POLICE_NUMBERS:
        found.append("not neutral: a police number")
    if _holds_link(folded, words):
        found.append("link")
    if _holds_address(folded, words):
        found.append("address")
    if words & _MAYBE_CODE and _CODE.search(text):
        found.append("internal code")
    if _holds_blank(folded) or ("none" in words and _NOTHING.search(text)):
        found.append("blank field")
    return found


def preview(subject: str, body: str) -> str:
    """What a locked screen shows of an email: its subject, and how its body begins."""
    return f"{subject} {' '.join(body[: 2 * PREVIEW].split())[:PREVIEW]}"


def _holds_link(folded: str, words: Set[str]) -> bool:
    if "@" in folded or "://" in folded or "www" in folded or _DOTTED.search(folded):
        return True
    return "dot" in words and _SPELT.search(folded) is not None


def _holds_address(folded: str, words: Set[str]) -> bool:
    if _MAYBE_POSTCODE.search(folded) and _POSTCODE.search(folded):
        return True
    if words & _HEOLYDD and _HEOL.search(folded):
        return True
    return bool(words & never.STREETS) and _HOUSE.search(folded) is not None


def _holds_blank(folded: str) -> bool:
    return any(left in folded for sign, blanks in _BLANKS.items() if sign in folded for left in blanks)


def _phrases_in(joined: str, keys: Set[str], folded: str, *, sms: bool) -> list[str]:
    """Phrases, whatever stands between their words."""
    found = []
    for label, phrase in (entry for key in sorted(keys) for entry in _BY_KEY[key]):
        if phrase not in joined or (label == _BY_TEXT and not sms):
            continue
        if label != _SILENT:
            found.append(f"{label}: {phrase}")
        elif not _TELEPHONE.search(folded):
            found.append(label)
    return found


def _found_in(unknown: Set[str], in_order: list[str], harmless: set[str], *, neutral: bool, sms: bool) -> list[str]:
    """The slow road: words not met before. The reference and numbers to ring are looked at and not kept."""
    found: dict[str, list[str]] = {}
    for word in unknown:
        core = word.strip(_DIGITS)
        wrong = _labels(core, neutral=neutral, sms=sms) if core else []
        if _POINT.fullmatch(word):
            wrong.append("internal code")
        if wrong:
            found[word] = wrong
        elif len(word) <= _KEPT or word.isalpha():
            if len(harmless) >= _MOST:
                harmless.clear()
            harmless.add(word)
    return [f"{label}: {word}" for word in sorted(found, key=in_order.index) for label in found[word]]


def _labels(word: str, *, neutral: bool, sms: bool) -> list[str]:
    """What is wrong with one word. Of `knife-point` and `victim's` each piece is a word too."""
    labels: dict[str, None] = {}
    pieces = [word, *re.split("[-']", word)] if "-" in word or "'" in word else [word]
    for piece in pieces:
        if _ANY.fullmatch(piece):
            labels.setdefault(next(label for label, pattern in _BY_LABEL if pattern.fullmatch(piece)))
        if neutral and _NEUTRAL.fullmatch(piece):
            labels.setdefault("not neutral")
        if sms and _SMS.fullmatch(piece):
            labels.setdefault("no outcome by text")
    return list(labels)


def _fold(text: str) -> str:
    """Lower case, one kind of quote and space, accents and invisible characters gone: what a reader sees, however written."""
    if text.isascii():
        return text.lower()
    kept = [
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.category(character) not in {"Mn", "Cf"}
    ]
    return "".join(kept).replace("\u2019", "'").replace("\u2018", "'").replace("\u2010", "-").replace("\u2011", "-")
