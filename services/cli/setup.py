"""`kept migrate` and `kept topics`: what an owner does once, before the services start."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.topics import TOPICS
from services.cli.common import Failed, run
from services.settings import KafkaSettings, MigrateSettings, load

topics_app = typer.Typer(help="The topics on the broker.", no_args_is_help=True)


def migrate_command(
    mark: Annotated[str | None, typer.Option(help="Write what this database is for, such as production.")] = None,
) -> None:
    """Bring the ledger's tables up to date and give the services' role the rights it needs."""
    from services.ledger.migrate import migrate

    settings = load(MigrateSettings)
    service = settings.database_url.get_secret_value() if settings.database_url else None
    run(migrate(settings.database_owner_url.get_secret_value(), service, mark))
    print("The ledger is up to date.")


@topics_app.command("create")
def create(copies: Annotated[int, typer.Option(min=1, help="How many brokers keep each record.")] = 1) -> None:
    """Make those topics that are not there."""
    from services.kafka import create_topics

    made = run(create_topics(load(KafkaSettings), copies=copies))
    print(f"Made {', '.join(made)}." if made else "All topics are there.")


@topics_app.command("check")
def check() -> None:
    """Say which topics are missing."""
    from services.kafka import present_topics

    settings = load(KafkaSettings)
    there = run(present_topics(settings))
    missing = [name for topic in TOPICS if (name := topic.full_name(settings.kafka_prefix)) not in there]
    if missing:
        raise Failed(f"Missing: {', '.join(missing)}. Run `kept topics create`.")
    print("All topics are there.")
