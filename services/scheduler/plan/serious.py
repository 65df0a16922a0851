"""Nothing routine while serious news waits (PR06): one look over all that was decided for the people of a case. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from schemas.editions.model import UpdatePoint
from services.scheduler.plan import holds
from services.scheduler.plan.owed import start_of
from services.scheduler.plan.types import Planned

_WAITS: Final = frozenset({"f-cadence", "f-reminder", "r7-vps-offer"})
_SERIOUS: Final = (
    "r6-no-investigation",
    "r6-released",
    "r6-bail",
    "r6-rui",
    "r6-charge",
    "r6-police-nfa",
    "r6-cps-no",
    "r6-cps-change",
    "r6-ood-outcome",
    "r6-closed",
    "r8-bail",
    "r8-warrant",
    "r8-rearrest",
    "r9-outcome",
    "r9-sentence",
    "r9-appeal-bail",
    "r9-appeal-outcome",
    "r11-escape",
    "w-outcome",
)
"""News that weighs, whether or not it frees anybody: decisions, charge, outcome, sentence, custody."""


def waits_for_serious(
    planned: Sequence[Planned],
    points: Mapping[str, UpdatePoint] = MappingProxyType({}),
    now: datetime | None = None,
) -> Sequence[Planned]:
    """Cadence, reminders and the offer of a Personal Statement of whoever has serious news held in this case become held too.

    `points` are the rules by update point, where a book has others of these kinds under names of its own. A reminder of a day
    after `now` is left until that day begins, when the plan is made anew: by then the serious news may have been told.
    """
    held: dict[str, Planned] = {}
    for update in planned:
        if update.state == "held" and _is_serious(update):
            first = held.get(update.person)
            if first is None or (update.safety_hold and not first.safety_hold):
                held[update.person] = update
    if not held:
        return planned
    return [
        _waiting(update, held[update.person])
        if update.person in held and _waits(update, points) and not _is_for_later(update, now)
        else update
        for update in planned
    ]


def _is_serious(update: Planned) -> bool:
    return update.update_point not in _WAITS and (
        update.cls == "safety_critical" or update.update_point.startswith(_SERIOUS)
    )


def _waits(update: Planned, points: Mapping[str, UpdatePoint]) -> bool:
    if update.state != "held" and update.kind is None:
        return False
    point = points.get(update.update_point)
    return (
        update.update_point in _WAITS
        or update.cls == "reminder"
        or (point is not None and point.timed in {"cadence", "reminder"})
    )


def _is_for_later(update: Planned, now: datetime | None) -> bool:
    """Whether it is a reminder that a machine sends on a day which has not begun."""
    if now is None or update.state != "planned" or update.cls != "reminder" or update.due_on is None:
        return False
    return now < start_of(update.due_on)


def _waiting(update: Planned, serious: Planned) -> Planned:
    """Held beside the serious news: the person who tells that decides what of this is still worth saying."""
    why = holds.reason("serious_news_waits")
    if why in update.reasons:
        return update
    changes: Mapping[str, Any] = {"kind": None, "channel": None, "contact": None, "send_at": None, "combine": ""}
    if update.state == "held":
        return replace(update, reasons=(*update.reasons, why), **changes)
    first, never = holds.words_for(("serious_news_waits",))
    return replace(
        update,
        state="held",
        # What said that a machine sends it is no longer so.
        reasons=(*(reason for reason in update.reasons if reason.code != "sent_by_machine"), why),
        task=holds.HOLDS["serious_news_waits"].task,
        queue=serious.queue,
        say=first,
        never_say=never,
        **changes,
    )
