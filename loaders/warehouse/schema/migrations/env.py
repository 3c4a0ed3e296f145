"""Alembic's entry point: runs the migrations with the URL that `migrate` passes."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

# Two processes that start at once must not both create the tables.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.migrate', 0))"


def run_migrations() -> None:
    """Upgrades in one transaction; the version table is in `ops`."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(_LOCK))
        # PostgreSQL checks the right to create a schema before it looks whether the schema exists.
        if connection.execute(text("select to_regnamespace('ops')")).scalar() is None:
            connection.execute(text("create schema ops"))
        context.configure(connection=connection, version_table="alembic_version", version_table_schema="ops")
        context.run_migrations()
    engine.dispose()


run_migrations()
