"""What stops a machine from telling one update, whatever the contact: what happened, the rule, and the person. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.care import Care
from services.scheduler.plan.case import Case, same_matter
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.told import OUTSIDE_OWNERS
from services.scheduler.working_days import BeyondHolidayList, local_date

SAFETY_TARGET: Final = timedelta(hours=2)
"""The force's own target for what bears on safety, from when it knew (victims-code 2.6)."""

_NFA: Final = frozenset({"r6-police-nfa", "r6-cps-no-charge", "r6-closed-no-charge", "r6-no-investigation"})
_NFA_NEEDS: Final = ("decided_by", "reason_text", "approved_by", "review_eligible")
_NFA_BY_PERSON: Final = frozenset({"sexual", "domestic_abuse", "hate", "child", "homicide"})
_OF_ONE_SUSPECT: Final = (
    "r6-arrest",
    "r6-released",
    "r6-bail",
    "r6-rui",
    "r6-charge",
    "r6-police-nfa",
    "r6-ood-outcome",
    "r8-bail",
    "r8-warrant",
    "r8-rearrest",
    "r9-",
)
"""Custody, bail, charge and outcome news (PR07)."""
_WITH_CHILDREN: Final = frozenset({"sexual", "child", "family"})
_BY_MACHINE: Final = frozenset({"delivered", "no_bounce"})


def is_safety_critical(case: Case, item: Effective, point: UpdatePoint) -> bool:
    """Whether it may free a suspect or end a protection (PR03)."""
    return point.cls == "safety_critical" or (point.ends_bail and case.file.on_bail.get(key_of(item), False))


def about_event(
    case: Case, item: Effective, point: UpdatePoint, care: Care, starts: datetime | None, base: datetime
) -> list[str]:
    """Codes of `holds.HOLDS` that follow from what happened and from the rule."""
    codes: list[str] = []
    file = case.file
    if _in_operation(case, point):
        codes.append("operational_hold")
    if item.unreadable:
        codes.append("correction_unreadable")
    if is_safety_critical(case, item, point):
        codes.append("safety_critical")
    if point.owner in OUTSIDE_OWNERS:
        codes.append("outside_owner")
    if point.status == "unverified":
        codes.append("unverified")
    if _BY_MACHINE.isdisjoint(point.fulfil_by) and point.owner not in OUTSIDE_OWNERS:
        codes.append("needs_person")
    if point.id == "r6-arrest" and item.get("more_arrests_planned") is True:
        codes.append("more_arrests_planned")
    if point.id in _NFA:
        if any(item.data.__dict__.get(name, "no such field") in {None, ""} for name in _NFA_NEEDS):
            codes.append("nfa_incomplete")
        if care.classes is not None and not _NFA_BY_PERSON.isdisjoint(care.classes):
            codes.append("nfa_sensitive")
    if len(file.suspects) > 1 and _of_one_suspect(point.id, item):
        codes.append("several_suspects")
    if _overtaken(case, item, point):
        codes.append("overtaken")
    if starts is not None and _soon(case, starts, base):
        codes.append("hearing_soon")
    return codes


def about_person(case: Case, point: UpdatePoint, recipient: Recipient, care: Care) -> list[str]:
    """Codes of `holds.HOLDS` that follow from who is told."""
    codes = list(recipient.doubts)
    person = recipient.person
    classes = care.classes or ()
    if person.died or (recipient.ward is not None and recipient.ward.died):
        codes.append("person_died")
    if recipient.role == "bereaved_relative" or "homicide" in classes:
        codes.append("bereaved")
    if care.under_18 is not False and not _WITH_CHILDREN.isdisjoint(classes):
        codes.append("child" if care.under_18 else "age_unknown")
    if care.flagged and point.safety_gate:
        codes.append(
            "domestic_abuse"
            if care.domestic_abuse
            else "not_assessed"
            if care.domestic_abuse is None
            else "safety_profile"
        )
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
    if point.topic == "outcome" and point.id in {"r9-outcome", "r9-sentence"} and person.wants_outcome is None:
        codes.append("ask_first")
    return codes


def subsuming(case: Case, item: Effective, point: UpdatePoint) -> frozenset[str]:
    """The points raised in this case that tell this one too: later, or on the same day, and of the same suspect."""
    return frozenset(
        other.id
        for told, other in case.tells_also
        if point.id in other.subsumes and told is not item and _covers(case, told, item)
    )


def operation_ends(case: Case) -> list[datetime]:
    """When operational holds end by themselves."""
    return [
        item.data.until
        for item in case.file.operations.values()
        if item.type == "operational_hold.set" and item.data.until is not None
    ]


def _covers(case: Case, told: Effective, item: Effective) -> bool:
    if told.withdrawn or not same_matter(told, item):
        return False
    position = case.file.position
    return position[key_of(told)] > position[key_of(item)] or local_date(told.time) == local_date(item.time)


def _in_operation(case: Case, point: UpdatePoint) -> bool:
    for item in case.file.operations.values():
        data = item.data
        if item.type != "operational_hold.set" or (data.until is not None and data.until <= case.known.now):
            continue
        if data.update_points is None or any(fnmatchcase(point.id, pattern) for pattern in data.update_points):
            return True
    return False


def _of_one_suspect(update_point: str, item: Effective) -> bool:
    if update_point == "r6-interview":
        return bool(item.data.where != "voluntary")
    return update_point.startswith(_OF_ONE_SUSPECT)


def _overtaken(case: Case, item: Effective, point: UpdatePoint) -> bool:
    """Whether something later changed what it means (PR02), or tells it too (PR13)."""
    if point.timed:  # whoever expands the rule reads the state as it stands, not what came after its event
        return False
    file = case.file
    kinds = set(point.overtaken_by)
    if point.id == "r8-attend":
        kinds.add("wcu.received.hearing_changed")
    if kinds:
        for later in file.events[file.position[key_of(item)] + 1 :]:
            if later.type in kinds and not later.withdrawn and same_matter(later, item):
                return True
    return bool(case.tells_also) and bool(subsuming(case, item, point))


def _soon(case: Case, starts: datetime, base: datetime) -> bool:
    """Under two working days from when it could first be told: a call at once (PR08)."""
    day: date = local_date(base)
    try:
        return local_date(starts) < case.calendar.after(day, 2).due_on
    except BeyondHolidayList:
        return True
