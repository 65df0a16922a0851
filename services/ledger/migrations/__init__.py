"""The ledger's tables, made and changed by Alembic in numbered steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection


def run_script(connection: Connection, script: Path) -> None:
    """Run a file of several SQL statements; the driver's prepared statements take only one at a time."""
    driver: Any = connection.connection.dbapi_connection
    text = script.read_text("utf-8")
    driver.run_async(lambda raw: raw.execute(text))
