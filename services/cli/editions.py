"""`kept editions list | show | lint | diff`: the rule books, what is wrong with one, and what a rival would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import Failed, Json, count, ledger, run, show, text_of
from services.cli.edition_lines import (
    BOOKS,
    day_of,
    edition_line,
    limits,
    print_changes,
    print_differences,
    print_rule,
    problem_line,
    right,
    rule_line,
    sure,
    when,
)

if TYPE_CHECKING:
    from schemas.editions.model import Books, Edition
    from services.scheduler.shadow import Change

app = typer.Typer(help="The rule books: what they hold, and what another would change.", no_args_is_help=True)

Toml = Annotated[list[Path] | None, typer.Argument(metavar="[FILE...]", help="Books that do not ship.")]
Over = Annotated[
    Path | None, typer.Option("--over", metavar="EVENTS_FILE", help="Events to try it over; - is standard input.")
]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the editions that are loaded, with the days on which each is in force."""
    from schemas.editions.load import load_books

    show(
        [edition_line(edition) for edition in load_books().editions],
        [
            ("Id", text_of("id")),
            ("Title", text_of("title")),
            ("Book", lambda row: BOOKS[row["book"]]),
            ("In force from", day_of("since")),
            ("Until", day_of("until")),
            ("Rules", text_of("rules")),
            ("Of them unverified", lambda row: str(row["unverified"]) if row["unverified"] else ""),
        ],
        as_json=as_json,
        title="Editions",
        empty="No edition is loaded.",
    )


@app.command("show")
def show_one(
    edition: Annotated[str, typer.Argument(metavar="ID", help="The edition, as `kept editions list` names it.")],
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="One update point of it, whole.")] = None,
    as_json: Json = False,
) -> None:
    """Show the rules of an edition, or one of them with everything it says. A rule that nobody has checked says so."""
    from schemas.editions.load import load_books

    books = load_books()
    found = _edition(books, edition)
    if rule is not None and rule not in found.points:
        raise Failed(f"{edition} has no rule {rule}: see `kept editions show {edition}`.")
    points = found.points.values() if rule is None else [found.points[rule]]
    lines = [rule_line(books, found, point) for point in points]
    if rule is not None and not as_json:
        print_rule(lines[0])
        return
    show(
        lines,
        [
            ("Id", text_of("update_point")),
            ("When", when),
            ("Right", right),
            ("Limit", limits),
            ("Owner", text_of("owner")),
            ("Sure", sure),
        ],
        as_json=as_json,
        title=f"{found.title}, {BOOKS[found.book]}",
        empty="It has no rules.",
    )


@app.command("lint")
def lint(files: Toml = None, as_json: Json = False) -> None:
    """Name everything that is wrong with a book: file, rule, key and remedy. Without a file, with the books that ship.

    Exit 1 if anything is wrong.
    """
    from schemas.editions.load import lint as lint_books
    from schemas.editions.load import load_books, shipped

    asked = [_read(file) for file in files or ()]
    problems = lint_books(asked, load_books().editions) if asked else lint_books(shipped())
    show(
        [problem_line(problem) for problem in problems],
        [
            ("File", text_of("file")),
            ("Rule", text_of("rule")),
            ("Key", text_of("key")),
            ("Remedy", text_of("remedy")),
        ],
        as_json=as_json,
        title="What is wrong",
        empty=f"{count(len(asked or shipped()), 'book')}, nothing wrong.",
    )
    if problems:
        raise typer.Exit(1)


@app.command("diff")
def diff(
    old: Annotated[str | None, typer.Argument(metavar="[A]", help="An edition, or a file.")] = None,
    new: Annotated[str | None, typer.Argument(metavar="[B]", help="Another one.")] = None,
    rival: Annotated[
        Path | None,
        typer.Option("--shadow", metavar="FILE", exists=True, dir_okay=False, help="A book to try in place of one."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="ID", help="The edition it rivals; without it, the latest of its kind."),
    ] = None,
    over: Over = None,
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Only the rules, over no cases.")] = False,
    as_json: Json = False,
) -> None:
    """Compare two editions rule by rule; or try a rival in shadow, over the cases of the ledger or of a file of events.

    A rival is planned with beside what is in force, for the same days, and never acted on.
    """
    from schemas.editions.load import load_books

    books = load_books()
    if rival is None:
        if old is None or new is None or against is not None or over is not None:
            raise typer.BadParameter("name two editions or files, or one file with --shadow")
        print_differences(_one(books, old), _one(books, new), as_json=as_json)
        return
    if old is not None or new is not None:
        raise typer.BadParameter("--shadow compares with the edition that the file rivals: name that with --against")
    if rules_only and over is not None:
        raise typer.BadParameter("--rules-only looks over no cases, so leave --over out")
    ours, theirs = _rivalled(books, rival, against)
    print_differences(ours, theirs, as_json=as_json)
    if not rules_only:
        print_changes(*_tried(books, books.in_shadow(theirs, ours.id), over), as_json=as_json)


# ---------------------------------------------------------------- what is asked for


def _read(file: Path) -> tuple[str, str]:
    try:
        return str(file), file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None


def _from_file(file: Path) -> Edition:
    from schemas.editions.errors import BookError
    from schemas.editions.load import read_book

    try:
        return read_book(*_read(file))
    except BookError as error:
        raise Failed(f"{error}. `kept editions lint {file}` lists everything that is wrong.") from None


def _edition(books: Books, name: str) -> Edition:
    try:
        return books.edition(name)
    except KeyError:
        known = ", ".join(edition.id for edition in books.editions)
        raise Failed(f"There is no edition {name}: there are {known}.") from None


def _one(books: Books, name: str) -> Edition:
    """An edition that is loaded, else the file of that name."""
    if any(edition.id == name for edition in books.editions) or not Path(name).is_file():
        return _edition(books, name)
    return _from_file(Path(name))


def _rivalled(books: Books, file: Path, against: str | None) -> tuple[Edition, Edition]:
    from schemas.editions.compare import rivalled_by

    theirs = _from_file(file)
    ours = _edition(books, against) if against is not None else rivalled_by(books, theirs)
    if ours is None:
        raise Failed(f"{file} is a book of a kind that is not loaded: name the edition it rivals with --against.")
    if ours.book != theirs.book:
        raise Failed(f"{file} is a {theirs.book} book and {ours.id} a {ours.book} book: they do not rival each other.")
    return ours, theirs


def _tried(books: Books, rival: Books, over: Path | None) -> tuple[int, list[Change]]:
    from services.cli.explain import read_file
    from services.scheduler.explain import distinct
    from services.scheduler.shadow import over_events, over_ledger
    from services.scheduler.working_days import england_and_wales

    calendar = england_and_wales()
    if over is not None:
        reads, problems = distinct(read_file(over))
        if problems:
            line, problem = problems[0]
            raise Failed(f"line {line}: {problem.remedy}")
        return over_events(reads, books, rival, calendar)

    async def work() -> tuple[int, list[Change]]:
        async with ledger() as opened, opened.connection.transaction(isolation="repeatable_read", readonly=True):
            return await over_ledger(opened.connection, books, rival, calendar, opened.clock.now())

    return run(work())
