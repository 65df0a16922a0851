"""The commands that run until they are stopped: the services, the sandbox and the demo."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.console import Console

from schemas.editions.load import load_books
from services import faults, logs
from services.cli.common import Failed
from services.settings import DispatcherSettings, ReceiptsSettings, SchedulerSettings, Settings, load

SomeSettings = TypeVar("SomeSettings", bound=Settings)


def _serve(kind: type[SomeSettings], service: str, run: Callable[[SomeSettings], Coroutine[Any, Any, None]]) -> None:
    settings = load(kind)
    load_books()  # nothing starts on a rule book with an error
    if service != "receipts":
        _try_words()
    logs.configure(settings.log_level, service)
    faults.arm(settings.crash_at)
    uvloop.run(run(settings))


def _try_words() -> None:
    """Nothing starts on a template or a script with an error."""
    from services.wording import TemplateError
    from services.wording.check import check_all

    try:
        check_all()
    except TemplateError as error:
        raise Failed(f"{error}. Nothing starts on words with an error.") from None


def scheduler() -> None:
    """Work out what is owed to whom by when, and release what is due."""
    from services.scheduler.app import run

    _serve(SchedulerSettings, "scheduler", run)


def dispatcher() -> None:
    """Word what is due, send it once, and record what became of it."""
    from services.dispatcher.app import run

    _serve(DispatcherSettings, "dispatcher", run)


def receipts() -> None:
    """Take in what providers and mailboxes say later."""
    from services.dispatcher.receipts.app import run

    _serve(ReceiptsSettings, "receipts", run)


def sandbox(
    folder: Annotated[Path | None, typer.Option(help="Where the servers keep their files (.kept by default).")] = None,
) -> None:
    """Run the embedded broker, database, text provider and mailbox; print the settings that the services need."""
    from services.sandbox.processes import CannotStart
    from services.sandbox.stage import far_ends

    async def work() -> None:
        async with far_ends(folder) as ends:
            for name, value in ends.settings.items():
                print(f"{name}={value}")
            print(flush=True)
            await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        try:
            asyncio.run(work())
        except CannotStart as error:
            raise Failed(str(error)) from None


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="No screen; exit 0 only if all ended as told.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the totals here, as JSON.")] = None,
    rate: Annotated[float, typer.Option(min=1, max=20_000, help="Case seconds a real second.")] = 1800.0,
    folder: Annotated[Path | None, typer.Option(help="Where the servers keep their files (.kept by default).")] = None,
) -> None:
    """Show a sample force's days on a fast clock, on a real broker and database."""
    from services.sandbox.demo import Demo, conclusion, write
    from services.sandbox.processes import CannotStart

    console = Console()
    try:
        found = asyncio.run(Demo(console, rate, headless).run(folder))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped. Everything it started has ended.")
        return
    except CannotStart as error:
        raise Failed(str(error)) from None
    if report is not None:
        write(found, report)
    conclusion(console, found)
    if found.unexpected:
        raise typer.Exit(1)
