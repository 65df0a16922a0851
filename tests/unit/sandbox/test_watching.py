"""The screen: what befalls several updates of one person is one line, and nobody takes what nobody is there to take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.ledger.force_rules import read_rules
from services.sandbox.lines import Piece, fold
from services.sandbox.staff import on_duty
from services.sandbox.story import force_file, instant

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
RULES = read_rules(force_file())


def _held(point: str, **more: Any) -> Piece:
    fields: dict[str, Any] = {"cite": "Victims' Code 2020, Right 6, confidence R", "why": ("a person asks it",)}
    return Piece(NOON, "case-1", "held", "ann", point, **(fields | more))


def test_one_update_is_shown_with_its_rule_and_its_deadline() -> None:
    """Rule, person, citation, due, reason."""
    (line,) = fold([_held("r6-arrest", due=NOON)])
    assert line.text == (
        "r6-arrest for ann · Victims' Code 2020, Right 6, confidence R · due Mon 9 Mar 12:00 · a person asks it"
    )


def test_several_of_one_person_are_one_line_with_the_first_deadline_and_each_reason_once() -> None:
    """The rules stand in `kept updates show`; an unverified one is marked here too."""
    later = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    (line,) = fold([_held("r4-needs"), _held("r3-ack", due=later), _held("r6-reopened (unverified)", due=NOON)])
    assert line.text == (
        "r4-needs, r3-ack, r6-reopened (unverified) for ann · the first due Mon 9 Mar 12:00 · a person asks it"
    )


def test_what_befell_other_people_or_went_another_way_is_a_line_of_its_own() -> None:
    """By case, person, what happened and how."""
    pieces = [
        Piece(NOON, "case-1", "told", "ann", "r3-ack", how="letter"),
        Piece(NOON, "case-1", "told", "ann", "r4-needs", how="done"),
        Piece(NOON, "case-1", "told", "ben", "r3-ack", how="letter"),
    ]
    assert [line.text for line in fold(pieces)] == [
        "r3-ack for ann · letter",
        "r4-needs for ann · done",
        "r3-ack for ben · letter",
    ]


@pytest.mark.parametrize(
    ("at", "queues"),
    [
        ("Mon 10:00", {"victim_care", "witness_care", "liaison", "control_room"}),
        ("Mon 19:00", {"liaison", "control_room"}),
        ("Sat 02:00", {"control_room"}),
    ],
)
def test_a_queue_is_looked_after_while_it_is_staffed(at: str, queues: set[str]) -> None:
    """By the rota of the sample force; the interpreters' queue never is, so what lies there moves on (PR19)."""
    assert set(on_duty(RULES, instant(at))) == queues
