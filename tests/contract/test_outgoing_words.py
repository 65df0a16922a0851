"""What leaves the ledger keeps the shapes that are published for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import jsonschema
import orjson
import pytest

from schemas import outputs, publish, updates
from schemas.updates import DeliveryStatus
from services.ledger import states
from services.ledger.outbox import Status, _value

KINDS = [*states.UPDATE_STATES, "late"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_status_that_leaves_is_a_delivery_status(kind: str) -> None:
    """The outbox writes what `delivery-status` promises, for every state and for lateness."""
    status = Status(
        kind, "staffs", "case-1", "p1", UUID(int=3), "r6-arrest", datetime(2026, 3, 16, 23, 59, 59, tzinfo=UTC)
    )
    value = _value(status, UUID(int=4), "2026-03-09T10:15:00Z")
    read = DeliveryStatus.from_bytes(value)
    assert read.type == f"update.{kind}"
    assert read.data.due_at == status.due_at
    jsonschema.validate(orjson.loads(value), publish.checked_in()["delivery-status.json"])


def test_the_words_of_states_are_the_same_everywhere() -> None:
    """The published words of states, attempts and evidence are those of the two state machines."""
    assert get_args(outputs.UpdateState) == states.UPDATE_STATES
    assert get_args(outputs.AttemptState) == states.ATTEMPT_STATES
    assert get_args(outputs.Evidence) == get_args(states.Evidence)
    assert [word.removeprefix("update.") for word in get_args(updates.StatusType)] == KINDS
