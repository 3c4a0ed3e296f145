"""The history of the ledger's tables. `migrate` upgrades a database to the newest revision; raw tables follow the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from loaders.warehouse.connection import WarehouseError, connect, driver_url
from loaders.warehouse.schema.privileges import missing_statements
from loaders.warehouse.schema.rights_changes import record_rights_changes
from loaders.warehouse.schema.roles import run_permitted

# Two processes that start at once would create the same roles; the upgrade of the tables takes the same lock.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.migrate', 0))"


class NewerWarehouse(WarehouseError):
    """A warehouse whose tables only a newer program knows; none of them was changed."""


def migrate(url: str, county_readers: Sequence[str] = ()) -> tuple[str, ...]:
    """Creates or upgrades schemas, ledger and quarantine tables and views, then sets owners and grants.

    `url` is of the database's owner, of a superuser, or of whoever may do it after the statements that this returns were run.
    `county_readers` are the codes of the counties and zones that have a role of their own. Running it again changes nothing.

    Returns:
        What is left to do for a database administrator: SQL statements in the order in which they can be run, without their
        semicolons; empty when all is right. While the user may not create or change the tables, these were not touched.

    Raises:
        NewerWarehouse: a newer program migrated it.
        sqlalchemy.exc.ProgrammingError: the user may not upgrade the tables, and no missing right explains it.
    """
    # Only here: every load imports this package, and Alembic costs a third of a second.
    from sqlalchemy.exc import ProgrammingError

    done = _run_missing(url, county_readers)
    try:
        _upgrade(url)
    except ProgrammingError as error:
        if not (_is_denied(error) and (left := _missing(url, county_readers))):
            raise
        return left
    _run_missing(url, county_readers, done)
    return _missing(url, county_readers)


@cache
def newest_revision() -> str:
    """Returns the revision that `migrate` upgrades to, by the names of the files: `r0040`. Alembic is not imported for that."""
    return max(path.stem.partition("_")[0] for path in Path(__file__).parent.glob("versions/*/r*_*.py"))


def _run_missing(url: str, county_readers: Sequence[str], earlier: Sequence[str] = ()) -> list[str]:
    """Runs what is missing and may be run, and records it; returns what was run and could not be recorded yet."""
    with connect(url) as connection:
        connection.execute(_LOCK)
        statements = run_permitted(connection, missing_statements(connection, county_readers))
        done = [*earlier, *(statement.as_string(connection) for statement in statements)]
        return [] if record_rights_changes(connection, done) else done


def _upgrade(url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script.revision import ResolutionError
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    # One folder per ten revisions.
    config.set_main_option("recursive_version_locations", "true")
    config.attributes["url"] = driver_url(url)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if not isinstance(error.__cause__, ResolutionError):
            raise
        raise NewerWarehouse(
            f"the warehouse was migrated by a newer program than this one ({error}): run the newer one, or restore the backup "
            "that was taken before the upgrade into an empty database (docs/operations/upgrade.md)"
        ) from None


def _missing(url: str, county_readers: Sequence[str]) -> tuple[str, ...]:
    with connect(url) as connection:
        return tuple(statement.as_string(connection) for statement in missing_statements(connection, county_readers))


def _is_denied(error: Exception) -> bool:
    from psycopg.errors import InsufficientPrivilege

    return isinstance(getattr(error, "orig", None), InsufficientPrivilege)
