"""What must change in the ledger so that it agrees with a plan: the table of how one update is reconciled. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, assert_never
from uuid import UUID

from services.ledger.states import UPDATE_MOVES, Evidence, UpdateState
from services.scheduler.plan.holds import HOLDS
from services.scheduler.plan.types import Planned
from services.scheduler.written import says_state
from services.values import value

Left = Literal["nothing", "failed", "live"]
"""What became of the attempts to send an update as news: none, proven or known to have failed, or perhaps with the person."""


@value(frozen=True, slots=True)
class Existing:
    """One update as the ledger holds it, locked."""

    id: UUID
    state: UpdateState
    evidence: Evidence | None
    facts_hash: str
    due_at: datetime | None
    plan_digest: bytes
    contested: bool
    anything_left: bool
    hold_safety: bool
    left: Left
    taken_by: str | None = None
    handed_back: bool = False


Action = Literal[
    "nothing",  # they agree
    "insert",
    "write",  # every attribute anew, in `state`
    "withdraw",  # no longer in the plan: only the state changes
    "told",  # only the state, and how the person was told
    "refresh",  # every attribute, state and hold stay; whoever holds it is told
    "mark",  # only whether it is contested
]


@value(frozen=True, slots=True)
class Change:
    """What to do about one update. `state` is the state that it is in afterwards."""

    action: Action
    state: UpdateState
    why: str
    contested: bool = False
    keep_due: bool = False
    """An intent was committed once: the deadline stays as it was then."""
    open_hold: bool = False
    """Open its hold, or bring it up to date."""
    close_hold: bool = False
    tell_holder: bool = False
    via: UpdateState | None = None
    """The move goes through this state: wanted again and at once told, or not told after all and owed no longer."""


_OF_PEOPLE: Final = frozenset({"also_suspect", "person_died", "shared_contact", "suspect_household"})
"""Safety reasons that lie in people. The others are reckoned anew from the whole history of the case, or end with a second
person's word, so that the plan goes on giving them for as long as they hold."""


def sticks(planned: Planned) -> bool:
    """Whether its hold is for a safety reason that only a person may lift, whatever a plan says later."""
    if not planned.safety_hold:
        return False
    codes = [reason.code for reason in planned.reasons if reason.code in HOLDS]
    return not codes or not _OF_PEOPLE.isdisjoint(codes)


def settled_by_plan(existing: Existing) -> bool:
    """Whether it is told or declined because the last plan said so: nobody sent, heard or recorded anything besides."""
    return (
        existing.state in {"told", "declined"}
        and says_state(existing.plan_digest, existing.state)
        and not existing.anything_left
    )


_PLANNABLE: Final = frozenset({"planned", "held", "told", "declined", "withdrawn"})


def decide(existing: Existing | None, planned: Planned | None, digest: bytes) -> Change:
    """Reconcile one update. `planned` is None when the plan no longer holds it; `digest` stands for all that it says of it."""
    if existing is None:
        if planned is None:
            raise ValueError("an update that is in neither needs no decision")
        return Change("insert", planned.state, "planned", open_hold=planned.state == "held")
    state = existing.state
    match state:
        case "planned":
            return _write(existing, planned, digest)
        case "released":
            return _untouched(existing, planned) if existing.left == "live" else _write(existing, planned, digest)
        case "sent" | "unconfirmed":
            return _heard(existing, planned)
        case "held":
            return _held(existing, planned, digest)
        case "told" | "declined":
            return _settled(existing, planned, digest)
        case "withdrawn":
            return _again(existing, planned, digest)
        case _:
            assert_never(state)


def _leave(existing: Existing) -> Change:
    return Change("nothing", existing.state, "stays", contested=existing.contested)


def _settled(existing: Existing, planned: Planned | None, digest: bytes) -> Change:
    """Told or declined: it stays, whoever said so, but where the last plan said so itself, nothing ever left, and what that plan
    stood on (a conversation, an opt-out) was taken back or put right: then it never was.
    """
    if not settled_by_plan(existing) or planned is None or digest == existing.plan_digest:
        return _leave(existing)
    return Change(
        "write",
        planned.state,
        "settled_anew" if planned.state == existing.state else "never_settled",
        open_hold=planned.state == "held",
        via=_via(existing.state, planned.state),
    )


def _via(source: UpdateState, state: UpdateState) -> UpdateState | None:
    """The state between, where the table of moves holds no move from one to the other."""
    if source == state or (source, state) in UPDATE_MOVES:
        return None
    between: UpdateState = "held" if source == "told" else "planned"
    return between


def _differs(existing: Existing, planned: Planned | None) -> bool:
    """Whether what left, or may have, is no longer what the plan would say."""
    return planned is None or planned.state in {"withdrawn", "declined"} or planned.facts_hash != existing.facts_hash


def _untouched(existing: Existing, planned: Planned | None) -> Change:
    contested = _differs(existing, planned)
    if contested == existing.contested:
        return _leave(existing)
    return Change(
        "mark",
        existing.state,
        "contested" if contested else "agrees",
        contested=contested,
        tell_holder=contested and existing.taken_by is not None,
    )


def _told(existing: Existing) -> Change:
    return Change(
        "told",
        "told",
        "conversation",
        close_hold=existing.state == "held",
        tell_holder=existing.taken_by is not None,
    )


def _heard(existing: Existing, planned: Planned | None) -> Change:
    """It left: only a conversation, a letter or its owner's word settles it; nothing else may touch it."""
    if planned is not None and planned.state == "told" and planned.evidence is not None:
        return _told(existing)
    return _untouched(existing, planned)


def _write(existing: Existing, planned: Planned | None, digest: bytes) -> Change:
    """Nothing of it is under way: the plan decides."""
    if planned is None:
        return Change("withdraw", "withdrawn", "no_longer_owed", close_hold=existing.state == "held")
    if planned.state not in _PLANNABLE:
        return _leave(existing)
    same = digest == existing.plan_digest and not existing.contested and not existing.handed_back
    if same and planned.state == existing.state:
        return _leave(existing)
    if same and existing.state == "released" and planned.state == "planned":
        return _leave(existing)
    held = planned.state == "held"
    return Change(
        "write",
        planned.state,
        _why(planned),
        keep_due=existing.anything_left,
        open_hold=held,
        close_hold=existing.state == "held" and not held,
    )


def _why(planned: Planned) -> str:
    """What to call it in the record when a plan changes an update; why something is not told is its last reason."""
    if planned.state in {"withdrawn", "declined"} and planned.reasons:
        return planned.reasons[-1].code
    return "planned_again"


def _held(existing: Existing, planned: Planned | None, digest: bytes) -> Change:
    if existing.left == "live":
        return _heard(existing, planned)
    if existing.taken_by is not None:
        if planned is None:
            return _untouched(existing, planned)
        if planned.state == "told" and planned.evidence is not None:
            return _told(existing)
        if digest == existing.plan_digest:
            return Change("mark", "held", "agrees") if existing.contested else _leave(existing)
        return Change(
            "refresh",
            "held",
            "new_facts",
            keep_due=existing.anything_left,
            open_hold=planned.state == "held",
            tell_holder=True,
        )
    if existing.handed_back:
        return _write(existing, planned, digest)
    if planned is not None and planned.state == "planned":
        if digest == existing.plan_digest:
            # It was held for a reason of its own (a gate, a provider's answer) that no plan knows of.
            return _leave(existing)
        if existing.hold_safety or existing.left == "failed":
            # Never back to a machine on its own: not from a safety reason, and not once it was tried.
            return Change("refresh", "held", "new_facts", keep_due=existing.anything_left)
    if planned is not None and planned.state == "held" and existing.left == "failed":
        if digest == existing.plan_digest:
            return _leave(existing)
        return Change("refresh", "held", "new_facts", keep_due=True)
    return _write(existing, planned, digest)


def _again(existing: Existing, planned: Planned | None, digest: bytes) -> Change:
    if planned is None or existing.anything_left or planned.state not in _PLANNABLE:
        return _leave(existing)
    if planned.state == "withdrawn":
        if digest == existing.plan_digest:
            return _leave(existing)
        return Change("refresh", "withdrawn", "still_withdrawn")
    return Change(
        "write",
        planned.state,
        "wanted_again",
        open_hold=planned.state == "held",
        via=_via("withdrawn", planned.state),
    )
