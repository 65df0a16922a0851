"""What happened to one update, told as a story: the audit's entries about it, its messages and attempts, and the receipts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from services.ledger.connection import Connection
from services.ledger.outbox import instant

_SENTENCES: Final[Mapping[str, str]] = {
    "update.planned": "It was planned",
    "update.released": "Its time came and it was given to a dispatcher",
    "update.sent": "The provider took the message that carries it",
    "update.told": "It is told",
    "update.unconfirmed": "Nothing says whether it arrived",
    "update.held": "It is held: a person must see to it",
    "update.declined": "It will not be told",
    "update.withdrawn": "It was withdrawn",
    "update.late": "Its deadline passed before it was told",
    "update.changed": "New facts or dates changed it",
    "update.contested": "What is known now differs from what was sent",
    "hold.opened": "A task was opened",
    "hold.changed": "The task was changed",
    "hold.taken": "The task was taken",
    "hold.told": "The person was told",
    "hold.declined": "It was decided not to tell",
    "hold.back": "The task was handed back",
    "hold.closed": "The task was closed",
    "message.released": "The request to ring was given to a dispatcher",
    "attempt.intent": "A try was written down, before anything left",
    "attempt.accepted": "The provider took the message",
    "attempt.sent": "The provider passed it on",
    "attempt.delivered": "The provider says that it arrived",
    "attempt.undelivered": "The provider says that it did not arrive",
    "attempt.refused": "The provider refused the message",
    "attempt.not_sent": "It is certain that nothing left",
    "attempt.unknown": "Nobody knows whether it left",
    "attempt.absent": "Nothing shows that it ever left",
    "attempt.ghost": "It turned up after all",
    "message.void": "A planned message was dropped before anything left",
}

_TOLD: Final = ("why", "channel", "number", "code", "evidence", "task", "queue", "how", "reason")
"""What of an entry's facts belongs in a story; ids and digests are for whoever reads the audit itself."""

_ENTRIES: Final = """
with about as (
    select $1::uuid::text as subject
    union select message_id::text from message_update where update_id = $1
    union select a.id::text from attempts a join message_update m using (message_id) where m.update_id = $1
)
select e.at, e.case_at, e.action, e.actor, e.data, e.subject = $1::uuid::text as own
from audit_entry e join about using (subject)
order by e.at, e.stream, e.index
"""

_RECEIPTS: Final = """
select r.received_at, r.received_machine, r.kind, r.status, r.code, r.outcome
from receipts r join attempts a on a.id = r.attempt_id join message_update m using (message_id)
where m.update_id = $1 order by r.id
"""


def sentence(action: str, actor: str, data: Mapping[str, Any]) -> str:
    """One plain sentence for one audit entry; an action without a sentence of its own is shown by its name."""
    said = _SENTENCES.get(action)
    if said is None:
        kind, _, state = action.partition(".")
        said = f"The {kind.replace('_', ' ')} is {state.replace('_', ' ')}" if state else action
    more = [f"{key}: {str(data[key]).replace('_', ' ')}" for key in _TOLD if data.get(key) is not None]
    detail = f" ({'; '.join(more)})" if more else ""
    return f"{said}{detail}, by {actor}."


async def of_update(connection: Connection, update: UUID) -> list[dict[str, Any]]:
    """The story of one update in order, as [{at, text}]; `at` is case time in UTC."""
    entries = await connection.fetch(_ENTRIES, update)
    receipts = await connection.fetch(_RECEIPTS, update)
    story = [
        (row["at"], row["case_at"], sentence(row["action"], row["actor"], orjson.loads(row["data"]))) for row in entries
    ]
    for row in receipts:
        code = f", code {row['code']}" if row["code"] else ""
        outcome = f" ({row['outcome']})" if row["outcome"] else ""
        text = f"A receipt came in: {row['status'] or row['kind']}{code}{outcome}."
        story.append((row["received_machine"], row["received_at"], text))
    story.sort(key=lambda item: item[0])
    return [{"at": instant(at), "text": text} for _, at, text in story]
