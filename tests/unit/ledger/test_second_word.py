"""PR11, S06: what changes of a person after the first recording waits for a second person; nothing grows looser by one word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.people import Folded, fold
from services.ledger.second_word import SAFETY, Verdict, loosens, of_contact, within
from tests.unit.scheduler.plan.cases import event

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SOURCE = "/force/staffs/rms"
NUMBERS = {"one": 1, "two": 2, "three": 3}


def recorded(hours: int, *contacts: dict[str, Any], known: int | None = None, **data: Any) -> CaseEvent:
    """`person.recorded` with contacts whose values are words of `NUMBERS`; `known` where the force knew it at another hour."""
    said = {"person": "p1", **data, **({"contacts": list(contacts)} if contacts else {})}
    when = AT + timedelta(hours=hours if known is None else known)
    return event("person.recorded", said, at=AT + timedelta(hours=hours), known=when, id=f"r{hours}")


def safety(hours: int, **said: Any) -> CaseEvent:
    """`safety.changed`."""
    return event("safety.changed", {"person": "p1", "safety": said}, at=AT + timedelta(hours=hours), id=f"s{hours}")


def sms(value: str | None = None, name: str = "a", **more: Any) -> dict[str, Any]:
    """A contact point."""
    return {"id": name, "channel": "sms", **({"value": value} if value else {}), **more}


def folded(*events: CaseEvent, verdicts: dict[tuple[str, str, str], Verdict] | None = None) -> Folded:
    """The person; the value of a contact names its detail."""
    details: dict[tuple[str, str, str], tuple[int | None, str | None]] = {}
    for item in events:
        inner: Any = item.data
        said = (
            inner.data.get("contacts", ()) if getattr(inner, "data", None) else getattr(inner, "contacts", None) or ()
        )
        for point in said:
            name, value = (point["id"], point.get("value")) if isinstance(point, dict) else (point.id, point.value)
            if value is not None:
                details[item.source, item.id, name] = NUMBERS[value], None
    return fold("staffs", "p1", events, details, verdicts or {})


def corrected(hours: int, target: str, *contacts: dict[str, Any]) -> CaseEvent:
    """`event.corrected` of a recording."""
    data = {"event": target, "data": {"person": "p1", "contacts": list(contacts)}}
    return event("event.corrected", data, at=AT + timedelta(hours=hours), id=f"c{hours}")


FIRST = recorded(0, sms("one", safe=True))
CONTACTS: dict[str, tuple[list[CaseEvent], dict[str, bool]]] = {
    "the first recording stands": ([FIRST], {"a": False}),
    "all that came with the first": ([recorded(0, sms("one"), sms("two", "b"))], {"a": False, "b": False}),
    "a recording without contacts is not the first": ([recorded(0), recorded(1, sms("one"))], {"a": False}),
    "another number": ([FIRST, recorded(1, sms("two"))], {"a": True}),
    "another contact": ([FIRST, recorded(1, sms("two", "b"))], {"a": False, "b": True}),
    "the same number again": ([FIRST, recorded(1, sms("one"))], {"a": False}),
    "the same number by another name": ([FIRST, recorded(1, sms("one", "b"))], {"a": False, "b": False}),
    "there and back": ([FIRST, recorded(1, sms("two")), recorded(2, sms("one"))], {"a": False}),
    "dated before the first, known after": ([FIRST, recorded(-9, sms("two", "b"), known=1)], {"a": False, "b": True}),
    "not safe is safe now": ([recorded(0, sms("one", safe=False)), recorded(1, sms(safe=True))], {"a": True}),
    "not safe is unknown now": ([recorded(0, sms("one", safe=False)), recorded(1, sms(safe=None))], {"a": False}),
    "unknown is safe now": ([recorded(0, sms("one")), recorded(1, sms(safe=True))], {"a": False}),
    "safe is not now": ([FIRST, recorded(1, sms(safe=False))], {"a": False}),
    "not safe is safe by another name": (
        [recorded(0, sms("one", safe=False)), recorded(1, sms("one", "b", safe=True))],
        {"a": False, "b": True},
    ),
    "shared is not now": ([recorded(0, sms("one", shared=True)), recorded(1, sms(shared=False))], {"a": True}),
    "a correction of the first": ([FIRST, corrected(1, "r0", sms("two"))], {"a": True}),
    "a correction of something else": ([FIRST, corrected(1, "r0", sms("one"))], {"a": False}),
    "the first withdrawn": (
        [FIRST, event("event.withdrawn", {"event": "r0"}, at=AT + timedelta(hours=1), id="w"), recorded(2, sms("two"))],
        {"a": True},
    ),
}


@pytest.mark.parametrize("case", CONTACTS)
def test_s06_a_contact_that_changed_is_marked(case: str) -> None:
    """S06: whatever comes after the first recording is marked until a second person confirms it, in any order of arrival."""
    events, expected = CONTACTS[case]
    for order in permutations(events):
        found = folded(*order)
        assert {contact.id: contact.unconfirmed for contact in found.person.contacts} == expected
        assert {change.subject for change in found.changes} == {of_contact(name) for name, it in expected.items() if it}


def test_null_never_makes_a_contact_safe() -> None:
    """PR11: silence and null leave `safe: false` and `shared: true` as they were."""
    found = folded(recorded(0, sms("one", safe=False, shared=True)), recorded(1, sms(safe=None, shared=None)))
    assert [(one.safe, one.shared) for one in found.person.contacts] == [(False, True)]


@pytest.mark.parametrize(
    ("verdict", "detail", "unconfirmed"), [("approved", 2, False), ("refused", 1, False), (None, 2, True)]
)
def test_a_second_person_s_word_settles_a_change(verdict: Verdict | None, detail: int, unconfirmed: bool) -> None:
    """Approved, the new number stands confirmed; refused, what stood before stands; without a word it waits."""
    verdicts = {} if verdict is None else {(of_contact("a"), SOURCE, "r1"): verdict}
    contact = folded(FIRST, recorded(1, sms("two")), verdicts=verdicts).person.contacts[0]
    assert (contact.detail, contact.unconfirmed) == (detail, unconfirmed)


def test_an_approval_is_of_the_words_that_waited() -> None:
    """Another change after the one that was approved waits anew; the approved value said again does not."""
    approved: dict[tuple[str, str, str], Verdict] = {(of_contact("a"), SOURCE, "r1"): "approved"}
    again = folded(FIRST, recorded(1, sms("two")), recorded(2, sms("two")), verdicts=approved)
    assert not again.changes
    other = folded(FIRST, recorded(1, sms("two")), recorded(2, sms("three")), verdicts=approved)
    assert [change.words for change in other.changes] == [((SOURCE, "r2"),)]


HOURS = [{"days": ["mon", "tue"], "from": "10:00", "to": "12:00"}]
WIDER = [{"days": ["mon", "tue"], "from": "09:00", "to": "12:00"}]
NARROWER = [{"days": ["mon"], "from": "10:30", "to": "12:00"}]
PROFILE: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]] = {
    "texts_safe": ({"texts_safe": False}, {"texts_safe": True}, {"texts_safe": False}, True),
    "texts_not_safe": ({"texts_safe": True}, {"texts_safe": False}, {"texts_safe": False}, False),
    "voicemail_safe": ({"voicemail_safe": False}, {"voicemail_safe": True}, {"voicemail_safe": False}, True),
    "moved_out": ({"lives_with_suspect": True}, {"lives_with_suspect": False}, {"lives_with_suspect": True}, True),
    "moved_in": ({"lives_with_suspect": False}, {"lives_with_suspect": True}, {"lives_with_suspect": True}, False),
    "cover_name": ({"cover_name": "Jo"}, {"cover_name": "Sam"}, {"cover_name": "Jo"}, True),
    "cover_name_first": ({}, {"cover_name": "Jo"}, {"cover_name": "Jo"}, False),
    "reconfirm_by": (
        {"reconfirm_by": "2026-06-01"},
        {"reconfirm_by": "2026-09-01"},
        {"reconfirm_by": datetime(2026, 9, 1, tzinfo=UTC).date()},
        False,
    ),
    "more_hours": ({"safe_hours": HOURS}, {"safe_hours": WIDER}, {"safe_hours": tuple(HOURS)}, True),
    "no_hours": ({"safe_hours": HOURS}, {"safe_hours": []}, {"safe_hours": tuple(HOURS)}, True),
    "fewer_hours": ({"safe_hours": HOURS}, {"safe_hours": NARROWER}, {"safe_hours": tuple(NARROWER)}, False),
    "nulls": ({"texts_safe": False}, {"texts_safe": None}, {"texts_safe": False}, False),
}


@pytest.mark.parametrize("case", PROFILE)
def test_pr11_a_safety_profile_grows_looser_by_nobody_s_word_alone(case: str) -> None:
    """PR11: what tightens a profile stands at once; what loosens it waits, and the stricter stands, until a second word."""
    before, after, stands, waits = PROFILE[case]
    events = [safety(0, **before), safety(1, **after)]
    for order in permutations(events):
        found = folded(*order)
        assert {name: getattr(found.person, name) for name in stands} == stands
        assert bool(found.person.unconfirmed) is bool(found.changes) is waits
    if waits:
        approved = folded(*events, verdicts={(SAFETY, SOURCE, "s1"): "approved"})
        assert {name: getattr(approved.person, name) for name in stands} != stands
        assert not approved.changes
        refused = folded(*events, verdicts={(SAFETY, SOURCE, "s1"): "refused"})
        assert {name: getattr(refused.person, name) for name in stands} == stands
        assert not refused.changes


def test_a_stricter_word_ends_what_waited() -> None:
    """Loosened, and taken back by the same system: nothing waits any more."""
    found = folded(safety(0, texts_safe=False), safety(1, texts_safe=True), safety(2, texts_safe=False))
    assert (found.person.texts_safe, found.changes) == (False, ())


def test_within_reads_hours_across_midnight_and_refuses_what_it_cannot_read() -> None:
    """Hours are compared minute by minute of the week; unreadable hours lie within nothing."""
    night = [{"days": ["sun"], "from": "22:00", "to": "02:00"}]
    assert within([{"days": ["mon"], "from": "00:30", "to": "01:30"}], night)
    assert not within([{"days": ["sun"], "from": "00:30", "to": "01:30"}], night)
    assert not within([{"days": ["never"], "from": "x", "to": "y"}], night)
    assert loosens("safe_hours", HOURS, [{"days": ["never"], "from": "x", "to": "y"}])
