"""Every reason for which a machine does not speak, and whether it may ask the person to get in touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.force_rules import Switch, careful_default
from services.scheduler.plan.holds import HOLDS, in_order, words_for
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
    known,
    only,
    person,
    plain_case,
    planned,
)

EVERYTHING = replace(
    careful_default(FORCE),
    switches=(Switch(("*",), (), "any", "automated"),),
)
"""A force that lets a machine do all it may: what holds then is not the force's own caution."""


def with_way(way: Any) -> Any:
    return replace(careful_default(FORCE), switches=(Switch(("*",), (), "any", way),))


def hearing(**data: Any) -> CaseEvent:
    said = {
        "hearing": "h1",
        "listing": "fixed",
        "starts_at": "2026-04-14T08:30:00Z",
        "court": {"name": "Cannock"},
        **data,
    }
    return event("wcu.received.hearing_listed", said)


def test_an_ordinary_arrest_is_sent_by_machine() -> None:
    """What the tables below take away is there to begin with: plain news by text, at once."""
    update = only(plain_case(arrest()), "r6-arrest")
    assert (update.state, update.kind, update.channel, update.style, update.send_at) == (
        "planned",
        "news",
        "sms",
        "plain",
        MONDAY,
    )
    assert (update.task, update.queue, update.say, update.never_say) == (None, None, (), ())


CASES: dict[str, tuple[Sequence[CaseEvent], str, str | None]] = {
    # name: events, update point, kind
    "person_died": (plain_case(arrest(), event("person.died", {"person": "v1"})), "r6-arrest", None),
    "also_suspect": ([crime(), assessed(), person("v1", "victim", "suspect"), arrest()], "r6-arrest", None),
    "role_unknown": ([crime(), assessed(), person(roles=[]), arrest()], "r6-arrest", None),
    "bereaved": ([crime(), assessed(), person("v1", "bereaved_relative"), arrest()], "r6-arrest", None),
    "safety_critical": (plain_case(event("suspect.released", {"suspect": "s1", "mode": "rui"})), "r6-rui", "prompt"),
    "outside_owner": (plain_case(event("decision.cps_changed", {"suspect": "s1"})), "r6-cps-change", None),
    "unverified": (plain_case(event("investigation.reopened", {})), "r6-reopened", None),
    "nfa_incomplete": (
        plain_case(event("investigation.declined", {"reason_text": "No lines of enquiry."})),
        "r6-no-investigation",
        None,
    ),
    "nfa_sensitive": (
        [
            crime("hate"),
            person(),
            assessed(),
            event("investigation.declined", {"reason_text": "x", "approved_by": "Insp A"}),
        ],
        "r6-no-investigation",
        None,
    ),
    "child": ([crime("family"), person(born="2015-05-01"), assessed(), arrest()], "r6-arrest", None),
    "age_unknown": ([crime("family"), person(born=...), assessed(), arrest()], "r6-arrest", None),
    "domestic_abuse": ([crime("domestic_abuse"), person(), assessed(), arrest()], "r6-arrest", None),
    "not_assessed": ([person(), assessed(), arrest()], "r6-arrest", None),
    "safety_profile": (plain_case(arrest(), safety={"cover_name": "Jo"}), "r6-arrest", None),
    "withdrew_support": (
        [
            crime("domestic_abuse"),
            person(),
            assessed(),
            hearing(),
            event("participation.changed", {"person": "v1", "supports_prosecution": False}),
        ],
        "r8-hearing-date",
        None,
    ),
    "interpreter": (plain_case(arrest(), language="pl"), "r6-arrest", None),
    "prefers_letter": (plain_case(arrest(), preference={"channel": "letter"}), "r6-arrest", None),
    "prefers_phone": (plain_case(arrest(), preference={"channel": "phone"}), "r6-arrest", None),
    "no_text": (plain_case(arrest(), access_needs=["no_text"]), "r6-arrest", None),
    "easy_read": (plain_case(arrest(), access_needs=["easy_read"]), "r6-arrest", None),
    "shared_contact": (plain_case(arrest(), person("x", "associate", contacts=[PHONE])), "r6-arrest", None),
    "no_contact": (plain_case(arrest(), contacts=[{**PHONE, "safe": False}]), "r6-arrest", None),
    "only_by_phone": (plain_case(arrest(), contacts=[{**PHONE, "channel": "phone"}]), "r6-arrest", None),
    "safe_contact_unknown": (
        [crime("domestic_abuse"), person(contacts=[{**PHONE, "safe": None}]), assessed(), hearing()],
        "r8-hearing-date",
        None,
    ),
    "texts_not_safe": (
        [crime("domestic_abuse"), person(safety={"texts_safe": False}), assessed(), hearing()],
        "r8-hearing-date",
        None,
    ),
    "shared_handset": (
        [crime("domestic_abuse"), person(contacts=[{**PHONE, "shared": True}]), assessed(), hearing()],
        "r8-hearing-date",
        None,
    ),
    "reconfirm_safety": (plain_case(hearing(), safety={"reconfirm_by": "2026-03-08"}), "r8-hearing-date", None),
    "several_suspects": (
        plain_case(arrest(), event("suspect.interviewed", {"suspect": "s2", "where": "voluntary"})),
        "r6-arrest",
        None,
    ),
    "overtaken": (
        plain_case(arrest(), event("suspect.charged", {"suspect": "s1"}, at=MONDAY + timedelta(hours=3))),
        "r6-arrest",
        None,
    ),
    "stale": (
        plain_case(event("suspect.arrested", {"suspect": "s1"}, known=MONDAY + timedelta(days=3, hours=1))),
        "r6-arrest",
        None,
    ),
    "more_arrests_planned": (plain_case(arrest(more_arrests_planned=True)), "r6-arrest", None),
    "needs_person": (
        plain_case(event("special_measures.decided", {"person": "v1", "granted": True})),
        "r8-special-measures",
        "prompt",
    ),
    "special_measures_call": (
        plain_case(event("special_measures.decided", {"person": "v1", "granted": False})),
        "r8-special-measures",
        None,
    ),
    "officer_confirms": ([crime("domestic_abuse"), person(), assessed(), arrest()], "r6-arrest", None),
    "details_by_letter": (plain_case(preference={"channel": "sms"}), "r3-ack", None),
    "to_do": (plain_case(), "r4-referral", None),
    "restorative_justice": (
        plain_case(event("disposal.out_of_court.given", {"suspect": "s1", "disposal": "caution"})),
        "r3-rj-info",
        None,
    ),
    "review_unclear": (
        plain_case(event("decision.police_nfa", {"suspect": "s1", "review_eligible": True})),
        "r6-police-nfa",
        None,
    ),
    "risk_not_assessed": (plain_case(event("offender.escaped", {"suspect": "s1"})), "r11-escape", None),
    "operational_unsigned": (plain_case(arrest(), event("operational_hold.set", {"hold": "o1"})), "r6-arrest", None),
    "operational_review": (
        plain_case(
            arrest(),
            event(
                "operational_hold.set",
                {"hold": "o1", "until": MONDAY.isoformat(), "authorised_by": "Insp A"},
                at=MONDAY - timedelta(hours=1),
            ),
        ),
        "r6-arrest",
        None,
    ),
    "question": (plain_case(event("disposal.out_of_court.proposed", {"suspect": "s1"})), "r6-ood-views", "prompt"),
    "hearing_soon": (plain_case(hearing(starts_at="2026-03-10T09:30:00Z")), "r8-hearing-date", "prompt"),
    "ask_first": (
        plain_case(
            event("wcu.received.case_outcome", {"suspect": "s1", "outcome": "convicted"}), preference={"channel": "sms"}
        ),
        "r9-outcome",
        "prompt",
    ),
    "no_words": (plain_case(event("wcu.received.warrant", {"suspect": "s1"})), "r8-warrant", "prompt"),
    "operational_hold": (
        plain_case(
            arrest(),
            event(
                "operational_hold.set",
                {
                    "hold": "o1",
                    "update_points": ["r6-*"],
                    "until": "2026-03-12T00:00:00Z",
                    "authorised_by": "Insp A",
                },
            ),
        ),
        "r6-arrest",
        None,
    ),
    "no_allowed_hour": (
        [
            crime(),
            person(
                preference={
                    "channel": "sms",
                    "plain_wording": True,
                    "wants_outcome": True,
                    "quiet_hours": [{"days": ["mon", "tue"], "from": "00:00", "to": "00:00"}],
                }
            ),
            assessed(enhanced=True),
            arrest(),
        ],
        "r6-arrest",
        None,
    ),
    "correction_unreadable": (
        plain_case(
            arrest(),
            event("event.corrected", {"event": arrest().id, "data": {"suspect": 7}}, at=MONDAY + timedelta(minutes=9)),
        ),
        "r6-arrest",
        None,
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_a_reason_holds(code: str) -> None:
    """Each reason alone holds the update, and a prompt goes beside it only where one may."""
    events, update_point, kind = CASES[code]
    update = only(events, update_point, rules=EVERYTHING)
    assert update.state == "held"
    assert code in codes(update)
    assert update.kind == kind
    assert (update.send_at is not None) == (kind is not None)
    assert update.task is not None
    assert update.queue is not None


TOLD_APART = {
    "event_withdrawn",
    "wrong_person",
    "correction_by_person",
    "opted_out_of_safety_news",
    "beyond_holiday_list",
}
OF_OTHERS = {
    "business_contacts",
    "contact_not_confirmed",
    "inherited_contact",
    "lapsed",
    "may_come_in_vain",
    "no_cover_sender",
    "no_officer_note",
    "preference_against_safety",
    "safety_not_confirmed",
    "sender_not_neutral",
    "serious_news_waits",
    "suspect_household",
    "for_whom_unknown",
    "spokesperson_check",
    "stopped",
    "wrong_number",
    "person_way",
    "prompt_way",
}


def test_no_reason_is_left_untested() -> None:
    """A new reason for a hold needs a case here, or in the tests of what it belongs to."""
    assert set(HOLDS) == set(CASES) | TOLD_APART | OF_OTHERS


@pytest.mark.parametrize(("way", "code", "kind"), [("person", "person_way", None), ("prompt", "prompt_way", "prompt")])
def test_the_force_may_have_a_person_tell_it(way: str, code: str, kind: str | None) -> None:
    """A force's switches make it a person's task, with a prompt or without."""
    update = only(plain_case(arrest()), "r6-arrest", rules=with_way(way))
    assert (update.state, codes(update)[0], update.kind) == ("held", code, kind)


@pytest.mark.parametrize(("why", "code"), [("stopped", "stopped"), ("suspect", "wrong_number")])
def test_nothing_goes_to_a_shut_contact(why: str, code: str) -> None:
    """A number that answered STOP, or that the provider calls wrong, gets nothing, and no other takes its place."""
    events = plain_case(arrest(), contacts=[PHONE, EMAIL])
    detail = known(events).people["v1"].contacts[0].detail
    assert detail is not None
    update = only(events, "r6-arrest", shut={detail: why})
    assert (update.state, codes(update), update.kind) == ("held", [code], None)


@pytest.mark.parametrize(
    ("update_point", "events"),
    [
        ("r6-bail", [event("suspect.released", {"suspect": "s1", "mode": "bail"})]),
        ("r9-outcome", [event("wcu.received.case_outcome", {"suspect": "s1", "outcome": "acquitted"})]),
        ("r9-sentence", [event("wcu.received.sentence", {"suspect": "s1", "sentence_kind": "suspended"})]),
        (
            "r6-charge",
            [
                event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=MONDAY - timedelta(days=1)),
                event("requisition.issued", {"suspect": "s1"}),
            ],
        ),
    ],
    ids=["bail", "acquittal", "suspended sentence", "a requisition that ends bail"],
)
def test_pr03_whatever_frees_somebody_is_a_hold_at_a_staffed_desk(update_point: str, events: list[CaseEvent]) -> None:
    """PR03: a person tells it at once, at the desk that is staffed day and night, and only a person may hand it back."""
    update = only(plain_case(*events), update_point, rules=EVERYTHING)
    assert (update.state, codes(update)[0], update.cls) == ("held", "safety_critical", "safety_critical")
    assert (update.task, update.queue, update.safety_hold) == ("call", "control_room", True)


def test_a_requisition_without_bail_frees_nobody() -> None:
    """A requisition to somebody who was on no bail is ordinary news."""
    update = only(plain_case(event("requisition.issued", {"suspect": "s1"})), "r6-charge")
    assert (update.cls, "safety_critical" in codes(update)) == ("routine", False)


def test_safety_news_never_prompts_a_flagged_person() -> None:
    """PR03, PR05: in what may be domestic abuse not even a prompt goes."""
    events = [person(), assessed(), event("suspect.released", {"suspect": "s1", "mode": "bail"})]
    assert only(events, "r6-bail", rules=EVERYTHING).kind is None


def test_ordinary_holds_wait_at_victim_care() -> None:
    """What is no matter of safety waits where it is staffed by day."""
    update = only(plain_case(event("wcu.received.warrant", {"suspect": "s1"})), "r8-warrant")
    assert (update.queue, update.safety_hold) == ("victim_care", False)


@pytest.mark.parametrize(
    ("events", "task"),
    [
        (plain_case(arrest(), language="pl"), "interpreter"),
        (plain_case(arrest(), preference={"channel": "letter"}), "write_letter"),
        (plain_case(arrest(), contacts=[]), "find_safe_contact"),
        (plain_case(arrest(), preference={"channel": "phone"}), "call"),
        (plain_case(arrest(more_arrests_planned=True), language="pl"), "ask_officer"),
    ],
)
def test_the_gravest_reason_gives_the_task(events: Sequence[CaseEvent], task: str) -> None:
    """What the person who takes the hold is to do follows from the first of its reasons."""
    assert only(events, "r6-arrest").task == task


def test_stale_news_asks_to_be_looked_at_again() -> None:
    """PR02: planned news is planned again when it would have grown stale, and is then a person's."""
    stale = MONDAY + timedelta(hours=72)
    plan = planned(plain_case(arrest()), now=stale - timedelta(minutes=1))
    assert plan.again_at == stale
    assert "stale" in codes(only(plain_case(arrest()), "r6-arrest", now=stale))


@pytest.mark.parametrize(
    ("point", "opt_out", "state"),
    [
        ("r6-arrest", ["investigation"], "declined"),
        ("r6-arrest", ["all"], "declined"),
        ("r6-arrest", ["hearings"], "planned"),
        ("r6-bail", ["bail"], "held"),
        ("r6-bail", ["all"], "held"),
    ],
)
def test_an_opt_out_declines_but_never_hides_safety_news(point: str, opt_out: list[str], state: str) -> None:
    """6.16: an opt-out declines ordinary news; what bears on safety goes to a person, and no prompt goes."""
    released = event("suspect.released", {"suspect": "s2", "mode": "bail"}, at=MONDAY)
    events = plain_case(
        arrest() if point == "r6-arrest" else released,
        preference={"channel": "sms", "opt_out": opt_out, "plain_wording": True},
    )
    update = only(events, point)
    assert update.state == state
    if state != "planned":
        assert update.kind is None
    if state == "held":
        assert "opted_out_of_safety_news" in codes(update)


def test_nobody_opts_out_of_giving_evidence() -> None:
    """r8-attend has no topic: a legal duty to come may follow."""
    required = event(
        "wcu.received.attendance_required", {"person": "v1", "hearing": "h1", "at": "2026-04-14T08:30:00Z"}
    )
    assert only(plain_case(required, preference={"opt_out": ["all"]}), "r8-attend").state == "held"


@pytest.mark.parametrize(("wants", "state"), [(True, "planned"), (False, "declined"), (None, "held")])
def test_the_outcome_goes_to_those_who_want_it(wants: bool | None, state: str) -> None:
    """Nobody learns an outcome unasked: unknown is asked first, unwanted is declined."""
    outcome = event("wcu.received.case_outcome", {"suspect": "s1", "outcome": "convicted", "last_defendant": True})
    preference = {"channel": "sms", "plain_wording": True, "wants_outcome": wants}
    update = only(plain_case(outcome, preference=preference), "r9-outcome")
    assert update.state == state or (wants and codes(update) == ["no_words"])


def test_an_unwanted_outcome_that_frees_somebody_is_a_hold() -> None:
    """An acquittal bears on safety: a person decides what to tell somebody who did not want to know."""
    outcome = event("wcu.received.case_outcome", {"suspect": "s1", "outcome": "acquitted"})
    update = only(plain_case(outcome, preference={"channel": "sms", "wants_outcome": False}), "r9-outcome")
    assert (update.state, update.kind) == ("held", None)


@pytest.mark.parametrize(
    ("data", "needs"),
    [
        ({}, True),
        ({"decided_by": "Sgt B"}, True),
        ({"decided_by": "Sgt B", "reason_text": "Too little evidence.", "approved_by": "Insp A"}, True),
        ({"decided_by": "Sgt B", "reason_text": "x", "approved_by": "Insp A", "review_eligible": False}, False),
    ],
)
def test_pr13_no_further_action_needs_four_things(data: dict[str, Any], needs: bool) -> None:
    """PR13: who decided, a reason, sign-off, and whether review applies."""
    update = only(plain_case(event("decision.police_nfa", {"suspect": "s1", **data})), "r6-police-nfa")
    assert (update.state, "nfa_incomplete" in codes(update)) == ("held", needs)


@pytest.mark.parametrize(
    ("of_person", "more", "style"),
    [
        ({}, (), "plain"),
        ({"preference": {"channel": "sms"}}, (), "neutral"),
        ({"contacts": [{**PHONE, "shared": True}]}, (), "neutral"),
    ],
    ids=["agreed", "not agreed", "somebody else's handset too"],
)
def test_plain_words_only_where_they_were_agreed(
    of_person: dict[str, Any], more: Sequence[CaseEvent], style: str
) -> None:
    """Plain words need agreement and a handset of one's own; neutral ones are a prompt."""
    assert only(plain_case(arrest(), *more, **of_person), "r6-arrest").style == style


def test_plain_words_need_an_assessment() -> None:
    """A person whose needs nobody assessed gets neutral words."""
    assert only([crime(), person(), arrest()], "r6-arrest").style == "neutral"


def test_a_channel_without_words_gives_way_where_none_was_asked_for() -> None:
    """Without a preference the first channel on which it can be said is taken."""
    declined = event(
        "investigation.declined", {"reason_text": "There were no lines of enquiry.", "approved_by": "Insp A"}
    )
    preference = {"plain_wording": True}
    update = only(plain_case(declined, contacts=[PHONE, EMAIL], preference=preference), "r6-no-investigation")
    assert (update.kind, update.channel) in {("news", "email"), ("prompt", "sms")}


@pytest.mark.parametrize(
    ("contacts", "preference", "expected"),
    [
        ([PHONE, EMAIL], "sms", "c1"),
        ([PHONE, EMAIL], "email", "c2"),
        ([EMAIL], "sms", "c2"),
        ([{**EMAIL, "safe": None}], "sms", None),
        ([{**PHONE, "safe": False}, EMAIL], "sms", "c2"),
        ([{**PHONE, "safe": None}], None, "c1"),
    ],
    ids=[
        "asked for",
        "the other",
        "only the other, marked safe",
        "only the other, not marked",
        "asked for, unsafe",
        "no wish",
    ],
)
def test_a_contact_stands_in_for_another_only_if_it_was_marked_safe(
    contacts: list[dict[str, Any]], preference: str | None, expected: str | None
) -> None:
    """T2: the preferred channel, else only a contact that was itself marked safe."""
    said = {"channel": preference, "plain_wording": True}
    assert only(plain_case(arrest(), contacts=contacts, preference=said), "r6-arrest").contact == expected


def test_a_guardian_and_their_own_child_may_share_a_safe_number() -> None:
    """PR11: the one exception to a shared contact, and only where both are marked safe."""
    for safe, state in ((True, "planned"), (None, "held")):
        contact = {**PHONE, "safe": safe}
        child = person("v1", born="2012-01-01", contacts=[contact])
        guardian = person("g1", "parent_guardian", contacts=[contact], stands_for="v1")
        update = only([crime(), child, guardian, assessed(), assessed("g1"), arrest()], "r6-arrest", "v1")
        assert update.state == state


def test_english_where_it_was_agreed() -> None:
    """PR18: somebody who agreed to English gets English."""
    said = {"channel": "sms", "english_accepted": True, "plain_wording": True}
    update = only(plain_case(arrest(), language="pl", preference=said), "r6-arrest")
    assert (update.state, update.language) == ("planned", "en")


def test_a_hold_says_what_to_say() -> None:
    """A hold carries words for the person who takes it."""
    update = only(plain_case(event("suspect.released", {"suspect": "s1", "mode": "bail"})), "r6-bail")
    assert update.say
    assert update.never_say


@pytest.mark.parametrize(
    "code", ["lapsed", "safe_contact_unknown", "shared_contact", "opted_out_of_safety_news", "interpreter"]
)
def test_what_comes_before_an_urgent_call_is_said_before_it(code: str) -> None:
    """Nobody reads "ring now" above "find a way that is safe before you ring"."""
    first, _ = words_for(in_order(("safety_critical", code)))
    assert first[-1].startswith("Do that at once, then ring.")
    assert not any(line.startswith("Ring now") for line in first)
    assert words_for(("safety_critical", "prefers_phone"))[0][0].startswith("Ring now")
