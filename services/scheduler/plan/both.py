"""Somebody who is victim and witness: owed by both books, each in its own row, and told once (victims-code 4.1, 6.9). Pure.

The Charter's row goes as the Code's row of the same event goes: in one message with it, or in one conversation. Where the
Code's is not owed, or not wanted, the Charter's goes by itself. Whoever stands for several people reads once what is the
same of them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from schemas.editions.model import Books
from services.ledger.states import Evidence
from services.scheduler.plan.heard import may_have_heard
from services.scheduler.plan.holds import HOLDS
from services.scheduler.plan.messages import WITH_CODE
from services.scheduler.plan.owed import silent
from services.scheduler.plan.reasons import because
from services.scheduler.plan.types import OnLedger, Planned
from services.wording.alike import SAME_NEWS, of_one

LOOK_AGAIN: Final = timedelta(hours=1)
"""How long after which to look whether news that left has arrived, where another row waits for the same news."""
_OPEN: Final = frozenset({"planned", "held"})
_ALSO: Final = "The Victims' Code owes them the same news: one conversation tells both. Record both."


def told_once(planned: Iterable[Planned], ledger: Mapping[UUID, OnLedger], books: Books) -> Iterator[Planned]:
    """The updates, those of the Charter as the Code's go that say the same to the same person."""
    updates = list(planned)
    pairs = _pairs(updates) if any(update.update_point in SAME_NEWS for update in updates) else {}
    by_news: dict[tuple[str | None, ...], Planned] = {}
    for update in updates:
        leader = pairs.get(update.id)
        found = update if leader is None else _with(update, leader, ledger, books)
        yield _as_of_first(found, by_news) if found.for_whom and found.kind == "news" else found


def _as_of_first(update: Planned, by_news: dict[tuple[str | None, ...], Planned]) -> Planned:
    """Whoever stands for several people reads once what is the same of them all: the rows are one message."""
    news = update.person, update.role, update.contact, update.source, update.event_id, update.update_point, update.part
    first = by_news.setdefault(news, update)
    alike = (first.facts, first.language, first.style) == (update.facts, update.language, update.style)
    return replace(update, combine=first.combine) if alike and first.combine else update


def waits_for_code(update: Planned) -> bool:
    """Whether it is settled by what becomes of news that left already."""
    return update.state == "planned" and update.kind is None and any(one.code == WITH_CODE for one in update.reasons)


def _pairs(updates: Iterable[Planned]) -> dict[UUID, Planned]:
    """By update of the Charter: the Code's that says the same of the same event; of corrections, the one of that one."""
    leaders: dict[tuple[str, ...], Planned] = {}
    correcting: dict[UUID, Planned] = {}
    followers: list[Planned] = []
    for update in updates:
        if update.update_point in SAME_NEWS:
            followers.append(update)
        elif update.corrects is not None:
            correcting[update.corrects] = update
        elif not update.part:
            leaders[(*_matter(update), update.update_point)] = update
    found: dict[UUID, Planned] = {}
    for update in followers:  # an update stands before what corrects it
        leader: Planned | None
        if update.corrects is not None:
            corrected = found.get(update.corrects)
            leader = None if corrected is None else correcting.get(corrected.id)
        else:
            names = SAME_NEWS[update.update_point]
            leader = next((one for name in names if (one := leaders.get((*_matter(update), name))) is not None), None)
        if leader is not None:
            found[update.id] = leader
    return found


def _matter(update: Planned) -> tuple[str, ...]:
    return update.person, update.for_whom, update.source, update.event_id


def _with(update: Planned, leader: Planned, ledger: Mapping[UUID, OnLedger], books: Books) -> Planned:
    mine = ledger.get(update.id)
    if update.state not in _OPEN or (mine is not None and may_have_heard(mine)):
        return update
    fulfil_by = books.point(update.edition, update.update_point).fulfil_by
    if leader.state == "told":
        return _told(update, leader.evidence, leader.told_at) if leader.evidence in fulfil_by else update
    if leader.state not in _OPEN:
        return update
    left = ledger.get(leader.id)
    if left is not None and may_have_heard(left) and not left.settled_by_plan and of_one(left.facts, update.facts):
        # They became a witness after it left: what they read or heard was the same news.
        if left.state != "told":
            return silent(update, "planned", (*update.reasons[:1], because(WITH_CODE)))
        return _told(update, left.evidence, left.told_at) if left.evidence in fulfil_by else update
    if leader.state == "held":
        return _held(update, leader)
    return _sent(update, leader)


def _told(update: Planned, evidence: Evidence | None, at: datetime | None) -> Planned:
    told = silent(update, "told", (*update.reasons[:1], because(WITH_CODE)))
    return replace(told, evidence=evidence, told_at=at)


def _held(update: Planned, leader: Planned) -> Planned:
    say, never_say = (update.say, update.never_say) if update.state == "held" else (leader.say, leader.never_say)
    return replace(
        _along(update, leader),
        task=leader.task,
        queue=leader.queue,
        target_at=leader.target_at if update.target_at is None else update.target_at,
        safety_hold=leader.safety_hold or update.safety_hold,
        say=(_ALSO, *say),
        never_say=never_say,
    )


def _sent(update: Planned, leader: Planned) -> Planned:
    """In the Code's message, which says all of it; what the force has a person tell is told so, and nobody is asked besides."""
    if update.state == "held" and any(reason.code in HOLDS and reason.code != "no_words" for reason in update.reasons):
        return replace(update, kind=None, channel=None, contact=None, send_at=None, combine="")
    return replace(
        _along(update, leader),
        task=None,
        queue=None,
        target_at=leader.target_at,
        safety_hold=False,
        say=(),
        never_say=(),
    )


def _along(update: Planned, leader: Planned) -> Planned:
    return replace(
        update,
        state=leader.state,
        kind=leader.kind,
        channel=leader.channel,
        contact=leader.contact,
        language=leader.language,
        style=leader.style,
        send_at=leader.send_at,
        combine=leader.combine,
        reasons=(*update.reasons[:1], because(WITH_CODE), *leader.reasons[1:]),
    )
