"""`kept preview`: what each message of a case would look like where it is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli import Ran, kept

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
FILE, FORCE = EXAMPLES / "first-day.jsonl", EXAMPLES / "staffs.toml"


async def preview(file: Path, *words: str) -> Ran:
    """Run the command on one file, with the example's force."""
    return await kept("preview", str(file), "--force", str(FORCE), *words, settings={})


async def test_each_message_as_it_would_leave() -> None:
    """The words are the dispatcher's own, and no more of them than fits a locked screen is shown at a glance."""
    ran = await preview(FILE, "--json")
    assert ran.status == 0, ran.err
    lines = ran.lines("preview")
    arrest = next(line for line in lines if line["update_points"] == ["r6-arrest"])
    assert arrest["kind"] == "news"
    assert "on 9 Mar we arrested someone about your report" in arrest["body"]
    assert arrest["reference"] in arrest["body"]
    assert (arrest["parts"], arrest["alphabet"], arrest["refused"]) == (1, "GSM-7", None)
    assert len(arrest["at_a_glance"]) <= 90
    assert arrest["body"].startswith(arrest["at_a_glance"].rstrip("…"))


async def test_it_says_the_same_every_time() -> None:
    """Samples of references do not change, so that a preview can be compared with the last one."""
    first, second = await preview(FILE, "--json"), await preview(FILE, "--json")
    assert first.out == second.out


async def test_people_see_telephones_letters_and_scripts(tmp_path: Path) -> None:
    """In the terminal and on a page of its own: the messages, and the words of the person where no machine speaks."""
    page = tmp_path / "preview.html"
    ran = await preview(FILE, "--html", str(page))
    assert ran.status == 0, ran.err
    assert "on a locked screen:" in ran.out
    assert "never:" in ran.out
    text = page.read_text("utf-8")
    assert '<figure class="sms">' in text
    assert "Never say" in text
    assert "07700" not in re.sub(r'<p class="from">[^<]*</p>', "", text), "no address of anybody is shown"
    assert "<script" not in text


async def test_what_a_file_says_is_shown_as_text(tmp_path: Path) -> None:
    """Markup in an event is text on the page."""
    hostile = tmp_path / "events.jsonl"
    hostile.write_text(FILE.read_text("utf-8").replace("case-2", "case-<b>2"), "utf-8")
    page = tmp_path / "preview.html"
    await preview(hostile, "--html", str(page))
    assert "case-&lt;b&gt;2" in page.read_text("utf-8")
    assert "<b>" not in page.read_text("utf-8")


@pytest.mark.parametrize("line", ["{", '{"specversion": "1.0"}'])
async def test_a_bad_line_is_named_and_the_rest_is_shown(tmp_path: Path, line: str) -> None:
    """Exit 1, the line's number and the remedy, and every message of the other lines."""
    file = tmp_path / "events.jsonl"
    file.write_text(f"{FILE.read_text('utf-8').rstrip()}\n{line}\n", "utf-8")
    ran = await preview(file, "--json")
    assert ran.status == 1
    assert "line 5" in ran.err
    assert ran.lines("preview")
