"""Forms as they are written and read: the quick way says what the standard library says."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.transport import encode_form

_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(_TEXT, st.one_of(_TEXT, st.integers(), st.lists(_TEXT))))
def test_a_form_is_quoted_as_the_standard_library_quotes_it(fields: dict[str, object]) -> None:
    """For any names and values, lists repeated."""
    assert encode_form(fields) == urlencode(fields, doseq=True)


@given(_TEXT)
def test_what_is_written_can_be_read(text: str) -> None:
    """A body comes back as it went."""
    assert parse_qsl(encode_form({"Body": text}), keep_blank_values=True) == [("Body", text)]


def test_half_a_character_is_refused() -> None:
    """A lone surrogate has no bytes, so there is nothing that could be sent for it."""
    with pytest.raises(UnicodeEncodeError):
        encode_form({"Body": "\ud800"})
