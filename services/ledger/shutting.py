"""What follows when a gate is shut, the same at release and at intent: hold, wait or decline, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.ledger import cases
from services.ledger import messages as road
from services.ledger.alerts import raise_alert
from services.ledger.connection import Connection
from services.ledger.gates import Shut
from services.ledger.holding import ToHold, hold_updates
from services.ledger.journal import Journal
from services.ledger.messages import Carried, Message
from services.ledger.updates import UpdateMove, move_updates

Stopped = tuple[Message, Sequence[Carried], Shut]

OVERTAKEN = "overtaken"
"""Why a message is void when what it carries is no longer as it was when it was formed."""


async def stop_messages(connection: Connection, stopped: Sequence[Stopped], journal: Journal) -> None:
    """Do what each shut gate says. Nothing has left. A prompt moves no update: its update is held already."""
    if not stopped:
        return
    holds: list[ToHold] = []
    moves: list[UpdateMove] = []
    back: list[tuple[UUID, datetime | None]] = []
    void: list[UUID] = []
    for message, updates, shut in stopped:
        if shut.then == "wait":
            back.append((message.id, shut.until))
            journal.note("message.waits", message.force, message.id, {"why": shut.code, "until": shut.until})
        else:
            void.append(message.id)
            journal.note("message.void", message.force, message.id, {"why": shut.code})
        if message.kind == "prompt":
            continue
        for update in updates:
            if shut.then == "wait" and update.state == "released":
                moves.append(UpdateMove(update.id, "planned", shut.code))
            elif shut.then == "decline":
                moves.append(UpdateMove(update.id, "declined", shut.code))
            elif shut.then == "hold":
                holds.append(ToHold(update.id, shut.code, shut.text, shut.task))
    await road.put_back(connection, back, journal.now)
    await road.void(connection, void, journal.now)
    await move_updates(connection, moves, journal)
    await hold_updates(connection, holds, journal)
    await _alert(connection, stopped, journal)
    journal.wake("kept_due")


async def void_overtaken(
    connection: Connection, overtaken: Sequence[tuple[Message, Sequence[Carried]]], journal: Journal
) -> None:
    """Give up messages that no longer carry what they were formed for; their cases are planned again."""
    if not overtaken:
        return
    for message, _ in overtaken:
        journal.note("message.void", message.force, message.id, {"why": OVERTAKEN})
    await road.void(connection, [message.id for message, _ in overtaken], journal.now)
    moves = [
        UpdateMove(update.id, "planned", OVERTAKEN)
        for message, updates in overtaken
        for update in updates
        if message.kind == "news" and update.state == "released"
    ]
    await move_updates(connection, moves, journal)
    await cases.plan_again(connection, {(message.force, message.case) for message, _ in overtaken}, OVERTAKEN)
    journal.wake("kept_replan")
    journal.wake("kept_due")


async def _alert(connection: Connection, stopped: Sequence[Stopped], journal: Journal) -> None:
    """A force that was never loaded waits in silence unless somebody is told; so does a contact that had its fill."""
    for force in sorted({message.force for message, _, shut in stopped if shut.code == "force_not_loaded"}):
        await raise_alert(
            connection,
            "force_not_loaded",
            force,
            f"Messages of {force} wait: its rules were never loaded.",
            "engineers",
            "`kept force load FILE`, then cleared by hand.",
            journal.now,
        )
    for force in sorted({message.force for message, _, shut in stopped if shut.code == "contact_cap"}):
        await raise_alert(
            connection,
            "contact_cap",
            force,
            f"A contact of {force} has had as many messages as a day allows; more of them wait or are held.",
            "victim care",
            "Cleared by hand once somebody has looked why there are so many.",
            journal.now,
        )
