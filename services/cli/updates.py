"""`kept updates list | show`."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from services.cli.common import Failed, Json, an_id, ledger, local, run, show, text_of, time_of
from services.ledger.trials import Arm, attendance, trial_outcomes
from services.ledger.updates import Filters, list_updates, show_update

app = typer.Typer(help="What is owed, and what became of it.", no_args_is_help=True)


@app.command("list")
def list_(
    force: Annotated[str | None, typer.Option(help="Only this force.")] = None,
    case: Annotated[str | None, typer.Option(help="Only this case.")] = None,
    person: Annotated[str | None, typer.Option(help="Only this person.")] = None,
    state: Annotated[str | None, typer.Option(help="Only this state.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only late ones.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 100_000,
    as_json: Json = False,
) -> None:
    """List updates in order of their deadlines."""
    wanted = Filters(force=force, case=case, person=person, late=True if late else None, limit=limit)

    async def work() -> list[dict[str, Any]]:
        async with ledger() as opened:
            return await list_updates(opened.connection, wanted)

    rows = [row for row in run(work()) if state is None or row["state"] == state]
    show(
        rows,
        [
            ("Id", text_of("id")),
            ("Case", text_of("case")),
            ("Person", text_of("person")),
            ("Update point", text_of("update_point")),
            ("State", lambda row: f"{row['state']}{' (late)' if row['late'] else ''}"),
            ("Evidence", text_of("evidence")),
            ("Send", time_of("send_at")),
            ("Due", time_of("due_at")),
        ],
        as_json=as_json,
        title="Updates",
        empty="Nothing is owed that matches: try without a filter, or publish events first.",
    )


@app.command("show")
def show_one(update: Annotated[str, typer.Argument(help="The update's id.")], as_json: Json = False) -> None:
    """Show one update as a story with times."""

    async def work() -> dict[str, Any] | None:
        async with ledger() as opened:
            return await show_update(opened.connection, an_id(update))

    found = run(work())
    if found is None:
        raise Failed("There is no update of this id.")
    if as_json:
        print(orjson.dumps(found).decode())
        return
    console = Console(highlight=False)
    late = " [red]late[/]" if found["late"] else ""
    console.print(f"[bold]{found['update_point']}[/] for {found['person']} in {found['case']} ({found['edition']})")
    evidence = f", {found['evidence']}" if found["evidence"] else ""
    console.print(f"{found['state']}{evidence}{late}; due {local(found['due_at']) or 'by no date that the book gives'}")
    for reason in found["reasons"]:
        console.print(f"  · {reason['text']}")
    for line in found["timeline"]:
        console.print(f"[dim]{local(line['at'])}[/]  {line['text']}")


@app.command("trial")
def trial(
    force: Annotated[str, typer.Option(help="The force that tries its reminders.")], as_json: Json = False
) -> None:
    """Count who came to court, with reminders and, by chance, without."""

    async def work() -> list[tuple[Arm, bool | None]]:
        async with ledger() as opened:
            return await trial_outcomes(opened.connection, force)

    counted = attendance(run(work()))
    rows = [
        {"arm": arm, "came": count.came, "stayed_away": count.stayed_away, "unknown": count.unknown}
        for arm, count in counted.items()
        if count.came or count.stayed_away or count.unknown
    ]
    show(
        rows,
        [
            ("Arm", text_of("arm")),
            ("Came", text_of("came")),
            ("Stayed away", text_of("stayed_away")),
            ("Not said", text_of("unknown")),
        ],
        as_json=as_json,
        title="Trial of reminders",
        empty="Nobody is in a trial: set `control_share` under [reminders] in the force's file.",
    )
