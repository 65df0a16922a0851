"""Twilio's list of messages: its filters and its pages (https://www.twilio.com/docs/usage/twilios-response#pagination)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from services.sandbox.messages import Message

PAGE_SIZE: Final = 50
LARGEST_PAGE: Final = 1000


def page_of(messages: Iterable[Message], path: str, query: Mapping[str, str]) -> dict[str, Any]:
    """One page of those of `messages` (newest first) that the query's filters let through."""
    size = min(max(_whole(query.get("PageSize"), PAGE_SIZE), 1), LARGEST_PAGE)
    number = max(_whole(query.get("Page"), 0), 0)
    wanted = _filter(query)
    # One more than the page holds tells whether there is another.
    found = list(islice((message for message in messages if wanted(message)), number * size, (number + 1) * size + 1))
    shown = found[:size]

    def uri(page: int) -> str:
        kept = {name: value for name, value in query.items() if name not in ("Page", "PageSize", "PageToken")}
        return f"{path}?{urlencode(kept | {'PageSize': size, 'Page': page})}"

    return {
        "end": number * size + max(len(shown) - 1, 0),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1) if len(found) > size else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": uri(number - 1) if number else None,
        "messages": [message.resource() for message in shown],
        "start": number * size,
        "uri": uri(number),
    }


def _filter(query: Mapping[str, str]) -> Callable[[Message], bool]:
    """To, From and DateSent. A message that has not been sent yet has no such date: a filter on it hides the message."""
    to, sender = query.get("To"), query.get("From")
    on, until, since = (_day(query.get(name)) for name in ("DateSent", "DateSent<", "DateSent>"))

    def wanted(message: Message) -> bool:
        if (to and message.to != to) or (sender and message.sender != sender):
            return False
        if on is until is since is None:
            return True
        if message.sent is None:
            return False
        sent = message.sent.date()
        return (on is None or sent == on) and (until is None or sent <= until) and (since is None or sent >= since)

    return wanted


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else otherwise
