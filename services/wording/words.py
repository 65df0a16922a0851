"""The words of a message: whether there are any (`can_say`, for the planner) and what they are (`write`, at the intent)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from jinja2 import UndefinedError

from services.wording.clean import words
from services.wording.fields import FIELDS, Value, form_of
from services.wording.gsm import parts, to_plain_punctuation
from services.wording.never import forbidden
from services.wording.reference import is_reference
from services.wording.script import prompt_of
from services.wording.templates import Block, Library, Surround, library
from services.wording.types import CannotSay, Facts, Frame, Item, Kind, Words

MOST_PARTS: Final = 3
"""The longest text we send; what does not fit is told by a person."""

ANY_REFERENCE: Final = "KF7Q2R8M"
"""Stands in for the reference when a text is checked: what chance has spelled there (3915PNC2) says nothing to anybody."""
_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 ]{1,18}[0-9]")
_NAME: Final = re.compile(r"[^\W\d_](?:[\w .'&-]*\w)?")
_RANKS: Final = frozenset(
    {
        "pc",
        "dc",
        "ds",
        "di",
        "dci",
        "pcso",
        "wpc",
        "sgt",
        "sergeant",
        "constable",
        "detective",
        "inspector",
        "officer",
        "police",
    }
    | {"mr", "mrs", "ms", "miss", "dr"}
)


def can_say(
    update_point: str,
    kind: Kind,
    channel: str,
    style: str,
    language: str,
    facts: Facts,
    *,
    required: Iterable[str] = (),
) -> bool:
    """Whether words exist for this: pure.

    News only where a template says it whole with the facts that are known, and nothing in it may never be said; `required`
    are the rule's `content_required`, each of which the template must carry. A prompt wherever one makes sense.
    """
    shelf = library(language)
    if shelf is None:
        return False
    if kind == "prompt":
        return prompt_of(update_point, facts) is not None and (kind, channel, style) in shelf.frames
    try:
        block, values = _news(shelf, channel, style, Item(update_point, facts))
        if not block.carries.issuperset(required):
            return False
        _check(block.body.render(values), channel, style)
    except CannotSay:
        return False
    return True


def fits(channel: str, style: str, language: str, items: Sequence[Item], frame: Frame) -> bool:
    """Whether the news of `items` goes in one message: said whole, and by text in at most `MOST_PARTS` parts. Pure.

    The real text is written and counted; the reference in `frame` may be any, since all are of one length.
    """
    try:
        write("news", channel, style, language, items, frame)
    except CannotSay:
        return False
    return True


def write(kind: Kind, channel: str, style: str, language: str, items: Sequence[Item], frame: Frame) -> Words:
    """The whole message, ready to send; raises CannotSay where no machine may say it.

    Every one holds the reference and a telephone number. What a value says is put in as it stands, once; a message that would
    hold a word from the Never list is refused whole.
    """
    shelf = library(language)
    surround = None if shelf is None else shelf.frames.get((kind, channel, style))
    if shelf is None or surround is None:
        raise CannotSay("no_words", "there is no template for this language, channel and style")
    if not items:
        raise CannotSay("no_items", "there is nothing to say")
    around = _around(frame, items, style)
    names, versions = [surround.name], [surround.version]
    news: list[tuple[Block, dict[str, Value]]] = []
    if kind == "prompt":
        asks = [prompt_of(item.update_point, item.facts) for item in items]
        if None in asks:
            raise CannotSay("no_prompt", "for this nobody is asked to ring; a person makes the call")
        around["talk"] = "news" not in asks
        body = _body(surround, channel, around)
    else:
        news = [_news(shelf, channel, style, item) for item in items]
        names += [block.name for block, _ in news]
        versions += [block.version for block, _ in news]
        body = _body(surround, channel, around | _middle(news, around, channel))
    count = parts(body) if channel == "sms" else 0
    if count > 1 and any(block.shorter for block, _ in news):
        tight = _body(surround, channel, around | _middle(news, around, channel, tight=True))
        if (fewer := parts(tight)) < count:
            body, count = tight, fewer
    _check(body.replace(frame.reference, ANY_REFERENCE), channel, style)
    subject = None
    if surround.subject is not None:
        subject = surround.subject.render(around)
        # A subject stands on a locked screen.
        _check(subject.replace(frame.reference, ANY_REFERENCE), channel, "neutral")
    if count > MOST_PARTS:
        raise CannotSay("too_long", "the text would be too long")
    return Words(
        subject, body, f"{language}/{'+'.join(dict.fromkeys(names))}", "+".join(dict.fromkeys(versions)), count
    )


def _body(surround: Surround, channel: str, values: Mapping[str, Value]) -> str:
    try:
        text = surround.body.render(values)
    except UndefinedError:
        raise CannotSay("not_whole", "something that the template names is not known") from None
    if channel == "sms":
        return to_plain_punctuation(" ".join(text.split()))
    return re.sub(r"\n{3,}", "\n\n", text) if "\n\n\n" in text else text


def _middle(
    news: Sequence[tuple[Block, dict[str, Value]]], around: Mapping[str, Value], channel: str, *, tight: bool = False
) -> dict[str, Value]:
    """The news of every update one after the other, each thing once, and the closing of the last that has one."""
    said: dict[str, None] = {}
    closing: str | None = None
    for block, values in news:
        said.setdefault((block.shorter if tight and block.shorter else block.body).render(values))
        if block.closing is not None:
            closing = block.closing.render({**around, **values})
    texts = list(said)
    if channel == "sms":
        texts[1:] = [text[:1].upper() + text[1:] for text in texts[1:]]
    return {
        "text": (" " if channel == "sms" else "\n\n").join(texts),
        "change": any(block.change for block, _ in news),
        "closing": closing or around["telephone"],
    }


def _news(shelf: Library, channel: str, style: str, item: Item) -> tuple[Block, dict[str, Value]]:
    """The block that says this update, and its values; raises CannotSay if there is none or it could not be said whole."""
    forms = shelf.blocks.get((item.update_point, channel, style))
    form = None if forms is None else form_of(item.update_point, item.facts)
    if forms is None or form is None or form not in forms:
        raise CannotSay("no_words", "no template says this")
    block, short = forms[form], channel == "sms"
    for name in block.guards:
        if FIELDS[name](item.facts, short) is None:
            raise CannotSay("not_whole", "the facts do not let a template say it whole")
    values = {name: FIELDS[name](item.facts, short) for name in block.needs}
    if None in values.values():
        raise CannotSay("not_whole", "a fact that the template states is not known")
    for name in block.may:
        values[name] = FIELDS[name](item.facts, short)
    return block, values


def _check(text: str, channel: str, style: str) -> None:
    found = forbidden(text, channel=channel, style=style)
    if found:
        kinds = ", ".join(dict.fromkeys(label.partition(":")[0] for label in found))
        raise CannotSay("forbidden", f"it would hold what is never said ({kinds})")


def _around(frame: Frame, items: Sequence[Item], style: str) -> dict[str, Value]:
    """What a frame may name, said as people do."""
    if not is_reference(frame.reference):
        raise CannotSay("bad_reference", "the reference is not eight characters of base 32")
    if not _TELEPHONE.fullmatch(frame.telephone):
        raise CannotSay("no_telephone", "the force gives no telephone number that can be rung")
    if frame.cover and style != "neutral":
        raise CannotSay("cover_name", "under a cover name only neutral words go")
    force = words(frame.force_name, 40)
    if force is None and style != "neutral":
        raise CannotSay("no_force_name", "the force has no name to sign with")
    name = _called(frame.contact_name or _officer(items), style, frame.cover)
    number = f"18001 {frame.telephone} (Relay UK)" if frame.no_voice else frame.telephone
    return {
        "reference": frame.reference,
        "force_name": force,
        "telephone": number,
        "reach": f"{name or 'us'} on {number}",
        "who": name or "We",
        "hours": words(frame.hours, 40),
        "relay": frame.no_voice,
        "talk": False,
    }


def _officer(items: Sequence[Item]) -> str | None:
    """The officer in the case, whom one rings about the investigation; about the court another desk answers."""
    if not items[0].update_point.startswith("r6-"):
        return None
    name = items[0].facts.get("officer_name")
    return name if isinstance(name, str) else None


@lru_cache(maxsize=4096)
def _called(name: str | None, style: str, cover: bool) -> str | None:
    """How a person is named, or None: then it is "us". A name is never worth losing a message for.

    In neutral words by first name only, since a rank or a number shows who writes; an agreed cover name stays whole.
    """
    try:
        called = words(name, 30)
    except CannotSay:
        return None
    if called is not None and style == "neutral" and not cover:
        spoken = called.replace(".", " ").split()
        given = [
            word for word in spoken if word.replace("-", "").replace("'", "").isalpha() and word.lower() not in _RANKS
        ]
        # A rank and one word more is a surname, which is not how anybody is asked for.
        called = given[0] if given and (len(given) > 1 or len(given) == len(spoken)) else None
    if called is None or not _NAME.fullmatch(called) or forbidden(f"ring {called} on", channel="sms", style=style):
        return None
    return called
