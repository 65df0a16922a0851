"""`python -m services.cli`: the same as `kept`."""

from __future__ import annotations

from services.cli import main

main()
