"""Why a machine must not speak: every reason for a hold, what the person who takes it is to do, and what it shuts besides.

One table. Of several reasons the first in it gives the task; a prompt goes only where every reason allows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.ledger.force_rules import ForceRules
from services.scheduler.plan.types import Reason


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason for a hold."""

    task: str
    text: str
    prompt: bool = False
    """A machine may still ask an unflagged person to get in touch."""
    safety: bool = False
    """Only a person may hand it back, even if the reason goes."""


HOLDS: Final[Mapping[str, Hold]] = {
    # Nobody is told now: somebody in the force looks first.
    "operational_hold": Hold("ask_officer", "telling it now would harm an operation; a named officer decides when"),
    "more_arrests_planned": Hold("ask_officer", "more arrests are planned; a named supervisor decides when"),
    "person_died": Hold(
        "ask_officer", "the person, or whoever they stand for, has died; a machine tells nothing", safety=True
    ),
    "also_suspect": Hold("ask_officer", "the person is also a suspect or an associate in this case", safety=True),
    "suspect_household": Hold(
        "ask_officer", "the person lives with a suspect; an officer decides who is told", safety=True
    ),
    "role_unknown": Hold("ask_officer", "nothing says who this person is in the case"),
    "for_whom_unknown": Hold("ask_officer", "nothing says for whom this person stands"),
    "age_unknown": Hold("ask_officer", "nothing says whether the person concerned is under 18"),
    "spokesperson_check": Hold(
        "ask_officer", "a spokesperson is told only where the person cannot communicate or asked for it"
    ),
    "event_withdrawn": Hold("ask_officer", "what the person was told did not happen; somebody puts it right"),
    "wrong_person": Hold("ask_officer", "the person was told what does not concern them; somebody puts it right"),
    "correction_by_person": Hold(
        "ask_officer", "they were told what was wrong; only dates, times and places correct themselves"
    ),
    "correction_unreadable": Hold("ask_officer", "a correction could not be read, and nobody relies on the old word"),
    "bereaved": Hold("ask_officer", "the person is bereaved; everything goes through the liaison officer"),
    "lapsed": Hold("ask_officer", "bail or an order came to its end, and nothing says what became of it", safety=True),
    "no_officer_note": Hold(
        "ask_officer", "no words of the officer, fit for the person, are newer than what they last heard"
    ),
    # News that a person tells, whatever was agreed.
    "safety_critical": Hold("call", "it may free a suspect or end a protection", prompt=True, safety=True),
    "outside_owner": Hold("chase_owner", "another body must tell it; it is met when that body confirms it"),
    "unverified": Hold("call", "the rule was not checked against the published book, so no machine tells it"),
    "nfa_incomplete": Hold("ask_officer", "who decided, why, who signed it off or whether review applies is missing"),
    "nfa_sensitive": Hold("call", "no further action in a case like this is always told by a person"),
    "child": Hold("call", "somebody concerned is under 18 in a sexual, child or family case", safety=True),
    "domestic_abuse": Hold("call", "the case is domestic abuse; only a person tells this", safety=True),
    "not_assessed": Hold("call", "the case was not assessed and may be domestic abuse; only a person tells this"),
    "safety_profile": Hold("call", "the person has a safety profile; only a person tells this"),
    "withdrew_support": Hold(
        "call", "the person no longer supports the prosecution of what is or may be domestic abuse"
    ),
    "opted_out_of_safety_news": Hold(
        "call", "the person opted out, but this may bear on their safety; a person decides"
    ),
    # How this person can be reached.
    "interpreter": Hold("interpreter", "no approved words exist in the person's language, and English was not agreed"),
    "prefers_letter": Hold("write_letter", "the person asked for letters"),
    "prefers_phone": Hold("call", "the person asked to be telephoned"),
    "no_text": Hold("call", "the person cannot use written messages"),
    "shared_contact": Hold(
        "find_safe_contact", "the number or address is somebody else's in this case too", safety=True
    ),
    "safe_contact_unknown": Hold("find_safe_contact", "nothing says that this number or address is safe to use"),
    "no_contact": Hold("find_safe_contact", "there is no number or address that can be used"),
    "stopped": Hold("call", "somebody answered STOP from this number or address"),
    "wrong_number": Hold("find_safe_contact", "the provider says that this number or address is wrong"),
    "texts_not_safe": Hold("call", "messages are not safe for this person", safety=True),
    "shared_handset": Hold("call", "somebody else can read what arrives there"),
    "reconfirm_safety": Hold("call", "what is safe for this person was to be confirmed again by now"),
    # What only a person can say, or say in time.
    "several_suspects": Hold("call", "there are several suspects, and this is not the same for all of them"),
    "overtaken": Hold("call", "something later changed its meaning; both are told together"),
    "stale": Hold("call", "it is too long ago to be told as news by a machine"),
    "person_way": Hold("call", "the force has a person tell this"),
    "needs_person": Hold("call", "only a conversation, a letter or an act fulfils this", prompt=True),
    "easy_read": Hold("call", "the person needs easy words, and there is no such text"),
    "hearing_soon": Hold("call", "it is under two working days away", prompt=True),
    "ask_first": Hold("call", "nobody has asked whether the person wants to know the outcome", prompt=True),
    "prompt_way": Hold(
        "call", "the force has a machine ask the person to get in touch, and a person tell it", prompt=True
    ),
    "no_words": Hold("call", "no text says all of it", prompt=True),
    "no_allowed_hour": Hold("call", "there is no hour before the deadline in which a message may go"),
    "beyond_holiday_list": Hold(
        "ask_officer", "the deadline cannot be counted: the list of bank holidays ends before it"
    ),
}

_RANK: Final = {code: rank for rank, code in enumerate(HOLDS)}
_REASONS: Final = {code: Reason(code, hold.text) for code, hold in HOLDS.items()}


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes, each once, the gravest first."""
    return tuple(sorted(set(codes), key=_RANK.__getitem__))


def reasons(codes: Iterable[str]) -> list[Reason]:
    """The codes with their sentences."""
    return [_REASONS[code] for code in codes]


def may_prompt(codes: Iterable[str]) -> bool:
    """Whether every reason allows a prompt."""
    return all(HOLDS[code].prompt for code in codes)


def is_safety(codes: Iterable[str]) -> bool:
    """Whether some reason is one that only a person may lift."""
    return any(HOLDS[code].safety for code in codes)


def queue_for(rules: ForceRules, codes: Iterable[str]) -> str | None:
    """Where the hold waits: safety news goes to a desk that is staffed day and night, everything else to victim care."""
    queues = rules.queues
    if "safety_critical" in codes:
        desk = queues.get("control_room")
        if desk is not None and desk.staffed is None:
            return desk.name
        always = next((name for name, queue in queues.items() if queue.staffed is None), None)
        if always is not None:
            return always
    return "victim_care" if "victim_care" in queues else next(iter(queues), None)
