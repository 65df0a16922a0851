"""What the commands share: a connection to the ledger, a transaction with its journal, and printing for people and machines."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import typer

from services.refusals import Refused

if TYPE_CHECKING:
    from services.clock import Clock
    from services.ledger.connection import Connection
    from services.ledger.journal import Journal

LONDON = ZoneInfo("Europe/London")
Result = TypeVar("Result")

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object a line, instants in UTC.")]
By: TypeAlias = Annotated[str, typer.Option("--by", help="Who gives the command; it is audited.")]


class Failed(Refused):
    """The command found something wrong: its text is what to print, and the exit status is 1."""


def say(text: str) -> None:
    """A sentence for the person, on standard error."""
    print(text, file=sys.stderr, flush=True)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run one command to its end."""
    import asyncio

    return asyncio.run(work)


@dataclass(frozen=True, slots=True)
class Ledger:
    """One connection, and the case time of the command."""

    connection: Connection
    clock: Clock


@asynccontextmanager
async def ledger() -> AsyncIterator[Ledger]:
    """A connection to the ledger that `KEPT_DATABASE_URL` names."""
    from services.ledger.connection import connect
    from services.settings import LedgerSettings, load

    settings = load(LedgerSettings)
    connection = await connect(settings.database_url.get_secret_value(), name="kept-command")
    try:
        yield Ledger(connection, settings.case_clock())
    finally:
        await connection.close()


async def act(by: str, work: Callable[[Connection, Journal], Coroutine[Any, Any, Result]]) -> Result:
    """Do `work` in one transaction, in the name of `by`, audited."""
    from services.ledger.journal import Journal

    async with ledger() as opened, opened.connection.transaction():
        journal = Journal("people", by, opened.clock.now())
        result = await work(opened.connection, journal)
        await journal.write(opened.connection)
        return result


def an_id(text: str) -> UUID:
    """Read an id; a wrong one is misuse."""
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter("give an id as `kept updates list` shows it") from None


def an_instant(text: str) -> datetime:
    """Read an instant with its offset; a wrong one is misuse."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("give an instant such as 2026-03-09T10:15:00+00:00") from None
    if at.tzinfo is None:
        raise typer.BadParameter("give the offset too, such as 2026-03-09T10:15:00+00:00")
    return at.astimezone(UTC)


def local(text: str | None) -> str:
    """An instant of a JSON shape as people in Britain read it."""
    if text is None:
        return ""
    return datetime.fromisoformat(text).astimezone(LONDON).strftime("%a %d %b %Y %H:%M")


def show(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[tuple[str, Callable[[Mapping[str, Any]], str]]],
    *,
    as_json: bool,
    title: str,
    empty: str,
) -> None:
    """Print rows: JSON lines for machines; for people a table, or a sentence where there is nothing."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    found = list(rows)
    if as_json:
        for row in found:
            print(orjson.dumps(row).decode())
        return
    console = Console()
    if not found:
        console.print(empty, markup=False)
        return
    table = Table(title=title, title_justify="left", caption=f"{len(found)} in all", caption_justify="left")
    for name, _ in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "Id")
    for row in found:
        table.add_row(*(Text(read(row)) for _, read in columns))
    console.print(table)


def count(number: int, thing: str) -> str:
    """A number of things, as people say it."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def text_of(key: str) -> Callable[[Mapping[str, Any]], str]:
    """A column that shows a value as it is."""
    return lambda row: "" if row[key] is None else str(row[key])


def time_of(key: str) -> Callable[[Mapping[str, Any]], str]:
    """A column that shows an instant as people read it."""
    return lambda row: local(row[key])
