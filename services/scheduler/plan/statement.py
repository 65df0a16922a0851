"""What one piece of news states, as the JSON values that `services.wording` reads; what is not known is absent. Pure.

There is an entry for every type of event that raises an update point whose words state anything. `DRESS` names the facts that
choose or dress the words without being the news: they are no part of its hash, and a change in them alone corrects nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from services.ledger.effective import Effective
from services.scheduler.plan.facts import CaseFile
from services.scheduler.working_days import LONDON, local_date

HEARINGS: Final = frozenset({"r6-first-hearing", "r8-hearing-date", "w-hearing-date", "w-hearing-changed"})
"""Points whose date, time and place correct themselves (PR10)."""
DRESS: Final = frozenset(
    {
        "suspects", "officer_name", "officer_phone", "was_at", "was_court", "need_attend", "corrects", "told_as",
        "reference", "call_planned", "half_day",
    }
)  # fmt: skip
"""Who is in charge, to whom it is told, what was heard before: a new officer makes no told update untrue."""

Shape = Callable[[Any], dict[str, Any]]


def facts_of(update_point: str, item: Effective, file: CaseFile, person: str, role: str = "victim") -> dict[str, Any]:
    """The facts of one update, before anything is compared with what this person heard.

    `role` is the one in which `person` is told: a family that lost somebody is not told of "your report".
    """
    occurred = item.get("occurred_on")
    found: dict[str, Any] = {
        "happened_on": (occurred or local_date(item.time)).isoformat(),
        "suspects": len(file.suspects),
    }
    found["officer_name"], found["officer_phone"] = (value or None for value in file.officer)
    if role not in {"", "victim"}:
        found["told_as"] = role
    if update_point == "r6-first-hearing":
        found.update(_first_hearing(item.get("first_hearing")))
    else:
        found.update(_of_event(item, file, person))
    return {name: value for name, value in found.items() if value is not None}


def of_note(item: Effective) -> dict[str, Any]:
    """What an `officer.note` gives to say where there is no news: what is being done, and when the next contact is (PR06)."""
    return {name: value for name, value in _note(item.data).items() if value is not None}


def of_attendance(item: Effective) -> dict[str, Any]:
    """When and where a `wcu.received.attendance_required` asks a person to come; for a live-link witness the link site (PR08)."""
    return {name: value for name, value in _attendance(item.data).items() if value is not None}


def announced_start(facts: Mapping[str, Any]) -> datetime | None:
    """The start of the hearing that the news announces (PR08: never told after it)."""
    starts = facts.get("starts_at")
    return datetime.fromisoformat(starts) if starts is not None else None


def need_to_attend(file: CaseFile, person: str, hearing: str) -> bool | None:
    """Whether this person must come to this hearing, by the last word on it."""
    said = file.chains.get(("attendance", person, hearing))
    return None if not said else said[-1].type == "wcu.received.attendance_required"


def _of_event(item: Effective, file: CaseFile, person: str) -> dict[str, Any]:
    shape = _BY_TYPE.get(item.type)
    found = {} if shape is None else shape(item.data)
    hearing = item.get("hearing")
    if hearing is not None and item.type.startswith("wcu.received.hearing_"):
        asked = (need_to_attend(file, one, hearing) for one in (person, *file.wards.get(person, ())))
        found["need_attend"] = next((need for need in asked if need is not None), None)
    elif hearing is not None and item.type == "wcu.received.attendance_not_required":
        found.update(_not_needed(file, person, hearing))
    return found


def _not_needed(file: CaseFile, person: str, hearing: str) -> dict[str, Any]:
    """The day on which the person need not come: the one they were asked for, else (or once it moved) the hearing's."""
    asked = [
        item
        for item in file.chains.get(("attendance", person, hearing), ())
        if item.type == "wcu.received.attendance_required" and item.data.at is not None
    ]
    listed = [item for item in file.chains.get(("hearing", hearing), ()) if item.data.starts_at is not None]
    if asked and not (listed and _moved_since(file, asked[-1], listed)):
        return {"starts_at": _instant(asked[-1].data.at)}
    return {"starts_at": _instant(listed[-1].data.starts_at)} if listed else {}


def _moved_since(file: CaseFile, asked: Effective, listed: list[Effective]) -> bool:
    """Whether the hearing was moved after the person was asked to come to it."""
    here, last = file.position[(asked.event.source, asked.event.id)], listed[-1]
    before = [one for one in listed if file.position[(one.event.source, one.event.id)] < here]
    return bool(before) and before[-1] is not last and before[-1].data.starts_at != last.data.starts_at


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _texts(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _date(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _name(part: Any) -> str | None:
    """Of a court, an officer or a unit."""
    name: str | None = None if part is None else part.name
    return name


def _fields(*names: str) -> Shape:
    """The fields of the data by their own names: words, flags and lists of words."""

    def shape(data: Any) -> dict[str, Any]:
        said = data.__dict__
        return {name: list(value) if isinstance(value := said.get(name), tuple) else value for name in names}

    return shape


def _crime(data: Any) -> dict[str, Any]:
    return {"reference": data.reference}


def _note(data: Any) -> dict[str, Any]:
    return {"note_text": data.text, "next_contact_on": _date(data.next_contact_on)}


def _handed_over(data: Any) -> dict[str, Any]:
    to = data.to
    return {
        "new_owner": data.owner,
        "contact_name": _name(to),
        "contact_phone": None if to is None else to.phone,
        "contact_unit": None if to is None else to.unit,
    }


def _charge(data: Any) -> dict[str, Any]:
    first = data.first_hearing
    return {
        "charges": _texts(data.charges),
        "custody": data.custody,
        "conditions": _texts(data.conditions),
        "first_hearing_at": None if first is None else _instant(first.starts_at),
        "first_hearing_court": None if first is None else _name(first.court),
    }


def _first_hearing(first: Any) -> dict[str, Any]:
    return {} if first is None else {"starts_at": _instant(first.starts_at), "court": _name(first.court)}


def _hearing(data: Any) -> dict[str, Any]:
    window = data.window
    return {
        "hearing": getattr(data, "hearing", None),
        "listing": data.listing,
        "starts_at": _instant(data.starts_at),
        "window": None if window is None else {"from": _date(window.from_), "to": _date(window.to)},
        "court": _name(data.court),
        "purpose": data.purpose,
    }


def _vacated(data: Any) -> dict[str, Any]:
    return {**_hearing(data), "vacated": True}


def _bail(data: Any) -> dict[str, Any]:
    said = data.__dict__
    return {
        "conditions": _texts(data.conditions),
        "ends_on": _date(said.get("ends_on") or said.get("return_on")),
        "mode": said.get("mode"),
    }


def _attendance(data: Any) -> dict[str, Any]:
    at = getattr(data, "at", None)
    said = data.__dict__
    local = None if at is None else at.astimezone(LONDON)
    timed = local is not None and (local.hour, local.minute) != (0, 0)
    return {
        "hearing": data.hearing,
        "starts_at": _instant(at),
        "court": said.get("place"),
        "entrance": said.get("entrance"),
        "live_link": said.get("live_link"),
        "half_day": ("morning" if local.hour < 12 else "afternoon") if timed and local is not None else None,
    }


def _appeal(data: Any) -> dict[str, Any]:
    return {**_APPEAL(data), "court": _name(data.court)}


def _appeal_hearing(data: Any) -> dict[str, Any]:
    return {**_hearing(data), "appeal": data.appeal}


def _complaint(data: Any) -> dict[str, Any]:
    return {"received_on": _date(data.received_on)}


_WHERE: Final = _fields("where")
_DECISION: Final = _fields("reason_text", "text_language", "approved_by", "decided_by", "review_eligible")
_DISPOSAL: Final = _fields("disposal", "reason_text")
_COURT_BAIL: Final = _fields("outcome", "conditions", "reason_text")
_OUTCOME: Final = _fields(
    "outcome", "last_defendant", "sentence", "plain_meaning", "text_language", "in_custody_today",
)  # fmt: skip
_SENTENCE: Final = _fields(
    "sentence", "plain_meaning", "text_language", "sentence_kind", "court_type", "in_custody_today", "last_defendant",
    "uls_scheme",
)  # fmt: skip
_APPEAL: Final = _fields("appeal", "outcome", "sentence", "plain_meaning", "in_custody_today", "conditions")
_MEASURES: Final = _fields("measures", "granted")
_REFERRAL: Final = _fields("service", "consent")

_BY_TYPE: Final[Mapping[str, Shape]] = {
    "crime.recorded": _crime,
    "incident.recorded": _crime,
    "officer.note": _note,
    "case.handed_over": _handed_over,
    "suspect.arrested": _WHERE,
    "suspect.interviewed": _WHERE,
    "suspect.charged": _charge,
    "requisition.issued": _charge,
    "suspect.released": _bail,
    "police_bail.conditions_proposed": _bail,
    "police_bail.conditions_changed": _bail,
    "police_bail.cancelled": _bail,
    "custody.changed": _fields("to", "by"),
    "protective_order.made": _bail,
    "protective_order.changed": _bail,
    "protective_order.ended": _bail,
    "investigation.declined": _DECISION,
    "investigation.closed": _DECISION,
    "investigation.reopened": _DECISION,
    "decision.police_nfa": _DECISION,
    "decision.cps_no_charge": _DECISION,
    "decision.cps_changed": _DECISION,
    "disposal.out_of_court.proposed": _DISPOSAL,
    "disposal.out_of_court.given": _DISPOSAL,
    "wcu.received.hearing_listed": _hearing,
    "wcu.received.hearing_changed": _hearing,
    "wcu.received.hearing_vacated": _vacated,
    "wcu.received.attendance_required": _attendance,
    "wcu.received.attendance_not_required": _attendance,
    "wcu.received.bail_outcome": _COURT_BAIL,
    "wcu.received.warrant": _COURT_BAIL,
    "wcu.received.rearrest_outcome": _COURT_BAIL,
    "special_measures.applied": _MEASURES,
    "special_measures.decided": _MEASURES,
    "wcu.received.case_outcome": _OUTCOME,
    "wcu.received.sentence": _SENTENCE,
    "wcu.received.appeal_lodged": _appeal,
    "wcu.received.appeal_listed": _appeal_hearing,
    "wcu.received.appeal_bail": _appeal,
    "wcu.received.appeal_decided": _appeal,
    "offender.escaped": _fields("risk_assessed"),
    "complaint.received": _complaint,
    "referral.offered": _REFERRAL,
    "referral.made": _REFERRAL,
    "referral.received": _REFERRAL,
    "referral.first_contact": _REFERRAL,
}
