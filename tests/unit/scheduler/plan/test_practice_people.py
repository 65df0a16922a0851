"""PR12-PR16, PR20-PR22 and PR24 as tables: who is told by whom, and from whom, whatever the news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.editions.load import load_books
from schemas.envelope import CaseEvent
from services.ledger.confirming import no_bounce_suffices
from services.ledger.force_rules import ForceRules, Queue, Senders, Switch, careful_default
from services.scheduler.plan.holds import queue_for
from tests.unit.scheduler.plan.cases import (
    EMAIL,
    FORCE,
    MONDAY,
    PHONE,
    arrest,
    assessed,
    codes,
    crime,
    event,
    only,
    person,
    plain_case,
    planned,
)

DAY = timedelta(days=1)
EVERYTHING = replace(careful_default(FORCE), switches=(Switch(("*",), (), "any", "automated"),))
"""A force that lets a machine do all it may."""
WITH_COVER = replace(EVERYTHING, senders=Senders("+447700900001", "+447700900002", "u@staffs.example", "01632 960123"))


def abuse(*more: CaseEvent, **of_person: Any) -> list[CaseEvent]:
    """Domestic abuse, and a person who asked for nothing that is not safe."""
    said = {"preference": {"channel": "sms", "wants_outcome": True}, **of_person}
    return [crime("domestic_abuse"), person(**said), assessed(enhanced=True), *more]


def listed(starts_at: str = "2026-04-14T08:30:00Z", *, name: str = "listed", **data: Any) -> CaseEvent:
    said = {"hearing": "h1", "listing": "fixed", "starts_at": starts_at, "court": {"name": "Cannock"}, **data}
    return event("wcu.received.hearing_listed", said, id=name)


# ---------------------------------------------------------------- PR12


def withdrawn(who: str = "v1") -> CaseEvent:
    return event("participation.changed", {"person": who, "supports_prosecution": False}, at=MONDAY - DAY)


@pytest.mark.parametrize(
    ("events", "held"),
    [
        (plain_case(withdrawn(), arrest()), False),
        (abuse(withdrawn(), listed()), True),
        ([person(preference={"channel": "sms"}), assessed(), withdrawn(), listed()], True),
    ],
    ids=["PR12-ordinary", "PR12-domestic-abuse", "PR12-not-assessed"],
)
def test_pr12_withdrawing_is_no_opt_out_and_in_domestic_abuse_makes_everything_a_hold(
    events: list[CaseEvent], held: bool
) -> None:
    """PR12: nothing is declined because somebody no longer supports the prosecution."""
    found = [update for update in planned(events, rules=EVERYTHING).updates if update.source and update.state != "told"]
    assert "declined" not in {update.state for update in found}
    news = [update for update in found if update.update_point in {"r6-arrest", "r8-hearing-date"}]
    assert [("withdrew_support" in codes(update)) for update in news] == [held]
    assert (news[0].state == "held") is held


# ---------------------------------------------------------------- PR13

COMPLETE = {"decided_by": "Sgt B", "reason_text": "Too little evidence.", "approved_by": "Insp A"}


def nfa(**data: Any) -> CaseEvent:
    return event("decision.police_nfa", {"suspect": "s1", **COMPLETE, "review_eligible": True, **data})


def interview(suspect: str = "s1") -> CaseEvent:
    return event("suspect.interviewed", {"suspect": suspect}, at=MONDAY - 5 * DAY)


REVIEW: dict[str, tuple[Sequence[CaseEvent], bool]] = {
    "PR13-interviewed-may-ask": ([interview(), nfa()], False),
    "PR13-interviewed-said-not": ([interview(), nfa(review_eligible=False)], True),
    "PR13-never-interviewed": ([nfa()], True),
    "PR13-never-interviewed-said-not": ([nfa(review_eligible=False)], False),
    "PR13-another-interviewed": ([interview("s2"), nfa()], True),
    "PR13-partial-charges": (
        [interview(), event("suspect.charged", {"suspect": "s1"}, at=MONDAY - DAY), nfa()],
        True,
    ),
    "PR13-out-of-court-disposal": (
        [interview(), event("disposal.out_of_court.given", {"suspect": "s1"}, at=MONDAY - DAY), nfa()],
        True,
    ),
    "PR13-withdrawn-complaint": ([interview(), withdrawn(), nfa()], True),
}


@pytest.mark.parametrize("case", REVIEW)
def test_pr13_a_review_is_for_a_suspect_who_was_interviewed_and_nothing_else(case: str) -> None:
    """PR13: where what is said of a review does not fit what is known, the officer is asked first."""
    events, unclear = REVIEW[case]
    update = only(plain_case(*events), "r6-police-nfa", rules=EVERYTHING)
    assert ("review_unclear" in codes(update)) is unclear


@pytest.mark.parametrize("missing", ["decided_by", "reason_text", "approved_by", "review_eligible"])
def test_pr13_without_any_of_its_four_it_is_the_officer_s_task(missing: str) -> None:
    """PR13: who decided, why, whether review applies, and who signed it off."""
    update = only(plain_case(interview(), nfa(**{missing: None})), "r6-police-nfa", rules=EVERYTHING)
    assert (update.state, "nfa_incomplete" in codes(update)) == ("held", True)


SENSITIVE: dict[str, Sequence[CaseEvent]] = {
    "PR13-sexual": [crime("sexual"), person(), assessed()],
    "PR13-domestic-abuse": [crime("domestic_abuse"), person(), assessed()],
    "PR13-hate": [crime("hate"), person(), assessed()],
    "PR13-child": [crime("child"), person(), assessed()],
    "PR13-under-18": [crime(), person(born="2012-01-01"), assessed()],
    "PR13-bereaved": [crime(), person("v1", "bereaved_relative"), assessed()],
    "PR13-homicide": [crime("homicide"), person("v1", "bereaved_relative"), assessed()],
    "PR13-not-assessed": [person(), assessed()],
}


@pytest.mark.parametrize("case", SENSITIVE)
def test_pr13_no_further_action_in_a_case_like_this_is_always_a_hold(case: str) -> None:
    """PR13: a person tells it, without a prompt, however complete it is and whatever the force agreed to."""
    update = only([*SENSITIVE[case], interview(), nfa()], "r6-police-nfa", rules=EVERYTHING)
    assert (update.state, update.kind, "nfa_sensitive" in codes(update)) == ("held", None, True)


def test_pr13_what_is_told_on_one_day_does_not_contradict_itself() -> None:
    """PR13: released without charge, no further action and closed: what the decision subsumes is told with it."""
    released = event("suspect.released", {"suspect": "s1", "mode": "no_charge"}, at=MONDAY - timedelta(hours=1))
    closed = event(
        "investigation.closed", {"reason_text": "x", "approved_by": "Insp A"}, at=MONDAY + timedelta(hours=1)
    )
    events = plain_case(interview(), released, nfa(), closed)
    for point in ("r6-released-no-charge", "r6-closed-no-charge"):
        assert "overtaken" in codes(only(events, point))
    assert "overtaken" not in codes(only(events, "r6-police-nfa"))


# ---------------------------------------------------------------- PR14


@pytest.mark.parametrize(
    "happened",
    [arrest(), listed(), event("investigation.opened", {}), event("suspect.released", {"suspect": "s1"})],
    ids=["PR14-arrest", "PR14-hearing", "PR14-plan", "PR14-release"],
)
def test_pr14_everything_for_the_bereaved_goes_through_their_liaison_officer(happened: CaseEvent) -> None:
    """PR14: every class, acknowledgement included, held for the liaison officer, with no prompt, on a queue of their own."""
    liaison = {**EVERYTHING.queues, "liaison": Queue("liaison", None, 30, None)}
    rules = replace(EVERYTHING, queues=liaison)
    found = planned([crime("homicide"), person("v1", "bereaved_relative"), assessed(), happened], rules=rules).updates
    news = [update for update in found if update.state == "held"]
    assert news
    for update in news:
        assert (update.kind, "bereaved" in codes(update)) == (None, True), update.update_point
        assert update.queue == ("control_room" if "safety_critical" in codes(update) else "liaison")
        assert any("liaison officer" in line for line in (*update.say, *update.never_say))


@pytest.mark.parametrize(
    ("classes", "born", "code"),
    [
        ("sexual", "2012-01-01", "child"),
        ("family", "2012-01-01", "child"),
        ("sexual", "1980-05-01", None),
        ("family", None, "age_unknown"),
        ("other", "2012-01-01", None),
    ],
    ids=["PR14-child-sexual", "PR14-child-family", "PR14-adult-sexual", "PR14-age-unknown", "PR14-child-ordinary"],
)
def test_pr14_under_18_in_a_sexual_or_family_case_is_a_hold(classes: str, born: str | None, code: str | None) -> None:
    """PR14: and an unknown age counts the careful way."""
    who = person(born=... if born is None else born, preference={"channel": "sms"})
    found = codes(only([crime(classes), who, assessed(), listed()], "r8-hearing-date", rules=EVERYTHING))
    assert [one for one in found if one in {"child", "age_unknown"}] == ([] if code is None else [code])


# ---------------------------------------------------------------- PR15


def decided(at: Any = MONDAY, name: str = "decided", **data: Any) -> CaseEvent:
    said = {"person": "v1", "granted": True, "measures": ["screens"], **data}
    return event("special_measures.decided", {k: v for k, v in said.items() if v is not None}, at=at, id=name)


NEAR = {"hearing": "h1", "listing": "fixed", "starts_at": "2026-03-13T10:00:00Z"}
applied = event("special_measures.applied", {"person": "v1", "measures": ["screens", "live link"]}, at=MONDAY - 9 * DAY)
MEASURES: dict[str, tuple[Sequence[CaseEvent], bool]] = {
    "PR15-granted": ([listed(), decided()], False),
    "PR15-granted-no-hearing-known": ([decided()], False),
    "PR15-refused": ([listed(), decided(granted=False)], True),
    "PR15-not-said": ([listed(), decided(granted=None)], True),
    "PR15-changed": ([listed(), decided(MONDAY - 3 * DAY, "first", measures=["live link"]), decided()], True),
    "PR15-granted-after-a-refusal": ([listed(), decided(MONDAY - 3 * DAY, "first", granted=False), decided()], True),
    "PR15-said-again": ([listed(), decided(MONDAY - 3 * DAY, "first"), decided()], False),
    "PR15-not-all-that-was-asked": ([listed(), applied, decided()], True),
    "PR15-under-five-working-days": ([listed("2026-03-13T10:00:00Z"), decided()], True),
    "PR15-five-working-days": ([listed("2026-03-16T10:00:00Z"), decided()], False),
    "PR15-hearing-off": (
        [
            event("wcu.received.hearing_listed", NEAR, at=MONDAY - DAY),
            event("wcu.received.hearing_vacated", {"hearing": "h1"}, at=MONDAY - timedelta(minutes=1)),
            decided(),
        ],
        False,
    ),
}


@pytest.mark.parametrize("case", MEASURES)
def test_pr15_special_measures_are_a_call_unless_all_is_well(case: str) -> None:
    """PR15: refused, changed or near is a call with no prompt; granted is a prompt that never names the measure."""
    events, call = MEASURES[case]
    found = [
        u for u in planned(plain_case(*events), rules=EVERYTHING).updates if u.update_point == "r8-special-measures"
    ]
    (update,) = [u for u in found if u.event_id == "decided"]
    assert update.state == "held"
    assert ("special_measures_call" in codes(update)) is call
    assert update.kind == (None if call else "prompt")


# ---------------------------------------------------------------- PR16

STOOD_DOWN = (
    event(
        "wcu.received.attendance_required",
        {"person": "v1", "hearing": "h1", "at": "2026-04-14T08:30:00Z", "place": "Cannock"},
        at=MONDAY - DAY,
    ),
    event("wcu.received.attendance_not_required", {"person": "v1", "hearing": "h1"}),
)
"""Words that are neutral and whole: they need not come."""


@pytest.mark.parametrize(
    ("rules", "contact", "code"),
    [
        (WITH_COVER, PHONE, None),
        (EVERYTHING, PHONE, "no_cover_sender"),
        (WITH_COVER, EMAIL, "no_cover_sender"),
    ],
    ids=["PR16-cover-sender", "PR16-no-cover-sender", "PR16-no-cover-for-mail"],
)
def test_pr16_a_cover_name_is_kept_or_a_person_rings(rules: ForceRules, contact: Any, code: str | None) -> None:
    """PR16: what is agreed with the person is never given away by the sender."""
    preference = {"channel": contact["channel"]}
    events = plain_case(*STOOD_DOWN, contacts=[contact], preference=preference, safety={"cover_name": "Jo"})
    update = only(events, "r8-not-needed", rules=rules)
    assert (code in codes(update)) if code else (update.state == "planned"), codes(update)
    assert update.style == "neutral"


def test_pr16_a_sender_that_names_the_police_writes_to_no_flagged_person() -> None:
    """PR16, S02: a name on a locked screen says who writes; a number does not."""
    named = replace(WITH_COVER, senders=replace(WITH_COVER.senders, plain="StaffsPol"))
    assert "sender_not_neutral" in codes(only(abuse(*STOOD_DOWN), "r8-not-needed", rules=named))
    assert only(abuse(*STOOD_DOWN), "r8-not-needed", rules=WITH_COVER).state == "planned"
    assert only(plain_case(*STOOD_DOWN), "r8-not-needed", rules=named).state == "planned"


# ---------------------------------------------------------------- PR20


def test_pr20_the_cashier_and_the_shop_each_hear_only_their_own() -> None:
    """PR20: one is a victim in person, the other has one named contact; nothing of one goes in the other's message."""
    shop = person(
        "b1", "business_contact", contacts=[{**EMAIL, "value": "shop@example.org"}], preference={"channel": "email"}
    )
    for_cashier = event("suspect.arrested", {"suspect": "s1", "people": ["v1"]}, id="cashier")
    for_shop = event("suspect.arrested", {"suspect": "s1", "people": ["b1"]}, at=MONDAY + DAY, id="shop")
    found = planned(plain_case(shop, assessed("b1"), for_cashier, for_shop))
    assert {(u.event_id, u.person) for u in found.updates if u.update_point == "r6-arrest"} == {
        ("cashier", "v1"),
        ("shop", "b1"),
    }
    by_id = {update.id: update.person for update in found.updates}
    assert all({by_id[one] for one in message.updates} == {message.person} for message in found.messages)


def test_pr20_a_role_mailbox_is_confirmed_again_like_any_contact() -> None:
    """PR20: past its day nothing goes to it."""
    shop = person("b1", "business_contact", safety={"reconfirm_by": "2026-03-08"}, preference={"channel": "sms"})
    update = only([crime(), shop, assessed("b1"), listed()], "r8-hearing-date", "b1", rules=EVERYTHING)
    assert "reconfirm_safety" in codes(update)


# ---------------------------------------------------------------- PR21

RULES = [point for edition in load_books().editions for point in edition.points.values()]


@pytest.mark.parametrize(
    "point", [p for p in RULES if p.cls == "safety_critical"], ids=lambda p: f"PR21-{p.edition}-{p.id}"
)
def test_pr21_no_silence_of_a_mailbox_fulfils_safety_news(point: Any) -> None:
    """PR21: only a receipt or a conversation does, for whomever."""
    for enhanced in (False, True):
        assert not no_bounce_suffices(point.edition, point.id, point.cls, enhanced=enhanced)


# ---------------------------------------------------------------- PR22


@pytest.mark.parametrize(
    ("at", "owed"),
    [(MONDAY - timedelta(seconds=1), False), (MONDAY, True), (MONDAY + DAY, True)],
    ids=["PR22-before", "PR22-from", "PR22-after"],
)
def test_pr22_events_before_a_force_is_live_owe_nothing_and_change_state(at: Any, owed: bool) -> None:
    """PR22: the first morning texts nobody closed griefs; who is who and what was assessed still counts."""
    live = replace(careful_default(FORCE), live_from=MONDAY)
    found = planned(plain_case(arrest(at)), rules=live, now=MONDAY + 2 * DAY).updates
    assert [update.update_point for update in found if update.event_id == arrest(at).id] == (
        ["r6-arrest"] if owed else []
    )
    assert all(not update.enhanced for update in found)


# ---------------------------------------------------------------- PR24

LETTER = {"id": "c3", "channel": "letter", "value": "1 High Street", "safe": True}


@pytest.mark.parametrize(
    ("events", "task", "code"),
    [
        (plain_case(listed(), preference={"channel": "letter"}), "write_letter", "prefers_letter"),
        (plain_case(listed(), preference={"channel": "phone"}), "call", "prefers_phone"),
        (abuse(listed(), preference={"channel": "letter"}), "find_safe_contact", "safe_contact_unknown"),
        (
            abuse(listed(), preference={"channel": "letter"}, contacts=[PHONE, LETTER]),
            "write_letter",
            "prefers_letter",
        ),
        (
            abuse(listed(), preference={"channel": "phone"}, contacts=[{**PHONE, "safe": None}]),
            "find_safe_contact",
            "safe_contact_unknown",
        ),
    ],
    ids=["PR24-letter", "PR24-phone", "PR24-letter-not-safe", "PR24-letter-safe", "PR24-phone-not-safe"],
)
def test_pr24_letter_and_telephone_are_preferences_like_any_other(
    events: list[CaseEvent], task: str, code: str
) -> None:
    """PR24: a hold with what to say and no text instead; a flagged person's letter only where it is safe."""
    update = only(events, "r8-hearing-date", rules=EVERYTHING)
    assert (update.state, update.kind, update.task) == ("held", None, task)
    assert code in codes(update)
    assert update.say


# ---------------------------------------------------------------- queues


QUEUES = {
    "victim_care": Queue("victim_care", None, 60, "control_room"),
    "control_room": Queue("control_room", None, 15, None),
    "interpreters": Queue("interpreters", None, 60, "control_room"),
    "liaison": Queue("liaison", None, 60, "control_room"),
    "witness_care": Queue("witness_care", None, 60, "control_room"),
}


@pytest.mark.parametrize(
    ("reasons", "owner", "queue"),
    [
        (["person_way"], "police", "victim_care"),
        (["interpreter"], "police", "interpreters"),
        (["bereaved", "interpreter"], "police", "liaison"),
        (["interpreter", "safety_critical"], "police", "control_room"),
        (["no_words"], "wcu", "witness_care"),
        (["outside_owner"], "cps", "victim_care"),
    ],
)
def test_each_hold_waits_where_somebody_can_do_it(reasons: list[str], owner: str, queue: str) -> None:
    """Safety before all, then the family's officers, the interpreters and the Witness Care Unit, where the force has them."""
    rules = replace(careful_default(FORCE), queues=QUEUES)
    assert queue_for(rules, reasons, owner=owner) == queue
    two = replace(rules, queues={name: QUEUES[name] for name in ("victim_care", "control_room")})
    assert queue_for(two, reasons, owner=owner) == ("control_room" if "safety_critical" in reasons else "victim_care")
