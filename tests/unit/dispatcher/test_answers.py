"""What the answers of Twilio and of a relay mean: total, and careful where it is not certain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher import sms
from services.dispatcher.email import Phase, outcome
from services.dispatcher.gateways import Accepted, NotSent, Outcome, Refused, Unknown
from services.dispatcher.sms import refused, retry_after
from services.dispatcher.transport import NotWritten

NOW = datetime(2026, 3, 9, 10, 15, tzinfo=UTC)


@given(st.integers(100, 999), st.one_of(st.none(), st.integers(), st.text(), st.booleans()))
def test_every_status_and_code_of_twilio_has_one_meaning(status: int, code: object) -> None:
    """Whatever comes, it is one of the three answers that are no success; 5xx is never taken for proof of anything (R21)."""
    found: Outcome = refused(status, code)
    assert isinstance(found, (Refused, NotSent, Unknown))
    if status >= 500 or status < 400:
        assert isinstance(found, Unknown)


@pytest.mark.parametrize("code", [21211, "21211"])
def test_a_code_may_come_as_a_number_or_as_text(code: object) -> None:
    """Twilio documents numbers; a look-alike may quote them."""
    assert refused(400, code) == Refused("twilio:21211", "The provider refused this message.")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999999", 86_400.0),
        ("Mon, 09 Mar 2026 10:15:30 GMT", 30.0),
        ("Mon, 09 Mar 2026 10:14:30 GMT", 0.0),
        ("Mon, 09 Mar 2026 10:15:30 -0000", 30.0),
        ("soon", None),
        ("-5", None),
        ("\u0667", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_r23_how_long_to_wait_is_read_as_a_number_or_a_date(header: str, seconds: float | None) -> None:
    """RFC 9110 allows both; anything else is no advice, and no advice keeps us away for more than a day."""
    assert retry_after({"retry-after": header}, NOW) == seconds


@given(st.text())
def test_no_header_stops_us(header: str) -> None:
    """Whatever the header holds, it is read or ignored."""
    found = retry_after({"retry-after": header}, NOW)
    assert found is None or 0 <= found <= 86_400


def test_trouble_with_tls_concerns_everybody() -> None:
    """A far end that cannot be trusted is not about one message."""
    assert sms.not_written(NotWritten("tls")).provider_wide
    assert not sms.not_written(NotWritten("connect")).provider_wide
    assert not sms.not_written(NotWritten("busy")).provider_wide


@given(st.sampled_from(get_args(Phase)), st.one_of(st.none(), st.integers(-1, 999)), st.text())
def test_every_reply_of_a_relay_has_one_meaning(phase: Phase, code: int | None, text: str) -> None:
    """Before the last dot nothing is unknown; after it everything is but a clear 4xx or 5xx (R37)."""
    found = outcome(phase, code, text, "lost")
    answered = code is not None and 400 <= code < 600
    assert isinstance(found, Unknown) == (phase == "dot" and not answered)
    assert not isinstance(found, Accepted)
    assert found.code.startswith("smtp:")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 no such user", "smtp:550/5.1.1"),
        ("5.1.10 null MX", "smtp:550/5.1.10"),
        ("no such user 5.1.1", "smtp:550"),
        ("5.1.1.9 odd", "smtp:550"),
        ("", "smtp:550"),
    ],
)
def test_the_enhanced_code_is_read_where_it_belongs(text: str, code: str) -> None:
    """RFC 2034: at the front of the text, or not at all."""
    found = outcome("rcpt", 550, text, "lost")
    assert isinstance(found, Refused)
    assert found.code == code
