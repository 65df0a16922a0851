"""`kept explain`: what a file of events owes, to whom, by when and why, with no database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from services.cli.common import Failed, Json, an_instant, count, local, say

if TYPE_CHECKING:
    from schemas.lines import LineResult
    from services.ledger.force_rules import ForceRules
    from services.scheduler.explain import Explained

File = Annotated[Path, typer.Argument(help="JSON lines or an array, of one case or several; - is standard input.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="INSTANT", help="As it was known then; without it, as of the last event."),
]
Force = Annotated[
    Path | None,
    typer.Option("--force", exists=True, dir_okay=False, help="The force's own TOML file, instead of what ships."),
]

_UNVERIFIED: Final = "*unverified*"
_BOOKS: Final = {"code": "", "charter": " (not law)", "force": " (the force's own, not the Code)", "statute": ""}


def explain(file: File, as_of: AsOf = None, force: Force = None, as_json: Json = False) -> None:
    """Explain what a file of events owes: each update, its rule, its dates and how it goes; nothing is sent or kept.

    It is the scheduler's own plan. Exit 1 if a line cannot be used (the rest is explained) or a date cannot be counted.
    """
    from schemas.editions.load import load_books
    from services.scheduler.explain import distinct
    from services.scheduler.explain import explain as explain_events
    from services.scheduler.working_days import england_and_wales

    at = None if as_of is None else an_instant(as_of)
    rules_of = rules_from(force)
    reads, problems = distinct(read_file(file))
    found = explain_events(reads, load_books(), england_and_wales(), as_of=at, rules_of=rules_of)
    for line, problem in problems:
        where = f"line {line}" + (f", {problem.field}" if problem.field else "")
        say(f"{where}: {problem.remedy}")
    for case in found:
        _print(case, as_json=as_json)
    if not any(case.lines for case in found):
        say("Nothing is owed by these events.")
    if problems or any(case.beyond_holiday_list for case in found):
        raise typer.Exit(1)


def read_file(file: Path) -> Iterator[LineResult]:
    """The lines of a file of events, `-` for standard input, each read or with what is wrong; an unreadable file is misuse."""
    from schemas.lines import check_lines

    if str(file) == "-":
        yield from check_lines(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as lines:
            yield from check_lines(lines)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from None


def rules_from(file: Path | None) -> Callable[[str], ForceRules]:
    """Each force's rules: those of its own file, or those that ship; raises Failed for a file that must not be used."""
    from services.ledger.force_rules import careful_default, read_rules

    if file is None:
        return careful_default
    try:
        own = read_rules(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Failed(f"{file}: {error}") from None

    def rules_of(name: str) -> ForceRules:
        if name == own.force:
            return own
        say(f"{file} is of {own.force}: the events of {name} are explained with the rules that ship.")
        return careful_default(name)

    return rules_of


# ---------------------------------------------------------------- for people


def _print(case: Explained, *, as_json: bool) -> None:
    known = case.known
    if as_json:
        for line in case.lines:
            print(orjson.dumps(line).decode())
    else:
        print(
            f"{known.case} of {known.force}: {count(len(case.lines), 'update')}, as of {local(known.now.isoformat())}"
        )
        if case.assumed:
            print("  The file records nobody in this case: one adult victim is assumed, with no contact.")
        together = {line["message"] for line in case.lines if line["message"] is not None}
        for line in case.lines:
            print()
            for text in _story(line, case.lines, together):
                print(text)
        print()
    for waits in case.plan.waiting:
        say(
            f"{known.case}: {waits.event_id} waits for {', '.join(waits.waits_for)}, whom no event records in this case."
        )


def _story(line: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], together: set[str]) -> Iterator[str]:
    """One update as a person reads it: what, for whom, by which rule, due when and why, sent how, held or not and why."""
    yield f"{line['update_point']}  {line['title']}"
    yield _row("event", line["event_id"] + (f", {line['part']}" if line["part"] else ""))
    yield _row("for", _who(line))
    yield _row("rule", _rule(line))
    yield _row("due", _due(line))
    if line["counted_days"]:
        yield _row("counted", ", ".join(_day(day) for day in line["counted_days"]))
    for leg in line["legs"]:
        yield _row("leg", f"{leg['name']} from {_day(leg['from'])} to {_day(leg['due_on'])}")
    if line["target_at"] is not None:
        yield _row("target", f"{local(line['target_at'])} (the force's own, sooner than the law)")
    yield _row("state", _state(line))
    if line["send_at"] is not None:
        yield _row("goes", f"{local(line['send_at'])} by {line['channel']}" + _shared(line, lines, together))
    for number, reason in enumerate(line["reasons"]):
        yield _row("" if number else "why", f"· {reason['text']} ({reason['code']})")


def _row(name: str, text: str) -> str:
    return f"  {name:<8} {text}"


def _who(line: Mapping[str, Any]) -> str:
    who = line["person"] or "an assumed adult victim"
    whom = "" if line["for"] is None else f" for {line['for']}"
    suspect = "" if line["suspect"] is None else f", about suspect {line['suspect']}"
    status = "enhanced" if line["enhanced"] else "standard"
    return f"{who}{whom} ({(line['role'] or 'role not known').replace('_', ' ')}, {status}){suspect}"


def _rule(line: Mapping[str, Any]) -> str:
    cited = line["instrument"]
    if line["right"] is not None:
        cited += f", Right {line['right']}"
    if line["paragraph"] is not None:
        cited += f", paragraph {line['paragraph']}"
    sources = f" [{', '.join(line['sources'])}]" if line["sources"] else ""
    status = "" if line["status"] == "active" else f", {_UNVERIFIED}"
    owner = f", owed by {line['owner']}"
    return f"{cited}{_BOOKS[line['book']]}{sources}, confidence {line['confidence']}{status}{owner}"


def _due(line: Mapping[str, Any]) -> str:
    if line["due_at"] is None:
        beyond = any(reason["code"] == "beyond_holiday_list" for reason in line["reasons"])
        return "cannot be counted" if beyond else "by no date: nobody set a limit"
    text = local(line["due_at"])
    if line["due_on_standard"] is not None:
        text += f" (standard {_day(line['due_on_standard'])}, enhanced {_day(line['due_on_enhanced'])})"
    marks = [name.replace("_", " ") for name in ("late_on_arrival", "late_qualified") if line[name]]
    return ", ".join((text, *marks))


def _state(line: Mapping[str, Any]) -> str:
    state = str(line["state"])
    if state == "held":
        prompt = ", and a prompt asks them to get in touch" if line["kind"] == "prompt" else ""
        return f"held for {line['queue'] or 'a person'}: {(line['task'] or 'call').replace('_', ' ')}{prompt}"
    return state if line["evidence"] is None else f"{state} ({line['evidence'].replace('_', ' ')})"


def _shared(line: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], together: set[str]) -> str:
    others = [
        other["update_point"]
        for other in lines
        if other["message"] is not None and other["message"] == line["message"] and other["id"] != line["id"]
    ]
    return f", in one message with {', '.join(others)}" if others and line["message"] in together else ""


def _day(day: str | None) -> str:
    if day is None:
        return "no date"
    on = date.fromisoformat(day)
    return f"{on:%a} {on.day} {on:%b %Y}"
