"""`kept words`: the templates of a language, and each as it would read beside its English pair, for who approves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from services.cli.common import Json, say
from services.refusals import Refused

if TYPE_CHECKING:
    from services.wording.reading_room import Sheet


def words(
    name: Annotated[str | None, typer.Argument(help="One template; without it they are listed.")] = None,
    language: Annotated[str, typer.Option(help="A language that templates are written in.")] = "cy",
    as_json: Json = False,
) -> None:
    """List the templates of a language with their status, or show how one reads, draft or not. Nothing is sent."""
    from services.wording.reading_room import sheets
    from services.wording.tongue import TONGUES

    if language not in TONGUES:
        raise Refused(f"There are no templates in {language!r}; there are some in {', '.join(TONGUES)}.")
    found = [sheet for sheet in sheets(language) if name in {None, sheet.name}]
    if not found:
        raise Refused(f"There is no template {name!r}; `kept words --language {language}` lists them.")
    if as_json:
        for sheet in found:
            print(orjson.dumps(sheet.line()).decode())
    elif name is None:
        for sheet in found:
            print(f"{sheet.name:34} {sheet.version:12} {sheet.status}")
        drafts = sum(not sheet.approved for sheet in found)
        say(f"{len(found)} templates, {drafts} of them not approved and so never sent.")
    else:
        _print(found[0])


def _print(sheet: Sheet) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    console = Console()
    console.rule(f"[bold]{sheet.name}[/] {sheet.version}: {sheet.status}")
    for sample in sheet.samples:
        for text, parts in ((sample.english, None), (sample.text, sample.parts)):
            if text is not None:
                foot = None if not parts else f"{parts} {'part' if parts == 1 else 'parts'}"
                console.print(Panel(Text(text), subtitle=foot, subtitle_align="left", width=78))
        console.print()
