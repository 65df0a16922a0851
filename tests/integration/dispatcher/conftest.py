"""A ledger with short ways to ask it things."""

from __future__ import annotations

import pytest

from services.ledger.connection import Pool
from tests.integration.dispatcher.rows import Ledger


@pytest.fixture
def ledger(pool: Pool) -> Ledger:
    """A fresh ledger."""
    return Ledger(pool)
