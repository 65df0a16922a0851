"""Which messages ought to go: news of one event for one person shares one, and a prompt asks once, however much waits. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from services.scheduler.plan.types import Planned, PlannedMessage

ASK_AGAIN: Final = timedelta(hours=24)
"""Case time within which a person who was asked to ring is not asked again: one call tells all that waits for it."""
_Way = tuple[str, str | None, str | None, str, str]


def messages(updates: Iterable[Planned]) -> tuple[PlannedMessage, ...]:
    """One message of news for each value of `combine`; one prompt for what a person waits for by one way within a day."""
    together: dict[str, list[Planned]] = {}
    asks: list[Planned] = []
    for update in updates:
        if update.kind == "news" and update.combine:
            together.setdefault(update.combine, []).append(update)
        elif update.kind == "prompt" and update.combine:
            asks.append(update)
    groups = [*together.values(), *_asked_at_once(asks)]
    return tuple(message for group in groups if (message := _message(group)) is not None)


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


def _message(group: list[Planned]) -> PlannedMessage | None:
    first = group[0]
    if first.kind is None or first.channel is None or first.contact is None or first.send_at is None:
        return None
    return PlannedMessage(
        person=first.person,
        kind=first.kind,
        channel=first.channel,
        contact=first.contact,
        language=first.language,
        style=first.style,
        send_at=first.send_at,
        updates=tuple(update.id for update in group),
    )
