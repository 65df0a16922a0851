"""Names of people who act: whether two of them are one person's, where two people must agree. Pure."""

from __future__ import annotations


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals and spaces: a record of who acted, not a sign-in."""
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
