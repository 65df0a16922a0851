"""The commands, put together, and how their errors end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, Final

import typer

from schemas.editions.errors import BookError
from services.cli.common import say
from services.refusals import Refused

COMMANDS: Final[Mapping[str, str]] = {
    "events": "events:app",
    "updates": "updates:app",
    "holds": "holds:app",
    "people": "people:app",
    "alerts": "audit:alerts_app",
    "audit": "audit:app",
    "force": "force:app",
    "brakes": "brakes:app",
    "topics": "setup:topics_app",
    "editions": "editions:app",
    "explain": "explain:explain",
    "preview": "preview:preview",
    "words": "words:words",
    "migrate": "setup:migrate_command",
    "scheduler": "processes:scheduler",
    "dispatcher": "processes:dispatcher",
    "receipts": "processes:receipts",
    "sandbox": "processes:sandbox",
    "demo": "processes:demo",
}
"""Each command, or group of commands: its module here, and what it is called there."""
_SILENT: Final = frozenset({"explain"})
"""Commands whose code logs nothing, and which must not wait for what others need."""


def commands(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The commands of these names. A command that somebody waits for must not load what all the others need."""
    app = typer.Typer(
        name="kept",
        help="Tells victims and witnesses the news they are owed, in time, once, and can prove it.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(lambda: None)  # with one command alone typer would take its name for an argument
    for name in names:
        module, _, what = COMMANDS[name].partition(":")
        found: Any = getattr(import_module(f"services.cli.{module}"), what)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Run one command. An error that we know ends with its sentence; one that we do not know ends with its trace."""
    wanted = [name for name in sys.argv[1:2] if name in COMMANDS]
    if not _SILENT.issuperset(wanted) or not wanted:
        from services import logs

        # A command's own output is all that it prints; what the code under it has to say is no part of that. Services say more.
        logs.configure("error", "command")
    try:
        commands(wanted or COMMANDS)(standalone_mode=True)
    except Refused as refused:
        say(str(refused))
        sys.exit(refused.status)
    except BookError as error:
        say(f"{error}. Nothing starts on a rule book with an error; `kept editions lint` lists all that is wrong.")
        sys.exit(1)
    except Exception as error:
        if not _is_away(error):
            raise
        say(
            f"The database or the broker cannot be reached ({type(error).__name__}): check its address and that it runs."
        )
        sys.exit(1)


def _is_away(error: Exception) -> bool:
    from services.ledger.connection import AWAY

    return isinstance(error, AWAY)
