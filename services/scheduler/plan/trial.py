"""A force's own trial of its reminders: who gets none, by chance that anybody can reckon again. Pure.

Two trials in England found no effect of texts on attendance [S39, S40]; a force that wants to know runs its own. Chance is a hash
of who and which hearing, so that it does not hang on when or how often a case is planned, and a larger share keeps everybody who
was in the smaller one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from services.scheduler.plan.types import Reason

if TYPE_CHECKING:
    from services.ledger.trials import Arm  # who counts the outcomes reads a ledger; who plans does not

REMINDED: Final = Reason("trial_reminded", "the force tries its reminders: chance gave this person theirs")
CONTROL: Final = Reason("trial_control", "the force tries its reminders: by chance this person gets none")
_TRIAL: Final = "reminder"
_WHOLE: Final = 1 << 64


def arm_of(force: str, case: str, person: str, hearing: str, control_share: float) -> Arm | None:
    """The arm of one person at one hearing; None where there is no trial. `control_share` is 0 to 0.9."""
    if control_share <= 0:
        return None
    name = "\x1f".join((_TRIAL, force, case, person, hearing)).encode()
    chance = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest())
    return "control" if chance < control_share * _WHOLE else "reminded"


def reason_of(arm: Arm | None) -> Reason | None:
    """What is kept on the update, by which its arm is found again."""
    return None if arm is None else CONTROL if arm == "control" else REMINDED
