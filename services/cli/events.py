"""`kept events`: check a file of events, publish it, and see what was refused or waits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from services.cli.common import By, Failed, Json, an_id, count, ledger, run, say, show, text_of, time_of
from services.settings import KafkaSettings, LedgerSettings, load

if TYPE_CHECKING:
    from schemas.lines import LineResult

app = typer.Typer(help="Case events: check, publish, and see what was refused.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="JSON lines or an array; - is standard input.")]
_HEADERS = [("content-type", b"application/cloudevents+json")]


def _read(file: Path) -> Iterator[LineResult]:
    from schemas.lines import check_lines

    if str(file) == "-":
        yield from check_lines(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as lines:
            yield from check_lines(lines)
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}") from None


def _complain(results: Iterator[LineResult]) -> tuple[list[LineResult], int]:
    good, bad = [], 0
    for result in results:
        if result.problem is None:
            good.append(result)
            continue
        bad += 1
        where = f"line {result.line}" + (f", {result.problem.field}" if result.problem.field else "")
        say(f"{where}: {result.problem.remedy}")
    return good, bad


@app.command("validate")
def validate(file: File) -> None:
    """Say of every event in a file whether it would be accepted; each error names line, field and remedy."""
    good, bad = _complain(_read(file))
    print(f"{count(len(good), 'event')} would be accepted, {bad} would be rejected.")
    if bad:
        raise typer.Exit(1)


@app.command("publish")
def publish(file: File) -> None:
    """Publish a file of events to `case-events`; nothing is published if one of them would be rejected."""
    from schemas.topics import CASE_EVENTS
    from services.kafka import producer

    good, bad = _complain(_read(file))
    if bad:
        raise Failed(f"Nothing was published: mend what is wrong with the {count(bad, 'event')} above first.")
    settings = load(KafkaSettings)

    async def work() -> None:
        sender = await producer(settings)
        try:
            for result in good:
                assert result.read is not None  # noqa: S101  # what has no problem was read
                event = result.read.event
                key = f"{event.force}/{event.case}".encode()
                await sender.send(CASE_EVENTS.full_name(settings.kafka_prefix), result.value, key=key, headers=_HEADERS)
        finally:
            await sender.stop()

    run(work())
    print(f"Published {count(len(good), 'event')}.")


@app.command("rejected")
def list_rejected(as_json: Json = False) -> None:
    """List records that could not be used, with what is wrong and how to mend it."""
    from services.scheduler import rejected

    async def work() -> list[dict[str, Any]]:
        async with ledger() as opened:
            return await rejected.list_rejected(opened.connection)

    show(
        run(work()),
        [
            ("Id", text_of("id")),
            ("Where", lambda row: f"{row['topic']} {row['partition']}:{row['offset']}"),
            ("Received", time_of("received_at")),
            ("Reason", text_of("reason")),
            ("Field", text_of("field")),
            ("Remedy", text_of("remedy")),
            ("Bytes", text_of("size")),
        ],
        as_json=as_json,
        title="Rejected records",
        empty="No record was rejected.",
    )


@app.command("waiting")
def list_waiting(as_json: Json = False) -> None:
    """List events that wait for somebody to be recorded."""
    from services.scheduler import rejected

    async def work() -> list[dict[str, Any]]:
        async with ledger() as opened:
            return await rejected.list_waiting(opened.connection)

    show(
        run(work()),
        [
            ("Case", text_of("case")),
            ("Event", text_of("event_id")),
            ("Since", time_of("since")),
            ("Waits for", lambda row: ", ".join(row["waits_for"])),
        ],
        as_json=as_json,
        title="Events that wait for a person to be recorded",
        empty="No event waits.",
    )


@app.command("replay")
def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of rejected records; none is all of them.")] = None,
    by: By = "command line",
) -> None:
    """Put rejected records through the same code again, after a mend on our side."""
    from schemas.editions.load import load_books
    from services.ledger.connection import open_pool
    from services.scheduler import rejected
    from services.scheduler.intake import Intake
    from services.scheduler.working_days import england_and_wales

    wanted = None if not ids else [an_id(text) for text in ids]
    settings = load(LedgerSettings)

    async def work() -> dict[UUID, str]:
        pool = await open_pool(settings.database_url.get_secret_value(), name="kept-command", size=2)
        try:
            intake = Intake(pool, settings.case_clock(), load_books(), england_and_wales())
            return await rejected.replay(pool, intake, wanted, by)
        finally:
            await pool.close()

    outcomes = run(work())
    for record, outcome in outcomes.items():
        print(f"{record}: {outcome}")
    if not outcomes:
        print("There is nothing to replay.")
