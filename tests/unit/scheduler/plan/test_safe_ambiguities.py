"""Ambiguities 6.4, 6.10, 6.12, 6.16, 6.20, 6.23 and 6.24, each with the careful setting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.confirming import no_bounce_suffices
from services.ledger.force_rules import Switch, careful_default
from services.scheduler.plan.types import Plan
from tests.unit.scheduler.plan.cases import (
    FORCE,
    MONDAY,
    arrest,
    codes,
    event,
    on_ledger,
    only,
    person,
    plain_case,
    planned,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYTHING = replace(careful_default(FORCE), switches=(Switch(("*",), (), "any", "automated"),))


# ---------------------------------------------------------------- 6.4


@pytest.mark.parametrize(
    ("cls", "enhanced", "suffices"),
    [("routine", False, True), ("routine", True, False), ("safety_critical", False, False)],
    ids=["6.4-standard-mail", "6.4-enhanced-mail", "6.4-safety-mail"],
)
def test_64_told_is_delivered_or_said_and_accepted_is_weaker(cls: str, enhanced: bool, suffices: bool) -> None:
    """6.4: sent is not told; a mail without a bounce counts only for a standard person's ordinary news."""
    assert no_bounce_suffices("vc-2020", "r6-arrest", cls, enhanced=enhanced) is suffices


# ---------------------------------------------------------------- 6.10


def charge(at: datetime = MONDAY) -> CaseEvent:
    first = {"starts_at": "2026-04-14T08:30:00Z", "court": {"name": "Cannock"}}
    return event("suspect.charged", {"suspect": "s1", "custody": "remand", "first_hearing": first}, at=at, id="charge")


def handover(owner: str = "wcu", at: datetime = MONDAY + HOUR) -> CaseEvent:
    return event("case.handed_over", {"owner": owner}, at=at, id=f"to-{owner}")


LISTED = event(
    "wcu.received.hearing_listed",
    {"hearing": "h1", "listing": "fixed", "starts_at": "2026-04-14T08:30:00Z", "court": {"name": "Cannock"}},
    at=MONDAY + 2 * HOUR,
    id="listed",
)


@pytest.mark.parametrize(
    ("events", "police", "wcu"),
    [
        ([charge()], "held", None),
        ([charge(), LISTED], "held", "planned"),
        ([charge(), handover()], "held", None),
        ([charge(), handover(), LISTED], "withdrawn", "planned"),
        ([charge(), handover(), LISTED, handover("police", MONDAY + 3 * HOUR)], "held", "planned"),
    ],
    ids=["6.10-police", "6.10-no-handover", "6.10-nothing-listed-yet", "6.10-handed-over", "6.10-handed-back"],
)
def test_610_one_owner_of_hearing_dates_by_stage(events: list[CaseEvent], police: str, wcu: str | None) -> None:
    """6.10: the police until the Witness Care Unit has the case and a date to tell; the Unit's own rules are always owed."""
    found = {update.update_point: update for update in planned(plain_case(*events), rules=EVERYTHING).updates}
    assert found["r6-first-hearing"].state == police
    assert ("r8-hearing-date" in found) is (wcu is not None)
    if wcu is not None:
        assert found["r8-hearing-date"].state == wcu
    if police == "withdrawn":
        assert codes(found["r6-first-hearing"]) == ["wcu_tells_it"]


# ---------------------------------------------------------------- 6.12


def hold(at: datetime = MONDAY, *, by: str | None = "Insp A", until: datetime | None = None, **data: Any) -> CaseEvent:
    said = {"hold": "o1", "authorised_by": by, "until": None if until is None else until.isoformat(), **data}
    return event("operational_hold.set", {k: v for k, v in said.items() if v is not None}, at=at, id=f"set-{at}")


def lifted(name: str = "o1", at: datetime = MONDAY + HOUR) -> CaseEvent:
    return event("operational_hold.lifted", {"hold": name}, at=at)


FIFTH_DAY = datetime(2026, 3, 16, 23, 59, 59, tzinfo=UTC)
OPERATIONS: dict[str, tuple[list[CaseEvent], datetime, str | None]] = {
    # name: events, now, the reason (None: it is sent)
    "6.12-by-a-named-inspector": ([hold()], MONDAY, "operational_hold"),
    "6.12-nobody-named": ([hold(by=None)], MONDAY, "operational_unsigned"),
    "6.12-lifted": ([hold(), lifted()], MONDAY + HOUR, None),
    "6.12-another-lifted": ([hold(), lifted("o2")], MONDAY + HOUR, "operational_hold"),
    "6.12-of-another-point": ([hold(update_points=["r9-*"])], MONDAY, None),
    "6.12-of-this-point": ([hold(update_points=["r6-*"])], MONDAY, "operational_hold"),
    "6.12-it-ends-and-comes-back-as-a-task": ([hold(until=MONDAY + HOUR)], MONDAY + HOUR, "operational_review"),
    "6.12-to-the-last-second": ([hold()], FIFTH_DAY - timedelta(seconds=1), "operational_hold"),
    "6.12-five-working-days-at-most": ([hold()], FIFTH_DAY, "operational_review"),
    "6.12-a-longer-one-ends-then-too": ([hold(until=MONDAY + 30 * DAY)], FIFTH_DAY, "operational_review"),
    "6.12-set-again-by-name": ([hold(), hold(MONDAY + 4 * DAY)], FIFTH_DAY, "operational_hold"),
    "6.12-what-came-after-it-is-free": ([hold(MONDAY - 10 * DAY)], MONDAY, None),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_612_an_operational_hold_is_named_short_and_looked_at_again(name: str) -> None:
    """6.12: by a named inspector, five working days at most; when it ends somebody decides, and nothing goes by itself."""
    events, now, code = OPERATIONS[name]
    update = only(plain_case(arrest(), *events), "r6-arrest", rules=EVERYTHING, now=now)
    found = [each for each in codes(update) if each.startswith("operational")]
    assert found == ([] if code is None else [code])
    if code is not None:
        assert (update.state, update.kind, update.task) == ("held", None, "ask_officer")
        assert any("held back" in line for line in update.never_say)


def test_612_the_plan_looks_again_when_a_hold_ends() -> None:
    """6.12: no later than the end of the fifth working day."""
    again: list[datetime | None] = [
        planned(plain_case(arrest(), hold(until=until)), now=MONDAY).again_at for until in (MONDAY + HOUR, None)
    ]
    assert again[0] == MONDAY + HOUR
    assert again[1] is not None
    assert again[1] <= FIFTH_DAY


def test_612_safety_news_under_an_operation_is_asked_about_at_the_desk_that_is_staffed() -> None:
    """6.12, PR03: the inspector is asked first, and at once."""
    bail = event("suspect.released", {"suspect": "s1", "mode": "bail"})
    update = only(plain_case(bail, hold()), "r6-bail")
    assert (update.task, update.queue, update.kind) == ("ask_officer", "control_room", None)


# ---------------------------------------------------------------- 6.16


@pytest.mark.parametrize(
    ("happened", "point", "opted_out", "state"),
    [
        (arrest(), "r6-arrest", "investigation", "declined"),
        (arrest(), "r6-arrest", "all", "declined"),
        (event("suspect.released", {"suspect": "s1", "mode": "bail"}), "r6-bail", "bail", "held"),
        (event("suspect.released", {"suspect": "s1"}), "r6-released-no-charge", "all", "held"),
        (event("wcu.received.bail_outcome", {"suspect": "s1"}), "r8-bail-outcome", "all", "held"),
        (event("offender.escaped", {"suspect": "s1"}), "r11-escape", "all", "held"),
        (event("custody.changed", {"suspect": "s1", "to": "released"}), "f-custody-changed", "all", "held"),
        (event("decision.cps_changed", {"suspect": "s1"}), "r6-cps-change", "investigation", "held"),
    ],
    ids=lambda value: value if isinstance(value, str) else "6.16",
)
def test_616_an_opt_out_stops_routine_news_and_never_hides_safety_news(
    happened: CaseEvent, point: str, opted_out: str, state: str
) -> None:
    """6.16: safety-critical news goes to a person, who decides; no prompt, and the good reason is at hand."""
    preference = {"channel": "sms", "plain_wording": True, "opt_out": [opted_out]}
    update = only(plain_case(happened, preference=preference), point, rules=EVERYTHING)
    assert (update.state, update.kind) == (state, None)
    assert ("opted_out_of_safety_news" in codes(update)) is (state == "held")


# ---------------------------------------------------------------- 6.20


def _withdrawn(*left: Any) -> Plan:
    gone = event("event.withdrawn", {"event": arrest().id}, at=MONDAY + HOUR)
    return planned(plain_case(arrest(), gone), ledger=left)


def test_620_a_wrong_event_is_taken_back_in_silence_where_nothing_left() -> None:
    """6.20: nothing was delivered, so nothing is said."""
    found = [update for update in _withdrawn().updates if update.event_id == arrest().id]
    assert [(update.state, codes(update)) for update in found] == [("withdrawn", ["event_withdrawn"])]


def test_620_a_wrong_event_that_was_delivered_is_put_right_by_a_person() -> None:
    """6.20, PR10: an arrest that did not happen is never corrected by a text."""
    told = on_ledger(only(plain_case(arrest()), "r6-arrest"))
    corrections = [update for update in _withdrawn(told).updates if update.corrects == told.id]
    assert [(update.state, update.kind) for update in corrections] == [("held", None)]


# ---------------------------------------------------------------- 6.23


@pytest.mark.parametrize(
    ("risk", "task", "code"),
    [(True, "call", False), (False, "ask_officer", True), (None, "ask_officer", True)],
    ids=["6.23-risk-assessed", "6.23-not-assessed", "6.23-not-said"],
)
def test_623_an_escape_is_told_with_what_protects_the_person(risk: bool | None, task: str, code: bool) -> None:
    """6.23: with protective measures, where the risk was assessed; until then the officer is asked at once."""
    data = {"suspect": "s1"} if risk is None else {"suspect": "s1", "risk_assessed": risk}
    update = only(plain_case(event("offender.escaped", data)), "r11-escape", rules=EVERYTHING)
    assert (update.state, update.kind, update.task, update.queue) == ("held", None, task, "control_room")
    assert ("risk_not_assessed" in codes(update)) is code


def test_623_release_dates_are_the_liaison_officer_s_to_tell() -> None:
    """6.23: what follows a referral is that body's duty: no message of the police goes, and its word meets it."""
    made = event("referral.made", {"person": "v1", "service": "vcs"})
    update = only(plain_case(made), "r11-vlo-contact", rules=EVERYTHING)
    assert (update.state, update.kind, update.task) == ("held", None, "chase_owner")


# ---------------------------------------------------------------- 6.24


def test_624_an_invitation_to_restorative_justice_is_never_a_text() -> None:
    """6.24: an officer or the service speaks of it, whatever the force agreed to; not even a prompt goes."""
    given = event("disposal.out_of_court.given", {"suspect": "s1", "disposal": "conditional_caution"})
    for who in ("victim", "business_contact"):
        events = [*plain_case(given)[:1], person("v1", who), *plain_case(given)[2:]]
        for update in planned(events, rules=EVERYTHING).updates:
            if update.update_point == "r3-rj-info":
                assert (update.state, update.kind, "restorative_justice" in codes(update)) == ("held", None, True)
    assert only(plain_case(given), "r3-rj-info", rules=EVERYTHING).task == "call"
