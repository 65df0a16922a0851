"""`kept migrate`: bring the tables up to date and give the services' role the rights it needs, and no others.

The owner's role makes the tables; the services log in as another role, which may add to the audit and read it, never change it.
Where both URLs name one role (a laptop), the triggers alone guard the audit, and the start of a service says so.
"""

from __future__ import annotations

from importlib import resources
from urllib.parse import urlsplit

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_GRANTS = """
grant usage on schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
grant usage, select on all sequences in schema public to {role};
revoke update, delete, truncate on audit_entry from {role};
revoke insert, delete, truncate on audit_stream from {role};
revoke insert, update, delete, truncate on mark, alembic_version from {role}
"""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("services.ledger") / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def role_of(url: str) -> str | None:
    """The role that a database URL logs in as, if it names one."""
    return urlsplit(url).username


async def migrate(owner_url: str, service_url: str | None = None, mark: str | None = None) -> None:
    """Bring the database at `owner_url` up to date and grant the role of `service_url` its rights.

    `mark` writes what the database is for (`production`, for one) beside the tables. Running it again changes nothing.
    """
    # The driver reads the URL itself, so that every parameter means here what it means to the services.
    engine = create_async_engine(
        "postgresql+asyncpg://", poolclass=NullPool, async_creator=lambda: asyncpg.connect(owner_url)
    )
    try:
        async with engine.begin() as connection:
            # Two migrations at once would race; the second waits and then finds nothing to do.
            await connection.execute(text("select pg_advisory_xact_lock(hashtext('kept-migrate'))"))
            await connection.run_sync(_upgrade)
            role = role_of(service_url) if service_url else None
            if role is not None and role != role_of(owner_url):
                quoted = '"' + role.replace('"', '""') + '"'
                for statement in _GRANTS.format(role=quoted).split(";"):
                    await connection.execute(text(statement))
            if mark is not None:
                await connection.execute(
                    text(
                        "insert into mark (name, value) values ('environment', :mark)"
                        " on conflict (name) do update set value = excluded.value"
                    ),
                    {"mark": mark},
                )
    finally:
        await engine.dispose()
