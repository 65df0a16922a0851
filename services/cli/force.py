"""`kept force load | show`: the rules of a force, kept with history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.common import By, Failed, act, ledger, run
from services.ledger.force_rules import ForceRules, load_rules, read_rules

app = typer.Typer(help="The rules of a force.", no_args_is_help=True)


@app.command("load")
def load_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The force's TOML file.")],
    by: By = "command line",
) -> None:
    """Load a force's file as its newest revision."""
    text = file.read_text("utf-8")
    try:
        read_rules(text)
    except ValueError as error:
        raise Failed(f"{file}: {error}") from None
    rules: ForceRules = run(act(by, lambda connection, journal: load_rules(connection, text, by, journal.now)))
    print(f"{rules.name} ({rules.force}) runs on these rules now.")


@app.command("show")
def show_rules(force: Annotated[str, typer.Argument(help="The force.")]) -> None:
    """Print the file that a force runs on."""

    async def work() -> str | None:
        async with ledger() as opened:
            found: str | None = await opened.connection.fetchval(
                "select toml from force_rules where force = $1 order by revision desc limit 1", force
            )
            return found

    text = run(work())
    if text is None:
        raise Failed(f"{force} was never loaded: it runs on the careful default. Load one with `kept force load FILE`.")
    print(text)
