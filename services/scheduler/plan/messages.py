"""Which messages ought to go: updates of one event for one person share one, everything else goes by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.scheduler.plan.types import Planned, PlannedMessage


def messages(updates: Iterable[Planned]) -> tuple[PlannedMessage, ...]:
    """One message for each value of `combine`, in the order of the updates."""
    together: dict[str, list[Planned]] = {}
    for update in updates:
        if update.kind is not None and update.combine:
            together.setdefault(update.combine, []).append(update)
    return tuple(message for group in together.values() if (message := _message(group)) is not None)


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
