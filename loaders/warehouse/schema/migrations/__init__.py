"""The history of the ledger's tables. `migrate` upgrades a database to the newest revision; raw tables follow the contracts."""

from __future__ import annotations

from pathlib import Path

from loaders.warehouse.connection import connect, driver_url
from loaders.warehouse.schema.roles import apply_grants


def migrate(url: str) -> tuple[str, ...]:
    """Creates or upgrades schemas, ledger and quarantine tables and views, then sets owners and grants.

    `url` is of the database's owner, or of a superuser. Running it again changes nothing.

    Returns:
        What could not be done with the rights of that user, one sentence each; empty when all is right.
    """
    # Only here: every load imports this package, and Alembic costs a third of a second.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    # One folder per ten revisions.
    config.set_main_option("recursive_version_locations", "true")
    config.attributes["url"] = driver_url(url)
    command.upgrade(config, "head")
    with connect(url) as connection:
        return apply_grants(connection)
