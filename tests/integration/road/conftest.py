"""The road of a test: a fresh ledger, noon on a Monday, and far ends that accept everything."""

from __future__ import annotations

import pytest

from services.ledger.connection import Pool
from tests.integration.road.world import Road


@pytest.fixture
def road(pool: Pool) -> Road:
    """A releaser and a dispatcher on a fresh ledger."""
    return Road(pool)
