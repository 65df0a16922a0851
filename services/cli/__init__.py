"""`kept ...`: every command. Exit 0 done, 1 it found something wrong, 2 misused; what is wrong is said in a sentence."""

from __future__ import annotations

from services.cli.main import main

__all__ = ["main"]
