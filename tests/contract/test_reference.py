"""The reference pages say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemas.case_events import DATA
from scripts.reference import __main__ as reference
from scripts.reference.text import WordsWrong, sentences
from services.scheduler.work import TOLD_WRONG

ROOT = Path(__file__).parents[2]
HOW_TO_ALERTS = ROOT / "docs" / "how-to" / "answer-an-alert.md"


@pytest.mark.parametrize("name", reference.PAGES)
def test_page_is_as_the_code_has_it(name: str) -> None:
    """A page that differs is written anew by `python -m scripts.reference`."""
    assert (reference.FOLDER / name).read_text("utf-8") == reference.PAGES[name]()


def test_every_event_type_has_its_section() -> None:
    """Nobody has to read the code to know what an event may say."""
    page = (reference.FOLDER / "events.md").read_text("utf-8")
    assert set(re.findall(r"^### `([a-z0-9_.]+)`$", page, re.MULTILINE)) == set(DATA)


def test_a_name_without_a_sentence_stops_the_writing() -> None:
    """A new setting cannot come without its meaning, nor a meaning outlive its setting."""
    with pytest.raises(WordsWrong, match="give KEPT_NEW a sentence"):
        sentences("settings", ["KEPT_NEW"])
    with pytest.raises(WordsWrong, match=r"take .* out of \[faults\]"):
        sentences("faults", [])


def test_every_alert_has_its_answer() -> None:
    """Each kind of alert that the code raises has a section that says what to do."""
    raised: set[str] = set()
    for path in (ROOT / "services").rglob("*.py"):
        source = path.read_text("utf-8")
        for call in re.findall(
            r"(?:raise_alert|_raise_once|_tell)\(\s*connection,\s*(?:journal,\s*)?\"([a-z_]+)\"", source
        ):
            raised.add(call)
    raised |= {"event_rejected", "same_id_other_bytes", TOLD_WRONG}  # gathered, or named, before they are raised
    answered = set(re.findall(r"^### `([a-z_]+)`$", HOW_TO_ALERTS.read_text("utf-8"), re.MULTILINE))
    assert raised == answered


LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_lead_somewhere(path: Path) -> None:
    """A page links only to what is there."""
    targets = [link for link in LINK.findall(path.read_text("utf-8")) if "://" not in link]
    assert [link for link in targets if not (path.parent / link).exists()] == []


NAME = re.compile(r"kept ([a-z]+)(?: ([a-z]+))?")
FENCE = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands_in(page: str) -> list[str]:
    """Every command that a page tells somebody to run: between backticks, or at the start of a line of an example."""
    lines = [line.removeprefix("$ ") for block in FENCE.findall(page) for line in block.splitlines()]
    return re.findall(r"`(kept [^`]+)`", FENCE.sub("", page)) + [line for line in lines if line.startswith("kept ")]


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/[!r]*/*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_commands_that_pages_name_exist(path: Path) -> None:
    """A page never tells anybody to run what is not there."""
    known = set(re.findall(r"^## kept (.+)$", (reference.FOLDER / "commands.md").read_text("utf-8"), re.MULTILINE))
    groups = {name.partition(" ")[0] for name in known if " " in name}
    wrong = []
    for command in commands_in(path.read_text("utf-8")):
        found = NAME.match(command)
        if found is None and command == "kept --help":
            continue
        group, verb = found.groups() if found is not None else ("", None)
        if group not in known and not (group in groups and (verb is None or f"{group} {verb}" in known)):
            wrong.append(command)
    assert wrong == []
