"""`kept demo`: a sample force's days on a fast clock, on everything real, shown as they happen and judged at the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from services.clock import Clock
from services.kafka import producer
from services.ledger.connection import Connection, connect
from services.ledger.force_rules import read_rules
from services.sandbox import staff, stage, watching
from services.sandbox.lines import Line, when
from services.sandbox.playing import in_order, play
from services.sandbox.processes import CannotStart, together
from services.sandbox.story import ENDS, STARTS, Case, Record, force_file, load_cases
from services.sandbox.verdict import Report, report
from services.settings import KafkaSettings

RATE: Final = 1800.0
"""Case seconds a real second: an hour of the story passes in two seconds."""
_LOOK_SECONDS: Final = 0.2
_LEAD_SECONDS: Final = 15.0
"""Machine seconds that the services have to get ready before the story begins on its clock."""


@dataclass(slots=True)
class Demo:
    """One run: where it shows itself, how fast, and whether anybody watches."""

    console: Console
    rate: float = RATE
    headless: bool = False
    started: float = 0.0
    live: Live | None = None
    first_said: bool = False
    events: list[Record] = field(default_factory=list)
    """What was published and not shown yet."""

    def say(self, text: str) -> None:
        """A step of the way, with the seconds since the start."""
        self.console.print(f"[dim]{time.monotonic() - self.started:5.1f} s[/]  {text}", highlight=False)

    def show(self, line: Line) -> None:
        """One thing that happened."""
        if self.headless:
            return
        text = Text(f"{when(line.at):<17}", "dim")
        text.append(f"{line.case:<8} ")
        text.append(f"{line.word:<9} ", watching.STYLES.get(line.word, ""))
        text.append(line.text)
        self.console.print(text, highlight=False, soft_wrap=True)

    def published(self, record: Record) -> None:
        """One event went in. Who is who at the start of every case is no news to anybody."""
        if record.at > STARTS:
            self.events.append(record)

    def _events(self) -> list[Line]:
        """What went in since the last look: a line for each case and moment."""
        together: dict[tuple[datetime, str], list[str]] = {}
        for record in self.events:
            together.setdefault((record.at, record.case), []).append(f"{record.type} ({record.label})")
        self.events.clear()
        return [Line(at, case, "event", ", ".join(said)) for (at, case), said in together.items()]

    async def run(self, folder: Path | None, temporary: bool = False) -> Report:
        """Play the whole story; returns the report at its end on its clock. Raises CannotStart."""
        self.started = time.monotonic()
        cases = load_cases()
        async with stage.far_ends(folder, temporary=temporary, say=self.say) as ends:
            clock = stage.clock_at(STARTS - timedelta(seconds=_LEAD_SECONDS * self.rate), self.rate)
            await stage.load_force(ends.settings["KEPT_DATABASE_URL"], force_file(), clock.now())
            async with stage.services(ends.settings, ends.servers.folder, clock) as running:
                self.say(f"Starting {', '.join(stage.SERVICES)}, each a process of its own")
                for name in stage.SERVICES:
                    await running.start(name, name)
                await together(*(running.ready(name) for name in stage.SERVICES))
                self.say(f"Ready. {len(cases)} cases follow; an hour of theirs takes {3600 / self.rate:.1f} s.")
                if clock.now() > STARTS:
                    self.say("[yellow]This machine was slow to start; what was due meanwhile comes late.[/]")
                await self._story(ends, running, clock, cases)
                connection = await connect(ends.settings["KEPT_DATABASE_URL"], name="kept-demo")
                try:
                    bodies = [sent.body for sent in ends.twilio.accepted() if sent.status == "delivered"]
                    return await report(connection, cases, bodies, time.monotonic() - self.started)
                finally:
                    await connection.close()

    async def _story(self, ends: stage.FarEnds, running: stage.Services, clock: Clock, cases: tuple[Case, ...]) -> None:
        kafka = KafkaSettings(kafka_bootstrap=ends.servers.kafka_bootstrap)
        connection = await connect(ends.settings["KEPT_DATABASE_URL"], name="kept-demo")
        desk = await connect(ends.settings["KEPT_DATABASE_URL"], name="kept-demo-staff")
        sender = await producer(kafka)
        try:
            with self._screen():
                await together(
                    play(sender, "", clock, in_order(cases), self.published),
                    self._watch(connection, clock, running),
                    staff.work(desk, clock, read_rules(force_file()), ENDS),
                )
        finally:
            await sender.stop()
            await connection.close()
            await desk.close()

    async def _watch(self, connection: Connection, clock: Clock, running: stage.Services) -> None:
        """Show what happens until the story ends on its clock."""
        watcher = watching.Watcher()
        while True:
            for name, process in running.running.items():
                if process.returncode is not None:
                    raise CannotStart(f"{name} ended with status {process.returncode}; its log is in {running.folder}")
            found = await watcher.lines(connection)
            for line in sorted(self._events() + found, key=lambda line: line.at):
                self.show(line)
            if watcher.first_delivered is not None and not self.first_said:
                self.first_said = True
                self.say(
                    f"[bold green]The first message is delivered[/], {time.monotonic() - self.started:.1f} s after the start."
                )
            if self.live is not None:
                self.live.update(_foot(await watching.totals(connection), clock.now()))
            if clock.now() >= ENDS:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    @contextlib.contextmanager
    def _screen(self) -> Iterator[None]:
        if self.headless or not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, refresh_per_second=5, transient=False) as self.live:
            yield
        self.live = None


def _foot(totals: dict[str, int], now: datetime) -> Group:
    """Where the story stands: its clock, how far it is, and the totals."""
    table = Table.grid(padding=(0, 2))
    table.add_row(
        Text(when(min(now, ENDS)), "bold"),
        *(Text(f"{name} {totals.get(name, 0)}", watching.STYLES.get(name, "")) for name in
          ("events", "rejected", "planned", "sent", "told", "held", "taken", "declined", "late")),
    )  # fmt: skip
    done = (now - STARTS) / (ENDS - STARTS)
    return Group(Text(), ProgressBar(total=1.0, completed=min(1.0, max(0.0, done)), width=60), table)


def conclusion(console: Console, found: Report) -> None:
    """The totals and the verdict, at the end."""
    table = Table(title="What became of it", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    table.add_row("events applied", str(found.events))
    for state, count in found.updates.items():
        later = " for later" if state == "planned" else ""
        table.add_row(f"updates {state}{later}", str(count), style=watching.STYLES.get(state, ""))
    for channel, count in found.messages.items():
        table.add_row(f"messages by {channel}", str(count))
    table.add_row("of which prompts", str(found.prompts))
    table.add_row("late", str(found.late))
    console.print(table)
    if found.unexpected:
        console.print(f"[red]{len(found.unexpected)} updates are not where their case says they should be:[/]")
        for sentence in found.unexpected:
            console.print(f"  · {sentence}", highlight=False, soft_wrap=True)
    else:
        console.print("[green]Every update ended where its sample case says it should.[/]")


def write(found: Report, path: Path) -> None:
    """Write the report as JSON."""
    path.write_bytes(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2))
