"""`kept words`: what there is to approve, and how it reads."""

from __future__ import annotations

import json

import pytest

from services.cli.main import main


def _run(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr("sys.argv", ["kept", "words", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code if isinstance(ended.value.code, int) else 0


def test_drafts_are_listed_as_drafts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with the version that an approval names, and how many nobody has approved."""
    assert _run(monkeypatch) == 0
    shown = capsys.readouterr()
    assert "arrest.sms.plain" in shown.out
    assert all("machine-drafted, not approved" in line for line in shown.out.splitlines())
    assert "42 of them not approved and so never sent" in shown.err


def test_a_template_is_read_beside_its_english(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same facts in both, and in how many parts the text goes; marked as what it is."""
    assert _run(monkeypatch, "arrest.sms.plain") == 0
    shown = capsys.readouterr().out
    assert "machine-drafted, not approved" in shown
    assert shown.index("we arrested someone") < shown.index("arestiwyd rhywun") < shown.index("1 part")
    assert _run(monkeypatch, "arrest.sms.plain", "--json") == 0
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["pair_of"].startswith("2-")


@pytest.mark.parametrize(
    ("args", "says"), [(["nothing"], "There is no template 'nothing'"), (["--language", "pl"], "no templates in 'pl'")]
)
def test_what_there_is_not(
    args: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name or a language that nobody wrote."""
    assert _run(monkeypatch, *args) == 1
    assert says in capsys.readouterr().err
