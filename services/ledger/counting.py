"""Counting what a transaction did, once it has committed: the journal already knows it all."""

from __future__ import annotations

from collections import Counter

from services import metrics
from services.ledger.journal import Journal


def count(journal: Journal) -> None:
    """Add the updates and attempts that moved to the process's numbers. Call it after the commit."""
    for state, number in Counter(status.kind for status in journal.statuses).items():
        if state == "late":
            metrics.LATE.inc(number)
        else:
            metrics.UPDATES.labels(state).inc(number)
    attempts = Counter(
        (entry.data["channel"], entry.action.removeprefix("attempt."))
        for entry in journal.entries
        if entry.action.startswith("attempt.") and "channel" in entry.data
    )
    for (channel, state), number in attempts.items():
        metrics.ATTEMPTS.labels(channel, state).inc(number)
        if state == "ghost":
            metrics.GHOSTS.inc(number)
