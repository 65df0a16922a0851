"""How often a long-running process looks for reference cycles.

A batch holds tens of thousands of small objects while it is worked on; Python's own thresholds would walk through all of them
many times over (measured: a quarter of intake's processor time) and find nothing, because our values hold no cycles.
"""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = 200_000
"""New objects between two looks at the youngest: several batches. The default of 700 is made for scripts."""


def collect_seldom() -> None:
    """Call once when everything is loaded: what is there stays, and the collector runs seldom from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)
