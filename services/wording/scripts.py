"""Words for the person who tells it: what to say, what never to say, and why no machine says it."""

from __future__ import annotations

from typing import Literal

from services.wording.types import Facts


def prompt_of(update_point: str) -> Literal["news", "talk"] | None:
    """What a prompt about it says: that there is news, that we would like to talk, or None where nobody is asked to ring."""
    return "news"


def script(update_point: str, facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to say and what never to say."""
    return ("",), ("",)
