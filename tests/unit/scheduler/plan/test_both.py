"""A victim who is a witness: rows of both books, one message or one conversation (victims-code 4.1, 6.9, PR17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.envelope import CaseEvent
from services import wording
from services.ledger.force_rules import Switch, careful_default
from services.scheduler.plan.types import Plan, Planned
from tests.unit.scheduler.plan.cases import EMAIL, FORCE, MONDAY, PHONE, assessed, codes, crime, event, person, planned
from tests.unit.scheduler.plan.ledger import Ledger

EVERYTHING = replace(careful_default(FORCE), switches=(Switch(("*",), (), "any", "automated"),))
FRAME = wording.Frame("KF7Q2R8M", "Staffs Police", "01632 960123", None)
DAY = timedelta(days=1)


def hearing(kind: str = "listed", at: str | None = "2026-06-15T09:00:00Z", after: timedelta = DAY * 0) -> CaseEvent:
    """What the court says of the trial."""
    data = {"hearing": "h1", "listing": "fixed", "starts_at": at, "court": {"name": "Cannock"}, "purpose": "trial"}
    if at is None:
        data = {"hearing": "h1"}
    return event(f"wcu.received.hearing_{kind}", data, at=MONDAY + after, id=f"{kind}-{after.days}")


def come(who: str = "v1") -> CaseEvent:
    """They must come."""
    data = {"person": who, "hearing": "h1", "at": "2026-06-15T08:30:00Z", "place": "Cannock"}
    return event("wcu.received.attendance_required", data, id=f"come-{who}")


def stay(who: str = "v1", after: timedelta = DAY) -> CaseEvent:
    """They need not."""
    data = {"person": who, "hearing": "h1"}
    return event("wcu.received.attendance_not_required", data, at=MONDAY + after, id=f"stay-{who}")


MEASURES = event("special_measures.decided", {"person": "v1", "measures": ["screens"], "granted": True}, id="measures")
CONVICTED = event(
    "wcu.received.case_outcome", {"suspect": "s1", "outcome": "convicted", "in_custody_today": True}, id="outcome"
)
ACQUITTED = event("wcu.received.case_outcome", {"suspect": "s1", "outcome": "acquitted"}, id="outcome")
SENTENCE = event(
    "wcu.received.sentence",
    {
        "suspect": "s1",
        "sentence": "4 years in prison",
        "plain_meaning": "They serve part of it in prison.",
        "sentence_kind": "custody",
        "in_custody_today": True,
    },
    id="sentence",
)


def case(*more: CaseEvent, channel: str = "sms", roles: Sequence[str] = ("victim", "witness")) -> list[CaseEvent]:
    """An ordinary crime, and somebody who is both."""
    preference = {"channel": channel, "plain_wording": True, "wants_outcome": True}
    return [crime(), person("v1", *roles, contacts=[PHONE, EMAIL], preference=preference), assessed(), *more]


def pair(found: Plan, event_id: str) -> list[Planned]:
    """The rows of one event that say the same, the Code's first."""
    twins = ("r8-hearing-date", "r8-attend", "r8-special-measures", "r8-not-needed", "r9-outcome", "r9-sentence")
    rows = [one for one in found.updates if one.event_id == event_id and one.update_point in twins]
    return rows + [one for one in found.updates if one.event_id == event_id and one.update_point.startswith("w-")]


SAID: dict[str, tuple[list[CaseEvent], str, str, str]] = {
    "a date": ([hearing()], "listed-0", "w-hearing-date", "sms"),
    "a date by email": ([hearing()], "listed-0", "w-hearing-date", "email"),
    "a stand-down": ([hearing(), come(), stay()], "stay-v1", "w-stood-down", "sms"),
    "a conviction": ([CONVICTED], "outcome", "w-outcome", "sms"),
    "a conviction by email": ([CONVICTED], "outcome", "w-outcome", "email"),
    "a sentence by email": ([SENTENCE], "sentence", "w-outcome", "email"),
}


@pytest.mark.parametrize("name", SAID)
def test_6_9_both_rows_go_in_one_message_that_says_it_once(name: str) -> None:
    """Two rows with one combine key and one message, whose words are those of the Code alone."""
    happened, key, charter, channel = SAID[name]
    found = planned(case(*happened, channel=channel), rules=EVERYTHING)
    rows = pair(found, key)
    assert [row.update_point for row in rows][1:] == [charter]
    assert {(row.state, row.kind, row.role) for row in rows} == {("planned", "news", "victim")}
    serving = [one for one in found.messages if not {row.id for row in rows}.isdisjoint(one.updates)]
    assert [set(one.updates) for one in serving] == [{row.id for row in rows}]
    order = {row.id: row for row in rows}
    items = [wording.Item(order[update].update_point, order[update].facts) for update in serving[0].updates]
    both = wording.write("news", channel, rows[0].style, "en", items, FRAME)
    alone = wording.write("news", channel, rows[0].style, "en", items[:1], FRAME)
    assert both == alone


HELD: dict[str, tuple[list[CaseEvent], str, str]] = {
    "called to court": ([hearing(), come()], "come-v1", "sms"),
    "called to court by email": ([hearing(), come()], "come-v1", "email"),
    "help in court": ([MEASURES], "measures", "sms"),
    "an acquittal": ([ACQUITTED], "outcome", "sms"),
    "a sentence, where texts are wanted": ([SENTENCE], "sentence", "sms"),
}


@pytest.mark.parametrize("name", HELD)
def test_what_a_person_tells_of_the_code_is_no_text_of_the_charter(name: str) -> None:
    """Where the Code's is a call, the Charter's is the same call: never a text beside it, and one prompt at most."""
    happened, key, channel = HELD[name]
    found = planned(case(*happened, channel=channel), rules=EVERYTHING)
    rows = pair(found, key)
    assert len(rows) == 2
    assert {row.state for row in rows} == {"held"}
    assert len({(row.kind, row.contact, row.task, row.queue, row.target_at) for row in rows}) == 1
    assert rows[1].say[0].startswith("The Victims' Code owes them the same news")
    serving = [one for one in found.messages if not {row.id for row in rows}.isdisjoint(one.updates)]
    assert len(serving) <= 1
    assert all(one.kind == "prompt" for one in serving)


def test_pr09_a_moved_date_is_put_right_once() -> None:
    """What takes back an earlier message stands alone, and still serves both rows."""
    ledger = Ledger()
    ledger.see(case(hearing()), MONDAY + timedelta(hours=1), rules=EVERYTHING)
    for update in ledger.sending()[0].updates:
        ledger.send(update)
    moved = hearing("changed", "2026-07-06T09:00:00Z", DAY)
    found = ledger.see(case(hearing(), moved), MONDAY + DAY + timedelta(hours=2), rules=EVERYTHING)
    rows = pair(found, "changed-1")
    assert [set(one.updates) for one in ledger.sending()] == [{row.id for row in rows}]
    assert len(rows) == 2
    off = hearing("vacated", None, DAY * 2)
    for update in ledger.sending()[0].updates:
        ledger.send(update)
    found = ledger.see(case(hearing(), moved, off), MONDAY + DAY * 3, rules=EVERYTHING)
    rows = pair(found, "vacated-2")
    assert [row.update_point for row in rows] == ["r8-hearing-date", "w-stood-down"]
    assert [set(one.updates) for one in ledger.sending()] == [{row.id for row in rows}]


def test_pr10_a_corrected_date_is_corrected_once() -> None:
    """Both rows were told what was wrong, and one message puts both right."""
    ledger = Ledger()
    ledger.see(case(hearing()), MONDAY + timedelta(hours=1), rules=EVERYTHING)
    for update in ledger.sending()[0].updates:
        ledger.send(update)
    right = {
        "hearing": "h1",
        "listing": "fixed",
        "starts_at": "2026-06-16T09:00:00Z",
        "court": {"name": "Cannock"},
        "purpose": "trial",
    }
    fixed = event(
        "event.corrected", {"event": "listed-0", "data": right, "reason": "wrong day"}, at=MONDAY + DAY, id="fixed"
    )
    found = ledger.see(case(hearing(), fixed), MONDAY + DAY + timedelta(hours=1), rules=EVERYTHING)
    corrections = {one.id for one in found.updates if one.corrects is not None}
    assert len(corrections) == 2
    assert [set(one.updates) for one in ledger.sending()] == [corrections]


def test_a_conversation_about_the_codes_row_tells_the_charters_too() -> None:
    """One conversation tells both: nobody is texted afterwards what they just heard."""
    spoke = event(
        "contact.made",
        {"person": "v1", "update_points": ["r8-hearing-date"], "how": "phone", "by": "Jo", "substantive": True},
        at=MONDAY + timedelta(minutes=5),
        id="spoke",
    )
    found = planned(case(hearing(), spoke), rules=EVERYTHING)
    assert [(row.state, row.evidence) for row in pair(found, "listed-0")] == [("told", "conversation")] * 2
    assert not [one for one in found.messages if one.updates[0] in {row.id for row in pair(found, "listed-0")}]


@pytest.mark.parametrize("state", ["told", "sent"])
def test_who_becomes_a_witness_after_a_message_left_is_not_told_it_again(state: str) -> None:
    """The row of the Charter is settled by what they read already, or waits for its receipt."""
    ledger = Ledger()
    ledger.see(case(hearing(), roles=("victim",)), MONDAY + timedelta(hours=1), rules=EVERYTHING)
    for update in ledger.sending()[0].updates:
        ledger.send(update, state)  # type: ignore[arg-type]  # one of two words
    found = ledger.see(case(hearing()), MONDAY + timedelta(hours=2), rules=EVERYTHING)
    rows = pair(found, "listed-0")
    assert rows[1].state == ("told" if state == "told" else "planned")
    assert "told_with_code" in codes(rows[1])
    assert ledger.sending() == ()
    assert state == "told" or found.again_at == MONDAY + timedelta(hours=3)


def test_opted_out_of_hearings_they_still_hear_that_they_need_not_come() -> None:
    """Nobody can opt out of the Charter's stand-down, and somebody who was asked to come is rung, whatever they opted out of."""
    unwanted = {"channel": "sms", "plain_wording": True, "opt_out": ["hearings"]}
    who = person("v1", "victim", "witness", preference=unwanted)
    found = planned([crime(), who, assessed(), hearing(), come(), hearing("vacated", None, DAY)], rules=EVERYTHING)
    rows = {row.update_point: row for row in pair(found, "vacated-1")}
    assert {row.state for row in rows.values()} == {"held"}
    assert {"may_come_in_vain"} <= set(codes(rows["r8-hearing-date"])) & set(codes(rows["w-stood-down"]))
    idle = [crime(), who, assessed(), hearing(), hearing("vacated", None, DAY)]
    rows = {row.update_point: row for row in pair(planned(idle, rules=EVERYTHING), "vacated-1")}
    assert rows["r8-hearing-date"].state == "declined"
    assert "told_with_code" not in codes(rows["w-stood-down"])


@pytest.mark.parametrize("roles", [("victim", "witness"), ("witness",)])
def test_nobody_hears_as_a_witness_an_outcome_that_they_do_not_want_to_know(roles: tuple[str, ...]) -> None:
    """`wants_outcome: false` is about the news, not about the book."""
    who = person("v1", *roles, preference={"channel": "sms", "plain_wording": True, "wants_outcome": False})
    found = planned([crime(), who, assessed(), CONVICTED], rules=EVERYTHING)
    assert {row.state for row in pair(found, "outcome")} == {"declined"}


def test_whoever_brings_a_child_hears_every_date_and_that_it_need_not_come() -> None:
    """A guardian who was told when to bring a child is told when it changes, and when it is off; victim or witness."""
    happened = [hearing(), come("k1"), hearing("changed", "2026-07-06T09:00:00Z", DAY), stay("k1", DAY * 2)]
    for roles in (("witness",), ("victim", "witness"), ("victim",)):
        child = person("k1", *roles, born="2014-01-01", contacts=[])
        people = [crime(), child, person("g1", "parent_guardian", stands_for="k1"), assessed("k1")]
        found = planned([*people, *happened], rules=EVERYTHING)
        theirs = [one for one in found.updates if one.person == "g1" and one.update_point.startswith(("r8-", "w-"))]
        for event_id in ("listed-0", "come-k1", "changed-1", "stay-k1"):
            assert (
                len([one for one in theirs if one.event_id == event_id and one.update_point != "r4-wcu-needs"]) >= 1
            ), (
                roles,
                event_id,
            )
        sent = [set(one.updates) for one in found.messages if one.person == "g1" and one.kind == "news"]
        stood_down = {one.id for one in theirs if one.event_id == "stay-k1"}
        assert [one for one in sent if stood_down & one] in ([], [stood_down])


def test_pr17_whoever_brings_two_children_reads_the_same_news_once() -> None:
    """One arrest, one move of a date: one text to a parent of two, each child's row in it; never one for all that differs."""
    children = [person(one, "victim", "witness", born="2014-01-01", contacts=[]) for one in ("k1", "k2")]
    guardian = person("g1", "parent_guardian", stands_for=["k1", "k2"])
    base = [crime(), *children, guardian, assessed("k1"), assessed("k2")]
    ledger = Ledger()
    ledger.see([*base, hearing()], MONDAY + timedelta(hours=1), rules=EVERYTHING)
    for event_id, more in (
        ("listed-0", []),
        ("changed-1", [hearing("changed", "2026-07-06T09:00:00Z", DAY)]),
    ):
        found = ledger.see([*base, hearing(), *more], MONDAY + DAY * (len(more)) + timedelta(hours=2), rules=EVERYTHING)
        rows = {one.id for one in found.updates if one.person == "g1" and one.event_id == event_id}
        assert len(rows) == 4
        sent = [one for one in ledger.sending() if one.person == "g1" and rows & set(one.updates)]
        assert [set(one.updates) for one in sent] == [rows]
        for update in rows:
            ledger.send(update)
    apart = planned([*base, hearing(), come("k1"), come("k2"), stay("k1")], rules=EVERYTHING)
    off = {one.id for one in apart.updates if one.person == "g1" and one.event_id == "stay-k1"}
    assert all(set(one.updates) <= off for one in apart.messages if off & set(one.updates))
