"""In what state one update ought to be, and why: not owed any more, told already, not wanted, held, sent by a machine. Pure.

Every decision is taken in its own module; here they are put in their order.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.states import UpdateState
from services.scheduler.plan import caution, court, holds, moment, safety
from services.scheduler.plan.case import Case
from services.scheduler.plan.heard import says_the_same
from services.scheduler.plan.reasons import because
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.settle import settled
from services.scheduler.plan.subject import Subject
from services.scheduler.plan.told import OUTSIDE_OWNERS, Told, refused
from services.scheduler.plan.types import Reason
from services.scheduler.plan.way import Way, way
from services.values import value

_NOTHING: Final = Way(None, None, "en", "neutral", ())
_OUTCOME: Final = frozenset({"r9-outcome", "r9-sentence", "w-outcome"})
_HOUR: Final = timedelta(hours=1)


@value(frozen=True, slots=True)
class Verdict:
    """The state, and why. `way` says what goes by machine, if anything."""

    state: UpdateState
    reasons: tuple[Reason, ...]
    told: Told | None = None
    way: Way = _NOTHING
    send_at: datetime | None = None


def verdict(subject: Subject) -> Verdict:
    """Decide one update."""
    case, item, point = subject.case, subject.item, subject.point
    person, key = subject.recipient.person, key_of(item)
    how = subject.how
    gone = _gone(subject, key)
    if gone is not None and (how is None or item.withdrawn or not (subject.timing or _before(case, key, how.at))):
        return Verdict("withdrawn", (gone,))
    if how is not None:
        return Verdict("told", (how.reason,), told=how)
    critical = safety.is_safety_critical(case, item, point)
    if point.status == "unverified" and not critical and _is_off(subject):
        return Verdict("withdrawn", (because("switched_off"),))
    opted_out, unwanted = _opted_out(subject), point.id in _OUTCOME and person.wants_outcome is False
    may_come = (opted_out or _was_opted_out(subject, {"all", point.topic})) and court.may_come_in_vain(
        case, item, person
    )
    if not person.died and not critical and not may_come:
        if opted_out or _was_opted_out(subject, {"all", point.topic}):
            return Verdict("declined", (because("opted_out"),))
        if unwanted or (point.id in _OUTCOME and _was_opted_out(subject, {"wants_outcome"})):
            return Verdict("declined", (because("does_not_want_outcome"),))
        if refused(case, item, point, subject.recipient):
            return Verdict("declined", (because("refused"),))
    if subject.timing is not None and subject.timing.quiet is not None:
        return Verdict("planned", (subject.timing.quiet,))
    return _held_or_sent(subject, critical=critical, refused=opted_out or unwanted, may_come=may_come)


def stale_at(item: Effective, point: UpdatePoint, start: datetime) -> datetime | None:
    """When the news of a rule is too old to be told by a machine; None if it never is."""
    if point.stale_after_hours is None:
        return None
    return max(item.time, start) + _HOUR * point.stale_after_hours


def _opted_out(subject: Subject) -> bool:
    topic = subject.point.topic
    return topic is not None and not {"all", topic}.isdisjoint(subject.recipient.person.opt_out)


def _was_opted_out(subject: Subject, words: Container[str | None]) -> bool:
    """Whether they opted out when it was owed, and in again since: that revives nothing, and counts for what comes after."""
    if subject.point.topic is None:
        return False
    at = subject.item.time if subject.timing is None else max(subject.item.time, subject.timing.send_not_before)
    return any(word in words and at < again for word, again in subject.recipient.person.opted_in)


def _gone(subject: Subject, key: tuple[str, str]) -> Reason | None:
    replaced = subject.case.replaced
    if subject.correcting is not None:
        return None
    if subject.timing is not None:
        return subject.timing.gone
    if subject.item.withdrawn:
        return because("event_withdrawn")
    if key in replaced.repeats:
        return because("nothing_new")
    if key in replaced.by:
        return because("superseded")
    if subject.heard is not None and says_the_same(subject.facts, subject.heard):
        return because("nothing_new")
    if subject.point.id == "r6-first-hearing" and court.wcu_tells_hearings(subject.case):
        return because("wcu_tells_it")
    return None


def _before(case: Case, key: tuple[str, str], at: datetime) -> bool:
    """Whether somebody was told before the event that replaced this one."""
    by = case.replaced.by.get(key)
    return by is not None and at < by.time


def _is_off(subject: Subject) -> bool:
    care = subject.care
    return subject.case.known.rules.is_off(subject.point.id, care.classes, enhanced=care.enhanced)


def _held_or_sent(subject: Subject, *, critical: bool, refused: bool, may_come: bool) -> Verdict:
    case, item, point, recipient = subject.case, subject.item, subject.point, subject.recipient
    care, base, due_at, timing = subject.care, subject.base, subject.deadline.due_at, subject.timing
    codes = caution.about_event(case, item, point, recipient, care, base)
    codes += caution.about_person(case, point, recipient, care)
    if timing is not None:
        codes += timing.holds
    elif subject.starts and court.is_soon(case, min(subject.starts), base, court.CALL_UNDER):
        # A reminder is of what is near: only news of it is a call where it comes too late to write.
        codes.append("hearing_soon")
    if subject.correcting is not None:
        codes += subject.correcting.codes
    if may_come:
        codes.append("may_come_in_vain")
    elif refused:
        codes.append("opted_out_of_safety_news")
    if subject.deadline.beyond:
        codes.append("beyond_holiday_list")
    at = moment.send_at(settled(case, item, base, subject.starts, due_at), case.known.rules, recipient.person)
    stale = stale_at(item, point, subject.deadline.clock_start)
    if stale is not None and max(case.known.now, at or base) >= stale:
        codes.append("stale")
    if moment.too_late(at, due_at, base):
        codes.append("no_allowed_hour")
    if critical and not _may_tell(subject, at):
        codes.append("safety_critical")
    found = way(case, point, recipient, care, subject.facts, codes)
    if found.kind != "news" and critical and "safety_critical" not in found.holds and point.owner not in OUTSIDE_OWNERS:
        # Agreed by machine, and yet no machine can tell it: then it is a person's at once, as if it had never been agreed (PR03).
        found = way(case, point, recipient, care, subject.facts, (*found.holds, "safety_critical"))
    if found.kind == "news":
        return Verdict("planned", (because("sent_by_machine"),), way=found, send_at=at)
    why = holds.reasons(found.holds)
    if found.kind == "prompt":
        why.append(because("prompt"))
    return Verdict("held", tuple(why), way=found, send_at=at if found.kind == "prompt" else None)


def _may_tell(subject: Subject, at: datetime | None) -> bool:
    """Whether what bears on safety needs no police hold: agreed and in time by machine, or warned of already (PR03, 6.11)."""
    case, item, point, recipient = subject.case, subject.item, subject.point, subject.recipient
    if point.owner in OUTSIDE_OWNERS:
        return safety.was_warned(case, item, point, recipient.person.id)
    agreed = safety.is_agreed(case, point, recipient, subject.care)
    return agreed and at is not None and at <= max(safety.target(item), subject.base)
