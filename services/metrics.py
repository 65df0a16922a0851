"""Every number that a process shows on `/metrics`, in one list. Labels are words from closed lists, never ids."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY: Final = CollectorRegistry()

EVENTS: Final = Counter(
    "kept_events", "Case events read: applied, duplicate, rejected, waiting.", ["outcome"], registry=REGISTRY
)
UPDATES: Final = Counter("kept_updates", "Updates that entered a state.", ["state"], registry=REGISTRY)
ATTEMPTS: Final = Counter("kept_attempts", "Attempts that entered a state.", ["channel", "state"], registry=REGISTRY)
GHOSTS: Final = Counter("kept_ghosts", "Attempts that turned up after they were given up.", registry=REGISTRY)
LATE: Final = Counter("kept_late", "Updates whose deadline passed before they were told.", registry=REGISTRY)
RECEIPTS: Final = Counter(
    "kept_receipts",
    "What providers and mailboxes said, by what became of it: the words of services.dispatcher.receipts.",
    ["outcome"],
    registry=REGISTRY,
)
ALERTS_OPEN: Final = Gauge("kept_alerts_open", "Open alerts.", ["kind"], registry=REGISTRY)
LAG: Final = Gauge("kept_lag_records", "Records on the topic that are not applied yet.", registry=REGISTRY)
COMMITS_FAILED: Final = Counter(
    "kept_offset_commits_failed",
    "Group offsets that could not be committed; what was read comes again.",
    registry=REGISTRY,
)
DUE_OLDEST: Final = Gauge(
    "kept_due_oldest_seconds", "Case seconds by which the oldest message that is due waits.", registry=REGISTRY
)
ATTEMPT_SECONDS: Final = Histogram(
    "kept_attempt_seconds",
    "Machine seconds from intent to the provider's answer.",
    ["channel"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 35),
    registry=REGISTRY,
)
HELD: Final = Gauge("kept_held", "Holds that wait for a person.", ["queue"], registry=REGISTRY)
