"""Reading age: the Flesch-Kincaid grade of a text, the school year in which most can read it. A gate, not a score (PR18)."""

from __future__ import annotations

import re
from typing import Final

HARDEST: Final = 6.0
"""The highest grade that a template may have."""

_SENTENCE: Final = re.compile(r"[.!?:]+(?:\s|$)|\n+")
_VOWELS: Final = re.compile(r"[aeiouy]+")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z']*")


def syllables(word: str) -> int:
    """About how many: groups of vowels, but for a silent e at the end."""
    word = word.lower()
    groups = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith("le") and groups > 1:
        groups -= 1
    return max(1, groups)


def grade(text: str) -> float:
    """0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid and others, 1975). A line on its own is a sentence."""
    found, words = sentences(text), _WORD.findall(text)
    if not found or not words:
        return 0.0
    return 0.39 * len(words) / len(found) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def sentences(text: str) -> list[str]:
    """The sentences of a text that hold a word."""
    return [line.strip() for line in _SENTENCE.split(text) if re.search("[A-Za-z]", line)]


def hardest_sentence(text: str) -> str:
    """The sentence with the highest grade: the one to write anew."""
    return max(sentences(text), key=grade, default="")


def too_hard(text: str) -> str | None:
    """What makes `text` too hard, in words; None where it is easy enough."""
    found = grade(text)
    if found <= HARDEST:
        return None
    return f"its reading grade is {found:.1f}, and {HARDEST:g} is the most: {hardest_sentence(text)!r} is hardest"
