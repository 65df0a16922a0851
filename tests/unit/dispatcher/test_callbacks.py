"""Callbacks: only what our account signed, in the exact shapes that Twilio uses, means anything."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from services.dispatcher.receipts.callbacks import (
    Fields,
    Malformed,
    genuine,
    inbound_text,
    recipient,
    status_callback,
)

AUTH = "0123456789abcdef0123456789abcdef"
URL = "https://receipts.example.org/twilio/status?attempt=0123456789abcdef0123456789abcdef"
SID = "SM" + "0123456789abcdef" * 2
FORM = {
    "MessageSid": SID,
    "MessageStatus": "undelivered",
    "ErrorCode": "30003",
    "AccountSid": "AC" + "0" * 32,
    "To": "+447700900001",
    "From": "+447700900099",
    "Empty": "",
}
QUERY = b"attempt=0123456789abcdef0123456789abcdef"
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


def fields(form: object) -> Fields:
    return Fields(urlencode(form, doseq=True).encode())  # type: ignore[arg-type]  # whatever urlencode takes


def sign(form: dict[str, str], url: str = URL, token: str = AUTH) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


@given(st.dictionaries(TEXT, TEXT))
def test_s10_what_twilio_signs_is_genuine(form: dict[str, str]) -> None:
    """Empty values, names in any order and any letters: what twilio's own validator computes is accepted."""
    assert genuine([AUTH], URL, fields(form), sign(form))
    assert not genuine([AUTH], URL, fields({**form, "one more": ""}), sign(form))


@pytest.mark.parametrize(
    ("url", "good"),
    [
        (URL, True),
        (URL.replace("example.org", "example.org:443"), True),  # Twilio is not consistent about the port
        (URL.replace("https", "http"), False),
        (URL.replace("example.org", "example.org:8443"), False),
        (URL + "&more=1", False),
        (URL.replace("attempt=01", "attempt=%301"), False),
        (URL.replace("/status", "//status"), False),
    ],
)
def test_s10_the_url_counts_byte_for_byte(url: str, good: bool) -> None:
    """Signed for another scheme, port, path, query or spelling of it, a callback is not genuine."""
    assert genuine([AUTH], URL, fields(FORM), sign(FORM, url)) is good


@pytest.mark.parametrize(
    "signature", ["", "x", sign(FORM)[:-1], sign(FORM) + "=", sign(FORM, token="other"), "\udcff", "é"]
)
def test_s09_any_other_signature_is_refused(signature: str) -> None:
    """Wrong, cut off, of another account or no text at all."""
    assert not genuine([AUTH], URL, fields(FORM), signature)


def test_while_a_token_is_changed_both_count() -> None:
    """The provider signs with the old one until the new one is its primary."""
    assert genuine(["new", AUTH], URL, fields(FORM), sign(FORM))
    assert genuine([AUTH, "new"], URL, fields(FORM), sign(FORM))
    assert not genuine(["new"], URL, fields(FORM), sign(FORM))


def test_s10_repeated_fields_count_as_they_were_signed() -> None:
    """Both values of a repeated name are under the signature; taking one of them away breaks it."""
    both = fields([("MediaUrl", "b"), ("MediaUrl", "a"), ("x", "")])
    signature = str(RequestValidator(AUTH).compute_signature(URL, both))
    assert genuine([AUTH], URL, both, signature)
    assert not genuine([AUTH], URL, fields([("MediaUrl", "b"), ("x", "")]), signature)


def test_a_status_callback_is_read() -> None:
    """Token, name, status and code."""
    found = status_callback(QUERY, fields(FORM))
    assert (found.token, found.sid, found.status, found.code) == (AUTH, SID, "undelivered", "30003")
    without = {name: value for name, value in FORM.items() if name != "ErrorCode"}
    assert status_callback(QUERY, fields(without)).code is None
    assert recipient(urlencode(FORM).encode()) == "+447700900001"


BOUNDARIES = [
    # The same letters under the same signature, cut up differently.
    {**FORM, "ErrorCode3": "0003", "ErrorCode": None},
    {**FORM, "MessageStatusunde": "livered", "MessageStatus": None},
    {**FORM, "MessageSid": SID + "MessageStatusundelivered", "MessageStatus": None},
    {**FORM, "MessageStatus": "undeliveredTo+447700900001", "To": None},
    {**FORM, "MessageSid": SID[:-1]},
    {**FORM, "MessageSid": SID + "\n"},
    {**FORM, "MessageStatus": "vanished"},
    {**FORM, "ErrorCode": "3000x"},
    {**FORM, "MessageStatus": ["undelivered", "delivered"]},
]


@pytest.mark.parametrize("form", BOUNDARIES)
def test_s12_shifted_boundaries_are_no_callback(form: dict[str, object]) -> None:
    """A field that we use in another shape, missing, repeated or with a longer name spoils the callback."""
    with pytest.raises(Malformed):
        status_callback(QUERY, fields({name: value for name, value in form.items() if value is not None}))


@pytest.mark.parametrize(
    "query",
    [b"", b"attempt=", b"attempt=a", b"attempt=0123456789abcdef!", QUERY + b"&" + QUERY, b"token=x", b"\xff"],
)
def test_the_token_must_be_one_and_whole(query: bytes) -> None:
    """No token, two tokens or another shape: no callback."""
    with pytest.raises(Malformed):
        status_callback(query, fields(FORM))


@pytest.mark.parametrize("body", [b"\xff", "é".encode(), b"a=%ff", b"&".join(b"a=1" for _ in range(101))])
def test_what_is_no_form_is_malformed(body: bytes) -> None:
    """Bytes that are no form, or a form with too many fields."""
    with pytest.raises(Malformed):
        Fields(body)


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_reading_never_raises_anything_else(body: bytes, query: bytes) -> None:
    """Whatever the bytes, it is read or it is malformed."""
    for read in (lambda: status_callback(query, Fields(body)), lambda: inbound_text(Fields(body))):
        try:
            read()
        except Malformed:
            continue
    recipient(body)


def test_an_inbound_text_is_read() -> None:
    """Who it says it is from, what it says, and what the provider's own opt-out made of it."""
    found = inbound_text(fields({"MessageSid": SID, "From": "+447700900001", "Body": "Stop.\nŴ", "OptOutType": "STOP"}))
    assert (found.sender, found.body, found.opt_out) == ("+447700900001", "Stop.\nŴ", "STOP")
    assert inbound_text(fields({"MessageSid": SID, "From": "+447700900001", "Body": ""})).opt_out is None
