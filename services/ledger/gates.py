"""Gates: everything that may stand between a message and its person, as one pure function.

`release` asks before it gives a message to a dispatcher, and the intent asks again, with everything read anew in its own
transaction. What is not known shuts a gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.ledger.brakes import NONE, Brakes, covers
from services.ledger.contact_hours import LONDON, Window, is_open, next_open, windows_from
from services.ledger.force_rules import ForceRules
from services.ledger.people import Person
from services.ledger.second_word import RELIED_ON, Contact

Then = Literal["hold", "wait", "decline"]
LOOK_AGAIN: Final = timedelta(minutes=10)
"""Case time after which a message whose gate opens at no known instant is looked at again."""
CAP_WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class GateView:
    """What the gates look at, for one message at one instant (case time)."""

    now: datetime
    kind: str  # news or prompt
    channel: str
    contact_id: str
    rules: ForceRules
    person: Person | None
    brakes: Brakes = NONE
    stopped: bool = False  # the kill switch from outside
    production: bool = False
    template: str | None = None  # known once it is written
    detail: int | None = None  # the contact's detail that an earlier try of the message went to
    shut: str | None = None  # of the contact's detail: stopped or suspect
    due_at: datetime | None = None
    topics: frozenset[str] = frozenset()  # words of opt_out that decline what it carries
    safety_critical: bool = False
    flagged: bool = True
    reminder: bool = False  # it carries reminders alone: after its day nobody is reminded any more (PR08)
    correction: bool = False  # corrections and stand-downs pass caps (PR09)
    sent_lately: int = 0  # attempts to the same detail within CAP_WINDOW that left, or may have
    oldest_lately: datetime | None = None
    shared: bool = False  # somebody else has the contact too, here or in a case that belongs with this one
    also_suspect: bool = False  # the person is a suspect or an associate, here or in a linked case
    ward: Literal["", "died", "grown_up"] = ""  # what became of whoever they are told for


@dataclass(frozen=True, slots=True)
class Shut:
    """A gate that is shut: hold it for a person, wait until an instant (None: until somebody lifts it), or decline it."""

    code: str
    text: str
    then: Then
    until: datetime | None = None
    task: str = "call"


def contact_of(person: Person | None, contact_id: str) -> Contact | None:
    """The contact point of this id, if the person still has it."""
    if person is None:
        return None
    return next((contact for contact in person.contacts if contact.id == contact_id), None)


def first_shut(view: GateView) -> Shut | None:
    """The first gate that is shut, or None: it may go now."""
    shut = _stopped(view) or _force(view) or _person(view) or _contact(view) or _time(view)
    return _ring(shut) if shut is not None and view.correction and view.kind == "news" else shut


def _ring(shut: Shut) -> Shut:
    """What takes back something that they heard never waits for a brake: a person rings (PR09)."""
    if shut.then == "wait" and shut.code.startswith(("brake_", "stopped_")):
        return Shut(shut.code, f"{shut.text}, and what they heard is not so any more: a person rings", "hold")
    return shut


def _stopped(view: GateView) -> Shut | None:
    if view.stopped:
        return Shut("stopped_outside", "sending is stopped by a setting or a file outside the ledger", "wait")
    brake = covers(view.brakes, force=view.rules.force, channel=view.channel, template=view.template)
    if brake is None:
        return None
    until = view.now + LOOK_AGAIN if brake == "template" else None
    return Shut(f"brake_{brake}", "a brake is on", "wait", until)


def _force(view: GateView) -> Shut | None:
    rules = view.rules
    if view.production and not rules.loaded:
        return Shut("force_not_loaded", "the force's rules were never loaded", "wait", view.now + LOOK_AGAIN)
    if rules.live_from is not None and view.now < rules.live_from:
        return Shut("force_not_live", "the force is not live yet", "wait", rules.live_from)
    return None


def _person(view: GateView) -> Shut | None:
    person = view.person
    if person is None:
        return Shut("person_unknown", "nothing is known of the person any more", "hold", task="ask_officer")
    if person.died:
        return Shut("person_died", "the person has died: nothing is addressed to them", "hold", task="ask_officer")
    if view.ward == "died":
        return Shut("person_died", "whoever they stand for has died: a person decides", "hold", task="ask_officer")
    if view.ward == "grown_up":
        text = "whoever they are told for is 18 now, and hears it in their own right"
        return Shut("grown_up", text, "hold", task="ask_officer")
    if view.also_suspect:
        return Shut("also_suspect", "they are a suspect or an associate too", "hold", task="ask_officer")
    if "all" in person.opt_out or view.topics & set(person.opt_out):
        if view.safety_critical:
            text = "they asked not to be told this, and it is about their safety: a person decides"
            return Shut("opted_out_of_safety_news", text, "hold")
        return Shut("opted_out", "they asked not to be told this", "decline")
    if view.kind == "prompt" and view.flagged:
        return Shut("flagged", "nobody with a safety profile is prompted by a machine", "hold")
    if view.channel in person.stopped_channels:
        return Shut("stopped", "they answered STOP on this channel", "hold", task="find_safe_contact")
    return None


def _contact(view: GateView) -> Shut | None:
    contact = contact_of(view.person, view.contact_id)
    code, text = None, ""
    if contact is None or contact.detail is None:
        code, text = "contact_gone", "the contact it was planned for is gone"
    elif contact.channel != view.channel or view.detail not in {None, contact.detail}:
        code, text = "contact_changed", "the contact it was planned for has changed"
    elif contact.unusable is not None:
        code, text = "contact_unusable", "the number or address cannot be used"
    elif view.shut == "stopped":
        code, text = "stopped", "the number or address asked for no more messages"
    elif view.shut is not None:
        code, text = "wrong_number", "the number or address may be somebody else's"
    elif contact.safe is False:
        code, text = "contact_not_safe", "the contact is not safe"
    elif view.shared:
        code, text = "shared_contact", "the number or address is somebody else's too"
    elif view.flagged and contact.safe is not True:
        code, text = "safe_contact_unknown", "nobody has said that the contact is safe"
    elif view.flagged and contact.unconfirmed:
        code, text = "contact_not_confirmed", "the contact changed, and no second person has confirmed it"
    elif view.person is not None and not RELIED_ON.isdisjoint(view.person.unconfirmed):
        code, text = "safety_not_confirmed", "what is safe was loosened, and no second person has confirmed it"
    elif view.channel == "sms" and view.person is not None and view.person.texts_safe is False:
        code, text = "texts_not_safe", "texts are not safe for this person"
    return Shut(code, text, "hold", task="find_safe_contact") if code else None


def _time(view: GateView) -> Shut | None:
    person, now = view.person, view.now
    if person is None:
        return None
    if view.reminder and view.due_at is not None and now > view.due_at:
        # The plan withdraws it; until it has, nothing goes.
        text = "its day has passed, or what it is about has begun: a late reminder helps nobody"
        return Shut("reminder_over", text, "wait", now + LOOK_AGAIN)
    if person.reconfirm_by is not None and now.astimezone(LONDON).date() > person.reconfirm_by:
        return Shut("reconfirm", "the contact arrangements were to be confirmed again by now", "hold")
    try:
        allowed, closed = hours(view.rules, person)
    except ValueError:
        return Shut("hours_unreadable", "the hours at which they may be contacted cannot be read", "hold")
    if not all(is_open(now, windows) for windows in allowed) or is_open(now, closed):
        until = next_open(now, allowed, closed)
        return _wait(view, until, "hours", "no_allowed_hour", "it is not an hour at which they may be contacted")
    if view.sent_lately >= view.rules.contact_per_day and not view.correction:
        until = (view.oldest_lately or now) + CAP_WINDOW
        text = "the contact had as many messages as a day allows"
        return _wait(view, max(until, now + timedelta(minutes=1)), "contact_cap", "contact_cap", text)
    return None


def hours(rules: ForceRules, person: Person) -> tuple[list[tuple[Window, ...]], tuple[Window, ...]]:
    """The windows that must all be open, and those in which nothing goes; raises ValueError when they cannot be read."""
    allowed = [rules.send_hours]
    if person.safe_hours:
        allowed.append(windows_from(person.safe_hours))
    return allowed, windows_from(person.quiet_hours) if person.quiet_hours else ()


def _wait(view: GateView, until: datetime | None, code: str, hold_code: str, text: str) -> Shut:
    """Wait, unless that would miss a deadline that can still be met: then a person is asked."""
    if until is None or (view.due_at is not None and view.now <= view.due_at < until):
        return Shut(hold_code, f"{text}, and waiting would miss the deadline", "hold")
    return Shut(code, text, "wait", until)
