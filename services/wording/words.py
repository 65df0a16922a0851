"""The words of a message: whether there are any (`can_say`, for the planner) and what they are (`write`, at the intent)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from jinja2 import UndefinedError

from services.wording.alike import each_once
from services.wording.around import around
from services.wording.fields import FIELDS
from services.wording.forms import form_of
from services.wording.gsm import parts, to_plain_punctuation
from services.wording.never import POLICE_NUMBERS, forbidden, preview
from services.wording.reader import reader_words
from services.wording.script import prompt_of
from services.wording.templates import Block, Library, Surround, library
from services.wording.tongue import TONGUES, how
from services.wording.types import CannotSay, Facts, Frame, Item, Kind, Value, Words

MOST_PARTS: Final = 3
"""The longest text we send; what does not fit is told by a person."""

NOT_APPROVED: Final = "nobody has approved the words in this language"

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")

ANY_REFERENCE: Final = "KF7Q2R8M"
"""Stands in for the reference when a text is checked: what chance has spelled there (3915PNC2) says nothing to anybody."""
ANY_TELEPHONE: Final = "01632 960123"
"""Stands in for a number that everybody knows, where a text is checked."""


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
        surround = shelf.frames.get((kind, channel, style))
        return prompt_of(update_point, facts) is not None and surround is not None and surround.approved
    try:
        surround_of(shelf, kind, channel, style)
        block, values = whole(shelf, channel, style, Item(update_point, facts))
        if not block.carries.issuperset(required):
            return False
        check_text(block.body.render(values), channel, style)
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
    if shelf is None:
        raise CannotSay("no_words", "there is no template for this language, channel and style")
    return write_from(shelf, kind, channel, style, language, items, frame)


def write_from(
    shelf: Library, kind: Kind, channel: str, style: str, language: str, items: Sequence[Item], frame: Frame
) -> Words:
    """As `write`, from these templates."""
    words = compose(shelf, kind, channel, style, language, items, frame)
    check_text(_without_ours(words.body, frame), channel, style)
    if words.subject is not None:
        # What a locked screen shows is neutral, whatever the style.
        _check_preview(_without_ours(preview(words.subject, words.body), frame))
    if words.parts > MOST_PARTS:
        raise CannotSay("too_long", "the text would be too long")
    return words


def _without_ours(text: str, frame: Frame) -> str:
    """A text as it is judged: by what it says, not by what chance spells in its reference, nor by the number to ring.

    A force that has no number of its own gives 101. Whoever must not be given away gets no message with it; that is decided
    where it is known who they are (`sender_not_neutral`), and for an agreed cover name it is refused here.
    """
    text = text.replace(frame.reference, ANY_REFERENCE)
    if frame.telephone in POLICE_NUMBERS and not frame.cover:
        text = re.sub(rf"(?<!\w){frame.telephone}(?!\w)", ANY_TELEPHONE, text)
    return text


def compose(
    shelf: Library,
    kind: Kind,
    channel: str,
    style: str,
    language: str,
    items: Sequence[Item],
    frame: Frame,
    *,
    drafts: bool = False,
) -> Words:
    """The message as its templates make it, before anybody looked at what it says: `write` is for what goes out.

    `drafts` uses templates that nobody approved, for who tries them and for who reads them in order to approve them.
    """
    surround = surround_of(shelf, kind, channel, style, drafts=drafts)
    if not items:
        raise CannotSay("no_items", "there is nothing to say")
    tongue = TONGUES[shelf.language]
    values = around(frame, items, style, tongue)
    names, versions = [surround.name], [surround.version]
    said = ""
    if kind == "prompt":
        asks = [prompt_of(item.update_point, item.facts) for item in items]
        if None in asks:
            raise CannotSay("no_prompt", "for this nobody is asked to ring; a person makes the call")
        values["talk"] = "news" not in asks
        body, count = _body(surround, channel, values)
    else:
        once = each_once(items)
        news = [whole(shelf, channel, style, item, no_voice=frame.no_voice, drafts=drafts) for item in once]
        names += [block.name for block, _ in news]
        versions += [block.version for block, _ in news]
        middle = _middle(news, values, channel)
        body, count = _body(surround, channel, values | middle)
        if count > 1 and any(block.shorter for block, _ in news):
            tight = _middle(news, values, channel, tight=True)
            shorter, fewer = _body(surround, channel, values | tight)
            if fewer < count:
                body, count, middle = shorter, fewer, tight
        said = f"{middle['text']}"
    subject = None if surround.subject is None else surround.subject.render(values)
    template = f"{language}/{'+'.join(dict.fromkeys(names))}"
    return Words(subject, body, template, "+".join(dict.fromkeys(versions)), count, said)


def _body(surround: Surround, channel: str, values: Mapping[str, Value]) -> tuple[str, int]:
    """The text, and in how many parts it goes (0 for email)."""
    try:
        text = surround.body.render(values)
    except UndefinedError:
        raise CannotSay("not_whole", "something that the template names is not known") from None
    if channel == "sms":
        text = to_plain_punctuation(" ".join(text.split()))
        return text, parts(text)
    return (re.sub(r"\n{3,}", "\n\n", text) if "\n\n\n" in text else text), 0


def _middle(
    news: Sequence[tuple[Block, dict[str, Value]]], framed: Mapping[str, Value], channel: str, *, tight: bool = False
) -> dict[str, Value]:
    """The news of every update one after the other, each thing once, and the closing of the last that has one."""
    said: dict[str, None] = {}
    closing: str | None = None
    for block, values in news:
        said.setdefault((block.shorter if tight and block.shorter else block.body).render(values))
        if block.closing is not None:
            closing = block.closing.render({**framed, **values})
    texts = _ends_once(list(said))
    if channel == "sms":
        texts[1:] = [text[:1].upper() + text[1:] for text in texts[1:]]
    return {
        "text": (" " if channel == "sms" else "\n\n").join(texts),
        "change": any(block.change for block, _ in news),
        "closing": closing or framed["telephone"],
    }


def _ends_once(texts: list[str]) -> list[str]:
    """The texts, but a sentence that ends several of them, such as what happens next, stands only at the end of the last one."""
    ends = [_SENTENCE.split(text)[-1] for text in texts]
    return [
        text.removesuffix(end).rstrip() if end != text and end in ends[number + 1 :] else text
        for number, (text, end) in enumerate(zip(texts, ends, strict=True))
    ]


def surround_of(shelf: Library, kind: Kind, channel: str, style: str, *, drafts: bool = False) -> Surround:
    """The frame of such a message; raises CannotSay if there is none that may be sent."""
    surround = shelf.frames.get((kind, channel, style))
    if surround is None:
        raise CannotSay("no_words", "there is no template for this language, channel and style")
    if not (drafts or surround.approved):
        raise CannotSay("not_approved", NOT_APPROVED)
    return surround


def whole(
    shelf: Library, channel: str, style: str, item: Item, *, no_voice: bool = False, drafts: bool = False
) -> tuple[Block, dict[str, Value]]:
    """The block that says this update, and its values; raises CannotSay if there is none or it could not be said whole."""
    if item.facts.get("told_as") == "bereaved_relative":
        raise CannotSay("bereaved", "a family that lost somebody hears from its liaison officer, never from a machine")
    forms = shelf.blocks.get((item.update_point, channel, style))
    form = None if forms is None else form_of(item.update_point, item.facts)
    if forms is None or form is None or form not in forms:
        raise CannotSay("no_words", "no template says this")
    if not (drafts or forms[form].approved):
        raise CannotSay("not_approved", NOT_APPROVED)
    block, said_how = forms[form], how(shelf.language, channel)
    for name in block.guards:
        if FIELDS[name](item.facts, said_how) is None:
            raise CannotSay("not_whole", "the facts do not let a template say it whole")
    values = {name: FIELDS[name](item.facts, said_how) for name in block.needs}
    if None in values.values():
        raise CannotSay("not_whole", "a fact that the template states is not known")
    for name in block.may:
        values[name] = FIELDS[name](item.facts, said_how)
    if block.reader:
        spoken = reader_words(item.facts, shelf.language, no_voice=no_voice)
        for name in block.reader:
            values[name] = spoken[name]
    return block, values


def check_text(text: str, channel: str, style: str) -> None:
    """Raise CannotSay where a text holds what is never said."""
    found = forbidden(text, channel=channel, style=style)
    if found:
        kinds = ", ".join(dict.fromkeys(label.partition(":")[0] for label in found))
        raise CannotSay("forbidden", f"it would hold what is never said ({kinds})")


@lru_cache(maxsize=256)
def _check_preview(shown: str) -> None:
    """A frame's own opening fills the preview, so that it is nearly always one that was looked at before."""
    check_text(shown, "email", "neutral")
