"""A road that stands for a whole module: starting three services for every fault would take longer than the faults."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.road import Road, standing_road


@pytest.fixture(scope="module")
async def standing(
    kafka: str, template: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Road]:
    """One deployment whose three services run."""
    async with standing_road(kafka, template, tmp_path_factory.mktemp("road")) as whole:
        yield whole
