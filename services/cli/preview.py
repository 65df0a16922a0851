"""`kept preview`: every message of a case as its people would see it, on a telephone and in a mail client."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from services.cli.common import Json, an_instant, count, local, say
from services.cli.explain import AsOf, File, Force, read_file, rules_from

if TYPE_CHECKING:
    from rich.console import RenderableType

    from services.cli.previewing import Preview
    from services.scheduler.explain import Explained
    from services.scheduler.plan.types import Planned

_PAGE = Path(__file__).parent / "preview.html"


def preview(
    file: File,
    as_of: AsOf = None,
    force: Force = None,
    page: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page, too.")] = None,
    as_json: Json = False,
) -> None:
    """Show every message that a file of events leads to, and the words for the person where no machine speaks.

    Nothing is sent or kept. Exit 1 if a line cannot be used (the rest is shown) or a message cannot be written.
    """
    from schemas.editions.load import load_books
    from services.cli.previewing import previews
    from services.scheduler.explain import distinct, explain
    from services.scheduler.working_days import england_and_wales

    at = None if as_of is None else an_instant(as_of)
    reads, problems = distinct(read_file(file))
    cases = explain(reads, load_books(), england_and_wales(), as_of=at, rules_of=rules_from(force))
    found = [(case, previews(case)) for case in cases]
    for line, problem in problems:
        say(f"line {line}, {problem.field}: {problem.remedy}")
    for case, messages in found:
        _print(case, messages, as_json=as_json)
    if page is not None:
        page.write_text(_as_page(found), "utf-8")
    if problems or any(message.refused for _, messages in found for message in messages):
        raise typer.Exit(1)


def _print(case: Explained, messages: list[Preview], *, as_json: bool) -> None:
    if as_json:
        for message in messages:
            print(orjson.dumps(message.line()).decode())
        return
    from rich.console import Console

    console = Console()
    held = _by_person(case)
    console.rule(
        f"[bold]{case.known.case}[/] of {case.known.force}: {count(len(messages), 'message')},"
        f" {count(len(held), 'update')} for a person to tell"
    )
    for message in messages:
        console.print(_screen(message))
    for update in held:
        console.print(_script(update))


def _by_person(case: Explained) -> list[Planned]:
    return [update for update in case.plan.updates if update.state == "held"]


def _screen(message: Preview) -> RenderableType:
    """One message in the frame of the thing on which it is read."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    when = local(message.message.send_at.isoformat())
    who = f"{message.message.person} · {when} · {' + '.join(update.update_point for update in message.updates)}"
    written = message.written
    if written is None:
        code, text = message.refused or ("", "")
        return Panel(
            Text(f"cannot be written: {text} ({code})"), title=who, title_align="left", border_style="red", width=78
        )
    glance = Text(f"on a locked screen: {message.at_a_glance}\n", style="dim")
    if message.message.channel == "sms":
        foot = f"{written.words.template} · {count(written.words.parts, 'part')} · {message.line()['alphabet']}"
        return Panel(
            Group(Text(f"from {written.sender}", style="bold"), glance, Text(message.body)),
            title=who, subtitle=foot, title_align="left", subtitle_align="left", border_style="green", width=60,
        )  # fmt: skip
    head = Text(f"From: {written.sender_name} <{written.sender}>\nSubject: {written.words.subject}", style="bold")
    return Panel(
        Group(head, glance, Text(message.body)),
        title=who, subtitle=written.words.template, title_align="left", subtitle_align="left", border_style="blue", width=78,
    )  # fmt: skip


def _script(update: Planned) -> RenderableType:
    """What the person who tells it says."""
    from rich.panel import Panel
    from rich.text import Text

    text = Text()
    for say_it in update.say:
        text.append(f"{say_it}\n")
    for never in update.never_say:
        text.append(f"never: {never}\n", style="red")
    text.rstrip()
    task = (update.task or "call").replace("_", " ")
    due = "no date" if update.due_at is None else local(update.due_at.isoformat())
    return Panel(
        text, title=f"{update.person} · {task} by {due} · {update.update_point}", title_align="left",
        border_style="yellow", width=78,
    )  # fmt: skip


# ---------------------------------------------------------------- as a page


def _as_page(found: Iterable[tuple[Explained, list[Preview]]]) -> str:
    parts = []
    for case, messages in found:
        parts.append(f"<h2>{html.escape(case.known.case)}</h2>")
        parts.extend(_figure(message) for message in messages)
        parts.extend(_card(update) for update in _by_person(case))
    return _PAGE.read_text("utf-8").replace("<!-- messages -->", "\n".join(parts))


def _figure(message: Preview) -> str:
    when = local(message.message.send_at.isoformat())
    points = " + ".join(update.update_point for update in message.updates)
    caption = html.escape(f"{message.message.person}, {when}: {points}")
    written = message.written
    if written is None:
        code, text = message.refused or ("", "")
        inside = f'<p class="refused">Cannot be written: {html.escape(text)} ({html.escape(code)})</p>'
        return f'<figure class="refused"><figcaption>{caption}</figcaption>{inside}</figure>'
    glance = f'<p class="glance"><span>Locked screen</span> {html.escape(message.at_a_glance)}</p>'
    body = html.escape(message.body)
    if message.message.channel == "sms":
        foot = f"{count(written.words.parts, 'part')}, {message.line()['alphabet']}, {written.words.template}"
        inside = f'<p class="from">{html.escape(written.sender)}</p>{glance}<p class="bubble">{body}</p>'
    else:
        foot = written.words.template
        who = html.escape(f"{written.sender_name} <{written.sender}>")
        inside = f'<p class="from">{who}</p><p class="subject">{html.escape(written.words.subject or "")}</p>{glance}'
        inside += f'<p class="mail">{body}</p>'
    kind = html.escape(message.message.channel)
    return f'<figure class="{kind}"><figcaption>{caption}</figcaption>{inside}<p class="foot">{html.escape(foot)}</p></figure>'


def _card(update: Planned) -> str:
    task = (update.task or "call").replace("_", " ")
    due = "no date" if update.due_at is None else local(update.due_at.isoformat())
    caption = html.escape(f"{update.person}, {task} by {due}: {update.update_point}")
    said = "".join(f"<li>{html.escape(text)}</li>" for text in update.say)
    never = "".join(f"<li>{html.escape(text)}</li>" for text in update.never_say)
    refused = f"<p>Never say</p><ul>{never}</ul>" if never else ""
    return f'<figure class="person"><figcaption>{caption}</figcaption><ul>{said}</ul>{refused}</figure>'
