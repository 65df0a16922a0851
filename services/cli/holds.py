"""`kept holds`: what a machine must not send and a person does instead. The id of a hold is its update's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from services.cli.common import By, Json, act, an_id, an_instant, ledger, run, show, text_of, time_of
from services.ledger import holds

app = typer.Typer(help="Updates that a person gives.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The update's id.")]


def _why(row: Mapping[str, Any]) -> str:
    """Why a person must do it; how its deadline was counted stands in `kept updates show`."""
    return "; ".join(reason["text"] for reason in row["reasons"] if not reason["code"].startswith("due_"))


def _what(row: Mapping[str, Any]) -> str:
    unverified = any(reason["code"] == "unverified" for reason in row["reasons"])
    return f"{row['update_point']}{' (unverified)' if unverified else ''}"


def _risk(row: Mapping[str, Any]) -> str:
    return ", ".join(word for word in ("safety", "enhanced") if row[word])


@app.command("list")
def list_(
    queue: Annotated[str | None, typer.Option(help="Only this queue.")] = None,
    force: Annotated[str | None, typer.Option(help="Only this force.")] = None,
    as_json: Json = False,
) -> None:
    """List open holds, the most pressing first: safety, then what is due within a day; Enhanced Rights first in each."""

    async def work() -> list[dict[str, object]]:
        async with ledger() as opened:
            return await holds.list_holds(opened.connection, force=force, queue=queue, now=opened.clock.now())

    show(
        run(work()),
        [
            ("Id", text_of("id")),
            ("Case", text_of("case")),
            ("Person", text_of("person")),
            ("What", _what),
            ("Risk", _risk),
            ("Task", text_of("task")),
            ("Queue", text_of("queue")),
            ("Take by", time_of("acknowledge_by")),
            ("Target", time_of("target_at")),
            ("Due", time_of("due_at")),
            ("Taken by", text_of("taken_by")),
            ("Why", _why),
        ],
        as_json=as_json,
        title="Holds",
        empty="Nobody is waiting for a person: there are no open holds.",
    )


@app.command("take")
def take(update: Id, by: By) -> None:
    """Take a hold."""
    run(act(by, lambda connection, journal: holds.take(connection, an_id(update), by, journal)))
    print("Taken.")


@app.command("told")
def told(
    update: Id,
    by: By,
    how: Annotated[str, typer.Option(help="phone, visit, video or letter.")],
    at: Annotated[str, typer.Option(help="When they were told, with offset.")],
) -> None:
    """Record that the person was told."""
    when = an_instant(at)
    if how not in holds.HOW:
        raise typer.BadParameter(f"--how is one of {', '.join(holds.HOW)}")
    run(act(by, lambda connection, journal: holds.told(connection, an_id(update), by, how, when, journal)))
    print("Told.")


@app.command("decline")
def decline(update: Id, by: By, reason: Annotated[str, typer.Option(help="The code of a good reason.")]) -> None:
    """Record that the person is rightly not told."""
    run(act(by, lambda connection, journal: holds.decline(connection, an_id(update), by, reason, journal)))
    print("Declined.")


@app.command("back")
def back(update: Id, by: By) -> None:
    """Hand a hold back: the plan decides anew."""
    run(act(by, lambda connection, journal: holds.back(connection, an_id(update), by, journal)))
    print("Handed back.")
