"""`kept audit verify` and `kept alerts list`."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from services.cli.common import By, Failed, Json, act, an_id, count, ledger, run, show, text_of, time_of
from services.ledger import audit
from services.ledger.alerts import clear_by_hand, list_alerts

app = typer.Typer(help="The append-only, hash-chained record.", no_args_is_help=True)
alerts_app = typer.Typer(help="What somebody must know.", no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """The append-only, hash-chained record."""


@alerts_app.callback()
def _alerts() -> None:
    """What somebody must know."""


@app.command("verify")
def verify(as_json: Json = False) -> None:
    """Recompute the whole chain and name the first entry that does not hold."""

    async def work() -> audit.Verified:
        async with ledger() as opened:
            return await audit.verify(opened.connection)

    found = run(work())
    bad = None if found.first_bad is None else f"{found.first_bad[0]}/{found.first_bad[1]}"
    if as_json:
        shape = {
            "ok": found.ok,
            "streams": found.streams,
            "entries": found.entries,
            "first_bad": bad,
            "reason": found.reason,
        }
        print(orjson.dumps(shape).decode())
    if found.ok:
        if not as_json:
            entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
            print(f"The audit holds: {entries} in {count(found.streams, 'stream')}.")
        return
    where = "" if bad is None else f" The first bad entry is {bad} (stream/index)."
    raise Failed(f"The audit does not hold: {found.reason}.{where}")


@alerts_app.command("list")
def alerts(
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False, as_json: Json = False
) -> None:
    """List open alerts, newest first."""

    async def work() -> list[dict[str, object]]:
        async with ledger() as opened:
            return await list_alerts(opened.connection, cleared=every)

    show(
        run(work()),
        [
            ("Id", text_of("id")),
            ("Last", time_of("last_at")),
            ("What", text_of("text")),
            ("Times", text_of("count")),
            ("Owner", text_of("owner")),
            ("Clears when", text_of("clears")),
        ],
        as_json=as_json,
        title="Alerts",
        empty="No alerts are open.",
    )


@alerts_app.command("clear")
def clear(alert: Annotated[str, typer.Argument(help="The alert's id.")], by: By) -> None:
    """Say that an alert was seen to."""
    run(act(by, lambda connection, journal: clear_by_hand(connection, an_id(alert), journal)))
    print("Cleared.")
