"""Whether a text in Welsh is easy enough: no long sentence, and words that are short on the whole.

The reading grade is no measure here. Its weights were fitted to English readers and English syllables, and nobody has published
a formula for Welsh that was. Long sentences and long words are hard in both, so those two are limited, by numbers of our own:
about what the English templates keep to. Whoever approves the words reads them; this only catches what is plainly too hard.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from services.wording.reading import sentences

LONGEST_SENTENCE: Final = 22
"""Words."""
LONGEST_WORDS: Final = 4.8
"""Letters a word, over the whole text."""

_LETTER: Final = re.compile("ch|dd|ff|ng|ll|ph|rh|th|[a-z]")
"""Welsh counts these pairs as one letter each."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def too_hard(text: str) -> str | None:
    """What makes `text` too hard, in words; None where it is easy enough."""
    for sentence in sentences(text):
        count = len(_WORD.findall(sentence))
        if count > LONGEST_SENTENCE:
            return f"{sentence!r} has {count} words, and {LONGEST_SENTENCE} is the most"
    words = _WORD.findall(text)
    if words and (length := sum(map(letters, words)) / len(words)) > LONGEST_WORDS:
        return f"its words have {length:.1f} letters on the whole, and {LONGEST_WORDS:g} is the most"
    return None


def letters(word: str) -> int:
    """How many letters a word has, as they are counted in Welsh."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return len(_LETTER.findall(plain))
