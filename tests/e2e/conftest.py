"""A road that stands for a whole module, and what the commands need to work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.road import Road, standing_road


@pytest.fixture(scope="module")
async def standing(
    kafka: str, template: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Road]:
    """One deployment whose three services run, and log all they can."""
    async with standing_road(kafka, template, tmp_path_factory.mktemp("road"), {"KEPT_LOG_LEVEL": "debug"}) as whole:
        yield whole
