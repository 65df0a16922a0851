"""Planning cases whole: everything known of them is read under their locks, planned, and the ledger made to agree.

Intake does it for the cases of a batch; `replan_due` for cases that asked for it or whose time has come.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from schemas.editions.model import Books
from schemas.envelope import CaseEvent
from services import logs
from services.clock import Clock
from services.ledger import alerts, cases, fix_links, inbox, links, vault
from services.ledger.cases import CaseKey
from services.ledger.connection import AWAY, Connection, Pool
from services.ledger.counting import count
from services.ledger.force_rules import ForceRules, rules_of
from services.ledger.journal import Journal
from services.ledger.linked import Elsewhere
from services.ledger.people import Person
from services.scheduler.birthdays import ask_before_18
from services.scheduler.plan import plan as plan_case
from services.scheduler.plan.types import Known, Plan
from services.scheduler.reconcile import reconcile
from services.scheduler.review import review
from services.scheduler.standing import CaseStanding, read_standing
from services.scheduler.working_days import WorkingDays

log = logs.get(__name__)

PlanFunction = Callable[[Known, Books, WorkingDays], Plan]
_AT_A_TIME: Final = 20
"""Cases that are planned in one go, about ten milliseconds."""
_TRY_AGAIN: Final = timedelta(hours=1)
"""Case time after which a case that could not be planned is tried again."""


@dataclass(frozen=True, slots=True)
class Planner:
    """What planning needs besides the ledger. `wait_for_rules`: cases of a force that was never loaded wait, with an alert."""

    books: Books
    calendar: WorkingDays
    plan: PlanFunction = plan_case
    wait_for_rules: bool = False


@dataclass(slots=True)
class Fresh:
    """What a batch knows of cases without reading: those it made, with their events, and people as it has just folded them."""

    made: set[CaseKey] = field(default_factory=set)
    events: dict[CaseKey, list[CaseEvent]] = field(default_factory=dict)
    members: dict[CaseKey, set[str]] = field(default_factory=dict)
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    new_people: set[tuple[str, str]] = field(default_factory=set)
    waiting: int = 0
    """How many of the batch's own events wait for somebody to be recorded, once its cases are planned."""


async def plan_cases(
    connection: Connection, planner: Planner, wanted: Sequence[CaseKey], journal: Journal, fresh: Fresh | None = None
) -> set[CaseKey]:
    """Plan `wanted` (locked by the caller) and make the ledger agree; returns those that were planned. The caller writes the
    journal last.

    A case whose planning fails is left as it is, with an alert, and tried again later: its neighbours do not wait for it.
    """
    if not wanted:
        return set()
    fresh = fresh or Fresh()
    known = await _read(connection, wanted, journal.now, fresh)
    plans: dict[CaseKey, tuple[Known, Plan]] = {}
    later: dict[CaseKey, datetime | None] = {}
    waiting: set[str] = set()
    standing = known.standing
    for number, (case, item) in enumerate(known.cases.items(), 1):
        if number % _AT_A_TIME == 0:
            await asyncio.sleep(0)  # whoever waits for the database goes on, so that it never waits for us
        if planner.wait_for_rules and not item.rules.loaded:
            waiting.add(case[0])
            later[case] = None
            continue
        try:
            plan = planner.plan(item, planner.books, planner.calendar)
        except Exception:
            log.exception("case_not_planned", force=case[0], case=case[1])
            await _tell_not_planned(connection, case, journal.now)
            later[case] = journal.now + _TRY_AGAIN
        else:
            plans[case] = item, plan
            if plan.waiting:
                own = {(event.source, event.id) for event in fresh.events.get(case, ())}
                fresh.waiting += sum((waits.source, waits.event_id) in own for waits in plan.waiting)
    await reconcile(connection, plans, journal, standing)
    planned = [item for item, _ in plans.values()]
    await review(connection, planned, journal)
    await ask_before_18(connection, planned, journal)
    if later:
        await cases.keep_plans(connection, later, journal.now)
    for force in sorted(waiting):
        await _tell_not_loaded(connection, force, journal.now)
    return set(plans)


@dataclass(frozen=True, slots=True)
class _Read:
    cases: Mapping[CaseKey, Known]
    standing: Mapping[CaseKey, CaseStanding]


async def _read(
    connection: Connection, wanted: Sequence[CaseKey], now: datetime, fresh: Fresh, *, lock: bool = True
) -> _Read:
    """Everything known of each case; what the batch itself has just written is not read again."""
    old = [case for case in wanted if case not in fresh.made]
    events = await inbox.events_of_cases(connection, old) if old else {}
    for case, moved in (await fix_links.moved_events(connection, old) if old else {}).items():
        events[case] += moved
    people = await cases.people_of(connection, old) if old else {}
    standing = await read_standing(connection, old, lock=lock)
    for case in wanted:
        if case in fresh.made:
            events[case] = [(event, now) for event in fresh.events.get(case, ())]
            people[case] = {
                person: fresh.people[case[0], person]
                for person in fresh.members.get(case, ())
                if (case[0], person) in fresh.people
            }
    missing = sorted(
        {
            (case[0], person)
            for case in fresh.made
            for person in fresh.members.get(case, ())
            if (case[0], person) not in fresh.people
        }
    )
    if missing:
        for key, person in (await cases.read_people(connection, missing)).items():
            for case in fresh.made:
                if case[0] == key[0] and key[1] in fresh.members.get(case, ()):
                    people[case][key[1]] = person
    details = sorted(
        {
            contact.detail
            for group in people.values()
            for person in group.values()
            for contact in person.contacts
            if contact.detail is not None
        }
    )
    shut = await vault.shut_details(connection, details) if details else {}
    rules = await rules_of(connection, sorted({force for force, _ in wanted}))
    others = await _elsewhere(connection, wanted, people, fresh)
    return _Read(
        {
            case: _known(case, events[case], people[case], standing, shut, rules[case[0]], now, others.get(case))
            for case in wanted
        },
        standing,
    )


async def _elsewhere(
    connection: Connection, wanted: Sequence[CaseKey], people: Mapping[CaseKey, Mapping[str, Person]], fresh: Fresh
) -> Mapping[CaseKey, Elsewhere]:
    """Who of related cases bears on these. A case that a batch made of people who are new in it, in it alone, has none."""
    met = Counter((force, who) for (force, _), members in fresh.members.items() for who in members)
    maybe = [
        case
        for case in wanted
        if case not in fresh.made
        or any((case[0], who) not in fresh.new_people or met[case[0], who] > 1 for who in fresh.members.get(case, ()))
    ]
    found = await links.related(connection, maybe) if maybe else {}
    return await links.elsewhere(connection, found, people) if found else {}


async def read_cases(connection: Connection, wanted: Sequence[CaseKey], now: datetime) -> Mapping[CaseKey, Known]:
    """Everything known of each case, as it is planned from, for a look that changes nothing and locks nothing."""
    return (await _read(connection, wanted, now, Fresh(), lock=False)).cases


def _known(
    case: CaseKey,
    events: Sequence[tuple[CaseEvent, datetime]],
    people: Mapping[str, Person],
    standing: Mapping[CaseKey, CaseStanding],
    shut: Mapping[int, str],
    rules: ForceRules,
    now: datetime,
    others: Elsewhere | None,
) -> Known:
    held = standing.get(case)
    return Known(
        force=case[0],
        case=case[1],
        events=tuple([event for event, _ in events]),
        arrived={(event.source, event.id): arrived for event, arrived in events},
        people=people,
        shut=shut,
        ledger=held.on_ledger() if held is not None else (),
        rules=rules,
        now=now,
        linked={} if others is None else others.people,
        linked_roles={} if others is None else others.roles,
    )


async def _tell_not_loaded(connection: Connection, force: str, now: datetime) -> None:
    await alerts.raise_alert(
        connection,
        "force_not_loaded",
        force,
        "Events of this force wait: its rules were never loaded.",
        "engineers",
        "`kept force load FILE` for this force",
        now,
    )


async def _tell_not_planned(connection: Connection, case: CaseKey, now: datetime) -> None:
    await alerts.raise_alert(
        connection,
        "case_not_planned",
        "/".join(case),
        "This case could not be planned: what it is owed is not kept up to date.",
        "engineers",
        "a version of the service that can plan the case, which tries again every hour",
        now,
    )


async def replan_due(
    pool: Pool,
    clock: Clock,
    books: Books,
    calendar: WorkingDays,
    limit: int = 200,
    *,
    plan: PlanFunction = plan_case,
    wait_for_rules: bool = False,
) -> int:
    """Plan up to `limit` cases that asked for it or whose time has come; returns how many were seen to. Call it until it is 0."""
    return await _due(pool, clock, Planner(books, calendar, plan, wait_for_rules), limit)


async def next_replan(pool: Pool) -> datetime | None:
    """Case time at which the next case is to be planned by time alone."""
    at: datetime | None = await pool.fetchval("select min(again_at) from case_file where again_at is not null")
    return at


async def _due(pool: Pool, clock: Clock, planner: Planner, limit: int) -> int:
    try:
        async with pool.acquire() as connection, connection.transaction():
            journal = Journal("intake", "scheduler", clock.now())
            due = await cases.take_due_cases(connection, journal.now, limit)
            planned = await plan_cases(connection, planner, due, journal)
            await alerts.clear_alerts(connection, "case_not_planned", ["/".join(case) for case in planned], journal.now)
            await alerts.clear_alerts(connection, "force_not_loaded", {force for force, _ in planned}, journal.now)
            await journal.write(connection)
    except AWAY:
        raise
    except Exception:
        if limit > 1:
            # One case spoils the transaction of all: go one by one until it is found.
            return await _due(pool, clock, planner, max(1, limit // 4))
        log.exception("case_not_replanned")
        return await _put_off(pool, clock)
    count(journal)
    return len(due)


async def _put_off(pool: Pool, clock: Clock) -> int:
    """The first case that is due cannot be planned: say so and try it again later."""
    async with pool.acquire() as connection, connection.transaction():
        now = clock.now()
        due = await cases.take_due_cases(connection, now, 1)
        for case in due:
            await _tell_not_planned(connection, case, now)
        await cases.keep_plans(connection, dict.fromkeys(due, now + _TRY_AGAIN), now)
        return len(due)
