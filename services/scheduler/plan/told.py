"""What a recorded conversation, a letter, an owner's word or something done has already fulfilled. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.states import Evidence
from services.scheduler.plan.case import Case
from services.scheduler.plan.facts import CaseFile
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.types import Reason
from services.scheduler.working_days import local_date

OUTSIDE_OWNERS: Final = frozenset({"cps", "hmcts", "vlo"})

_OFFERED: Final = "referral.offered"
_REFERRED: Final = "referral.made"

_REASONS: Final = {
    "conversation": Reason("told_in_person", "a recorded conversation or letter told the person"),
    "letter": Reason("told_in_person", "a recorded conversation or letter told the person"),
    "owner_confirmed": Reason("owner_confirmed", "the body that owes it confirmed that it told the person"),
    "done": Reason("done", "what the rule asks for was done"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """How somebody was told, and when (case time)."""

    evidence: Evidence
    at: datetime

    @property
    def reason(self) -> Reason:
        """The sentence for it."""
        return _REASONS[self.evidence]


def told(
    file: CaseFile,
    item: Effective,
    point: UpdatePoint,
    person: str,
    also: frozenset[str],
    since: datetime | None = None,
    for_whom: str = "",
    not_by: frozenset[str] = frozenset(),
) -> Told | None:
    """The first contact, confirmation or act that fulfils this person's update of `point`, if there is one.

    Only substantive contact counts, of that person, about those points, and not about what happened after it. `also` are the
    points that tell this one too (PR13). `since`: what was said before it does not count (what the calendar raises is owed only
    from its day on). Evidence that the rule does not take fulfils nothing: what another body owes is met by that body's word
    alone (6.11), what must be done by what shows that it was done. `not_by` are services whose acts show nothing of this.
    """
    start = item.time if since is None else since
    found = _contact(file, item, point, person, also, start)
    if found is None and point.owner in OUTSIDE_OWNERS:
        found = _confirmed(file, point, person, start)
    if found is None and point.done_by:
        found = _done(file, item, point, {person, for_whom}, start, not_by)
    return found


def _contact(
    file: CaseFile, item: Effective, point: UpdatePoint, person: str, also: frozenset[str], start: datetime
) -> Told | None:
    covers = also | {point.id}
    for contact in file.contacts:
        said = contact.data
        if (
            said.person == person
            and start <= contact.time
            and not covers.isdisjoint(said.update_points or ())
            and (said.events is None or item.event.id in said.events)
        ):
            evidence: Evidence = "letter" if said.how == "letter" else "conversation"
            if evidence in point.fulfil_by:
                return Told(evidence, contact.time)
    return None


def _confirmed(file: CaseFile, point: UpdatePoint, person: str, start: datetime) -> Told | None:
    for word in file.confirmations:
        said = word.data
        at = said.at or word.time
        # A body speaks for itself alone: the court's word is not the prosecution's.
        own = said.by is None or said.by.casefold() == point.owner
        if own and said.person == person and said.update_point == point.id and start <= at:
            return Told("owner_confirmed", at)
    return None


def _done(
    file: CaseFile, item: Effective, point: UpdatePoint, people: set[str], start: datetime, not_by: frozenset[str]
) -> Told | None:
    """The first event that shows it: of the same person, service, suspect and property, where both name one.

    What was done earlier on the same day counts: a record of the crime is often typed after the person was seen to. What reports
    that it has reached the Witness Care Unit shows by itself that the court sent it.
    """
    if item.type in point.done_by:
        return Told("done", max(item.get("received_at") or item.time, start))
    day = local_date(start)
    for act in file.events:
        if act.type not in point.done_by or act.withdrawn or local_date(act.time) < day:
            continue
        # Where the rule is about one service, only an event that names it counts.
        service = act.get("service")
        if service in not_by or (point.done_service and service not in point.done_service):
            continue
        who = act.get("person")
        if (who is None or who in people) and _same_matter(act, item):
            return Told("done", max(act.time, start))
    return None


def others_services(case: Case, point: UpdatePoint) -> frozenset[str]:
    """Where a rule names no service, what other rules name does not count: support is one thing, the scheme another."""
    if point.done_service or _REFERRED not in point.done_by:
        return frozenset()
    return frozenset(name for _, points in case.raised for other in points for name in other.done_service)


def refused(case: Case, item: Effective, point: UpdatePoint, recipient: Recipient) -> bool:
    """Whether the person said no to being referred (Right 4; Right 11, where they may come back to it): the last word counts."""
    if _REFERRED not in point.done_by:
        return False
    elsewhere = others_services(case, point)
    day, said = local_date(item.time), False
    for word in case.file.events:
        if word.type != _OFFERED and word.type not in point.done_by:
            continue
        if word.withdrawn or local_date(word.time) < day or word.data.person != recipient.person.id:
            continue
        service = word.get("service")
        if service in point.done_service if point.done_service else service not in elsewhere:
            said = word.data.consent is False
    return said


def _same_matter(act: Effective, item: Effective) -> bool:
    for name in ("service", "suspect", "property", "hearing", "complaint"):
        here, there = act.get(name), item.get(name)
        if here is not None and there is not None and here != there:
            return False
    return True
