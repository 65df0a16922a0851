"""The words of a message: whether there are any (`can_say`, for the planner) and what they are (`write`, at the intent)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from jinja2 import UndefinedError

from services.wording.clean import words
from services.wording.fields import FIELDS, form_of
from services.wording.gsm import parts, to_plain_punctuation
from services.wording.never import forbidden
from services.wording.reference import is_reference
from services.wording.scripts import prompt_of
from services.wording.templates import Block, Library, library
from services.wording.types import CannotSay, Facts, Frame, Item, Kind, Words

MOST_PARTS: Final = 3
"""The longest text we send; what does not fit is told by a person."""

_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 ]{1,18}[0-9]")
_RANKS: Final = frozenset(
    {"pc", "dc", "ds", "di", "dci", "pcso", "wpc", "sgt", "sergeant", "constable", "detective", "inspector", "officer", "police"}
    | {"mr", "mrs", "ms", "miss", "dr"}
)


def can_say(
    update_point: str, kind: Kind, channel: str, style: str, language: str, facts: Facts, *, required: Iterable[str] = ()
) -> bool:
    """Whether words exist for this: pure.

    News only where a template says it whole with the facts that are known, and nothing in it may never be said; `required`
    are the rule's `content_required`, each of which the template must carry. A prompt wherever one makes sense.
    """
    shelf = library(language)
    if shelf is None:
        return False
    if kind == "prompt":
        return prompt_of(update_point) is not None and (kind, channel, style) in shelf.frames
    try:
        block = _block_for(shelf, update_point, channel, style, facts)
        if not block.carries.issuperset(required):
            return False
        _news(block, facts)
    except CannotSay:
        return False
    return True


def write(
    kind: Kind, channel: str, style: str, language: str, items: Sequence[Item], frame: Frame
) -> Words:
    """The whole message, ready to send; raises CannotSay where no machine may say it.

    Every text holds the reference and a telephone number. What a value says is put in as it stands, once; a text that
    would hold a word from the Never list is refused whole.
    """
    shelf = library(language)
    surround = None if shelf is None else shelf.frames.get((kind, channel, style))
    if shelf is None or surround is None:
        raise CannotSay("no_words", "there is no template for this language, channel and style")
    if not items:
        raise CannotSay("no_items", "there is nothing to say")
    around = _around(frame, style)
    names, versions = [surround.name], [surround.version]
    if kind == "prompt":
        asks = [prompt_of(item.update_point) for item in items]
        if None in asks:
            raise CannotSay("no_prompt", "for this nobody is asked to ring; a person makes the call")
        around["talk"] = "news" not in asks
    else:
        said: dict[str, None] = {}
        block: Block | None = None
        for item in items:
            block = _block_for(shelf, item.update_point, channel, style, item.facts)
            text, values = _news(block, item.facts)
            said.setdefault(text)
            names.append(block.name)
            versions.append(block.version)
            around["change"] = around["change"] or block.change
            if block.closing is not None:
                around["closing"] = block.closing.render(around | values)
        around["text"] = (" " if channel == "sms" else "\n\n").join(said)
    try:
        body = surround.body.render(around)
        subject = None if surround.subject is None else surround.subject.render(around)
    except UndefinedError:
        raise CannotSay("missing", "something that the template names is not known") from None
    body = to_plain_punctuation(" ".join(body.split())) if channel == "sms" else re.sub(r"\n{3,}", "\n\n", body)
    _check(body, channel, style)
    if subject is not None:
        _check(subject, channel, "neutral")  # anybody beside her reads a subject
    count = parts(body) if channel == "sms" else 0
    if count > MOST_PARTS:
        raise CannotSay("too_long", "the text would be too long")
    return Words(subject, body, f"{language}/{'+'.join(dict.fromkeys(names))}", "+".join(dict.fromkeys(versions)), count)


def _block_for(shelf: Library, update_point: str, channel: str, style: str, facts: Facts) -> Block:
    forms = shelf.blocks.get((update_point, channel, style))
    form = None if forms is None else form_of(update_point, facts)
    if forms is None or form is None or form not in forms:
        raise CannotSay("no_words", "no template says this")
    return forms[form]


def _news(block: Block, facts: Facts) -> tuple[str, dict[str, str | bool | None]]:
    """The block with its facts, checked; raises CannotSay if a fact is missing or a word may never be said."""
    short = block.channel == "sms"
    for name in block.guards:
        if FIELDS[name](facts, short) is None:
            raise CannotSay("not_whole", "the facts do not let a template say it whole")
    values = {name: FIELDS[name](facts, short) for name in block.needs}
    if None in values.values():
        raise CannotSay("not_whole", "a fact that the template states is not known")
    for name in block.may:
        values[name] = FIELDS[name](facts, short)
    text = block.body.render(values)
    _check(text, block.channel, block.style)
    return text, values


def _check(text: str, channel: str, style: str) -> None:
    found = forbidden(text, channel=channel, style=style)
    if found:
        kinds = ", ".join(dict.fromkeys(label.partition(":")[0] for label in found))
        raise CannotSay("forbidden", f"it would hold what is never said ({kinds})")


def _around(frame: Frame, style: str) -> dict[str, str | bool | None]:
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
    name = _called(words(frame.contact_name, 40), style)
    number = f"18001 {frame.telephone}" if frame.no_voice else frame.telephone
    if frame.no_voice:
        number += " (Relay UK)"
    return {
        "reference": frame.reference,
        "force_name": force,
        "telephone": number,
        "reach": f"{name or 'us'} on {number}",
        "who": name or "We",
        "hours": words(frame.hours, 40),
        "relay": frame.no_voice,
        "change": False,
        "talk": False,
        "text": "",
        "closing": number,
    }


def _called(name: str | None, style: str) -> str | None:
    """How a person is named: in neutral words by first name only, since a rank or a number shows who writes."""
    if name is None:
        return None
    if style != "neutral":
        return name
    plain = [word for word in name.replace(".", " ").split() if word.isalpha() or "-" in word or "'" in word]
    given = [word for word in plain if word.lower() not in _RANKS]
    titled = len(given) != len(name.split())
    return given[0] if given and (len(given) > 1 or not titled) else None
