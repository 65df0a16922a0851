"""What a recorded conversation, letter or owner's word fulfils."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.scheduler.plan.cases import MONDAY, after_report, arrest, event, only, plain_case

LATER = MONDAY + timedelta(hours=2)


def contact(**data: Any) -> dict[str, Any]:
    return {"person": "v1", "update_points": ["r6-arrest"], "how": "phone", "by": "PC A", "substantive": True, **data}


@pytest.mark.parametrize(
    ("data", "at", "state", "evidence"),
    [
        ({}, LATER, "told", "conversation"),
        ({"how": "visit"}, LATER, "told", "conversation"),
        ({"how": None}, LATER, "told", "conversation"),
        ({"how": "letter"}, LATER, "told", "letter"),
        ({}, MONDAY, "told", "conversation"),
        ({}, MONDAY - timedelta(minutes=1), "planned", None),
        ({"substantive": False}, LATER, "planned", None),
        ({"substantive": None}, LATER, "planned", None),
        ({"person": "v2"}, LATER, "planned", None),
        ({"update_points": ["r6-bail"]}, LATER, "planned", None),
        ({"update_points": None}, LATER, "planned", None),
        ({"events": [arrest().id]}, LATER, "told", "conversation"),
        ({"events": ["another"]}, LATER, "planned", None),
    ],
    ids=[
        "a call",
        "a visit",
        "some way",
        "a letter",
        "at once",
        "before it happened",
        "not substantive",
        "not said",
        "somebody else",
        "another point",
        "no points",
        "narrowed to it",
        "narrowed to another",
    ],
)
def test_a_recorded_contact_fulfils(data: dict[str, Any], at: Any, state: str, evidence: str | None) -> None:
    """Only substantive contact of that person about that point, and not before it happened."""
    update = only(plain_case(arrest(), event("contact.made", contact(**data), at=at)), "r6-arrest")
    assert (update.state, update.evidence, update.told_at) == (state, evidence, at if state == "told" else None)
    assert (update.kind is None) == (state == "told")


def test_32_one_conversation_may_fulfil_three_updates() -> None:
    """32: arrest, interview and bail on one day, told in one call."""
    at = MONDAY + timedelta(hours=8)
    events = plain_case(
        arrest(),
        event("suspect.interviewed", {"suspect": "s1"}, at=MONDAY + timedelta(hours=3)),
        event("suspect.released", {"suspect": "s1", "mode": "bail"}, at=MONDAY + timedelta(hours=7)),
        event("contact.made", contact(update_points=["r6-arrest", "r6-interview", "r6-bail"]), at=at),
    )
    assert [(item.state, item.told_at) for item in after_report(events).updates] == [("told", at)] * 3


@pytest.mark.parametrize(
    ("point", "data", "state"),
    [
        ("r6-cps-change", {"update_point": "r6-cps-change", "person": "v1", "by": "CPS"}, "told"),
        ("r6-cps-change", {"update_point": "r6-cps-no-charge", "person": "v1", "by": "CPS"}, "held"),
        ("r6-cps-change", {"update_point": "r6-cps-change", "person": "v2", "by": "CPS"}, "held"),
    ],
    ids=["its word", "of another point", "of somebody else"],
)
def test_an_outside_owner_confirms_its_own_duty(point: str, data: dict[str, Any], state: str) -> None:
    """6.11: never met without the owner's confirmation; `at` is when it told."""
    at = LATER + timedelta(days=1)
    events = plain_case(
        event("decision.cps_changed", {"suspect": "s1"}),
        event("owner.confirmed", {**data, "at": LATER.isoformat()}, at=at),
    )
    update = only(events, point)
    assert (update.state, update.told_at) == (state, LATER if state == "told" else None)
    assert update.evidence == ("owner_confirmed" if state == "told" else None)
    if state == "held":
        assert update.reasons[1].code in {"safety_critical", "outside_owner"}


def test_an_owner_does_not_confirm_what_the_police_owe() -> None:
    """The word of another body fulfils nothing of ours."""
    word = event("owner.confirmed", {"update_point": "r6-arrest", "person": "v1", "by": "CPS"}, at=LATER)
    assert only(plain_case(arrest(), word), "r6-arrest").state == "planned"


def test_pr13_telling_the_decision_tells_the_release_too() -> None:
    """PR13: no further action subsumes the release of the same suspect that went before."""
    events = plain_case(
        event("suspect.released", {"suspect": "s1", "mode": "no_charge"}),
        event("decision.police_nfa", {"suspect": "s1"}, at=LATER),
    )
    assert "overtaken" in [reason.code for reason in only(events, "r6-released-no-charge").reasons]
    call = event("contact.made", contact(update_points=["r6-police-nfa"]), at=LATER + timedelta(hours=1))
    assert {item.state for item in after_report([*events, call]).updates} == {"told"}


def test_a_subsuming_decision_on_another_suspect_tells_nothing_of_this_one() -> None:
    """Each suspect is a duty of their own."""
    events = plain_case(
        event("suspect.released", {"suspect": "s1", "mode": "no_charge"}),
        event("decision.police_nfa", {"suspect": "s2"}, at=LATER),
        event("contact.made", contact(update_points=["r6-police-nfa"]), at=LATER),
    )
    assert only(events, "r6-released-no-charge").state == "held"


@pytest.mark.parametrize(
    ("point", "words", "state"),
    [
        ("r4-referral", [("referral.offered", "victim-support", False)], "declined"),
        ("r4-referral", [("referral.offered", None, False)], "declined"),
        ("r4-referral", [("referral.offered", "victim-support", None)], "held"),
        ("r4-referral", [("referral.offered", "victim-support", True)], "held"),
        ("r4-referral", [("referral.offered", "vcs", False)], "held"),
        ("r4-referral", [("referral.made", "vcs", True)], "held"),
        ("r4-referral", [("referral.offered", "x", False), ("referral.offered", "x", True)], "held"),
        ("r4-referral", [("referral.offered", "x", False), ("referral.made", "x", True)], "told"),
        ("r11-vcs-referral", [("referral.offered", "vcs", False)], "declined"),
        ("r11-vcs-referral", [("referral.offered", "victim-support", False)], "held"),
        ("r11-vcs-referral", [("referral.offered", "vcs", False), ("referral.offered", "vcs", True)], "held"),
    ],
    ids=[
        "no to a service",
        "no to any",
        "offered, and nothing said",
        "yes, and not yet made",
        "no to the contact scheme is none to support",
        "referred to the scheme, not to support",
        "yes after no",
        "made after no",
        "no to the scheme",
        "no to support is none to the scheme",
        "back in",
    ],
)
def test_nobody_is_referred_who_said_no(
    point: str, words: list[tuple[str, str | None, bool | None]], state: str
) -> None:
    """Rights 4 and 11: whoever refuses is not referred, and may change their mind; the last word counts."""
    sentence = event("wcu.received.sentence", {"suspect": "s1", "vcs_qualifying": True})
    said = [
        event(
            kind,
            {"person": "v1", "service": service, "consent": consent},
            at=LATER + timedelta(hours=number),
            id=f"r{number}",
        )
        for number, (kind, service, consent) in enumerate(words)
    ]
    assert only(plain_case(sentence, *said), point).state == state
