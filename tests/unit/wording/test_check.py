"""The check before a service starts: a template that does not compile, cannot be read or says too much is refused, with why."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from services.cli.main import main
from services.wording import TemplateError
from services.wording.check import check, check_folder
from services.wording.templates import FOLDER

ENGLISH = FOLDER / "en"
HEAD = """+++
update_points = ["r6-arrest"]
channel = "email"
style = "plain"
version = 1
status = "source"
needs = ["on_day"]
carries = ["fact"]
+++
"""


def _with(tmp_path: Path, folder: str, name: str, text: str) -> Path:
    """The frames as they are, and one template besides."""
    shutil.copytree(ENGLISH / "frames", tmp_path / "frames")
    (tmp_path / "blocks").mkdir()
    (tmp_path / folder / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_every_template_and_script_that_ships_passes() -> None:
    """Nothing is shipped on which a service would not start."""
    assert check("en").blocks


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (HEAD + "On {{ on_day }}{% if %}", "body", "does not compile"),
        (HEAD + "On {{ on_day.upper() }}", "body", "too clever"),
        (HEAD + "{% for x in on_day %}{% endfor %}On {{ on_day }}", "body", "is not declared"),
        (HEAD + "On {{ on_day }}: {{ 'ab' ~ 'use' }}", "body", "too clever"),
        (HEAD + "On {{ on_day }} {{ '{0}'.format(on_day) }}", "body", "too clever"),
        (HEAD + "On {{ on_day }} {{ 'abuse' }}", "body", "may not say offence or injury: abuse"),
        (
            HEAD.replace('"r6-arrest"', '"r6-bail"') + "On {{ on_day }}",
            "update_points",
            "nobody wrote a sample for r6-bail",
        ),
        (
            HEAD + "On {{ on_day }} the relevant representative subsequently reconsidered the documentation.",
            "body",
            "'On Monday 9 March 2026 the relevant representative subsequently reconsidered the documentation' is hardest",
        ),
    ],
)
def test_refused(tmp_path: Path, text: str, key: str, says: str) -> None:
    """Each refusal names the file, the key, what is wrong and what to do; a hard text its grade and its hardest sentence."""
    folder = _with(tmp_path, "blocks", "bad.txt", text)
    with pytest.raises(TemplateError, match=re.escape(says)) as caught:
        check_folder(folder)
    assert (caught.value.file, caught.value.key) == ("bad.txt", key)
    assert "; " in str(caught.value)


def test_a_grade_is_given(tmp_path: Path) -> None:
    """How far it is from what almost everybody can read."""
    folder = _with(tmp_path, "blocks", "bad.txt", HEAD + "On {{ on_day }} representatives reconsidered documentation.")
    with pytest.raises(TemplateError, match=r"its reading grade is \d+\.\d, and 6 is the most"):
        check_folder(folder)


def test_the_preview_is_looked_at(tmp_path: Path) -> None:
    """A plain email whose first line says what it is about would show it on a locked screen."""
    folder = _with(tmp_path, "blocks", "arrest.txt", HEAD + "On {{ on_day }} we arrested someone.")
    frame = folder / "frames" / "email.plain.news.txt"
    opening = "Please read this when you have a quiet moment and are somewhere you can be on your own.\n\n"
    frame.write_text(frame.read_text(encoding="utf-8").replace(opening, ""), encoding="utf-8")
    with pytest.raises(TemplateError, match="a locked screen would show not neutral: arrested"):
        check_folder(folder)


def test_a_prompt_is_tried_too(tmp_path: Path) -> None:
    """What a prompt says to everybody, and to who cannot ring, is measured like news."""
    head = 'kind = "prompt"\nchannel = "sms"\nstyle = "plain"\nversion = 1\nstatus = "source"\n'
    head += 'fields = ["reference", "reach", "relay"]\n'
    hard = "Ref {{ reference }}: {% if relay %}communication alternatives available{% endif %} {{ reach }}"
    folder = _with(tmp_path, "frames", "sms.plain.prompt.txt", f"+++\n{head}+++\n{hard}")
    with pytest.raises(TemplateError, match=r"^sms.plain.prompt.txt: body: its reading grade"):
        check_folder(folder)


@pytest.mark.parametrize("service", ["scheduler", "dispatcher"])
def test_nothing_starts_on_a_broken_template(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with the file, the key and the remedy, before it reads an event or sends a text."""
    folder = _with(tmp_path / "en", "blocks", "bad.txt", HEAD + "On {{ on_day }} we arrested someone. You are safe.")
    monkeypatch.setattr("services.wording.check.FOLDER", folder.parent)
    monkeypatch.setattr("sys.argv", ["kept", service])
    for name, value in {
        "KEPT_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "KEPT_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "KEPT_SMTP_HOST": "127.0.0.1",
        "KEPT_EMAIL_FROM": "updates@example.org",
        "KEPT_BOUNCE_DOMAIN": "bounces.example.org",
        "KEPT_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "KEPT_TWILIO_API_KEY": "SK" + "0" * 32,
        "KEPT_TWILIO_API_SECRET": "none",
        "KEPT_TWILIO_AUTH_TOKEN": "none",
        "KEPT_TWILIO_FROM": "+447700900001",
        "KEPT_RECEIPTS_PUBLIC_URL": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert "bad.txt: body: may not say false comfort: safe; find other words." in capsys.readouterr().err
