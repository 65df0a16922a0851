"""`kept` as a person runs it: as a process of its own, or `main()` in this one, with its exit status and what it printed."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import orjson

from schemas.outputs import OUTPUTS
from services.cli import main

WIDE: Final = {"COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb"}
"""Tables and help are not wrapped in the middle of a word that a test looks for."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one command."""

    status: int
    out: str
    err: str

    def lines(self, shape: str) -> list[Any]:
        """What it printed as JSON, each line held to the published shape, with no field more."""
        model = OUTPUTS[shape]
        found = [orjson.loads(line) for line in self.out.splitlines()]
        for line in found:
            model.model_validate(line)
            wanted = {field.serialization_alias or field.alias or name for name, field in model.model_fields.items()}
            assert set(line) == wanted
        return found


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")} | WIDE | dict(settings)


@contextlib.contextmanager
def _standard_input(given: bytes) -> Iterator[None]:
    with patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given))):
        yield


async def kept(*words: str, settings: Mapping[str, str], given: bytes = b"") -> Ran:
    """Run `kept WORDS` through `main()` in this process; `given` is its standard input."""
    out, err = io.StringIO(), io.StringIO()

    def run() -> int:
        try:
            main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return 0

    with (
        patch.dict(os.environ, _environment(settings), clear=True),
        patch.object(sys, "argv", ["kept", *words]),
        _standard_input(given),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        # A thread of its own: the command begins an event loop, as it does in its own process.
        status = await asyncio.to_thread(run)
    return Ran(status, out.getvalue(), err.getvalue())


async def kept_process(*words: str, settings: Mapping[str, str], within: float = 25) -> Ran:
    """Run `kept WORDS` as a process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        *words,
        env=_environment(settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), within)
    except TimeoutError:
        process.kill()
        raise
    return Ran(process.returncode or 0, out.decode(), err.decode())
