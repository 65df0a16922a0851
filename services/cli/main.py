"""The commands, put together, and how their errors end."""

from __future__ import annotations

import sys

import typer

from services import logs
from services.cli import audit, brakes, events, force, holds, processes, setup, updates
from services.cli.common import say
from services.ledger.connection import AWAY
from services.refusals import Refused
from services.settings import SettingsWrong

app = typer.Typer(
    name="kept",
    help="Tells victims and witnesses the news they are owed, in time, once, and can prove it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for group, name in (
    (events.app, "events"),
    (updates.app, "updates"),
    (holds.app, "holds"),
    (audit.alerts_app, "alerts"),
    (audit.app, "audit"),
    (force.app, "force"),
    (brakes.app, "brakes"),
    (setup.topics_app, "topics"),
):
    app.add_typer(group, name=name)
setup.add_to(app)
processes.add_to(app)


def main() -> None:
    """Run one command. An error that we know ends with its sentence; one that we do not know ends with its trace."""
    # A command's own output is all that it prints; what the code under it has to say is no part of that. Services say more.
    logs.configure("error", "command")
    try:
        app(standalone_mode=True)
    except Refused as refused:
        say(str(refused))
        sys.exit(2 if isinstance(refused, SettingsWrong) else 1)
    except AWAY as error:
        say(
            f"The database or the broker cannot be reached ({type(error).__name__}): check its address and that it runs."
        )
        sys.exit(1)
