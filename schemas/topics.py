"""The topics: names, keys, partitions and retention. A deployment's prefix is put in front of each name as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic as `kept topics create` makes it."""

    name: str
    key: str
    partitions: int
    retention_days: int
    config: dict[str, str] = field(default_factory=dict)

    def full_name(self, prefix: str) -> str:
        """The name on the broker."""
        return prefix + self.name


CASE_EVENTS: Final = Topic("case-events", "FORCE/CASE", 6, 14, {"max.message.bytes": str(8 * 1024 * 1024)})
"""In: what happened, as the force's systems report it. It takes 8 MiB so that a record that is too large arrives and is kept."""
UPDATES_DUE: Final = Topic("updates-due", "FORCE/PERSON", 6, 2)
"""Between the services: what to send now. Ids only."""
DELIVERY_STATUS: Final = Topic("delivery-status", "FORCE/CASE", 6, 14)
"""Out: what became of each update. Ids only."""
TOPICS: Final = (CASE_EVENTS, UPDATES_DUE, DELIVERY_STATUS)
