"""Reads as much of YAML as `deploy/` is written in, and refuses the rest: no YAML library is among the dependencies.

Mappings, lists, plain and quoted scalars, flow lists and mappings on one line, `|` blocks, comments, anchors, aliases and merges.
Every scalar comes back as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_KEY = re.compile(r"""(?P<key>[A-Za-z_<][\w./<-]*):(?:\s+(?P<rest>.*))?$""")
_FLOW = re.compile(
    r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[\[\]{},]|:(?=\s)|[^\[\]{},:"'\s][^\[\]{},"']*?(?=\s*(?:[\[\]{},]|:\s|$)))"""
)


class NotPlain(ValueError):
    """Raised for what this does not read; the text says where."""


def read(text: str, name: str = "text") -> Any:
    """One document; raises NotPlain (or IndexError, where a line breaks off)."""
    return _Reader(name, text).read()


def documents(path: Path) -> list[Any]:
    """Every document of a file."""
    return [read(text, path.name) for text in re.split(r"^---\n", path.read_text("utf-8"), flags=re.MULTILINE)]


@dataclass(slots=True)
class _Reader:
    name: str
    text: str
    lines: list[tuple[int, str]] = field(init=False)
    at: int = 0
    anchors: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = []
        for raw in self.text.split("\n"):
            if "\t" in raw:
                raise NotPlain(f"{self.name}: a tab in {raw!r}")
            self.lines.append((len(raw) - len(raw.lstrip()), raw.strip()))

    def read(self) -> Any:
        value = self._block(0)
        self._skip()
        if self.at < len(self.lines):
            raise NotPlain(f"{self.name}: {self.lines[self.at][1]!r} stands where nothing was expected")
        return value

    def _skip(self) -> None:
        while self.at < len(self.lines) and (not self.lines[self.at][1] or self.lines[self.at][1].startswith("#")):
            self.at += 1

    def _block(self, least: int) -> Any:
        """The mapping or list that begins here, at `least` columns or more."""
        self._skip()
        if self.at >= len(self.lines) or self.lines[self.at][0] < least:
            return ""
        depth = self.lines[self.at][0]
        return self._list(depth) if self.lines[self.at][1].startswith("- ") else self._mapping(depth)

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while self._here(depth) and self.lines[self.at][1].startswith("- "):
            rest = self.lines[self.at][1][2:].lstrip()
            if _KEY.match(rest):
                self.lines[self.at] = (depth + 2, rest)
                found.append(self._mapping(depth + 2))
            else:
                found.append(self._value(rest, depth))
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._here(depth) and not self.lines[self.at][1].startswith("- "):
            match = _KEY.match(self.lines[self.at][1])
            if match is None:
                raise NotPlain(f"{self.name}: {self.lines[self.at][1]!r} is no `key: value`")
            value = self._value(match["rest"] or "", depth)
            if match["key"] == "<<":
                found = {**value, **found}
            elif match["key"] in found:
                raise NotPlain(f"{self.name}: {match['key']} stands twice")
            else:
                found[match["key"]] = value
        return found

    def _here(self, depth: int) -> bool:
        self._skip()
        if self.at >= len(self.lines) or self.lines[self.at][0] < depth:
            return False
        if self.lines[self.at][0] > depth:
            raise NotPlain(
                f"{self.name}: {self.lines[self.at][1]!r} is indented by {self.lines[self.at][0]}, not {depth}"
            )
        return True

    def _value(self, rest: str, depth: int) -> Any:
        self.at += 1
        rest = "" if rest.startswith("#") else rest
        anchor = re.match(r"&(\w+)\s*", rest)
        if anchor:
            value = self._value_of(rest[anchor.end() :], depth)
            self.anchors[anchor[1]] = value
            return value
        return self._value_of(rest, depth)

    def _value_of(self, rest: str, depth: int) -> Any:
        if rest.startswith("*"):
            return self.anchors[rest[1:]]
        if rest == "|":
            return self._literal(depth)
        if not rest:
            # A list may stand at the depth of its key.
            self._skip()
            same = self.at < len(self.lines) and self.lines[self.at] == (depth, self.lines[self.at][1])
            listed = same and self.lines[self.at][1].startswith("- ")
            return self._block(depth if listed else depth + 1)
        return _flow(rest, self.name)

    def _literal(self, depth: int) -> str:
        said: list[str] = []
        while self.at < len(self.lines) and (not self.lines[self.at][1] or self.lines[self.at][0] > depth):
            said.append(self.lines[self.at][1])
            self.at += 1
        return "\n".join(said).strip()


def _flow(text: str, name: str) -> Any:
    """A scalar, or a list or mapping on one line."""
    if text[0] not in "[{":
        if text[0] in "\"'":
            end = text.index(text[0], 1)
            return text[1:end]
        return re.sub(r"\s+#.*$", "", text)
    tokens = [token.strip() for token in _FLOW.findall(text)]
    value, left = _tokens(tokens, name)
    if left:
        raise NotPlain(f"{name}: {text!r} does not end where it should")
    return value


def _tokens(tokens: list[str], name: str) -> tuple[Any, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "[":
        listed: list[Any] = []
        while rest[0] != "]":
            value, rest = _tokens(rest, name)
            listed.append(value)
            rest = rest[1:] if rest[0] == "," else rest
        return listed, rest[1:]
    if first == "{":
        mapped: dict[str, Any] = {}
        while rest[0] != "}":
            key, rest = rest[0], rest[1:]
            if rest[0] != ":":
                raise NotPlain(f"{name}: {key} has no value")
            mapped[key], rest = _tokens(rest[1:], name)
            rest = rest[1:] if rest[0] == "," else rest
        return mapped, rest[1:]
    return (first[1:-1] if first[0] in "\"'" else first), rest
