"""Why an update is as it is where no hold says it: one table of codes and sentences. Holds have theirs in `hold_table`.

The sentences here are the plain ones; where a module has more to say (days counted, hours late) its own sentence stands instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.scheduler.plan.types import Reason

REASONS: Final[Mapping[str, str]] = {
    # How it goes.
    "sent_by_machine": "agreed, safe and sayable: a machine sends it in the next allowed hour",
    "prompt": "a machine asks the person to get in touch; a person tells it",
    "asked_nearer_the_day": "nobody is asked to do anything before its day is near",
    "told_with_later": "something later changed what it means: one message tells both",
    "told_with_code": "the Victims' Code owes the same news: one message or one conversation tells both",
    # Not owed, or not any more.
    "superseded": "something later states this anew, and replaces it",
    "nothing_new": "it says what stood already, or what the person has heard, or may have heard",
    "event_withdrawn": "the force withdrew the event: it did not happen",
    "wcu_tells_it": "the Witness Care Unit has the case, and tells every hearing itself",
    "switched_off": "nobody has checked the rule, and the force has switched it off by name",
    "corrected": "what it hung on was corrected",
    "stood_down": "the person need not come",
    "hearing_vacated": "the hearing is off",
    "hearing_moved": "the hearing was moved",
    "not_fixed": "the day is not fixed any more",
    "day_passed": "its day has passed",
    "restarted": "a later contact of substance started the time anew",
    "case_finished": "the case is finished: nothing is left to keep the person informed of",
    "trial_control": "the force tries its reminders: by chance this person gets none",
    # Not wanted.
    "opted_out": "the person does not want to hear about this",
    "does_not_want_outcome": "the person said that they do not want to know the outcome",
    "refused": "the person was offered it and said no",
    # Told.
    "told_in_person": "a recorded conversation or letter told the person",
    "owner_confirmed": "the body that owes it confirmed that it told the person",
    "done": "what the rule asks for was done",
    # By when.
    "due_enhanced": "the strict limit: the person has Enhanced Rights, or is not assessed",
    "due_standard": "the standard limit: the person was assessed and has no Enhanced Rights",
    "due_became_enhanced": "the strict limit from when the person became entitled to it, before they were told",
    "due_starts_sooner": "before what it announces begins",
    "due_cadence": "so many days after the last contact of substance, as agreed, never later",
    "due_lapse": "bail or an order came to its end, and nothing says what became of it",
    "due_reminder": "so many days before, by the force's own rule",
    "no_limit": "neither the book nor the force gives a limit",
    "late_on_arrival": "the deadline lay before the force knew of it",
    "late_qualified": "the strict limit had gone before the person became entitled to it",
    "feed_delay": "it reached us long after the force knew of it",
    "trial_reminded": "the force tries its reminders: chance gave this person theirs",
}


def because(code: str) -> Reason:
    """A code of the table with its sentence."""
    return _MADE[code]


_MADE: Final = {code: Reason(code, text) for code, text in REASONS.items()}
