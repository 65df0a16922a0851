"""Every reason for which only a person tells something: what they are to do, first and never, and what it shuts besides. Data.

Of several reasons the first in the table gives the task; a prompt goes only where every one of them allows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason for a hold."""

    task: str
    text: str
    prompt: bool = False
    """A machine may still ask an unflagged person to get in touch."""
    safety: bool = False
    """Only a person may hand it back, even if the reason goes."""
    good: str = ""
    """The good reason for which it may rightly stay untold, where that follows from this."""
    first: str = ""
    """What to do before anything is said."""
    never: str = ""
    """What must not be said or done because of it."""


HOLDS: Final[Mapping[str, Hold]] = {
    # Nobody is told now: somebody in the force looks first.
    "operational_hold": Hold(
        "ask_officer",
        "telling it now would harm an operation; a named inspector decides when, for at most five working days",
        good="OPERATIONAL_HOLD",
        first="Tell nobody yet: ask the inspector who set the operational hold.",
        never="That news is being held back, or why.",
    ),
    "operational_unsigned": Hold(
        "ask_officer",
        "somebody asked that it wait for an operation, and no inspector is named who allowed it",
        first="Find the inspector who allows the operational hold, by name; without one it is lifted and this is told.",
        never="That news is being held back, or why.",
    ),
    "operational_review": Hold(
        "ask_officer",
        "the operational hold on it has ended: an inspector lifts it, or sets it again by name",
        first="Ask the inspector: is this told now, or held again for at most five working days?",
        never="That news was held back, unless the inspector agrees to say so.",
    ),
    "more_arrests_planned": Hold(
        "ask_officer",
        "more arrests are planned; a named supervisor decides when",
        good="OPERATIONAL_HOLD",
        first="Ask the supervisor of the arrests when this may be told.",
        never="That more arrests are planned.",
    ),
    "person_died": Hold(
        "ask_officer",
        "the person, or whoever they stand for, has died; a machine tells nothing",
        safety=True,
        good="VICTIM_DECEASED",
        first="Ask the officer who now speaks for the family, and only then speak with anybody.",
        never="Anything addressed to the person who has died.",
    ),
    "also_suspect": Hold(
        "ask_officer",
        "the person, or whoever they stand for, is also a suspect or an associate, here or in a linked case",
        safety=True,
        first="Ask the officer whether this person may be told, and what.",
    ),
    "suspect_household": Hold(
        "ask_officer",
        "the person lives with a suspect; an officer decides who is told",
        safety=True,
        first="Ask the officer who may be told instead.",
    ),
    "role_unknown": Hold("ask_officer", "nothing says who this person is in the case"),
    "for_whom_unknown": Hold("ask_officer", "nothing says for whom this person stands"),
    "age_unknown": Hold("ask_officer", "nothing says whether the person concerned is under 18"),
    "spokesperson_check": Hold(
        "ask_officer", "a spokesperson is told only where the person cannot communicate or asked for it"
    ),
    "business_contacts": Hold(
        "ask_officer",
        "several people are recorded as the contact of a business, and a business is told through one",
        first="Ask which of them is the contact, and have the others' role taken away.",
    ),
    "event_withdrawn": Hold(
        "call",
        "what the person was told did not happen; somebody rings and puts it right",
        first="Ask the officer in the case what happened, and why it was reported.",
    ),
    "wrong_person": Hold(
        "call",
        "the person was told what does not concern them; somebody rings, and no machine tells them anything more of it",
        first="Ask the officer in the case whom it concerns.",
        never="Whom it does concern, or anything more of it.",
    ),
    "correction_by_person": Hold(
        "call",
        "they were told what was wrong; only dates, times and places correct themselves",
        first="Ask the officer in the case what is right, and what was wrong.",
    ),
    "correction_unreadable": Hold("ask_officer", "a correction could not be read, and nobody relies on the old word"),
    "bereaved": Hold(
        "ask_officer",
        "the person is bereaved; everything goes through the liaison officer",
        first="Give it to the liaison officer, who tells the family.",
        never="Anything to the family yourself, unless you are their liaison officer.",
    ),
    "lapsed": Hold(
        "ask_officer",
        "bail or an order came to its end, and nothing says what became of it",
        safety=True,
        first="Ask the officer at once what holds now.",
    ),
    "no_officer_note": Hold(
        "ask_officer", "no words of the officer, fit for the person, are newer than what they last heard"
    ),
    "risk_not_assessed": Hold(
        "ask_officer",
        "somebody escaped, and nothing says that the risk was assessed and protection arranged",
        safety=True,
        first="Ask the officer at once what the risk is and what protects this person; tell them both together.",
    ),
    "officer_confirms": Hold(
        "ask_officer",
        "word of an arrest can come while the suspect stands beside the person: the officer says when it is safe",
        safety=True,
        first="Ask the officer whether this person can be rung safely now.",
    ),
    # News that a person tells, whatever was agreed.
    "safety_critical": Hold(
        "call",
        "it may free a suspect or end a protection",
        prompt=True,
        safety=True,
        first="Ring now. Ask what would keep them safe tonight, and make a plan with them.",
    ),
    "outside_owner": Hold(
        "chase_owner",
        "another body must tell it; it is met when that body confirms it",
        first="Ask the body that owes it when it told them, and record its word.",
        never="Another body's reasons in words of your own.",
    ),
    "to_do": Hold("act", "something is to be done; it is met when that is recorded"),
    "question": Hold("call", "it is a question to the person, and a person asks it", prompt=True),
    "unverified": Hold(
        "call",
        "the rule was not checked against the published book, so no machine tells it",
        first="Nobody has checked this rule against the published book (unverified): tell it, and claim no right by it.",
    ),
    "nfa_incomplete": Hold(
        "ask_officer",
        "who decided, why, who signed it off or whether review applies is missing",
        first="Get from the officer who decided, why in words fit for the person, who signed it off, and whether review applies.",
    ),
    "review_unclear": Hold(
        "ask_officer",
        "what is said about a review does not fit what is known of the suspect",
        first="Ask the officer whether this person can ask for a review: it is for suspects identified and interviewed,"
        " not for part of the charges, a disposal out of court or a complaint that was withdrawn.",
        never="That there is, or is not, a right to a review, until the officer has said so.",
    ),
    "nfa_sensitive": Hold("call", "no further action in a case like this is always told by a person"),
    "child": Hold("call", "somebody concerned is under 18 in a sexual, child or family case", safety=True),
    "domestic_abuse": Hold("call", "the case is domestic abuse; only a person tells this", safety=True),
    "not_assessed": Hold("call", "the case was not assessed and may be domestic abuse; only a person tells this"),
    "safety_profile": Hold("call", "the person has a safety profile; only a person tells this"),
    "withdrew_support": Hold(
        "call",
        "the person no longer supports the prosecution of what is or may be domestic abuse",
        never="Anything that presses them to support the prosecution again.",
    ),
    "may_come_in_vain": Hold(
        "call",
        "the person opted out of such news, but was asked to come: without it they may come in vain, or on the wrong day",
        first="They asked not to hear of hearings. Say only what they need so that they do not come in vain.",
    ),
    "opted_out_of_safety_news": Hold(
        "call",
        "the person opted out, but this may bear on their safety; a person decides",
        good="VICTIM_DECLINED",
        first="They asked not to hear of this. Decide with the officer what their safety needs them to know.",
    ),
    "special_measures_call": Hold(
        "call",
        "help to give evidence was refused or changed, or the hearing is under five working days away",
        first="Know which measure, why it was decided so, and what else can be asked for, before you ring.",
    ),
    "restorative_justice": Hold(
        "call",
        "an invitation to restorative justice comes from an officer or its service, never by a text",
        first="If the offender is under 18, the youth offending team makes the offer.",
    ),
    # How this person can be reached.
    "shared_contact": Hold(
        "find_safe_contact",
        "the number or address is somebody else's too, here or in a case that belongs with this one",
        safety=True,
        good="NO_SAFE_CONTACT",
        never="Anything to that number or address.",
    ),
    "safe_contact_unknown": Hold(
        "find_safe_contact",
        "nothing says that this number or address is safe to use",
        good="NO_SAFE_CONTACT",
        first="Find a way of reaching them that they know to be safe before you ring or write.",
    ),
    "preference_against_safety": Hold(
        "call",
        "what they asked for is not safe for them: it is kept and not obeyed, and a person asks",
        safety=True,
        first="Ask them, safely, how they want to be reached: what they asked for does not fit what is known to be safe.",
    ),
    # A second person's word ends these two, so nobody need hand them back besides.
    "safety_not_confirmed": Hold(
        "call",
        "what is safe for them was loosened, and no second person has confirmed it",
        first="Have a second person confirm what is safe for them now: `kept people changes`.",
    ),
    "contact_not_confirmed": Hold(
        "find_safe_contact",
        "the number or address of a person with a safety profile changed, and no second person has confirmed it",
        first="Have a second person confirm it (`kept people changes`); use the old one only if they say so.",
    ),
    "interpreter": Hold(
        "interpreter",
        "no approved words exist in the person's language, and English was not agreed",
        first="Book an interpreter, never a relative or a child.",
    ),
    "prefers_letter": Hold(
        "write_letter",
        "the person asked for letters",
        first="Write it, and record the day of posting.",
        never="Anything on the envelope that says what it is about.",
    ),
    "details_by_letter": Hold(
        "write_letter",
        "it carries details of the offence, so it goes by letter or in conversation unless plain words were agreed",
        first="Write it or ring, and record the day of posting or of the call.",
        never="Anything on the envelope that says what it is about.",
    ),
    "prefers_phone": Hold("call", "the person asked to be telephoned"),
    "only_by_phone": Hold("call", "nothing but a telephone number is known of them"),
    "no_text": Hold("call", "the person cannot use written messages"),
    "no_contact": Hold("find_safe_contact", "there is no number or address that can be used", good="NO_SAFE_CONTACT"),
    "inherited_contact": Hold(
        "find_safe_contact",
        "the number or address was given by whoever stood for them before they were 18",
        good="NO_SAFE_CONTACT",
        first="Ask the young person themselves how they want to be reached.",
    ),
    "stopped": Hold("call", "somebody answered STOP from this number or address"),
    "wrong_number": Hold("find_safe_contact", "the provider says that this number or address is wrong"),
    "texts_not_safe": Hold("call", "messages are not safe for this person", safety=True, good="NO_SAFE_CONTACT"),
    "shared_handset": Hold("call", "somebody else can read what arrives there"),
    "reconfirm_safety": Hold(
        "call",
        "what is safe for this person was to be confirmed again by now",
        first="Confirm with them what is safe now: number, hours, voicemail, name.",
    ),
    "no_cover_sender": Hold("call", "a cover name was agreed, and the force has no sender for it"),
    "sender_not_neutral": Hold("call", "the sender's name would show who writes to a person with a safety profile"),
    # What only a person can say, or say in time.
    "several_suspects": Hold("call", "there are several suspects, and this is not the same for all of them"),
    "overtaken": Hold(
        "call",
        "something later changed its meaning; both are told together",
        first="Tell this together with what came later, in one conversation, and record both.",
        never="That things still stand as they did before the later news.",
    ),
    "stale": Hold("call", "it is too long ago to be told as news by a machine"),
    "serious_news_waits": Hold(
        "call",
        "serious news is waiting to be told to this person, and nothing routine goes before it",
        first="Tell the serious news first; this can be said in the same conversation.",
    ),
    "person_way": Hold("call", "the force has a person tell this"),
    "needs_person": Hold("call", "only a conversation, a letter or an act fulfils this", prompt=True),
    "easy_read": Hold("call", "the person needs easy words, and there is no such text"),
    "hearing_soon": Hold("call", "it is under two working days away", prompt=True),
    "ask_first": Hold("call", "nobody has asked whether the person wants to know the outcome", prompt=True),
    "prompt_way": Hold(
        "call", "the force has a machine ask the person to get in touch, and a person tell it", prompt=True
    ),
    "no_words": Hold("call", "no text says all of it", prompt=True),
    "no_allowed_hour": Hold(
        "call",
        "no hour is left before the deadline in which a message may go, and no such hour is broken to meet one",
        good="SAFETY_RISK",
        first="Reach them in an hour that is safe for them; a limit that is missed so is missed for a good reason.",
    ),
    "beyond_holiday_list": Hold(
        "ask_officer", "the deadline cannot be counted: the list of bank holidays ends before it"
    ),
}
