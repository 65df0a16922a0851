"""Certificates for the far ends of these tests."""

from __future__ import annotations

import pytest

from tests.contract.dispatcher.servers import Certificates, make_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority of our own and what it signed."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))
