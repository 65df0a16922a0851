"""What a file of events owes, with every step to its dates: the scheduler's own plan, with no database. Pure.

One call of `plan` for each case, over what the scheduler would know of it (`as_known`), each update with its rule and reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from schemas.editions.model import Books, UpdatePoint
from schemas.envelope import BadEvent, ReadEvent
from schemas.lines import LineResult
from services.ledger.effective import Effective
from services.ledger.force_rules import careful_default
from services.scheduler.as_known import RulesOf, known_cases, with_a_victim
from services.scheduler.plan import plan
from services.scheduler.plan.case import Case, open_case
from services.scheduler.plan.deadline import LegDue, legs
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.types import Known, Plan, Planned, PlannedMessage
from services.scheduler.working_days import WorkingDays, local_date

_ASSUMED_REASON: Final = {
    "code": "assumed_victim",
    "text": "the file records nobody in this case: one adult victim is assumed, with no contact",
}
_OTHER_CONTENT: Final = (
    "another event of this file has this source and id with other content; give this one an id of its own"
)


@dataclass(frozen=True, slots=True)
class Explained:
    """One case: what was known, the plan, and a line for each update, keyed as `schemas.outputs.ExplainLine` has it."""

    known: Known
    plan: Plan
    assumed: bool
    """The file records nobody, so one victim was assumed."""
    lines: tuple[dict[str, Any], ...]

    @property
    def beyond_holiday_list(self) -> bool:
        """Whether some deadline could not be counted."""
        return any(reason["code"] == "beyond_holiday_list" for line in self.lines for reason in line["reasons"])


def distinct(results: Iterable[LineResult]) -> tuple[list[ReadEvent], list[tuple[int, BadEvent]]]:
    """The events of a file, each once, and what is wrong on which line. The same again does nothing, other content is refused."""
    found: dict[tuple[str, str], ReadEvent] = {}
    problems: list[tuple[int, BadEvent]] = []
    for result in results:
        if result.read is None:
            if result.problem is not None:
                problems.append((result.line, result.problem))
            continue
        event = result.read.event
        before = found.setdefault((event.source, event.id), result.read)
        if before.event.digest != event.digest:
            problems.append((result.line, BadEvent("other_content", "id", _OTHER_CONTENT)))
    return list(found.values()), problems


def explain(
    reads: Sequence[ReadEvent],
    books: Books,
    calendar: WorkingDays,
    *,
    as_of: datetime | None = None,
    rules_of: RulesOf = careful_default,
) -> list[Explained]:
    """Every case of `reads` at `as_of` (default: the latest instant at which something was known), in order of the file."""
    if not reads:
        return []
    now = as_of or max(read.event.known_at for read in reads)
    return [_explain(known, books, calendar) for known in known_cases(reads, now, rules_of)]


def _explain(known: Known, books: Books, calendar: WorkingDays) -> Explained:
    assumed = not any(event.type == "person.recorded" for event in known.events)
    whole = with_a_victim(known) if assumed else known
    planned = plan(whole, books, calendar)
    lines = _Lines(open_case(whole, books, calendar), books, planned, assumed)
    return Explained(known, planned, assumed, tuple(lines.line(update) for update in planned.updates))


# ---------------------------------------------------------------- lines


class _Lines:
    """Writes the updates of one plan out."""

    def __init__(self, case: Case, books: Books, planned: Plan, assumed: bool) -> None:
        self._books = books
        self._calendar = case.calendar
        self._assumed = assumed
        self._events = {key_of(item): item for item in case.file.events}
        self._points = {(*key_of(item), point.id): point for item, points in case.raised for point in points}
        self._messages: dict[Any, tuple[str, PlannedMessage]] = {}
        for message in planned.messages:
            name = str(min(message.updates, key=str))
            self._messages.update(dict.fromkeys(message.updates, (name, message)))

    def line(self, update: Planned) -> dict[str, Any]:
        """One update, keyed as it is printed."""
        point = self._points.get((update.source, update.event_id, update.update_point)) or self._books.point(
            update.edition, update.update_point
        )
        name, message = self._messages.get(update.id, (None, None))
        reasons = [{"code": reason.code, "text": reason.text} for reason in update.reasons]
        limits = point.standard.working_days or point.standard.hours
        return {
            "id": str(update.id),
            "force": update.force,
            "case": update.case,
            "source": update.source,
            "event_id": update.event_id,
            "part": update.part,
            "message": name,
            "update_point": update.update_point,
            "title": point.title,
            "edition": update.edition,
            "book": point.book,
            "instrument": point.citation.instrument,
            "right": point.citation.right,
            "paragraph": point.citation.paragraph,
            "sources": list(point.citation.sources),
            "confidence": point.confidence,
            "limit_confidence": point.limit_confidence if limits else "L" if update.due_on is not None else None,
            "status": point.status,
            "owner": point.owner,
            "class": update.cls,
            "person": None if self._assumed else update.person,
            "for": update.for_whom or None,
            "role": update.role,
            "suspect": update.suspect,
            "enhanced": update.enhanced,
            "clock_start": _instant(update.clock_start),
            "counted_days": [day.isoformat() for day in update.counted_days],
            "due_at": _instant(update.due_at),
            "due_on": _day(update.due_on),
            "due_on_standard": _day(update.due_on_standard),
            "due_on_enhanced": _day(update.due_on_enhanced),
            "legs": self._legs(update, point),
            "late_on_arrival": update.late_on_arrival,
            "late_qualified": update.late_qualified,
            "target_at": _instant(update.target_at),
            "send_at": _instant(message.send_at if message is not None else update.send_at),
            "channel": update.channel,
            "contact": update.contact,
            "state": update.state,
            "evidence": update.evidence,
            "kind": update.kind,
            "task": update.task,
            "queue": update.queue,
            "reasons": [*reasons, _ASSUMED_REASON] if self._assumed else reasons,
        }

    def _legs(self, update: Planned, point: UpdatePoint) -> list[dict[str, str | None]]:
        item: Effective | None = self._events.get((update.source, update.event_id))
        if not point.legs or item is None:
            return []
        start = update.clock_start
        own = LegDue(point.id, None if start is None else local_date(start), update.due_on)
        return [
            {"name": leg.name, "from": _day(leg.start), "due_on": _day(leg.due_on)}
            for leg in (*legs(point, item, self._calendar), own)
        ]


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
