"""Which messages ought to stand once a case's updates are as the plan says: which to form, to drop, and to keep. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.ledger.states import UpdateState
from services.scheduler.plan.types import PlannedMessage

MessageKey = tuple[str, str, str, str, str, str, datetime, tuple[UUID, ...]]
"""What makes two messages the same: person, kind, channel, contact, language, style, instant and the updates they serve, in
their order."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of the ledger that is planned, or released without an intent."""

    id: UUID
    key: MessageKey
    released: bool
    tries: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Messages:
    """What to do about a case's messages: which to form, which to drop, and which keep but with another earliest deadline."""

    form: tuple[PlannedMessage, ...]
    drop: tuple[UUID, ...]
    due: Mapping[UUID, datetime | None]


def earliest(updates: Collection[UUID], due: Mapping[UUID, datetime | None]) -> datetime | None:
    """The first deadline among `updates`; None if none of them has one."""
    return min((at for update in updates if (at := due.get(update)) is not None), default=None)


def _spoilt(stands: Standing, serves: Sequence[UUID], written: Collection[UUID], rewritten: Collection[UUID]) -> bool:
    return (stands.released and any(update in written for update in serves)) or (
        stands.tries > 0 and any(update in rewritten for update in serves)
    )


def form(
    wanted: Sequence[PlannedMessage],
    standing: Sequence[Standing],
    states: Mapping[UUID, UpdateState],
    due: Mapping[UUID, datetime | None],
    written: Collection[UUID],
    rewritten: Collection[UUID],
    prompted: Collection[UUID],
    taken: Collection[UUID],
    asked: Collection[str] = (),
) -> Messages:
    """Which messages ought to stand.

    `states` and `due` are those after the decisions. A released message that serves a `written` update is formed afresh, and so
    is one that was tried with facts that have changed (`rewritten`). A prompt that already left for an update (`prompted`) is not
    formed again, nor one for a hold that somebody has taken (`taken`), nor one to a person who was lately
    `asked` to ring and has news waiting for that call; one that stands already stays.
    """
    open_keys = {message.key: message for message in standing}
    keep: set[UUID] = set()
    fresh: list[PlannedMessage] = []
    # Released updates of any other message are being sent this instant.
    given_out = {update for message in standing if message.released for update in message.key[-1]}
    for message in wanted:
        if message.kind == "news":
            serves = tuple(
                update
                for update in message.updates
                if states.get(update) == "planned" or (states.get(update) == "released" and update in given_out)
            )
        else:
            serves = tuple(
                update for update in message.updates if states.get(update) == "held" and update not in prompted
            )
        if not serves:
            continue
        key = (
            message.person,
            message.kind,
            message.channel,
            message.contact,
            message.language,
            message.style,
            message.send_at,
            serves,
        )
        stands = open_keys.get(key)
        if stands is not None and not _spoilt(stands, serves, written, rewritten):
            keep.add(stands.id)
            continue
        if message.kind == "prompt":
            serves = tuple(update for update in serves if update not in taken)
            if not serves or message.person in asked:
                continue
        fresh.append(
            message
            if serves == message.updates
            else PlannedMessage(
                message.person,
                message.kind,
                message.channel,
                message.contact,
                message.language,
                message.style,
                message.send_at,
                serves,
            )
        )
    dates = {
        message.id: at
        for message in standing
        if message.id in keep and (at := earliest(message.key[-1], due)) != message.due_at
    }
    return Messages(tuple(fresh), tuple(message.id for message in standing if message.id not in keep), dates)
