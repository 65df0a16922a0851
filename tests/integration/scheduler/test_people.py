"""People across cases in the ledger: links, shared contacts, second words, reviews, and corrections to somebody else."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from schemas.editions.load import load_books
from services.ledger import approvals, cases, links
from services.ledger.alerts import list_alerts
from services.ledger.approvals import ApprovalError, decide_change, list_changes
from services.ledger.connection import Pool
from services.ledger.gate_people import companies
from services.ledger.journal import Journal
from services.ledger.linked import Related
from services.ledger.messages import Message
from services.ledger.second_word import SAFETY, of_contact
from services.scheduler.intake import Intake
from services.scheduler.replan import read_cases, replan_due
from services.scheduler.working_days import england_and_wales
from tests.integration.scheduler.support import AT, CLOCK, event, records

STANDING = replace(CLOCK, rate=1e-9)
BOOKS, CALENDAR = load_books(), england_and_wales()
NUMBER = "07700 900123"


class World:
    """An intake, and planning what it asks for."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.at = 0
        self._intake = Intake(pool, STANDING, BOOKS, CALENDAR)

    async def take(self, *events: bytes) -> None:
        """Events one by one; then every case that was to be planned again is."""
        for one in events:
            applied = await self._intake.apply(records([one], start=self.at))
            assert not applied.rejected
            self.at += 1
        while await replan_due(self.pool, STANDING, BOOKS, CALENDAR):
            pass

    async def reasons(self, case: str, update_point: str = "r6-arrest") -> list[str]:
        """The reasons of the update of a point in a case."""
        found: list[dict[str, str]] = await self.pool.fetchval(
            "select reasons from updates where case_id = $1 and update_point = $2 and state <> 'withdrawn'",
            case,
            update_point,
        )
        return [reason["code"] for reason in found]


@pytest.fixture
def world(pool: Pool) -> World:
    """A world of its own."""
    return World(pool)


def contact(value: str = NUMBER, name: str = "c1", **more: Any) -> dict[str, Any]:
    """A contact point for texts, marked safe."""
    return {"id": name, "channel": "sms", "value": value, "safe": True, **more}


def person(case: str, who: str, *roles: str, minutes: int = 0, **data: Any) -> bytes:
    """`person.recorded`."""
    said = {"person": who, "roles": list(roles), "born": "1980-01-01", **data}
    return event(f"{case}-{who}-{minutes}", "person.recorded", said, case=case, minutes=minutes)


def crime(case: str, kind: str = "other") -> bytes:
    """`crime.recorded`."""
    return event(f"{case}-crime", "crime.recorded", {"offence_classes": [kind]}, case=case)


def arrest(case: str) -> bytes:
    """`suspect.arrested`."""
    return event(f"{case}-arrest", "suspect.arrested", {"suspect": "s1"}, case=case, minutes=5)


def victims(case: str, kind: str = "other") -> list[bytes]:
    """A case with a victim and an arrest."""
    assessed = event(
        f"{case}-needs", "needs_assessment.completed", {"person": f"v-{case}", "enhanced": False}, case=case
    )
    return [crime(case, kind), person(case, f"v-{case}", "victim", contacts=[contact()]), assessed, arrest(case)]


async def test_s03_a_suspect_of_a_linked_case_is_found_in_whatever_order_it_comes(world: World) -> None:
    """S03, R13: the link, the suspect's number in another spelling, and the victim, in every order: the victim's case is held."""
    for number, order in enumerate(permutations(range(3))):
        one, other = f"a{number}", f"b{number}"
        parts = [
            victims(one),
            [person(other, f"s-{number}", "suspect", contacts=[contact("0044 7700 900 123", safe=None)])],
            [event(f"link-{number}", "case.linked", {"cases": [other]}, case=one)],
        ]
        await world.take(*(record for step in order for record in parts[step]))
        assert "shared_contact" in await world.reasons(one), order


async def test_links_hold_both_ways_until_they_are_unlinked(world: World, pool: Pool) -> None:
    """A chain of cases is one group, from either end; taking a link out parts it, whichever of the two says so."""
    await world.take(
        event("1", "case.linked", {"cases": ["b"]}, case="a"), event("2", "case.linked", {"cases": ["b"]}, case="c")
    )
    async with pool.acquire() as connection:
        ends = [("staffs", "a"), ("staffs", "c")]
        assert await links.related(connection, ends) == {
            ("staffs", "a"): Related(frozenset({"b", "c"})),
            ("staffs", "c"): Related(frozenset({"a", "b"})),
        }
    await world.take(event("3", "case.unlinked", {"cases": ["a"]}, case="b", minutes=1))
    async with pool.acquire() as connection:
        assert set(await links.related(connection, ends)) == {("staffs", "c")}
    await world.take(event("4", "event.withdrawn", {"event": "3"}, case="b", minutes=2))
    async with pool.acquire() as connection:
        assert set(await links.related(connection, ends)) == set(ends)


async def test_pr11_a_number_shared_in_one_of_a_person_s_cases_is_shared_in_all(world: World, pool: Pool) -> None:
    """PR11: the strictest counts everywhere, a victim who is a suspect in a linked case is the officer's, and gates see both."""
    same = person("b", "v-a", "witness", minutes=1)
    await world.take(*victims("a"), same, person("b", "s9", "suspect", contacts=[contact("+44 7700 900123")]))
    assert "shared_contact" in await world.reasons("a")
    linked = event("link", "case.linked", {"cases": ["c"]}, case="a", minutes=2)
    await world.take(linked, person("c", "v-a", "suspect", minutes=3))
    assert "also_suspect" in await world.reasons("a")
    async with pool.acquire() as connection:
        known = (await read_cases(connection, [("staffs", "a")], CLOCK.now()))["staffs", "a"]
        assert set(known.linked) == {"s9"}
        assert known.linked_roles == {"v-a": ("suspect",)}
        company = (await companies(connection, [_message("a", "v-a")], CLOCK.now()))["staffs", "a"]
    assert company.is_shared(known.people["v-a"], "c1")
    assert "v-a" in company.sharing.suspects


def _message(case: str, who: str) -> Message:
    """A message of a case, as far as the gates look at whom it is for."""
    nothing: Any = None
    return Message(nothing, "staffs", case, who, "news", "sms", "c1", "en", "neutral", "", 0, 0, None, None, None)


async def test_s06_a_changed_number_waits_for_a_second_person(world: World, pool: Pool) -> None:
    """S06, PR11: in domestic abuse what would go there is held until somebody approves just that change; all of it audited."""
    await world.take(*victims("a", "domestic_abuse"))
    assert "contact_not_confirmed" not in await world.reasons("a")
    await world.take(person("a", "v-a", "victim", minutes=1, contacts=[contact("07700 900777")]))
    assert "contact_not_confirmed" in await world.reasons("a")
    async with pool.acquire() as connection, connection.transaction():
        (row,) = await list_changes(connection)
        assert (row["person"], row["kind"], row["contact"], row["what"]) == ("v-a", "contact", "c1", ["value"])
        journal = Journal("people", "Sam", AT)
        who, subject = ("staffs", "v-a"), of_contact("c1")
        with pytest.raises(ApprovalError, match="something else"):
            await decide_change(connection, who, subject, "approved", "Sam", journal, code="00000000")
        with pytest.raises(ApprovalError, match="your name"):
            await decide_change(connection, who, subject, "approved", " ", journal)
        await decide_change(connection, who, subject, "approved", "Sam", journal, code=row["change"])
        with pytest.raises(ApprovalError, match="nothing"):
            await decide_change(connection, who, subject, "refused", "Sam", journal)
        assert await list_changes(connection) == []
        await journal.write(connection)
    await world.take()
    assert "contact_not_confirmed" not in await world.reasons("a")
    assert await pool.fetchval("select count(*) from audit_entry where action = 'person.change_approved'") == 1
    assert await pool.fetchval("select count(*) from audit_entry where data like '%900777%'") == 0
    await world.take(person("a", "v-a", "victim", minutes=2, contacts=[contact("07700 900888")]))
    assert "contact_not_confirmed" in await world.reasons("a")


async def test_pr11_what_loosens_safety_waits_and_is_told(world: World, pool: Pool) -> None:
    """PR11: the stricter stands, somebody is told, and a refusal lets it stand for good."""
    await world.take(*victims("a"), person("a", "v-a", "victim", minutes=1, safety={"texts_safe": False}))
    loose = event("loose", "safety.changed", {"person": "v-a", "safety": {"texts_safe": True}}, case="a", minutes=2)
    await world.take(loose)
    async with pool.acquire() as connection, connection.transaction():
        assert [alert["kind"] for alert in await list_alerts(connection)] == [approvals.ALERT]
        assert [(row["kind"], row["what"]) for row in await list_changes(connection, "staffs")] == [
            (SAFETY, ["texts_safe"])
        ]
        journal = Journal("people", "Sam", AT)
        await decide_change(connection, ("staffs", "v-a"), SAFETY, "refused", "Sam", journal)
        assert await list_changes(connection) == await list_alerts(connection) == []
        state = (await cases.read_people(connection, [("staffs", "v-a")]))["staffs", "v-a"]
    assert (state.texts_safe, state.unconfirmed) == (False, ())


async def test_pr11_a_match_found_later_opens_a_review_of_what_was_sent(world: World, pool: Pool) -> None:
    """PR11: by ids, once, whoever has the number; nothing of it is silent."""
    await world.take(*victims("a"))
    message = await pool.fetchval(
        "insert into messages (id, force, case_id, person_id, kind, channel, contact_id, language, style, reference, state,"
        " send_at, detail_id, tries, created_at, changed_at) select gen_random_uuid(), 'staffs', 'a', 'v-a', 'news', 'sms',"
        " 'c1', 'en', 'neutral', 'KF7Q2R8M', 'finished', $1, id, 1, $1, $1 from contact_detail where normal = '+447700900123'"
        " returning id",
        AT,
    )
    await pool.execute(
        "insert into attempts (id, message_id, number, channel, provider, token, state, at)"
        " values (gen_random_uuid(), $1, 1, 'sms', 'twilio', 't', 'delivered', $2)",
        message,
        AT,
    )
    await world.take(person("a", "s9", "suspect", minutes=7, contacts=[contact("(07700) 900-123")]))
    await world.take(event("again", "officer.note", {"text": "x"}, case="a", minutes=8))
    async with pool.acquire() as connection:
        (alert,) = [one for one in await list_alerts(connection) if one["kind"] == "sent_to_shared_contact"]
    assert (alert["count"], alert["owner"]) == (1, "control room")
    assert str(message) in alert["text"]
    assert "900" not in alert["about"]


async def test_a_correction_to_somebody_else_that_comes_first_reaches_both(world: World, pool: Pool) -> None:
    """R13: recorded of the wrong person and corrected: whichever comes first, one has the number and the other has not."""
    wrong = person("a", "p1", "victim", contacts=[contact()])
    right = event(
        "fix",
        "event.corrected",
        {"event": "a-p1-0", "data": {"person": "p2", "roles": ["victim"], "contacts": [contact()]}},
        case="a",
        minutes=1,
    )
    await world.take(right, wrong)
    async with pool.acquire() as connection:
        found = await cases.read_people(connection, [("staffs", "p1"), ("staffs", "p2")])
        rows = await connection.fetch("select person_id, roles from case_person where roles <> '{}'")
    contacts = {who: len(one.contacts) for (_, who), one in found.items()}
    assert (contacts.get("p1", 0), contacts["p2"]) == (0, 1)
    assert [(row["person_id"], row["roles"]) for row in rows] == [("p2", ["victim"])]


async def test_6_18_the_young_are_asked_before_they_are_18(world: World, pool: Pool) -> None:
    """6.18: an alert, once, within four weeks of the birthday, that gives no date of birth away."""
    soon = "2008-03-20"
    stands_for: dict[str, Any] = {"for": "k1"}
    child = person("a", "k1", "victim", born=soon)
    await world.take(crime("a"), child, person("a", "g1", "parent_guardian", **stands_for))
    await world.take(event("again", "officer.note", {"text": "x"}, case="a", minutes=8))
    async with pool.acquire() as connection:
        (alert,) = [one for one in await list_alerts(connection) if one["kind"] == "ask_before_18"]
    assert (alert["about"], alert["count"]) == ("staffs/k1", 1)
    assert soon not in alert["text"]
