"""`kept editions`: what it lists, shows, lints and compares, for people and for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from schemas.editions.errors import BookError
from schemas.editions.load import FOLDER, load_books
from schemas.outputs import DiffLine, EditionLine, LintLine, RuleLine
from services.cli import processes
from services.cli.editions import app
from services.cli.main import main
from services.refusals import Refused
from services.settings import SchedulerSettings

CODE = (FOLDER / "vc-2020.toml").read_text("utf-8")
DAY = Path(__file__).parents[3] / "docs" / "examples" / "first-day.jsonl"


def kept(*words: str) -> Result:
    """Run one command; what it refuses is raised."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, list(words))
    if isinstance(result.exception, Refused):
        raise result.exception
    return result


def lines(*words: str) -> list[dict[str, Any]]:
    """What it prints for machines."""
    return [orjson.loads(line) for line in kept(*words, "--json").stdout.splitlines()]


@pytest.fixture
def rival(tmp_path: Path) -> str:
    """A Code of next year that gives three working days where the one in force gives five."""
    text = CODE.replace('id = "vc-2020"', 'id = "vc-2027"').replace("since = 2021-04-01", "since = 2027-01-01")
    text = text.replace(
        "standard = { working_days = 5 }, enhanced = { working_days = 1 }",
        "standard = { working_days = 3 }, enhanced = { working_days = 1 }",
    )
    file = tmp_path / "rival.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_list_names_every_edition_and_how_many_rules_nobody_has_checked() -> None:
    """Five editions, each with its days, its rules and how many of them are unverified."""
    found = {line["id"]: EditionLine.model_validate(line) for line in lines("list")}
    assert set(found) == {"vc-2020", "vc-2015", "wc-2013", "statute", "force"}
    assert str(found["vc-2015"].until) == "2021-04-01"
    assert found["vc-2020"].unverified
    assert "unverified" in kept("list").stdout


def test_show_has_every_rule_and_says_what_is_unverified() -> None:
    """Each rule keeps its published shape; one that nobody has checked is marked wherever it is shown."""
    shown = [RuleLine.model_validate(line) for line in lines("show", "vc-2020")]
    assert len(shown) == CODE.count("[[rule]]")
    table = kept("show", "vc-2020").stdout
    assert table.count("*unverified*") == 1 + sum(rule.status == "unverified" for rule in shown)
    assert "none; the force's own: 1 working day" in table


def test_show_one_rule_spells_out_where_it_was_read() -> None:
    """One rule is shown whole: its sources in full, and from which day it is unverified."""
    text = kept("show", "vc-2020", "r9-uls").stdout
    assert "*unverified* from 29 June 2026" in text
    assert "S25b: CPS, Unduly Lenient Sentences" in text
    assert "Right 8 (8.2)" in kept("show", "vc-2020", "r8-attend").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "vc-1066"], "There is no edition vc-1066"),
        (["show", "vc-2020", "r6-nothing"], "has no rule r6-nothing"),
        (["diff", "vc-2020", "nowhere.toml"], "There is no edition nowhere.toml"),
        (["diff", "--shadow", str(FOLDER / "statute.toml"), "--against", "vc-2020", "--rules-only"], "do not rival"),
    ],
)
def test_what_is_not_there_is_said(words: list[str], says: str) -> None:
    """A name that nothing has ends with a sentence."""
    with pytest.raises(Refused, match=says):
        kept(*words)


@pytest.mark.parametrize("words", [["diff"], ["diff", "vc-2020"], ["diff", "vc-2015", "vc-2020", "--over", str(DAY)]])
def test_misuse_is_two(words: list[str]) -> None:
    """Half a comparison is misuse."""
    assert kept(*words).exit_code == 2


def test_lint_of_what_ships_is_clean_and_a_bad_file_names_everything(tmp_path: Path) -> None:
    """The shipped books have nothing wrong; another file has each problem with file, rule, key and remedy, and exit 1."""
    assert kept("lint").stdout == "5 books, nothing wrong.\n"
    bad = tmp_path / "bad.toml"
    bad.write_text(CODE.replace('topic = "bail"', 'topic = "weather"'), "utf-8")
    result = kept("lint", str(bad), "--json")
    assert result.exit_code == 1
    found = [LintLine.model_validate(orjson.loads(line)) for line in result.stdout.splitlines()]
    assert len(found) == CODE.count('topic = "bail"')
    assert {(line.file, line.key) for line in found} == {(str(bad), "topic")}
    assert "weather is none of" in kept("lint", str(bad)).stdout


def test_a_bad_rival_is_refused_before_anything_is_compared(tmp_path: Path) -> None:
    """Nothing is planned with a book that is wrong: the sentence names file, rule and key."""
    bad = tmp_path / "bad.toml"
    bad.write_text(CODE.replace('owner = "wcu"', 'owner = "council"'), "utf-8")
    with pytest.raises(Refused, match=r"bad\.toml, rule r8-hearing-date, owner: council is none of"):
        kept("diff", "--shadow", str(bad), "--rules-only")


@pytest.fixture
def a_bad_book(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What ships has an error."""
    bad = [("vc-2020.toml", CODE.replace('owner = "wcu"', 'owner = "council"'))]
    monkeypatch.setattr("schemas.editions.load.shipped", lambda: bad)
    load_books.cache_clear()
    yield
    load_books.cache_clear()


@pytest.mark.usefixtures("a_bad_book")
def test_nothing_starts_on_a_bad_book(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A service refuses to start, and a command ends with file, rule, key and remedy; `lint` still lists everything."""

    async def run(_settings: object) -> None:
        raise AssertionError("it started")

    monkeypatch.setattr(processes, "load", lambda _kind: None)
    with pytest.raises(BookError, match=r"vc-2020\.toml, rule r8-hearing-date, owner"):
        processes._serve(SchedulerSettings, "scheduler", run)
    monkeypatch.setattr(sys, "argv", ["kept", "editions", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "vc-2020.toml, rule r8-hearing-date, owner: council is none of" in said
    assert "Nothing starts on a rule book with an error" in said
    assert kept("lint").exit_code == 1


def test_diff_of_two_editions_goes_rule_by_rule() -> None:
    """The 2015 Code has twenty days for a referral where the next has ten, and no release under investigation."""
    found = {(line["rule"], line["field"]): line for line in lines("diff", "vc-2015", "vc-2020")}
    referral = DiffLine.model_validate(found["r11-vcs-referral", "standard"])
    assert (referral.old, referral.new) == ("20 working days", "10 working days")
    assert found["r6-rui", "rule"]["old"] is None


def test_6_22_a_rival_is_tried_over_a_file_of_events(rival: str) -> None:
    """6.22: the rules that differ, and for each update of the file what would be otherwise; nothing is acted on."""
    found = [DiffLine.model_validate(line) for line in lines("diff", "--shadow", rival, "--over", str(DAY))]
    assert ("r6-arrest", "standard", "5 working days", "3 working days") in {
        (line.rule, line.field, line.old, line.new) for line in found if line.what == "rule"
    }
    moved = [line for line in found if line.what == "due_moves"]
    assert {(line.rule, line.old, line.new) for line in moved} == {("r6-arrest", "2026-03-16", "2026-03-12")}
    result = kept("diff", "--shadow", rival, "--over", str(DAY))
    assert "would be due otherwise" in result.stdout
    assert "Nothing was acted on." in result.stderr
