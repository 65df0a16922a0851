"""Files of events for `kept explain`, written as short as the tests allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from schemas.editions.load import load_books
from schemas.lines import check_lines
from services.ledger.force_rules import ForceRules, careful_default
from services.scheduler.as_known import RulesOf
from services.scheduler.explain import Explained, distinct, explain
from services.scheduler.working_days import england_and_wales

LONDON = ZoneInfo("Europe/London")
BOOKS = load_books()
CALENDAR = england_and_wales()


def instant(text: str) -> datetime:
    """An instant with its offset, or as people in London read it."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo is not None else at.replace(tzinfo=LONDON)).astimezone(UTC)


def record(
    event_id: str,
    kind: str,
    at: str,
    data: Mapping[str, Any],
    *,
    known: str | None = None,
    received: str | None = None,
    case: str = "case-1",
    force: str = "staffs",
) -> dict[str, Any]:
    """One event as a record system sends it; `received` is when the Witness Care Unit got it."""
    if received is not None:
        data = {"received_at": instant(received).isoformat(), **data}
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/force/{force}/rms",
        "type": kind,
        "subject": case,
        "time": instant(at).isoformat(),
        "knownat": instant(known or received or at).isoformat(),
        "data": dict(data),
    }


def victim(at: str = "2015-01-05 09:00", who: str = "v1", **data: Any) -> dict[str, Any]:
    """An adult victim who can be texted and agreed to plain words."""
    said = {
        "person": who,
        "roles": ["victim"],
        "born": "1980-05-01",
        "contacts": [{"id": "c1", "channel": "sms", "value": "07700 900001", "safe": True}],
        "preference": {"channel": "sms", "plain_wording": True, "wants_outcome": True},
    }
    return record(f"person-{who}", "person.recorded", at, {**said, **data})


def crime(at: str = "2015-01-05 09:00", *classes: str) -> dict[str, Any]:
    """A crime, of class `other` if none is given."""
    return record("crime", "crime.recorded", at, {"offence_classes": list(classes or ("other",))})


def assessed(*, enhanced: bool, at: str = "2015-01-05 09:00", who: str = "v1") -> dict[str, Any]:
    """What was found about a person's needs."""
    return record(f"needs-{who}-{at}", "needs_assessment.completed", at, {"person": who, "enhanced": enhanced})


def explained(
    records: Iterable[Mapping[str, Any]],
    *,
    as_of: str | None = None,
    rules_of: RulesOf = careful_default,
) -> list[Explained]:
    """Every case of a file, which must hold nothing that cannot be used."""
    reads, problems = distinct(check_lines(orjson.dumps(one) + b"\n" for one in records))
    assert not problems
    return explain(reads, BOOKS, CALENDAR, as_of=None if as_of is None else instant(as_of), rules_of=rules_of)


def lines(records: Iterable[Mapping[str, Any]], **how: Any) -> list[dict[str, Any]]:
    """All lines of all cases."""
    return [line for case in explained(records, **how) for line in case.lines]


def only(found: Iterable[Mapping[str, Any]], update_point: str, **more: Any) -> Mapping[str, Any]:
    """The one line of an update point."""
    fits = [line for line in found if line["update_point"] == update_point and more.items() <= line.items()]
    assert len(fits) == 1, [(line["update_point"], line["event_id"], line["part"]) for line in found]
    return fits[0]


def codes(line: Mapping[str, Any]) -> list[str]:
    """The codes of its reasons."""
    return [reason["code"] for reason in line["reasons"]]


def always(rules: ForceRules) -> RulesOf:
    """These rules, whatever the force."""
    return lambda _force: rules
