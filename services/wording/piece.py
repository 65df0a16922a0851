"""A piece of template: what it names, and its text with the values in it. Jinja in a sandbox that holds nothing but fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.wording.types import Value

ENVIRONMENT: Final = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
)
"""No escaping: everything is plain text, never HTML. No globals: a template names fields and nothing else."""
ENVIRONMENT.globals.clear()

LOGIC: Final = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
"""What is not said itself: fields, conditions and remarks."""
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAMED: Final = re.compile(r"(?<![\w.|])[a-z_]+(?!\w)")
_SYNTAX: Final = frozenset(["if", "elif", "else", "endif", "and", "or", "not", "in", "is", "none", "true", "false"])


class Piece:
    """A piece of template, compiled when it is first rendered: most commands need a few of them."""

    __slots__ = ("_compiled", "names", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.names = _names(source)
        self._compiled: Template | None = None

    def render(self, values: Mapping[str, Value]) -> str:
        """The text; raises what Jinja raises for one that does not compile or names a value that is not given."""
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = ENVIRONMENT.from_string(self.source)
        return compiled.render(values)

    def fault(self) -> str | None:
        """Why it does not compile, or None."""
        try:
            self._compiled = ENVIRONMENT.from_string(self.source)
        except TemplateSyntaxError as problem:
            return problem.message
        return None


def _names(source: str) -> frozenset[str]:
    """The fields that a piece names: every word of its logic that is neither quoted, nor syntax, nor a filter."""
    logic = " ".join(LOGIC.findall(source))
    return frozenset(_NAMED.findall(re.sub(r"\|\s*\w+", " ", _QUOTED.sub(" ", logic)))) - _SYNTAX
