"""What goes between the services and out of them: ids, dates and words, never personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

Action = Literal["send", "look_up"]
StatusType = Literal[
    "update.planned",
    "update.released",
    "update.sent",
    "update.told",
    "update.unconfirmed",
    "update.held",
    "update.declined",
    "update.withdrawn",
    "update.late",
]


class BadRecord(ValueError):
    """A record of our own topics that cannot be read. Nothing of what it holds is in the text."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def from_bytes(cls, value: bytes | None) -> Self:
        """Read one record's value; raises BadRecord."""
        try:
            return cls.model_validate_json(value or b"")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the record"
        raise BadRecord(f"{cls.__name__}: {where} cannot be read")


class UpdatesDue(_Record):
    """`updates-due`: one message is released and is to be sent, or looked up, under this epoch."""

    release: UUID
    force: str
    person: str
    message: UUID
    updates: tuple[UUID, ...]
    epoch: int
    """The release's number: a record with an older one than the ledger's is void."""
    action: Action

    def to_bytes(self) -> bytes:
        """The record's value."""
        return orjson.dumps(
            {
                "release": self.release,
                "force": self.force,
                "person": self.person,
                "message": self.message,
                "updates": self.updates,
                "epoch": self.epoch,
                "action": self.action,
            },
            default=str,  # the database driver's own kind of UUID
        )

    def key(self) -> bytes:
        """The record's key: what goes to one person keeps its order."""
        return f"{self.force}/{self.person}".encode()


class StatusData(BaseModel):
    """What became of one update."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    update: UUID
    person: str
    update_point: str
    due_at: AwareDatetime | None = None
    channel: str | None = None
    evidence: str | None = None


class DeliveryStatus(_Record):
    """`delivery-status`: a CloudEvent that says what became of one update. It may come twice; its id is then the same."""

    specversion: Literal["1.0"]
    id: str
    source: Annotated[str, Field(pattern=r"^/force/[^/]+/kept-informed$")]
    type: StatusType
    subject: str
    """The case."""
    time: AwareDatetime | None
    """Case time, UTC, whole seconds."""
    dataschema: Literal["kept:delivery-status:1"]
    data: StatusData

    @property
    def at(self) -> datetime | None:
        """When it became so, in case time."""
        return self.time
