"""A road that stands for a whole module: starting three services for every fault would take longer than the faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from services.sandbox.stage import SERVICES
from tests.conftest import _SERVICE_PASSWORD, _SERVICE_ROLE, with_database, with_role
from tests.road import Road, road


@pytest.fixture(scope="module")
async def standing(
    kafka: str, template: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Road]:
    """One deployment with a scheduler, a dispatcher and receipts that run, on a ledger and topics of its own."""
    url, source = template
    name = f"kept_test_{uuid4().hex[:10]}"
    admin = await asyncpg.connect(url)
    await admin.execute(f"create database {name} template {source}")
    ledger_url = with_role(with_database(url, name), _SERVICE_ROLE, _SERVICE_PASSWORD)
    try:
        async with road(kafka, ledger_url, f"{name}-", tmp_path_factory.mktemp("road")) as whole:
            await whole.start(*SERVICES)
            yield whole
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()
