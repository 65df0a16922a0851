"""What was found out of some facts, remembered by those of them that were looked at. Pure: the same answer, sooner.

Most facts of an update (a reference, a date, a name) are its case's own, and most answers hang on a few others. Whoever finds one
out asks for facts by name; the names that it asked for, with their values, stand for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

import orjson

Answer = TypeVar("Answer")
_ABSENT: Final = "\x00absent"


class Looked(Mapping[str, Any]):
    """Facts that note which of them are looked at; whoever goes through them all has looked at every one."""

    __slots__ = ("facts", "names", "whole")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.names: dict[str, None] = {}
        self.whole = False

    def __getitem__(self, name: str) -> Any:
        self.names[name] = None
        return self.facts[name]

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping."""
        self.names[name] = None
        return self.facts.get(name, default)

    def __contains__(self, name: object) -> bool:
        self.names[str(name)] = None
        return name in self.facts

    def __iter__(self) -> Iterator[str]:
        self.whole = True
        return iter(self.facts)

    def __len__(self) -> int:
        self.whole = True
        return len(self.facts)


class Remembered(Generic[Answer]):
    """`find`, asked with facts and whatever else decides. It must look at nothing but its arguments."""

    def __init__(self, find: Callable[..., Answer], most: int = 8192) -> None:
        self._find = find
        self._most = most
        self._looks: dict[Hashable, list[tuple[str, ...]]] = {}
        self._answers: dict[tuple[Hashable, tuple[str, ...], bytes], Answer] = {}

    def __call__(self, facts: Mapping[str, Any], *given: Hashable) -> Answer:
        """The answer for these facts."""
        for names in self._looks.get(given, ()):
            known = given, names, _values(facts, names)
            if known in self._answers:
                return self._answers[known]
        looked = Looked(orjson.loads(orjson.dumps(facts)))
        answer = self._find(looked, *given)
        if looked.whole:
            return answer
        if len(self._answers) >= self._most:
            self._looks.clear()
            self._answers.clear()
        names = tuple(sorted(looked.names))
        looks = self._looks.setdefault(given, [])
        if names not in looks:
            looks.append(names)
        self._answers[given, names, _values(facts, names)] = answer
        return answer


def _values(facts: Mapping[str, Any], names: tuple[str, ...]) -> bytes:
    return orjson.dumps([facts.get(name, _ABSENT) for name in names])
