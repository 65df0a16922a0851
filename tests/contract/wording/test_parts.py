"""How many parts a text has: as Twilio's own calculator counts them, and as `smsutil` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from services.wording.gsm import BASIC, EXTENDED, is_gsm, parts

_CORPUS = Path(__file__).parent / "sms_parts.jsonl"
ANSWERS: list[dict[str, Any]] = [orjson.loads(line) for line in _CORPUS.read_bytes().splitlines()]


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_as_the_providers_calculator_counts(answer: dict[str, Any]) -> None:
    """Alphabet and parts of each text of the corpus, boundary pairs and Welsh among them."""
    assert parts(answer["text"]) == answer["parts"]
    assert is_gsm(answer["text"]) is (answer["encoding"] == "GSM-7")


def test_the_corpus_holds_what_is_hard() -> None:
    """Both alphabets, one part and several, and texts that dividing their length would count wrongly."""
    assert {answer["encoding"] for answer in ANSWERS} == {"GSM-7", "UCS-2"}
    assert {1, 2, 3, 4} <= {answer["parts"] for answer in ANSWERS}
    assert any(_divided(answer["text"]) != answer["parts"] for answer in ANSWERS)


_GSM = st.text(st.sampled_from(sorted((BASIC | EXTENDED) - {"\f"})), max_size=330)
_ANY = st.text(st.sampled_from("abc ŵŷâ€[😀"), max_size=210)


@given(st.one_of(_GSM, _ANY))
def test_as_smsutil_splits(text: str) -> None:
    """The independent splitter agrees, whatever stands at a boundary."""
    assert parts(text) == (len(smsutil.split(text).parts) if text else 0)


def _divided(text: str) -> int:
    septets = len(text) + sum(map(text.count, EXTENDED)) if is_gsm(text) else 0
    units = septets or len(text.encode("utf-16-le")) // 2
    alone, several = (160, 153) if septets else (70, 67)
    return 1 if units <= alone else -(-units // several)
