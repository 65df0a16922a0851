"""Counting what a transaction did, once it has committed: the journal already knows it all."""

from __future__ import annotations

from services import metrics
from services.ledger.journal import Journal


def count(journal: Journal) -> None:
    """Add the updates and attempts that moved to the process's numbers. Call it after the commit."""
    for status in journal.statuses:
        if status.kind == "late":
            metrics.LATE.inc()
        else:
            metrics.UPDATES.labels(status.kind).inc()
    for entry in journal.entries:
        kind, _, state = entry.action.partition(".")
        if kind == "attempt" and "channel" in entry.data:
            metrics.ATTEMPTS.labels(entry.data["channel"], state).inc()
            if state == "ghost":
                metrics.GHOSTS.inc()
