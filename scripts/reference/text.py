"""Markdown, and the sentences that the code does not hold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).with_name("words.toml")


class WordsWrong(ValueError):
    """Raised when `words.toml` and the code do not name the same things; the text says what to do."""


@cache
def words() -> dict[str, Any]:
    """The whole of `words.toml`."""
    return tomllib.loads(WORDS.read_text("utf-8"))


def sentences(section: str, names: Iterable[str]) -> Mapping[str, str]:
    """The sentences of one section, which must be about `names` and about nothing else; raises WordsWrong."""
    found: dict[str, str] = words()[section]
    wanted = set(names)
    if missing := sorted(wanted - found.keys()):
        raise WordsWrong(f"give {', '.join(missing)} a sentence in [{section}] of scripts/reference/words.toml")
    if gone := sorted(found.keys() - wanted):
        raise WordsWrong(f"take {', '.join(gone)} out of [{section}] in scripts/reference/words.toml")
    return found


def start(title: str, page: str) -> list[str]:
    """The first lines of a page: its title, and what it is about."""
    return [f"# {title}", "", "<!-- Written by `python -m scripts.reference` from the code. Do not edit by hand. -->", "",
            str(words()["about"][page]).strip(), ""]  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; a bar inside a cell is escaped."""
    lines = [_row(head), _row(["---"] * len(head))]
    return [*lines, *(_row([cell.replace("|", "\\|").replace("\n", " ") for cell in row]) for row in rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """Text in the type of code; nothing for nothing."""
    return f"`{text}`" if text else ""


def done(lines: Iterable[str]) -> str:
    """A page from its lines."""
    return "\n".join(lines).rstrip() + "\n"
