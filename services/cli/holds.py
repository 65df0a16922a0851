"""`kept holds`: what a machine must not send and a person does instead. The id of a hold is its update's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from services.cli.common import By, Json, act, an_id, an_instant, ledger, local, run, show, text_of
from services.ledger import holds

app = typer.Typer(help="Updates that a person gives.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The update's id.")]


def _why(row: Mapping[str, Any]) -> str:
    """Why a person must do it; how its deadline was counted stands in `kept updates show`."""
    return "; ".join(reason["text"] for reason in row["reasons"] if not reason["code"].startswith("due_"))


def _who(row: Mapping[str, Any]) -> str:
    risk = ", ".join(word for word in ("safety", "enhanced") if row[word])
    return "\n".join(part for part in (row["person"], row["case"], risk) if part)


def _what(row: Mapping[str, Any]) -> str:
    unverified = any(reason["code"] == "unverified" for reason in row["reasons"])
    rule = f"{row['update_point']}{' (unverified)' if unverified else ''}"
    desk = f"taken by {row['taken_by']}" if row["taken_by"] else f"at {row['queue']}"
    return f"{row['task'].replace('_', ' ')}\n{rule}\n{desk}"


def _by_when(row: Mapping[str, Any]) -> str:
    """Until when it is to be taken, if nobody has it, and the force's own target and the deadline."""
    instants = [("due", "due_at"), ("target", "target_at"), *([] if row["taken_by"] else [("take", "acknowledge_by")])]
    return "\n".join(f"{word} {local(row[name])}" for word, name in reversed(instants) if row[name])


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
            ("Who", _who),
            ("What", _what),
            ("By when", _by_when),
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
