"""`kept force load | show | backlog`: the rules of a force, kept with history, and what is owed from before they were live."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from schemas.editions.load import load_books
from services.cli.common import By, Failed, Json, act, ledger, local, run, say, show, text_of, time_of
from services.ledger.force_check import read_checked
from services.ledger.force_history import Loaded, history, load_rules
from services.ledger.force_rules import rules_of
from services.scheduler import backlog
from services.scheduler.working_days import england_and_wales

app = typer.Typer(help="The rules of a force.", no_args_is_help=True)

Force = Annotated[str, typer.Argument(help="The force.")]


@app.command("load")
def load_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The force's TOML file.")],
    by: By,
) -> None:
    """Load a force's file as its newest revision. What loosens something needs a second person to load the same file."""
    try:
        text = file.read_text("utf-8")
        read_checked(text, load_books())
    except UnicodeDecodeError:
        raise Failed(f"{file}: this is not text in UTF-8") from None
    except ValueError as error:
        raise Failed(f"{file}: {error}") from None
    loaded: Loaded = run(act(by, lambda connection, journal: load_rules(connection, text, by, journal.now)))
    rules = loaded.rules
    if loaded.revision is not None:
        print(f"{rules.name} ({rules.force}) runs on these rules now.")
        return
    print(f"Proposed. These rules of {rules.name} ({rules.force}) loosen something, and are not in force yet:")
    for sentence in loaded.loosens:
        print(f"- {sentence}")
    print("A second person must load the same file too.")


@app.command("show")
def show_rules(
    force: Force,
    past: Annotated[bool, typer.Option("--history", help="List every revision.")] = False,
    as_json: Json = False,
) -> None:
    """Print the file that a force runs on, and what waits for a second person."""

    async def work() -> list[dict[str, Any]]:
        async with ledger() as opened:
            return await history(opened.connection, force)

    lines = run(work())
    current = next((line for line in lines if line["state"] == "in_force"), None)
    waiting = next((line for line in lines if line["state"] == "waiting"), None)
    if current is None and waiting is None:
        raise Failed(f"{force} was never loaded: it runs on the careful default. Load one with `kept force load FILE`.")
    if as_json:
        for line in lines if past else [line for line in (waiting, current) if line is not None]:
            print(orjson.dumps(line).decode())
        return
    if past:
        _list(force, lines)
        return
    if current is not None:
        print(current["toml"].rstrip("\n"))
    else:
        say(f"{force} was never loaded: it runs on the careful default.")
    if waiting is not None:
        say(f"Rules that {waiting['proposed_by']} proposed on {local(waiting['at'])} wait for a second person:")
        for sentence in waiting["loosens"]:
            say(f"- {sentence}")


@app.command("backlog")
def show_backlog(force: Force, as_json: Json = False) -> None:
    """List what is owed from before the force went live, the latest first; it is never sent: people work through it."""

    async def work() -> list[dict[str, Any]]:
        async with ledger() as opened, opened.connection.transaction(isolation="repeatable_read", readonly=True):
            rules = (await rules_of(opened.connection, [force]))[force]
            if rules.live_from is None:
                raise Failed(f"{force} has no live_from: nothing is from before it. Load a file that has one.")
            return await backlog.backlog(
                opened.connection, rules, load_books(), england_and_wales(), opened.clock.now()
            )

    show(
        run(work()),
        [
            ("Case", text_of("case")),
            ("Person", text_of("person")),
            ("What", _what),
            ("Due", time_of("due_at")),
            ("Days late", text_of("days_late")),
            ("Task", text_of("task")),
        ],
        as_json=as_json,
        title=f"Owed from before {force} went live",
        empty=f"Nothing is owed from before {force} went live.",
    )


def _what(line: Mapping[str, Any]) -> str:
    return f"{line['update_point']}{' (unverified)' if line['status'] == 'unverified' else ''}"


def _list(force: str, lines: list[dict[str, Any]]) -> None:
    words = {"waiting": "waits for a second person", "in_force": "in force", "past": "past"}
    show(
        lines,
        [
            ("Revision", text_of("revision")),
            ("State", lambda line: words[line["state"]]),
            ("At", time_of("at")),
            ("Proposed by", text_of("proposed_by")),
            ("Loaded by", text_of("loaded_by")),
            ("File (SHA-256)", lambda line: str(line["sha256"])[:12]),
            ("Loosens", lambda line: "\n".join(line["loosens"])),
        ],
        as_json=False,
        title=f"Rules of {force}",
        empty="",
    )
