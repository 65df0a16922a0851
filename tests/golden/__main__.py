"""`python -m tests.golden [--update]`: compare what the sample cases owe with what is checked in, or write it anew.

The files of events in `explain` can be given to `kept explain` as they are. Compared are codes, dates, states and ids; sentences
change with their words, and what is empty says nothing.
"""

from __future__ import annotations

import sys

from tests.golden.master import differences, write


def main(arguments: list[str]) -> int:
    """0 when all is as it stands there, 1 with what differs, 2 when misused."""
    if arguments not in ([], ["--update"]):
        print("use: python -m tests.golden [--update]", file=sys.stderr)  # noqa: T201  # a command's answer
        return 2
    if arguments:
        write()
        return 0
    found = differences()
    for name, what in found:
        print(f"{name}: {what}; look at it, then python -m tests.golden --update", file=sys.stderr)  # noqa: T201  # as above
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
