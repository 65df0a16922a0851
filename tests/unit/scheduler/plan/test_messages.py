"""Which messages go: news by event, and one request to ring for everything that waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.scheduler.plan.messages import messages
from services.scheduler.plan.types import Planned
from tests.unit.scheduler.plans import AT, held, planned

HOUR = timedelta(hours=1)


def ask(name: str, **given: Any) -> Planned:
    """A held update that asks its person to ring."""
    whole: dict[str, Any] = {"kind": "prompt", "channel": "sms", "contact": "c1", "combine": name, "send_at": AT}
    return held(name, **(whole | given))


def test_news_of_one_event_shares_a_message() -> None:
    """The same `combine` is one message, another is another."""
    one, two, three = planned("u1", combine="e1"), planned("u2", combine="e1"), planned("u3", combine="e2")
    assert [message.updates for message in messages([one, two, three])] == [(one.id, two.id), (three.id,)]


def test_prompts_of_a_day_ask_once_and_when_the_first_would() -> None:
    """One call tells all that waits for it."""
    one, two = ask("u1"), ask("u2", send_at=AT + 5 * HOUR)
    (message,) = messages([two, one])
    assert (message.kind, message.send_at, set(message.updates)) == ("prompt", AT, {one.id, two.id})


def test_a_day_later_it_asks_again() -> None:
    """News that comes later is worth another text."""
    one, two = ask("u1"), ask("u2", send_at=AT + 24 * HOUR)
    assert [message.updates for message in messages([one, two])] == [(one.id,), (two.id,)]


def test_prompts_by_different_ways_or_to_different_people_stay_apart() -> None:
    """Each person is asked by their own contact."""
    asks = [ask("u1"), ask("u2", contact="c2"), ask("u3", person="p9")]
    assert len(messages(asks)) == 3


def test_news_and_a_prompt_never_share_a_message() -> None:
    """A prompt is not news."""
    assert len(messages([planned("u1", combine="e1"), ask("u2", combine="e1")])) == 2
