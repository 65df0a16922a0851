"""What the demo's screen says: a line for each thing that befell somebody, however many updates it befell. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.sandbox.story import LONDON

_REASONS: Final = 2
"""How many reasons a line says; `kept updates show` has them all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, at a case time."""

    at: datetime
    case: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What befell one update: its rule, whom it is for, and what is said of it. `why` is said once for several."""

    at: datetime
    case: str
    word: str
    person: str
    point: str
    cite: str = ""
    how: str = ""
    due: datetime | None = None
    why: tuple[str, ...] = ()


def fold(pieces: Sequence[Piece]) -> list[Line]:
    """A line for each thing that befell somebody, however many updates it befell."""
    groups: dict[tuple[str, str, str, str], list[Piece]] = {}
    for piece in pieces:
        groups.setdefault((piece.case, piece.word, piece.person, piece.how), []).append(piece)
    return [_line(group) for group in groups.values()]


def _line(group: Sequence[Piece]) -> Line:
    first = group[0]
    points = ", ".join(dict.fromkeys(piece.point for piece in group))
    said = [f"{points} for {first.person}"]
    if len(group) == 1 and first.cite:
        said.append(first.cite)
    due = min((piece.due for piece in group if piece.due is not None), default=None)
    if first.word in {"planned", "held"}:
        said.append(f"due {when(due)}" if len(group) == 1 or due is None else f"the first due {when(due)}")
    if first.how:
        said.append(first.how)
    why = list(dict.fromkeys(reason for piece in group for reason in piece.why))
    if why:
        more = f"; {len(why) - _REASONS} more" if len(why) > _REASONS else ""
        said.append("; ".join(why[:_REASONS]) + more)
    return Line(first.at, first.case, first.word, " · ".join(said))


def when(at: datetime | None) -> str:
    """An instant as people read it, in London."""
    return "no date" if at is None else at.astimezone(LONDON).strftime("%a %-d %b %H:%M")
