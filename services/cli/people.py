"""`kept people`: what changed of a flagged person waits for a second person, who approves or refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from services.cli.common import By, Json, act, ledger, run, show, text_of, time_of
from services.ledger import approvals
from services.ledger.second_word import SAFETY, Verdict, of_contact

app = typer.Typer(help="What a second person must confirm of people.", no_args_is_help=True)

Force = Annotated[str, typer.Argument(help="The person's force.")]
Who = Annotated[str, typer.Argument(help="The person's id.")]
ContactId = Annotated[str, typer.Argument(help="The contact's id; leave it out with --safety.")]
OfSafety = Annotated[bool, typer.Option("--safety", help="What would loosen what is safe for them.")]
Code = Annotated[
    str | None, typer.Option("--change", help="The change as `kept people changes` shows it: only just this.")
]


def _what(row: Mapping[str, Any]) -> str:
    return ", ".join(row["what"])


@app.command("changes")
def changes(force: Annotated[str | None, typer.Option(help="Only this force.")] = None, as_json: Json = False) -> None:
    """List what waits for a second person, oldest first. Numbers and addresses are not shown: look in the record system."""

    async def work() -> list[dict[str, Any]]:
        async with ledger() as opened:
            return await approvals.list_changes(opened.connection, force)

    show(
        run(work()),
        [
            ("Change", text_of("change")),
            ("Force", text_of("force")),
            ("Person", text_of("person")),
            ("Of", text_of("kind")),
            ("Contact", text_of("contact")),
            ("What", _what),
            ("Since", time_of("since")),
        ],
        as_json=as_json,
        title="Changes that wait for a second person",
        empty="Nothing waits for a second person.",
    )


@app.command("approve")
def approve(
    force: Force, person: Who, by: By, contact: ContactId = "", safety: OfSafety = False, change: Code = None
) -> None:
    """Say, as a second person, that what changed is right: messages may go by it."""
    _decide(force, person, _subject(contact, safety=safety), "approved", by, change)
    print("Approved. Their cases are planned again.")


@app.command("refuse")
def refuse(
    force: Force, person: Who, by: By, contact: ContactId = "", safety: OfSafety = False, change: Code = None
) -> None:
    """Say, as a second person, that what changed is not right: what stood before it stands."""
    _decide(force, person, _subject(contact, safety=safety), "refused", by, change)
    print("Refused. What stood before stands; have the record system put right.")


def _subject(contact: str, *, safety: bool) -> str:
    if bool(contact) == safety:
        raise typer.BadParameter("give a contact's id, or --safety")
    return SAFETY if safety else of_contact(contact)


def _decide(force: str, person: str, subject: str, verdict: Verdict, by: str, code: str | None) -> None:
    run(
        act(
            by,
            lambda connection, journal: approvals.decide_change(
                connection, (force, person), subject, verdict, by, journal, code=code
            ),
        )
    )
