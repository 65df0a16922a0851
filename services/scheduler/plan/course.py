"""Whether a case is open: what opened it, opened it again, and finished it (the last defendant's end, PR07). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.ledger.effective import Effective
from services.scheduler.plan.facts import CaseFile

_CRIME: Final = "crime.recorded"
_REOPENED: Final = "investigation.reopened"
_CLOSES: Final = frozenset({"investigation.closed", "investigation.declined"})
_UNDER_WAY: Final = frozenset(
    {
        "investigation.opened",
        "suspect.arrested",
        "suspect.interviewed",
        "suspect.released",
        "suspect.charged",
        "requisition.issued",
        "disposal.out_of_court.proposed",
    }
)
_ENDS: Final = frozenset({"decision.police_nfa", "decision.cps_no_charge", "disposal.out_of_court.given"})
_NOT_CONVICTED: Final = frozenset({"acquitted", "discontinued", "no_evidence"})
_OUTCOME: Final = "wcu.received.case_outcome"
_SENTENCE: Final = "wcu.received.sentence"


@dataclass(frozen=True, slots=True)
class Course:
    """What opened the case, in order (the first, and each time that it was opened again), and what finished it, if it is."""

    openings: tuple[Effective, ...]
    finished: Effective | None


def course(file: CaseFile) -> Course:
    """Follow a case from its crime on; what a feed says of a crime twice opens nothing again.

    It is finished when the investigation ends without a charge, or when the last suspect's part in it ends; where the court does
    not say that somebody was the last defendant, they are if no other suspect is known.
    """
    openings: list[Effective] = []
    finished: Effective | None = None
    open_suspects: set[str] = set()
    for item in file.events:
        if item.withdrawn:
            continue
        kind, suspect = item.type, item.get("suspect")
        if kind == _CRIME:
            if not openings:
                openings.append(item)
        elif openings and (kind == _REOPENED or (finished is not None and kind in _UNDER_WAY)):
            openings.append(item)
            finished = None
        if kind in _CLOSES:
            finished, open_suspects = item, set()
        elif kind in _UNDER_WAY and suspect is not None:
            open_suspects.add(suspect)
        elif (final := _final(item)) is not None:
            open_suspects.discard(str(suspect))
            if final or (not open_suspects and item.get("last_defendant") is not False):
                finished = item
    return Course(tuple(openings), finished)


def _final(item: Effective) -> bool | None:
    """Whether an event ends the whole case (True) or one suspect's part in it (False); None if it ends nothing."""
    if item.type in _ENDS:
        return False
    last = item.get("last_defendant") is True
    if item.type == _SENTENCE:
        return last
    if item.type == _OUTCOME and item.data.outcome in _NOT_CONVICTED:
        return last
    return None
