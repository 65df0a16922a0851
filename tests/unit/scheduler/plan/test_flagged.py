"""S02: in a flagged case, whatever happens, only neutral words leave, from a neutral sender, and no prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.ledger.force_rules import Senders, Switch, careful_default
from services.scheduler.plan.hold_table import HOLDS
from services.scheduler.plan.reasons import REASONS
from services.scheduler.plan.types import Plan
from services.wording import ANY_REFERENCE, Frame, Item, forbidden, write
from tests.unit.scheduler.plan.cases import FORCE, MONDAY, assessed, crime, event, person, plain_case, planned
from tests.unit.scheduler.plan.test_every_event import EVENTS

RULES = replace(
    careful_default(FORCE),
    name="Staffs Police",
    switches=(Switch(("*",), (), "any", "automated"), Switch(("*",), ("other",), "standard", "automated")),
    senders=Senders("+447700900001", "+447700900002", "updates@staffs.example", "01632 960123"),
)
"""A force that lets a machine do all it may."""
ASKED = event(
    "wcu.received.attendance_required",
    {"person": "v1", "hearing": "h1", "at": "2026-04-14T08:30:00Z", "place": "Cannock"},
    at=MONDAY - timedelta(hours=1),
    id="asked",
)
FLAGGED: Mapping[str, tuple[Any, ...]] = {
    "domestic abuse": (crime("domestic_abuse"), person(preference={"channel": "sms"}), assessed(enhanced=True)),
    "a cover name": (crime(), person(preference={"channel": "sms"}, safety={"cover_name": "Jo"}), assessed()),
    "not assessed": (person(preference={"channel": "sms", "wants_outcome": True}), assessed()),
}


def _flagged(name: str, events: tuple[Any, ...]) -> Plan:
    return planned([*events, ASKED, EVENTS[name]], rules=RULES, now=MONDAY + timedelta(hours=3))


@pytest.mark.parametrize("name", EVENTS)
def test_s02_whatever_happens_only_neutral_words_go_to_a_flagged_person(name: str) -> None:
    """S02: no plain words, no prompt, nothing on a locked screen that says who writes or about what."""
    for why, events in FLAGGED.items():
        for update in _flagged(name, events).updates:
            if update.person != "v1" or (why == "not assessed" and "crime." in name):
                continue
            assert update.flagged, (why, update.update_point)
            assert (update.kind, update.style) in {(None, "neutral"), ("news", "neutral")}, (why, update.update_point)
            if update.kind is None or update.channel is None:
                continue
            cover = "Jo" if "cover" in why else None
            frame = Frame(ANY_REFERENCE, RULES.name, RULES.senders.telephone, cover, cover=cover is not None)
            items = [Item(update.update_point, update.facts)]
            words = write("news", update.channel, update.style, update.language, items, frame)
            said = f"{words.subject or ''} {words.body}"
            assert "Police" not in said
            assert not forbidden(said, channel=update.channel, style="neutral")


def test_s02_something_neutral_does_leave() -> None:
    """The table above is not empty: they need not come, and a text says so."""
    off = event("wcu.received.attendance_not_required", {"person": "v1", "hearing": "h1"})
    found = planned([*FLAGGED["domestic abuse"], ASKED, off], rules=RULES).updates
    assert [update.kind for update in found if update.update_point == "r8-not-needed"] == ["news"]


@pytest.mark.parametrize("name", EVENTS)
def test_every_choice_gives_a_reason_of_the_tables(name: str) -> None:
    """Each code that a plan gives stands in one of the two tables, with a plain sentence."""
    known = HOLDS.keys() | REASONS.keys()
    for events in (plain_case(EVENTS[name]), [*FLAGGED["domestic abuse"], ASKED, EVENTS[name]]):
        for update in planned(events, rules=RULES, now=MONDAY + timedelta(days=1)).updates:
            for reason in update.reasons:
                assert reason.code in known
                assert reason.text
