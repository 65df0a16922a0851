"""`kept brakes`: stop sending at once. One name sets a brake, two lift it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.common import By, Json, act, an_id, ledger, run, show, text_of
from services.ledger import brakes
from services.ledger.outbox import instant

app = typer.Typer(help="Stop sending, at once.", no_args_is_help=True)


@app.command("show")
def show_all(as_json: Json = False) -> None:
    """Show the brakes that are on."""

    async def work() -> list[dict[str, Any]]:
        async with ledger() as opened:
            return [row | {"set_at": instant(row["set_at"])} for row in await brakes.list_brakes(opened.connection)]

    show(
        run(work()),
        [
            ("Id", text_of("id")),
            ("Stops", text_of("scope")),
            ("Which", text_of("value")),
            ("Set by", text_of("set_by")),
            ("Set at", text_of("set_at")),
            ("Asked to lift", text_of("lift_asked_by")),
        ],
        as_json=as_json,
        title="Brakes",
        empty="No brake is on: messages go out.",
    )


@app.command("set")
def set_one(
    scope: Annotated[str, typer.Argument(help="all, channel, template or force.")],
    by: By,
    value: Annotated[str, typer.Argument(help="Which channel, template or force.")] = "",
) -> None:
    """Put a brake on: nothing that it covers leaves any more."""
    found = next((known for known in brakes.SCOPES if known == scope), None)
    if found is None:
        raise typer.BadParameter(f"give one of {', '.join(brakes.SCOPES)}")
    print(run(act(by, lambda connection, journal: brakes.set_brake(connection, found, value, by, journal))))


@app.command("lift")
def lift(brake: Annotated[str, typer.Argument(help="The brake's id.")], by: By) -> None:
    """Ask to lift a brake, or lift it if somebody else has asked."""
    off = run(act(by, lambda connection, journal: brakes.lift_brake(connection, an_id(brake), by, journal)))
    print("The brake is off." if off else "Asked. A second person must lift it too.")
