"""Did every update of the sample cases end where its case says? The ledger is compared with the story, update by update.

One thing needs no line in a case: the clock of the next regular contact. It runs for everybody who was told something, from
there on, and troubles nobody for weeks: planned, or withdrawn by a later contact, at most one running for a person, nothing sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.ledger.connection import Connection
from services.sandbox.story import Case, End

Key = tuple[str, str, str, str, str, str]
"""Case, person, update point, event label, part, for whom."""

_CLOCK: Final = "f-cadence"

_UPDATES = """
select u.case_id, u.person_id, u.update_point, u.edition, u.event_id, u.part, u.for_whom, u.state, u.evidence, u.reasons,
    exists (select from message_update mu join messages m on m.id = mu.message_id join attempts a on a.message_id = m.id
        where mu.update_id = u.id and m.kind = 'prompt' and a.state in ('accepted', 'sent', 'delivered')) as prompted,
    exists (select from message_update mu join attempts a on a.message_id = mu.message_id where mu.update_id = u.id) as left_us
from updates u where u.case_id = any($1::text[])
"""


@dataclass(slots=True)
class Report:
    """What `kept demo --headless --report FILE` writes."""

    events: int
    updates: dict[str, int]
    attempts: dict[str, int]
    messages: dict[str, int]
    prompts: int
    late: int
    unexpected: list[str] = field(default_factory=list)
    seconds: float = 0.0


def _wrong(end: End, row: Any) -> str | None:
    if row["state"] != end.state:
        return f"is {row['state']}, should be {end.state} ({_codes(row)})"
    if end.evidence is not None and row["evidence"] != end.evidence:
        return f"has the evidence {row['evidence']}, should have {end.evidence}"
    if end.prompt is not None and row["prompted"] != end.prompt:
        return "was prompted, and should not be" if row["prompted"] else "should have been prompted"
    if end.hold_reason is not None and end.hold_reason not in {reason["code"] for reason in row["reasons"]}:
        return f"is held for {_codes(row)}, should be for {end.hold_reason}"
    if end.edition is not None and row["edition"] != end.edition:
        return f"is of {row['edition']}, should be of {end.edition}"
    return None


def _codes(row: Any) -> str:
    return ", ".join(reason["code"] for reason in row["reasons"])


def compare(cases: Sequence[Case], rows: Iterable[Any]) -> list[str]:
    """A sentence for every update that is not where it should be, that is missing, or that nobody expected."""
    expected: dict[Key, End] = {
        (case.id, end.person, end.update_point, f"{case.id}-{end.event}", end.part, end.for_whom): end
        for case in cases
        for end in case.ends
    }
    unexpected = []
    running: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        key = tuple(row[name] for name in ("case_id", "person_id", "update_point", "event_id", "part", "for_whom"))
        name = " ".join(part for part in key if part)
        end = expected.pop(key, None)
        if end is not None:
            wrong = _wrong(end, row)
        elif row["update_point"] == _CLOCK and row["state"] in {"planned", "withdrawn"} and not row["left_us"]:
            running[row["case_id"], row["person_id"], row["for_whom"]] += row["state"] == "planned"
            wrong = None
        else:
            evidence = "" if row["evidence"] is None else f" by {row['evidence']}"
            wrong = f"is {row['state']}{evidence}, and the case does not expect it ({_codes(row)})"
        if wrong is not None:
            unexpected.append(f"{name} {wrong}")
    unexpected += [f"{' '.join(part for part in key if part)} is missing" for key in expected]
    unexpected += [
        f"{' '.join(part for part in key if part)} has {count} clocks of the next regular contact"
        for key, count in running.items()
        if count > 1
    ]
    return sorted(unexpected)


async def report(connection: Connection, cases: Sequence[Case], delivered: Iterable[str], seconds: float) -> Report:
    """Count what happened and compare it with the story; a text that somebody got twice is unexpected too."""
    rows = await connection.fetch(_UPDATES, [case.id for case in cases])

    async def counts(query: str) -> dict[str, int]:
        return {row[0]: row[1] for row in await connection.fetch(query)}

    sent = "from messages m where exists (select from attempts a where a.message_id = m.id)"
    found = Report(
        events=await connection.fetchval("select count(*) from case_event"),
        updates=await counts("select state, count(*) from updates group by 1 order by 1"),
        attempts=await counts("select state, count(*) from attempts group by 1 order by 1"),
        messages={"sms": 0, "email": 0} | await counts(f"select channel, count(*) {sent} group by 1"),
        prompts=await connection.fetchval(f"select count(*) {sent} and m.kind = 'prompt'"),
        late=await connection.fetchval("select count(*) from updates where late"),
        unexpected=compare(cases, rows),
        seconds=round(seconds, 1),
    )
    found.unexpected += [
        f"somebody got the same text {times} times" for times in Counter(delivered).values() if times > 1
    ]
    return found
