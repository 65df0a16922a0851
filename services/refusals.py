"""Errors that are meant for whoever gave the command: their text is a sentence that says what is wrong and what to do."""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):
    """Raised when something cannot be done as asked; the text is shown as it is, without a trace."""

    status: ClassVar[int] = 1
    """What the command exits with: 1 it found something wrong, 2 it was misused."""
