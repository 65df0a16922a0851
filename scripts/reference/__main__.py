"""`python -m scripts.reference` writes the pages; `--check` only says which are not as the code has them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from scripts.reference import books, commands, events, running
from scripts.reference.text import WordsWrong

FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference"
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "settings.md": running.settings,
    "commands.md": commands.page,
    "events.md": events.page,
    "update-points.md": books.page,
    "states.md": running.states,
    "holds.md": running.holds,
    "faults.md": running.faults,
    "metrics.md": running.metrics,
}


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 when a page is stale, 2 when misused."""
    if arguments not in ([], ["--check"]):
        print("use: python -m scripts.reference [--check]", file=sys.stderr)
        return 2
    stale = []
    for name, write in PAGES.items():
        path = FOLDER / name
        try:
            page = write()
        except WordsWrong as wrong:
            print(f"{name}: {wrong}", file=sys.stderr)
            return 1
        if not path.exists() or path.read_text("utf-8") != page:
            stale.append(name)
            if not arguments:
                path.write_text(page, "utf-8")
    for name in stale if arguments else []:
        print(f"docs/reference/{name} is not as the code has it: run python -m scripts.reference", file=sys.stderr)
    return int(bool(arguments and stale))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
