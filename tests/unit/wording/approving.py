"""The Welsh templates as they would be once two people had approved them, in a folder of a test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from services.wording.approval import DRAFT
from services.wording.templates import FOLDER, Block, Library, Surround, library, read

NAMES = '["Siân Prosser, translator", "Huw Owen, witness care"]'


def copied(tmp_path: Path) -> Path:
    """Both languages, as they ship."""
    for language in ("en", "cy"):
        shutil.copytree(FOLDER / language, tmp_path / language)
    return tmp_path


def path_of(folder: Path, name: str) -> Path:
    """The Welsh template of this name."""
    return next(folder.glob(f"cy/*/{name}.txt"))


def change(folder: Path, name: str, *changes: tuple[str, str]) -> None:
    """Replace what stands in a Welsh template."""
    path = path_of(folder, name)
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def approve(folder: Path, which: Callable[[str], bool] | None = None) -> Library:
    """Approve the Welsh templates of these names (None: all), each in the version it has."""
    shelf = read(folder / "cy", "cy")
    templates: dict[str, Block | Surround] = {frame.name: frame for frame in shelf.frames.values()}
    templates |= {block.name: block for forms in shelf.blocks.values() for block in forms.values()}
    for name, template in templates.items():
        if which is None or which(name):
            head = f'status = "approved"\napproved_by = {NAMES}\napproved_on = 2026-11-02\n'
            head += f'approved_version = "{template.version}"'
            change(folder, name, (f'status = "{DRAFT}"', head))
    return read(folder / "cy", "cy")


def use(monkeypatch: Any, shelf: Library) -> None:
    """Let the words be these where Welsh is asked for."""
    for module in ("words", "letter"):
        monkeypatch.setattr(
            import_module(f"services.wording.{module}"),
            "library",
            lambda language: shelf if language == "cy" else library(language),
        )
