"""Whether a force's rules make sense beside the rule books: every glob finds something, every sender can be sent from.

It is asked when a file is loaded, never when one is read back: a book that drops a rule must not stop a service. Pure.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from schemas.editions.model import Books, UpdatePoint
from services.ledger.force_rules import ForceRules, Switch, read_rules

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_SERVICE: Final = re.compile(r"MG[0-9a-f]{32}")
_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +&_-]{1,11}")
"""A sender name: at most 11 characters, a letter among them (twilio.com/docs/glossary/what-alphanumeric-sender-id)."""
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 ]{1,18}[0-9]")


def read_checked(toml: str, books: Books) -> ForceRules:
    """Read a force file that somebody wants to load; raises ValueError with a sentence that names the key and the remedy."""
    rules = read_rules(toml)
    _check_senders(rules)
    _check_feeds(rules)
    _check_cadence(rules)
    points = points_of(books)
    own = [switch for switch in rules.switches if switch.own]
    for place, switch in enumerate(own):
        _check_switch(f"switch[{place}]", switch, points)
    return rules


def points_of(books: Books) -> dict[str, tuple[UpdatePoint, ...]]:
    """Every update point of every book by its id; several editions may have one each."""
    found: dict[str, tuple[UpdatePoint, ...]] = {}
    for edition in books.editions:
        for point in edition.points.values():
            found[point.id] = (*found.get(point.id, ()), point)
    return dict(sorted(found.items()))


def _check_switch(key: str, switch: Switch, points: Mapping[str, tuple[UpdatePoint, ...]]) -> None:
    for place, glob in enumerate(switch.update_points):
        where = f"{key}.update_points[{place}]"
        if not any(fnmatchcase(point, glob) for point in points):
            raise ValueError(f"{where}: no book has an update point {glob}{_nearest(glob, points)}")
        if switch.way != "off":
            continue
        if glob not in points:
            raise ValueError(f"{where}: name each rule that is switched off by its whole id, not as {glob}")
        if all(point.status != "unverified" and point.unverified_from is None for point in points[glob]):
            raise ValueError(
                f'{where}: {glob} is owed, so it cannot be switched off: give `way = "person"`; only a rule that nobody'
                " has verified can be"
            )


def _nearest(glob: str, points: Mapping[str, tuple[UpdatePoint, ...]]) -> str:
    plain = glob.strip("*?")
    found = difflib.get_close_matches(plain, points, n=1, cutoff=0.5) if plain else []
    return f"; did you mean {found[0]}?" if found else "; `kept editions list` shows them"


def _check_senders(rules: ForceRules) -> None:
    senders = rules.senders
    for key, value in (("plain", senders.plain), ("cover", senders.cover)):
        if value is not None and not any(form.fullmatch(value) for form in (_NUMBER, _SHORT_CODE, _SERVICE, _NAME)):
            raise ValueError(
                f"senders.{key}: give a number such as +447700900001, a short code, a Messaging Service (MG...) or a name"
                " of at most 11 letters and digits"
            )
    if senders.cover is not None and senders.cover == senders.plain:
        raise ValueError(
            "senders.cover: it is the plain sender, so it covers nobody: give the other registered one (PR16)"
        )
    if senders.email is not None and not _ADDRESS.fullmatch(senders.email):
        raise ValueError("senders.email: give an address such as updates@staffs.example")
    if not _TELEPHONE.fullmatch(senders.telephone):
        raise ValueError("senders.telephone: give a number as people dial it, such as 01632 960123")
    if rules.replies_enabled and senders.plain is not None and not _answerable(senders.plain):
        raise ValueError("replies.enabled: nobody can answer a sender name: give a number as senders.plain (PR16)")


def _answerable(sender: str) -> bool:
    return any(form.fullmatch(sender) for form in (_NUMBER, _SHORT_CODE, _SERVICE))


def _check_feeds(rules: ForceRules) -> None:
    for source in rules.feeds:
        if source.split("/")[2] != rules.force:
            raise ValueError(f"feeds.source.{source}: it is another force's: its events say /force/{rules.force}/...")


def _check_cadence(rules: ForceRules) -> None:
    days = rules.cadence_enhanced_days
    if days is not None and days > rules.cadence_days:
        raise ValueError(
            f"cadence.enhanced_days: people with Enhanced Rights would wait longer than others: give at most"
            f" {rules.cadence_days}"
        )
