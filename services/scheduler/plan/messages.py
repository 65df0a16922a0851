"""Which messages ought to go (PR17). Pure.

News that waits for the same allowed hour goes together where it is for one person in one role, by one way, of one owner and
class; nothing waits longer than it must so as to be combined. A prompt asks once, however much waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from services.scheduler.plan import words
from services.scheduler.plan.types import Known, Planned, PlannedMessage
from services.wording.alike import SAME_NEWS

ASK_AGAIN: Final = timedelta(hours=24)
"""Case time within which a person who was asked to ring is not asked again: one call tells all that waits for it."""
WITH_LATER: Final = "told_with_later"
"""The reason of news that something later overtook: it goes in the message of the later news, or not at all (PR02)."""
WITH_CODE: Final = "told_with_code"
"""The reason of what the Witness Charter owes a victim too: it goes in the message of the Code's own row."""
OFFERS: Final = frozenset({"r3-rj-info", "r4-referral", "r5-compensation", "r7-vps-offer"})
"""Routine offers, which never stand beside bad news."""
BAD_NEWS: Final = frozenset(
    {
        "r6-no-investigation",
        "r6-released-no-charge",
        "r6-police-nfa",
        "r6-cps-no-charge",
        "r6-cps-change",
        "r6-closed-no-charge",
        "r6-ood-outcome",
        "r9-outcome",
        "r9-sentence",
        "r9-appeal-outcome",
        "w-outcome",
    }
)
"""News that may be hard to read, whatever the event says."""

REPLACES: Final = frozenset({"was_at", "was_court", "vacated", "corrects"})
"""Facts of news that takes back something the person heard."""

Fit = Callable[[Sequence[Planned]], bool]
"""Whether the news of several updates, in this order, can be said in one message that is not too long."""
_Way = tuple[str, str | None, str | None, str, str]
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


def fitting(known: Known) -> Fit:
    """Whether updates of this case fit in one message, by the words that would go."""

    def fit(updates: Sequence[Planned]) -> bool:
        first = updates[0]
        person = known.people.get(first.person)
        return first.channel is not None and words.fits(
            [(update.update_point, update.facts) for update in updates],
            first.channel,
            first.style,
            first.language,
            force_name=known.rules.name,
            telephone=known.rules.senders.telephone,
            cover_name=None if person is None else person.cover_name,
            no_voice=person is not None and "no_voice" in person.access_needs,
        )

    return fit


def messages(updates: Iterable[Planned], fit: Fit = lambda _: True) -> tuple[PlannedMessage, ...]:
    """News with the same `combine` and instant together as far as it fits; one prompt for what a person waits for in a day."""
    together: dict[tuple[str, datetime | None], list[Planned]] = {}
    asks: list[Planned] = []
    for update in updates:
        if update.kind == "news" and update.combine:
            together.setdefault((update.combine, update.send_at), []).append(update)
        elif update.kind == "prompt" and update.combine:
            asks.append(update)
    groups = [part for group in together.values() for part in _parted(group, fit)]
    groups += _asked_at_once(asks)
    return tuple(message for group in groups if (message := _message(group)) is not None)


def _parted(group: list[Planned], fit: Fit) -> list[list[Planned]]:
    """A group in order of time, in as few messages as hold it; what goes only with later news stays with it."""
    if len(group) == 1:
        return [group]
    group.sort(key=lambda update: (update.clock_start or _BEGINNING, update.update_point, update.id))
    group, others = _leaders(group)
    parts: list[list[Planned]] = []
    for unit in _units(group):
        for part in parts:
            if _beside(part, unit) and fit([*part, *unit]):
                part.extend(unit)
                break
        else:
            parts.append(unit)
    for other in others:
        _part_of(other, parts).append(other)
    return parts


def _leaders(group: list[Planned]) -> tuple[list[Planned], list[Planned]]:
    """What is told in words of its own, and what goes with it because it is the same news by another book."""
    own = [update for update in group if all(reason.code != WITH_CODE for reason in update.reasons)]
    return own, [update for update in group if update not in own] if len(own) < len(group) else []


def _part_of(other: Planned, parts: list[list[Planned]]) -> list[Planned]:
    same = SAME_NEWS.get(other.update_point, frozenset())
    for part in parts:
        for update in part:
            if update.update_point in same and _event(update) == _event(other):
                return part
    parts.append([])
    return parts[-1]


def _news(update: Planned) -> tuple[str, ...]:
    return update.source, update.event_id, update.update_point


def _event(update: Planned) -> tuple[str, ...]:
    return update.person, update.for_whom, update.source, update.event_id


def _units(group: Sequence[Planned]) -> list[list[Planned]]:
    units: list[list[Planned]] = []
    goes_on = False
    for update in group:
        if goes_on:
            units[-1].append(update)
        else:
            units.append([update])
        goes_on = any(reason.code == WITH_LATER for reason in update.reasons)
    return units


def _beside(part: Sequence[Planned], unit: Sequence[Planned]) -> bool:
    """Whether two things may stand side by side. What replaces earlier messages stands alone: one must see which."""
    if any(not REPLACES.isdisjoint(update.facts) for update in (*part, *unit)):
        first = part[0]  # the same of two children, said once
        return all((*_news(one), one.facts) == (*_news(first), first.facts) for one in (*part, *unit))
    points = {update.update_point for update in (*part, *unit)}
    return points.isdisjoint(OFFERS) or points.isdisjoint(BAD_NEWS)


def _asked_at_once(asks: list[Planned]) -> list[list[Planned]]:
    """Prompts by person and way, those of a day together; each group goes when its first one would."""
    groups: list[list[Planned]] = []
    latest: dict[_Way, tuple[datetime, list[Planned]]] = {}
    for update in sorted((ask for ask in asks if ask.send_at is not None), key=lambda ask: (ask.send_at, ask.id)):
        at = update.send_at
        if at is None:
            continue
        way = update.person, update.channel, update.contact, update.language, update.style
        first, group = latest.get(way, (at, []))
        if not group or at - first >= ASK_AGAIN:
            first, group = at, []
            groups.append(group)
        group.append(update)
        latest[way] = first, group
    return groups


def _message(group: Sequence[Planned]) -> PlannedMessage | None:
    first = group[0]
    if first.kind is None or first.channel is None or first.contact is None or first.send_at is None:
        return None
    serves: tuple[UUID, ...] = tuple(update.id for update in group)
    return PlannedMessage(
        person=first.person,
        kind=first.kind,
        channel=first.channel,
        contact=first.contact,
        language=first.language,
        style=first.style,
        send_at=first.send_at,
        updates=serves,
    )
