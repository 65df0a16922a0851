"""`kept people`: misuse is told apart before anything is done."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from services.cli.people import _subject, app
from services.ledger.second_word import SAFETY


@pytest.mark.parametrize("more", [[], ["c1", "--safety"]], ids=["neither", "both"])
def test_an_approval_is_of_a_contact_or_of_safety(more: list[str]) -> None:
    """Status 2 and a sentence, with no ledger looked for."""
    result = CliRunner().invoke(app, ["approve", "staffs", "v1", *more, "--by", "Sam"])
    assert result.exit_code == 2
    assert "--safety" in result.output


def test_the_subject_of_an_approval() -> None:
    """A contact whose id is `safety` is not the safety profile."""
    assert _subject("", safety=True) == SAFETY
    assert _subject("safety", safety=False) != SAFETY
    with pytest.raises(typer.BadParameter):
        _subject("", safety=False)
