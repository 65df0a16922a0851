"""PR01-PR08 as tables: what counts as told, what was overtaken, what frees somebody, what nobody checked, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.contact_hours import windows_from
from services.ledger.force_rules import Queue, Switch, careful_default
from services.scheduler.plan.caution import waits_for_serious
from services.scheduler.plan.types import Planned
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
    on_ledger,
    only,
    person,
    plain_case,
    planned,
)

HOUR = timedelta(hours=1)
EVERYTHING = replace(careful_default(FORCE), switches=(Switch(("*",), (), "any", "automated"),))
"""A force that lets a machine do all it may."""
AGREED = replace(
    careful_default(FORCE),
    switches=(Switch(("*",), (), "any", "automated"), Switch(("*",), ("other",), "standard", "automated")),
)
"""A force whose two names switched plain news of safety on for standard people (PR03)."""


def released(mode: str = "bail", **data: Any) -> CaseEvent:
    return event("suspect.released", {"suspect": "s1", "mode": mode, **data})


def outcome(word: str, **data: Any) -> CaseEvent:
    return event("wcu.received.case_outcome", {"suspect": "s1", "outcome": word, **data})


def sentence(kind: str, **data: Any) -> CaseEvent:
    said = {"suspect": "s1", "sentence_kind": kind, "court_type": "magistrates", "in_custody_today": True, **data}
    return event("wcu.received.sentence", said)


def listed(
    starts_at: str = "2026-04-14T08:30:00Z", *, at: datetime = MONDAY, name: str = "listed", **data: Any
) -> CaseEvent:
    said = {"hearing": "h1", "listing": "fixed", "starts_at": starts_at, "court": {"name": "Cannock"}, **data}
    return event("wcu.received.hearing_listed", said, at=at, id=name)


def on_bail(hours: int = 24) -> CaseEvent:
    return event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=MONDAY - hours * HOUR, id="on-bail")


# ---------------------------------------------------------------- PR01


@pytest.mark.parametrize(
    ("update_point", "events"),
    [
        ("r6-warrant", [event("wcu.received.warrant", {"suspect": "s1"})]),
        ("r6-bail", [released()]),
        ("r9-outcome", [outcome("acquitted")]),
    ],
    ids=["PR01-no-words", "PR01-safety", "PR01-outcome"],
)
def test_pr01_a_prompt_leaves_the_update_held_by_the_same_deadline(update_point: str, events: list[CaseEvent]) -> None:
    """PR01: a nudge is not news: the update stays held, with a call to make and the deadline that it had."""
    point = "r8-warrant" if update_point == "r6-warrant" else update_point
    update = only(plain_case(*events), point)
    assert (update.state, update.kind, update.task) == ("held", "prompt", "call")
    alone = only(plain_case(*events, contacts=[]), point)
    assert (alone.kind, alone.due_at) == (None, update.due_at)


@pytest.mark.parametrize(
    ("plain", "code"),
    [(None, True), (False, True), (True, False)],
    ids=["PR01-ack-not-asked", "PR01-ack-refused", "PR01-ack-plain-agreed"],
)
def test_pr01_the_acknowledgement_goes_by_letter_unless_plain_words_were_agreed(plain: bool | None, code: bool) -> None:
    """PR01: it carries details of the offence, and no neutral text can."""
    preference = {"channel": "sms", "plain_wording": plain, "wants_outcome": True}
    update = only(
        plain_case(preference={k: v for k, v in preference.items() if v is not None}), "r3-ack", rules=EVERYTHING
    )
    assert ("details_by_letter" in codes(update)) is code
    if code:
        assert (update.state, update.task, update.kind) == ("held", "write_letter", None)


def test_pr01_a_risk_makes_the_acknowledgement_a_conversation() -> None:
    """PR01: in domestic abuse not even a letter carries the details."""
    update = only([crime("domestic_abuse"), person(), assessed(enhanced=True)], "r3-ack")
    assert (update.state, update.task, update.kind) == ("held", "call", None)


# ---------------------------------------------------------------- PR02


def charged(hours: float = 3, **data: Any) -> CaseEvent:
    said = {"suspect": "s1", "custody": "remand", "charges": ["theft"], **data}
    return event("suspect.charged", said, at=MONDAY + hours * HOUR, id="charged")


def test_pr02_what_was_overtaken_goes_in_the_message_of_the_later_news() -> None:
    """PR02: arrest and charge, told together and at once; each fulfilled in its own row."""
    found = planned(plain_case(arrest(), charged()))
    earlier, later = (next(u for u in found.updates if u.update_point == point) for point in ("r6-arrest", "r6-charge"))
    assert (earlier.state, earlier.kind, earlier.send_at) == ("planned", "news", later.send_at)
    assert codes(earlier) == ["told_with_later"]
    assert any({earlier.id, later.id} <= set(message.updates) for message in found.messages)


def test_pr02_overtaken_news_waits_at_the_desk_of_what_overtook_it() -> None:
    """PR02: arrest at 17:00, bail at 22:00: no morning text of an arrest; one call tells both, by the sooner target."""
    late = datetime(2026, 3, 9, 22, tzinfo=UTC)
    bail = event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=late)
    evening = arrest(datetime(2026, 3, 9, 20, 30, tzinfo=UTC))
    events = plain_case(evening, bail)
    earlier, later = only(events, "r6-arrest"), only(events, "r6-bail")
    assert (earlier.state, earlier.kind, codes(earlier)) == ("held", None, ["overtaken"])
    assert (earlier.queue, earlier.task, earlier.target_at) == (later.queue, later.task, later.target_at)
    assert later.queue == "control_room"
    assert any("together" in line for line in earlier.say)


def test_pr02_news_that_may_have_left_is_not_joined() -> None:
    """PR02: when the later news is under way already, a person tells the earlier."""
    events = plain_case(arrest(), charged())
    later = only(events, "r6-charge")
    update = only(events, "r6-arrest", ledger=[on_ledger(later)])
    assert (update.state, "overtaken" in codes(update)) == ("held", True)


def test_pr02_only_what_was_false_is_withdrawn() -> None:
    """PR02: a true fact that something overtook is still owed; one that never happened is not."""
    gone = event("event.withdrawn", {"event": arrest().id}, at=MONDAY + HOUR)
    assert only(plain_case(arrest(), gone), "r6-arrest").state == "withdrawn"
    assert only(plain_case(arrest(), charged()), "r6-arrest").state in {"planned", "held"}


def test_pr02_news_of_custody_is_not_delayed_to_go_with_other_news() -> None:
    """PR02: the later news goes when it would go alone."""
    alone, together = only(plain_case(charged()), "r6-charge"), only(plain_case(arrest(), charged()), "r6-charge")
    assert together.send_at == alone.send_at


# ---------------------------------------------------------------- PR03

FREES: dict[str, tuple[str, Sequence[CaseEvent]]] = {
    "PR03-released-no-charge": ("r6-released-no-charge", [released("no_charge")]),
    "PR03-bail": ("r6-bail", [released()]),
    "PR03-rui": ("r6-rui", [released("rui")]),
    "PR03-bail-varied": ("r6-bail-varied", [event("police_bail.conditions_changed", {"suspect": "s1"})]),
    "PR03-bail-varied-pace": (
        "pace-bail-notify",
        [event("police_bail.conditions_changed", {"suspect": "s1", "protects": ["v1"]})],
    ),
    "PR03-bail-cancelled": ("r6-bail-cancelled", [event("police_bail.cancelled", {"suspect": "s1"})]),
    "PR03-nfa-ends-bail": ("r6-police-nfa", [on_bail(), event("decision.police_nfa", {"suspect": "s1"})]),
    "PR03-closed-ends-bail": ("r6-closed-no-charge", [on_bail(), event("investigation.closed", {})]),
    "PR03-cps-no-charge": ("r6-cps-no-charge", [event("decision.cps_no_charge", {"suspect": "s1"})]),
    "PR03-cps-discontinuance": ("r6-cps-change", [event("decision.cps_changed", {"suspect": "s1"})]),
    "PR03-charge-to-bail": ("r6-charge", [event("suspect.charged", {"suspect": "s1", "custody": "bail"})]),
    "PR03-court-bail": (
        "r8-bail-outcome",
        [event("wcu.received.bail_outcome", {"suspect": "s1", "outcome": "bailed"})],
    ),
    "PR03-rearrest-released": (
        "r8-rearrest-outcome",
        [event("wcu.received.rearrest_outcome", {"suspect": "s1", "outcome": "released"})],
    ),
    "PR03-acquittal-single-suspect": ("r9-outcome", [outcome("acquitted")]),
    "PR03-discontinued": ("r9-outcome", [outcome("discontinued")]),
    "PR03-no-evidence": ("r9-outcome", [outcome("no_evidence")]),
    "PR03-convicted-not-in-custody-today": ("r9-outcome", [outcome("convicted", in_custody_today=False)]),
    "PR03-time-served": ("r9-sentence", [sentence("time_served")]),
    "PR03-suspended": ("r9-sentence", [sentence("suspended")]),
    "PR03-fine": ("r9-sentence", [sentence("fine")]),
    "PR03-custody-served-already": ("r9-sentence", [sentence("custody", in_custody_today=False)]),
    "PR03-appeal-bail": ("r9-appeal-bail", [event("wcu.received.appeal_bail", {"appeal": "a1", "suspect": "s1"})]),
    "PR03-escape": ("r11-escape", [event("offender.escaped", {"suspect": "s1", "risk_assessed": True})]),
    "PR03-custody-changed": (
        "f-custody-changed",
        [event("custody.changed", {"suspect": "s1", "to": "released", "by": "prison"})],
    ),
    "PR03-order-made": ("f-order-changed", [event("protective_order.made", {"order": "o1", "suspect": "s1"})]),
    "PR03-order-ended": ("f-order-changed", [event("protective_order.ended", {"order": "o1", "suspect": "s1"})]),
}


@pytest.mark.parametrize("case", FREES)
def test_pr03_whatever_frees_somebody_is_a_police_hold_at_once(case: str) -> None:
    """PR03: held whoever owes it, at the desk staffed day and night, by a target of two hours; only a person hands it back."""
    update_point, events = FREES[case]
    update = only(plain_case(*events), update_point, rules=EVERYTHING)
    assert (update.state, update.cls, update.queue) == ("held", "safety_critical", "control_room")
    assert "safety_critical" in codes(update)
    assert (update.task, update.safety_hold) in {("call", True), ("ask_officer", True)}
    assert update.target_at == MONDAY + 2 * HOUR


@pytest.mark.parametrize("case", FREES)
def test_pr03_never_a_prompt_to_a_flagged_person(case: str) -> None:
    """PR03, PR05: nothing goes by machine where a suspect may be beside them."""
    update_point, events = FREES[case]
    for who in ([crime("domestic_abuse"), person(), assessed(enhanced=True)], plain_case(safety={"texts_safe": True})):
        assert only([*who, *events], update_point, rules=AGREED).kind is None


@pytest.mark.parametrize(
    ("update_point", "events"),
    [
        ("r9-sentence", [sentence("custody")]),
        ("r9-outcome", [outcome("convicted")]),
        ("r6-charge", [event("requisition.issued", {"suspect": "s1"})]),
    ],
    ids=["PR03-not-custody", "PR03-not-conviction", "PR03-not-requisition-without-bail"],
)
def test_pr03_what_frees_nobody_is_ordinary(update_point: str, events: list[CaseEvent]) -> None:
    """PR03: news that frees nobody waits at no desk for safety."""
    update = only(plain_case(*events), update_point)
    assert ("safety_critical" in codes(update), update.target_at) == (False, None)


def test_pr03_a_release_known_beforehand_is_told_before_it() -> None:
    """PR03, 6.7: the target is before release, else two hours; both limits stand beside each other."""
    freed = event("custody.changed", {"suspect": "s1", "to": "released"}, at=MONDAY + 6 * HOUR, known=MONDAY)
    update = only(plain_case(freed), "f-custody-changed")
    assert update.target_at == MONDAY + 6 * HOUR


def test_pr03_police_warn_of_what_the_prosecution_owes_and_its_duty_stays_open() -> None:
    """PR03, 6.11: once an officer has spoken with the person, what is left is to ask the prosecution for its word."""
    stopped = event("decision.cps_changed", {"suspect": "s1"})
    call = event(
        "contact.made",
        {"person": "v1", "update_points": ["r6-cps-change"], "how": "phone", "substantive": True},
        at=MONDAY + HOUR,
    )
    update = only(plain_case(stopped, call), "r6-cps-change")
    assert (update.state, update.task, update.queue) == ("held", "chase_owner", "victim_care")
    assert (update.cls, "safety_critical" in codes(update)) == ("safety_critical", False)
    word = event(
        "owner.confirmed", {"update_point": "r6-cps-change", "person": "v1", "by": "CPS"}, at=MONDAY + 2 * HOUR
    )
    assert only(plain_case(stopped, call, word), "r6-cps-change").state == "told"


PLAIN = [crime(), person(), assessed()]
NOT_AGREED: dict[str, tuple[Sequence[CaseEvent], Sequence[CaseEvent], Any]] = {
    "PR03-two-suspects": (PLAIN, [arrest(MONDAY - HOUR, "s2")], AGREED),
    "PR03-domestic-abuse": ([crime("domestic_abuse", "other"), person(), assessed()], [], AGREED),
    "PR03-sexual": ([crime("sexual", "other"), person(), assessed()], [], AGREED),
    "PR03-hate": ([crime("hate", "other"), person(), assessed()], [], AGREED),
    "PR03-child": ([crime("child", "other"), person(), assessed()], [], AGREED),
    "PR03-bereaved": ([crime(), person("v1", "bereaved_relative"), assessed()], [], AGREED),
    "PR03-enhanced": ([crime(), person(), assessed(enhanced=True)], [], AGREED),
    "PR03-not-assessed": ([crime(), person()], [], AGREED),
    "PR03-under-18": ([crime(), person(born="2012-01-01"), assessed()], [], AGREED),
    "PR03-flagged": ([crime(), person(safety={"texts_safe": True}), assessed()], [], AGREED),
    "PR03-not-switched-on": (PLAIN, [], EVERYTHING),
    "PR03-careful-default": (PLAIN, [], None),
}


@pytest.mark.parametrize("case", NOT_AGREED)
def test_pr03_plain_news_only_where_the_force_switched_it_on_and_nothing_speaks_against_it(case: str) -> None:
    """PR03: single suspect, no grave class, assessed as standard, and a switch that names class and people."""
    who, more, rules = NOT_AGREED[case]
    assert "safety_critical" in codes(only([*who, *more, released("rui")], "r6-rui", rules=rules))


def test_pr03_what_was_agreed_and_no_text_can_say_is_a_persons_at_once() -> None:
    """PR03: a force that agreed to a machine does not wait longer for it: a desk that is staffed has it, by the same target."""
    for at in (MONDAY, datetime(2026, 3, 9, 22, tzinfo=UTC)):
        happened = plain_case(event("suspect.released", {"suspect": "s1", "mode": "rui"}, at=at))
        usual, agreed = (only(happened, "r6-rui", rules=rules) for rules in (EVERYTHING, AGREED))
        assert (agreed.cls, agreed.state, agreed.task, agreed.queue) == (
            "safety_critical",
            "held",
            "call",
            "control_room",
        )
        assert agreed.target_at == usual.target_at
        assert agreed.safety_hold
        assert "safety_critical" in codes(agreed)
        assert agreed.say == usual.say


# ---------------------------------------------------------------- PR04

OFF = replace(
    careful_default(FORCE),
    switches=(*careful_default(FORCE).switches, Switch(("r6-reopened", "r9-appeal-*"), (), "any", "off")),
)


@pytest.mark.parametrize(
    ("update_point", "happened", "rules", "state"),
    [
        ("r6-reopened", event("investigation.reopened", {}), EVERYTHING, "held"),
        ("r6-reopened", event("investigation.reopened", {}), OFF, "withdrawn"),
        ("r9-appeal-bail", event("wcu.received.appeal_bail", {"appeal": "a1", "suspect": "s1"}), OFF, "held"),
    ],
    ids=["PR04-unverified-held", "PR04-off-by-name", "PR04-never-off-where-it-frees"],
)
def test_pr04_unverified_is_never_sent_and_never_silent(
    update_point: str, happened: CaseEvent, rules: Any, state: str
) -> None:
    """PR04: a hold that says unverified, unless the force switched it off by name, which it cannot for what frees somebody."""
    update = only(plain_case(happened), update_point, rules=rules)
    assert (update.state, update.kind) == (state, None)
    assert ("unverified" if state == "held" else "switched_off") in codes(update)
    if state == "held":
        assert any("unverified" in line for line in update.say)


@pytest.mark.parametrize(
    ("update_point", "events", "recipient"),
    [
        ("r6-cps-meeting", [event("decision.cps_no_charge", {"suspect": "s1"})], "bereaved_relative"),
        ("r9-bereaved-meeting", [outcome("convicted")], "bereaved_relative"),
        ("r11-vlo-contact", [event("referral.made", {"person": "v1", "service": "vcs"})], "victim"),
    ],
    ids=["PR04-cps", "PR04-cps-bereaved", "PR04-vlo"],
)
def test_pr04_another_body_s_duty_is_chased_and_met_by_its_word_alone(
    update_point: str, events: list[CaseEvent], recipient: str
) -> None:
    """PR04: held with a target for asking its owner; what the police record does not meet it."""
    who = [crime(), person("v1", recipient), assessed()]
    call = event(
        "contact.made", {"person": "v1", "update_points": [update_point], "substantive": True}, at=MONDAY + HOUR
    )
    for story in ([*who, *events], [*who, *events, call]):
        update = only(story, update_point, rules=EVERYTHING)
        assert (update.state, update.kind, "outside_owner" in codes(update)) == ("held", None, True)
        assert update.target_at is not None
        assert update.due_at is None or update.target_at <= update.due_at
        assert any("own" in line for line in update.never_say)
    word = event("owner.confirmed", {"update_point": update_point, "person": "v1"}, at=MONDAY + HOUR)
    assert only([*who, *events, word], update_point).evidence == "owner_confirmed"


# ---------------------------------------------------------------- PR05


def test_pr05_in_domestic_abuse_word_of_an_arrest_waits_for_the_officer() -> None:
    """PR05: a text seconds after an arrest, beside the suspect, exposes her: a task at once, and the officer's word first."""
    for who in ([crime("domestic_abuse"), person(), assessed(enhanced=True)], [person(), assessed()]):
        update = only([*who, arrest()], "r6-arrest", rules=EVERYTHING)
        assert (update.state, update.kind, codes(update)[0]) == ("held", None, "officer_confirms")
        assert update.task == "ask_officer"


@pytest.mark.parametrize(
    "of_person",
    [{"safety": {"texts_safe": False}}, {"access_needs": ["no_text"]}],
    ids=["PR05-no-text-profile", "PR05-no-text-need"],
)
def test_pr05_nothing_automated_goes_to_a_no_text_profile(of_person: dict[str, Any]) -> None:
    """PR05: neither news nor prompt, and by email as little as by text."""
    for contact in (PHONE, EMAIL):
        preference = {"channel": contact["channel"]}
        events = plain_case(listed(), contacts=[contact], preference=preference, **of_person)
        update = only(events, "r8-hearing-date", rules=EVERYTHING)
        assert (update.state, update.kind) == ("held", None)


# ---------------------------------------------------------------- PR06


def like(update: Planned, **changes: Any) -> Planned:
    return replace(update, **changes)


def test_pr06_nothing_routine_goes_while_serious_news_waits() -> None:
    """PR06: cadence, reminders and the statement offer of that person wait; hearings and other people's do not."""
    events = plain_case(released(), person("v2"), assessed("v2"), listed())
    serious = only(events, "r6-bail")
    hearing = only(events, "r8-hearing-date")
    updates = [
        serious,
        hearing,
        like(hearing, update_point="f-cadence", cls="routine", state="planned", kind="news"),
        like(hearing, update_point="f-reminder", cls="reminder", state="planned", kind="news"),
        like(hearing, update_point="r7-vps-offer", cls="routine", state="held", kind="prompt", task="call"),
        like(hearing, update_point="f-cadence", person="v2", state="planned", kind="news"),
    ]
    found = waits_for_serious(updates)
    assert found[:2] == updates[:2]
    assert found[5] == updates[5]
    for update in found[2:5]:
        assert (update.state, update.kind, update.combine) == ("held", None, "")
        assert update.reasons[-1].code == "serious_news_waits"
        assert update.task is not None
    assert found[2].queue == serious.queue


def test_pr06_nothing_waits_without_serious_news() -> None:
    """PR06: an ordinary hold holds up nothing else, and told serious news holds up nothing any more."""
    hearing = only(plain_case(listed()), "r8-hearing-date")
    cadence = like(hearing, update_point="f-cadence", state="planned", kind="news")
    told = like(only(plain_case(released()), "r6-bail"), state="told")
    for updates in ([hearing, cadence], [told, cadence]):
        assert list(waits_for_serious(updates)) == updates


# ---------------------------------------------------------------- PR07


@pytest.mark.parametrize(
    ("events", "held"),
    [
        ([arrest(), arrest(MONDAY - HOUR, "s2")], False),
        ([arrest(), arrest(MONDAY - 24 * HOUR, "s2")], True),
        ([arrest(where="custody"), arrest(MONDAY - HOUR, "s2", where="voluntary")], True),
        ([arrest(), event("suspect.interviewed", {"suspect": "s2", "where": "voluntary"}, at=MONDAY - HOUR)], True),
        ([arrest(), person("s2", "suspect")], True),
        ([arrest()], False),
    ],
    ids=[
        "PR07-both-that-day",
        "PR07-another-day",
        "PR07-not-the-same",
        "PR07-one-only-interviewed",
        "PR07-suspect-on-record",
        "PR07-single-suspect",
    ],
)
def test_pr07_news_of_several_suspects_is_a_hold_unless_it_is_the_same_for_all(
    events: list[CaseEvent], held: bool
) -> None:
    """PR07: one of two suspects arrested must not sound like both."""
    found = [u for u in planned(plain_case(*events), rules=EVERYTHING).updates if u.suspect == "s1"]
    assert [("several_suspects" in codes(update)) for update in found] == [held]


@pytest.mark.parametrize("update_point", ["r6-arrest", "r6-bail", "r6-charge", "r9-outcome", "r9-sentence"])
def test_pr07_custody_bail_charge_and_outcome_are_held_with_two_suspects(update_point: str) -> None:
    """PR07: of whichever suspect, a person tells it."""
    happened = {
        "r6-arrest": arrest(),
        "r6-bail": released(),
        "r6-charge": event("requisition.issued", {"suspect": "s1"}),
        "r9-outcome": outcome("convicted"),
        "r9-sentence": sentence("custody"),
    }[update_point]
    events = plain_case(happened, person("s2", "suspect"))
    assert "several_suspects" in codes(only(events, update_point, rules=EVERYTHING))


# ---------------------------------------------------------------- PR08


@pytest.mark.parametrize(
    ("starts_at", "soon"),
    [
        ("2026-03-09T14:00:00Z", True),
        ("2026-03-10T10:00:00Z", True),
        ("2026-03-11T10:00:00Z", False),
        ("2026-04-14T08:30:00Z", False),
    ],
    ids=["PR08-today", "PR08-tomorrow", "PR08-in-two-working-days", "PR08-next-month"],
)
def test_pr08_what_is_near_is_a_call_at_once_and_due_before_it(starts_at: str, soon: bool) -> None:
    """PR08: under two working days it is a call task, and never due after what it announces."""
    update = only(plain_case(listed(starts_at)), "r8-hearing-date", rules=EVERYTHING)
    assert ("hearing_soon" in codes(update)) is soon
    assert update.due_at is not None
    assert update.due_at <= datetime.fromisoformat(starts_at)


def test_pr08_what_is_due_before_its_own_desk_opens_goes_to_one_that_is_staffed() -> None:
    """PR08, PR19: a hearing on Monday at ten, known on Friday evening, does not wait for Monday's rota."""
    friday = datetime(2026, 3, 13, 19, tzinfo=UTC)
    rota = windows_from([{"days": ["mon"], "from": "10:00", "to": "18:00"}])
    rules = careful_default(FORCE)
    late = replace(rules, queues={**rules.queues, "victim_care": Queue("victim_care", rota, 60, "control_room")})
    near = listed("2026-03-16T10:00:00Z", at=friday)
    assert only(plain_case(near), "r8-hearing-date", rules=late).queue == "control_room"
    far = event("wcu.received.warrant", {"suspect": "s1"}, at=friday)
    assert only(plain_case(far), "r8-warrant", rules=late).queue == "victim_care"


def test_pr08_who_need_not_come_is_told_each_date_once_and_that_they_need_not_come() -> None:
    """PR08: the new date too; the same date again is not told twice."""
    need_not = event("wcu.received.attendance_not_required", {"person": "v1", "hearing": "h1"}, at=MONDAY - HOUR)
    moved = event(
        "wcu.received.hearing_changed",
        {"hearing": "h1", "listing": "fixed", "starts_at": "2026-05-11T08:30:00Z", "court": {"name": "Cannock"}},
        at=MONDAY + 24 * HOUR,
    )
    again = event(
        "wcu.received.hearing_changed",
        moved.data.model_dump(mode="json", exclude_unset=True),
        at=MONDAY + 48 * HOUR,
        id="again",
    )
    events = plain_case(need_not, listed(), moved, again)
    found = planned(events).updates
    told = {u.event_id: u for u in found if u.update_point == "r8-hearing-date"}
    assert {name: update.state for name, update in told.items()} == {
        "listed": "withdrawn",
        moved.id: "planned",
        "again": "withdrawn",
    }
    assert told[moved.id].facts["need_attend"] is False
    assert not [update for update in found if update.update_point == "f-reminder"]
