"""What follows from the reasons for a hold: task, queue, what to say first and never, and whether a prompt may go. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from services.ledger.force_rules import ForceRules, Queue, acknowledge_by
from services.ledger.people import Person
from services.scheduler.plan.hold_table import HOLDS, Hold
from services.scheduler.plan.types import Reason

__all__ = [
    "HOLDS",
    "Hold",
    "all_words",
    "in_order",
    "is_safety",
    "manner",
    "may_prompt",
    "queue_for",
    "reason",
    "reasons",
    "words_for",
]

_RANK: Final = {code: rank for rank, code in enumerate(HOLDS)}
_REASONS: Final = {code: Reason(code, hold.text) for code, hold in HOLDS.items()}
_URGENT: Final = "safety_critical"
_BEFORE_RINGING: Final = frozenset({"ask_officer", "find_safe_contact", "interpreter"})
"""Tasks that come before the call, however urgent: a call on a guess, or to a number that is not safe, does harm."""
_DECIDED_FIRST: Final = frozenset({"opted_out_of_safety_news"})
_THEN_RING: Final = "Do that at once, then ring. Ask what would keep them safe tonight, and make a plan with them."
_QUEUES: Final = (("bereaved", "liaison"), ("interpreter", "interpreters"))
"""Queues of their own for some reasons, where the force has them."""


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes, each once, the gravest first."""
    return tuple(sorted(set(codes), key=_RANK.__getitem__))


def reason(code: str) -> Reason:
    """One code with its sentence."""
    return _REASONS[code]


def reasons(codes: Iterable[str]) -> list[Reason]:
    """The codes with their sentences."""
    return [_REASONS[code] for code in codes]


def may_prompt(codes: Iterable[str]) -> bool:
    """Whether every reason allows a prompt."""
    return all(HOLDS[code].prompt for code in codes)


def is_safety(codes: Iterable[str]) -> bool:
    """Whether some reason is one that only a person may lift."""
    return any(HOLDS[code].safety for code in codes)


@lru_cache(maxsize=4096)
def words_for(codes: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to do before anything is said, and what must not be said, because of these reasons."""
    held = [HOLDS[code] for code in codes]
    first = dict.fromkeys(hold.first for hold in held if hold.first)
    if _URGENT in codes and any(HOLDS[code].task in _BEFORE_RINGING or code in _DECIDED_FIRST for code in codes):
        first.pop(HOLDS[_URGENT].first)
        first |= {} if "bereaved" in codes else {_THEN_RING: None}  # their liaison officer rings, nobody else
    return (
        tuple(first),
        tuple(dict.fromkeys(hold.never for hold in held if hold.never)),
    )


def manner(person: Person) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How this person is reached safely, and what must not happen on the way; nothing where nobody said so."""
    first: list[str] = []
    never: list[str] = []
    if person.safe_hours:
        hours = "; ".join(f"{', '.join(row['days'])} {row['from']} to {row['to']}" for row in person.safe_hours)
        first.append(f"Safe hours: {hours}. Outside them only where their safety cannot wait.")
    if person.cover_name is not None:
        first.append("Use the name that was agreed with them, not the force's.")
    if person.voicemail_safe is False:
        never.append("Anything on voicemail: it is not safe for them.")
    if person.lives_with_suspect is True:
        never.append("Anything before you know that they are alone: they live with a suspect.")
    return tuple(first), tuple(never)


def queue_for(
    rules: ForceRules,
    codes: Iterable[str],
    *,
    owner: str = "",
    since: datetime | None = None,
    by: datetime | None = None,
) -> str | None:
    """Where the hold waits.

    Safety news goes to a desk that is staffed day and night, and so does what came `since` and would be due `by` before
    anybody on its own queue need have seen it. The bereaved have the liaison officers' queue, a language the interpreters', the
    Witness Care Unit's news its own, where the force has such a queue; everything else is victim care's.
    """
    queues = rules.queues
    held = set(codes)
    if "safety_critical" in held:
        return _always(rules) or _usual(rules, held, owner)
    found = _usual(rules, held, owner)
    if found is not None and since is not None and by is not None and since <= by:
        queue = queues[found]
        if queue.staffed is not None and _seen_by(queue, since) > by:
            return _always(rules) or found
    return found


@lru_cache(maxsize=1024)
def _seen_by(queue: Queue, since: datetime) -> datetime:
    """By when somebody must have seen it: one event opens several holds at one instant, and it is reckoned once."""
    return acknowledge_by(queue, since)


def _usual(rules: ForceRules, held: set[str], owner: str) -> str | None:
    queues = rules.queues
    for code, name in _QUEUES:
        if code in held and name in queues:
            return name
    if owner == "wcu" and "witness_care" in queues:
        return "witness_care"
    return "victim_care" if "victim_care" in queues else next(iter(queues), None)


def _always(rules: ForceRules) -> str | None:
    desk = rules.queues.get("control_room")
    if desk is not None and desk.staffed is None:
        return desk.name
    return next((name for name, queue in rules.queues.items() if queue.staffed is None), None)


def all_words(
    codes: Sequence[str], person: Person, say: tuple[str, ...], never_say: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the person who tells it does first, says, and never says: by the reasons, by the person, by the script."""
    first, never = words_for(tuple(codes))
    safely, unsafely = manner(person)
    return (*first, *safely, *say), tuple(dict.fromkeys((*never, *unsafely, *never_say)))
