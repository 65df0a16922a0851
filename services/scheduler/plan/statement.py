"""What one piece of news states, as the JSON values that `services.wording` reads; what is not known is absent. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from services.ledger.effective import Effective
from services.scheduler.plan.facts import CaseFile
from services.scheduler.working_days import local_date

HEARINGS: Final = frozenset({"r6-first-hearing", "r8-hearing-date"})
"""Points whose date, time and place correct themselves (PR10)."""


def facts_of(update_point: str, item: Effective, file: CaseFile, person: str) -> dict[str, Any]:
    """The facts of one update, before anything is compared with what this person heard."""
    data = item.data
    occurred = item.get("occurred_on")
    found: dict[str, Any] = {
        "happened_on": (occurred or local_date(item.time)).isoformat(),
        "suspects": len(file.suspects),
    }
    name, phone = file.officer
    if name:
        found["officer_name"] = name
    if phone:
        found["officer_phone"] = phone
    if update_point == "r6-first-hearing":
        found.update(_first_hearing(data.first_hearing))
        return found
    more = _BY_TYPE.get(item.type)
    if more is not None:
        found.update(more(data))
    if item.type.startswith("wcu.received.hearing_"):
        need = need_to_attend(file, person, data.hearing)
        if need is not None:
            found["need_attend"] = need
    return {name: value for name, value in found.items() if value is not None}


def announced_start(facts: Mapping[str, Any]) -> datetime | None:
    """The start of the hearing that the news announces (PR08: never told after it)."""
    starts = facts.get("starts_at")
    return datetime.fromisoformat(starts) if starts is not None else None


def need_to_attend(file: CaseFile, person: str, hearing: str) -> bool | None:
    """Whether this person must come to this hearing, by the last word on it."""
    said = file.chains.get(("attendance", person, hearing))
    return None if not said else said[-1].type == "wcu.received.attendance_required"


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _texts(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _date(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


def _court(court: Any) -> str | None:
    name: str | None = None if court is None else court.name
    return name


def _where(data: Any) -> dict[str, Any]:
    return {"where": data.where}


def _charge(data: Any) -> dict[str, Any]:
    first = data.first_hearing
    return {
        "charges": _texts(data.charges),
        "custody": data.custody,
        "conditions": _texts(data.conditions),
        "first_hearing_at": None if first is None else _instant(first.starts_at),
        "first_hearing_court": None if first is None else _court(first.court),
    }


def _first_hearing(first: Any) -> dict[str, Any]:
    if first is None:
        return {}
    found = {"starts_at": _instant(first.starts_at), "court": _court(first.court)}
    return {name: value for name, value in found.items() if value is not None}


def _hearing(data: Any) -> dict[str, Any]:
    window = data.window
    return {
        "hearing": getattr(data, "hearing", None),
        "listing": data.listing,
        "starts_at": _instant(data.starts_at),
        "window": None if window is None else {"from": _date(window.from_), "to": _date(window.to)},
        "court": _court(data.court),
        "purpose": data.purpose,
    }


def _vacated(data: Any) -> dict[str, Any]:
    return {**_hearing(data), "vacated": True}


def _decision(data: Any) -> dict[str, Any]:
    names = ("reason_text", "approved_by", "decided_by", "review_eligible")
    return {name: getattr(data, name, None) for name in names}


def _bail(data: Any) -> dict[str, Any]:
    return {
        "conditions": _texts(data.conditions),
        "ends_on": _date(getattr(data, "ends_on", None) or getattr(data, "return_on", None)),
        "mode": getattr(data, "mode", None),
    }


def _court_bail(data: Any) -> dict[str, Any]:
    return {"outcome": data.outcome, "conditions": _texts(data.conditions), "reason_text": data.reason_text}


def _disposal(data: Any) -> dict[str, Any]:
    return {"disposal": data.disposal, "reason_text": data.reason_text}


def _outcome(data: Any) -> dict[str, Any]:
    return {"outcome": data.outcome, "last_defendant": data.last_defendant}


def _sentence(data: Any) -> dict[str, Any]:
    return {"sentence": data.sentence, "plain_meaning": data.plain_meaning, "sentence_kind": data.sentence_kind}


def _attendance(data: Any) -> dict[str, Any]:
    return {
        "hearing": data.hearing,
        "starts_at": _instant(getattr(data, "at", None)),
        "court": getattr(data, "place", None),
    }


def _appeal(data: Any) -> dict[str, Any]:
    names = ("outcome", "sentence", "plain_meaning", "in_custody_today")
    found = {name: getattr(data, name, None) for name in names}
    return {**found, "court": _court(data.court), "conditions": _texts(getattr(data, "conditions", None))}


_BY_TYPE: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "suspect.arrested": _where,
    "suspect.interviewed": _where,
    "suspect.charged": _charge,
    "requisition.issued": _charge,
    "suspect.released": _bail,
    "police_bail.conditions_proposed": _bail,
    "police_bail.conditions_changed": _bail,
    "police_bail.cancelled": _bail,
    "protective_order.made": _bail,
    "protective_order.changed": _bail,
    "protective_order.ended": _bail,
    "investigation.declined": _decision,
    "investigation.closed": _decision,
    "decision.police_nfa": _decision,
    "decision.cps_no_charge": _decision,
    "decision.cps_changed": _decision,
    "disposal.out_of_court.proposed": _disposal,
    "disposal.out_of_court.given": _disposal,
    "wcu.received.hearing_listed": _hearing,
    "wcu.received.hearing_changed": _hearing,
    "wcu.received.hearing_vacated": _vacated,
    "wcu.received.appeal_listed": _hearing,
    "wcu.received.attendance_required": _attendance,
    "wcu.received.attendance_not_required": _attendance,
    "wcu.received.bail_outcome": _court_bail,
    "wcu.received.warrant": _court_bail,
    "wcu.received.rearrest_outcome": _court_bail,
    "wcu.received.case_outcome": _outcome,
    "wcu.received.sentence": _sentence,
    "wcu.received.appeal_lodged": _appeal,
    "wcu.received.appeal_bail": _appeal,
    "wcu.received.appeal_decided": _appeal,
}
