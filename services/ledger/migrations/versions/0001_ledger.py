"""The ledger as first made: inbox, people, vault, updates, messages, attempts, receipts, holds, alerts and the audit chain."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from services.ledger.migrations import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table; the SQL stands beside this file so that it reads as SQL."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
