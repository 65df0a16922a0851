"""Whether words exist for an update, and what the person says who tells it: `services.wording`, remembered. Pure.

Most cases state the same few things, and trying the words takes longer than all other decisions together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

from schemas.editions.model import UpdatePoint
from services import wording
from services.scheduler.plan.remembered import Remembered
from services.scheduler.plan.types import Kind

Script = tuple[tuple[str, ...], tuple[str, ...]]
"""What to say, and what never to say."""


def can_say(point: UpdatePoint, kind: Kind, channel: str, style: str, language: str, facts: Mapping[str, Any]) -> bool:
    """Whether there are words for news or a prompt of `point`; news must carry all that the rule requires."""
    required = point.content_required if kind == "news" else ()
    return _can_say(facts, point.id, kind, channel, style, language, required)


def script(point: UpdatePoint, facts: Mapping[str, Any], access: Collection[str] = ()) -> Script:
    """Words for the person who holds it; `access` are the access needs of whoever is told (PR18)."""
    return _script(facts, point.id, frozenset(access))


def letter(
    point: UpdatePoint,
    facts: Mapping[str, Any],
    language: str,
    *,
    force_name: str,
    telephone: str,
    cover_name: str | None = None,
) -> str | None:
    """What a letter says of it, ready to print: the words that an email in plain words would have. None where there are none."""
    return _letter(point.id, _key(facts), language, point.content_required, force_name, telephone, cover_name)


def fits(
    news: Sequence[tuple[str, Mapping[str, Any]]],
    channel: str,
    style: str,
    language: str,
    *,
    force_name: str,
    telephone: str,
    cover_name: str | None = None,
    no_voice: bool = False,
) -> bool:
    """Whether these updates (update point and facts of each, in order) go in one message: by text, in at most three parts."""
    points = tuple(point for point, _ in news)
    facts = tuple(_key(stated) for _, stated in news)
    return _fits(points, facts, channel, style, language, force_name, telephone, cover_name, no_voice)


def _key(facts: Mapping[str, Any]) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)


def _try(
    facts: Mapping[str, Any],
    update_point: str,
    kind: Kind,
    channel: str,
    style: str,
    language: str,
    required: tuple[str, ...],
) -> bool:
    return wording.can_say(update_point, kind, channel, style, language, facts, required=required)


def _write(facts: Mapping[str, Any], update_point: str, access: frozenset[str]) -> Script:
    return wording.script(update_point, facts, access)


_can_say: Final = Remembered(_try)
_script: Final = Remembered(_write)


@lru_cache(maxsize=1024)
def _letter(
    update_point: str,
    facts: bytes,
    language: str,
    required: tuple[str, ...],
    force_name: str,
    telephone: str,
    cover_name: str | None,
) -> str | None:
    stated = orjson.loads(facts)
    if not wording.can_say(update_point, "news", "email", "plain", language, stated, required=required):
        return None
    frame = wording.Frame(wording.ANY_REFERENCE, force_name, telephone, cover_name, cover=cover_name is not None)
    try:
        return (
            wording.write("news", "email", "plain", language, [wording.Item(update_point, stated)], frame).news or None
        )
    except wording.CannotSay:
        return None


@lru_cache(maxsize=4096)
def _fits(
    points: tuple[str, ...],
    facts: tuple[bytes, ...],
    channel: str,
    style: str,
    language: str,
    force_name: str,
    telephone: str,
    cover_name: str | None,
    no_voice: bool,
) -> bool:
    items = [wording.Item(point, orjson.loads(stated)) for point, stated in zip(points, facts, strict=True)]
    frame = wording.Frame(
        wording.ANY_REFERENCE, force_name, telephone, cover_name, cover=cover_name is not None, no_voice=no_voice
    )
    return wording.fits(channel, style, language, items, frame)
