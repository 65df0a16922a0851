"""What goes into a text and what comes out of it: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["news", "prompt"]
Facts: TypeAlias = Mapping[str, Any]
"""What one piece of news states, JSON values keyed as `services.wording.fields` reads them; absent is not known."""
Value: TypeAlias = str | bool | None


@dataclass(frozen=True, slots=True)
class Item:
    """One update in a message."""

    update_point: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the news: who writes, how to reach a person, and the public reference.

    `contact_name` is who answers; without one it is the officer in the case for news of the investigation, else "us".
    `cover` is True where a cover name was agreed: `contact_name` is that name then, and the force is never named. `hours`
    says when the telephone is answered, as people say it ("8am to 8pm"). `no_voice` gives the number with Relay UK's
    prefix, for people who cannot use a telephone by voice (PR18).
    """

    reference: str
    force_name: str
    telephone: str
    contact_name: str | None
    cover: bool = False
    hours: str | None = None
    no_voice: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A message as the person will read it: `subject` is None for texts, `parts` 0 for email, `news` what its blocks say."""

    subject: str | None
    body: str
    template: str
    version: str
    parts: int
    news: str = ""


class CannotSay(Exception):
    """No machine may say this: `code` for machines, `text` for people. Never holds anything of the case or the person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class TemplateError(Exception):
    """A template, or a script, that must not be used: names the file, the key in it, and what to do about it."""

    def __init__(self, file: str, key: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {key}: {problem}; {remedy}")
        self.file = file
        self.key = key
