"""What stops a machine from telling one update, whatever the contact: what happened, the rule, and the person. Pure.

Each function returns codes of `holds.HOLDS`; the decisions that need more than a few lines stand in modules of their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan import court
from services.scheduler.plan.care import Care
from services.scheduler.plan.case import Case
from services.scheduler.plan.later import overtaking, subsuming
from services.scheduler.plan.operation import in_operation, operation_ends
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.safety import is_safety_critical
from services.scheduler.plan.serious import waits_for_serious
from services.scheduler.plan.told import OUTSIDE_OWNERS
from services.scheduler.working_days import local_date

__all__ = [
    "about_event",
    "about_person",
    "is_safety_critical",
    "operation_ends",
    "subsuming",
    "waits_for_serious",
]

_NFA: Final = frozenset({"r6-police-nfa", "r6-cps-no-charge", "r6-closed-no-charge", "r6-no-investigation"})
_NFA_NEEDS: Final = ("decided_by", "reason_text", "approved_by", "review_eligible")
_NFA_BY_PERSON: Final = frozenset({"sexual", "domestic_abuse", "hate", "child", "homicide"})
_NO_REVIEW_AFTER: Final = frozenset({"suspect.charged", "requisition.issued", "disposal.out_of_court.given"})
_OF_ONE_SUSPECT: Final = (
    "r6-arrest",
    "r6-interview",
    "r6-released",
    "r6-bail",
    "r6-rui",
    "r6-charge",
    "r6-police-nfa",
    "r6-cps-",
    "r6-ood-outcome",
    "r8-bail",
    "r8-warrant",
    "r8-rearrest",
    "r9-",
    "f-custody",
    "w-outcome",
)
"""Custody, bail, charge and outcome news (PR07)."""
_WITH_CHILDREN: Final = frozenset({"sexual", "child", "family"})
_BY_MACHINE: Final = frozenset({"delivered", "no_bounce"})
_IN_CUSTODY: Final = frozenset({"suspect.arrested", "suspect.interviewed"})
_ASKED_FIRST: Final = frozenset({"r9-outcome", "r9-sentence"})
_RESTORATIVE: Final = "r3-rj-info"


def about_event(
    case: Case, item: Effective, point: UpdatePoint, recipient: Recipient, care: Care, base: datetime
) -> list[str]:
    """What follows from what happened and from the rule. `base` is when it could first be told."""
    codes: list[str] = []
    if case.file.operations and (waits := in_operation(case, item, point)) is not None:
        codes.append(waits)
    if item.unreadable:
        codes.append("correction_unreadable")
    if point.owner in OUTSIDE_OWNERS:
        codes.append("outside_owner")
    elif _BY_MACHINE.isdisjoint(point.fulfil_by):
        codes.append({"ask": "question", "act": "to_do"}.get(point.duty, "needs_person"))
    if point.status == "unverified":
        codes.append("unverified")
    if point.id == _RESTORATIVE:
        codes.append("restorative_justice")
    if item.type in _IN_CUSTODY and not point.timed:
        if item.get("more_arrests_planned") is True:
            codes.append("more_arrests_planned")
        if care.domestic_abuse is not False and item.data.where != "voluntary":
            codes.append("officer_confirms")
    if item.type == "offender.escaped" and item.data.risk_assessed is not True:
        codes.append("risk_not_assessed")
    if item.type == court.MEASURES and court.measures_by_call(case, item, recipient.person.id, base):
        codes.append("special_measures_call")
    if point.id in _NFA:
        codes.extend(_no_further_action(case, item, point, recipient, care))
    if _several(case, item) and _of_one_suspect(point, item) and not _same_for_all(case, item):
        codes.append("several_suspects")
    if overtaking(case, item, point) is not None or (case.tells_also and subsuming(case, item, point)):
        codes.append("overtaken")
    return codes


def about_person(case: Case, point: UpdatePoint, recipient: Recipient, care: Care) -> list[str]:
    """What follows from who is told."""
    codes = list(recipient.doubts)
    person = recipient.person
    classes = care.classes or ()
    if person.died or (recipient.ward is not None and recipient.ward.died):
        codes.append("person_died")
    if recipient.role == "bereaved_relative" or "homicide" in classes:
        codes.append("bereaved")
    if care.under_18 is not False and not _WITH_CHILDREN.isdisjoint(classes):
        codes.append("child" if care.under_18 else "age_unknown")
    if care.flagged:
        if point.safety_gate:
            codes.append(_gated(care))
        if person.channel in {"letter", "phone"} and not _has_safe(recipient):
            codes.append("safe_contact_unknown")
    if care.domestic_abuse is not False and case.file.supports.get(person.id) is False:
        codes.append("withdrew_support")
    if person.reconfirm_by is not None and person.reconfirm_by < case.today:
        codes.append("reconfirm_safety")
    if "interpreter" in person.access_needs:
        codes.append("interpreter")
    if "easy_read" in person.access_needs:
        codes.append("easy_read")
    way = case.known.rules.way(point.id, care.classes, enhanced=care.enhanced)
    if way == "person":
        codes.append("person_way")
    elif way == "prompt":
        codes.append("prompt_way")
    if point.id in _ASKED_FIRST and person.wants_outcome is None:
        codes.append("ask_first")
    return codes


def _gated(care: Care) -> str:
    if care.domestic_abuse is None:
        return "not_assessed"
    return "domestic_abuse" if care.domestic_abuse else "safety_profile"


def _has_safe(recipient: Recipient) -> bool:
    """Whether the way that a flagged person asked for is one marked safe: a letter is read by whoever opens it (PR24)."""
    person = recipient.person
    channels = {"letter"} if person.channel == "letter" else {"phone", "sms"}
    return any(contact.channel in channels and contact.safe is True for contact in person.contacts)


def _no_further_action(case: Case, item: Effective, point: UpdatePoint, recipient: Recipient, care: Care) -> list[str]:
    """PR13: what it needs, whether what it says of a review can be so, and the cases in which a person always tells it."""
    codes: list[str] = []
    said = item.data.__dict__
    if any(said.get(name, "no such field") in {None, ""} for name in _NFA_NEEDS):
        codes.append("nfa_incomplete")
    if point.id == "r6-police-nfa" and said.get("review_eligible") not in {None, _may_review(case, item, recipient)}:
        codes.append("review_unclear")
    if (
        care.classes is None
        or care.under_18 is True
        or recipient.role == "bereaved_relative"
        or not _NFA_BY_PERSON.isdisjoint(care.classes)
    ):
        codes.append("nfa_sensitive")
    return codes


def _may_review(case: Case, item: Effective, recipient: Recipient) -> bool:
    """Of a suspect identified and interviewed, not of part of the charges, a disposal or a withdrawn complaint (S19c)."""
    asked_by = recipient.ward or recipient.person
    if case.file.supports.get(asked_by.id) is False:
        return False
    interviewed = False
    for other in case.file.events:
        if other.withdrawn or other.get("suspect") != item.data.suspect:
            continue
        if other.type in _NO_REVIEW_AFTER:
            return False
        interviewed = interviewed or other.type == "suspect.interviewed"
    return interviewed


def _several(case: Case, item: Effective) -> bool:
    """Whether there is more than one defendant: by name, or because the court says that this was not the last (PR07)."""
    return len(case.file.suspects) > 1 or item.get("last_defendant") is False


def _of_one_suspect(point: UpdatePoint, item: Effective) -> bool:
    if point.id == "r6-interview":
        return bool(item.data.where != "voluntary")
    return not point.timed and point.id.startswith(_OF_ONE_SUSPECT)


def _same_for_all(case: Case, item: Effective) -> bool:
    """Whether just this happened to every suspect on the same day (PR07)."""
    said, day, same = _said(item), local_date(item.time), {item.get("suspect")}
    for other in case.file.events:
        if (
            other.type == item.type
            and not other.withdrawn
            and key_of(other) != key_of(item)
            and local_date(other.time) == day
            and _said(other) == said
        ):
            same.add(other.get("suspect"))
    return len(same) > 1 and same >= case.file.suspects


def _said(item: Effective) -> dict[str, Any]:
    """What an event says besides whom it is about."""
    return {name: value for name, value in item.data.__dict__.items() if name not in {"suspect", "people"}}
