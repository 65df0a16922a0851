"""The Flesch-Kincaid grade of a text: the school year in which most can read it."""

from __future__ import annotations

import re


def syllables(word: str) -> int:
    """About how many: groups of vowels, but for a silent e at the end."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    if word.lower().endswith("e") and not word.lower().endswith("le") and groups > 1:
        groups -= 1
    return max(1, groups)


def grade(text: str) -> float:
    """0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid and others, 1975). A line on its own is a sentence."""
    sentences = [line for line in re.split(r"[.!?:]+(?:\s|$)|\n+", text) if re.search("[A-Za-z]", line)]
    words = re.findall(r"[A-Za-z][A-Za-z']*", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
