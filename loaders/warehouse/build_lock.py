"""The build lock: one build at a time per warehouse, from any machine."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from loaders.warehouse.connection import WarehouseError, plain_url

# The name under which dbt's connections appear on the server (`dbt_project/profiles.yml`).
_DBT = "huimin-dbt"
_LOCK = "hashtextextended('huimin.build', 0)"
_ACTIVE_DBT = "select count(*) from pg_stat_activity where datname = current_database() and application_name = %s"
_POLL_SECONDS = 0.2
_log = logging.getLogger(__name__)


class BuildRunning(WarehouseError):
    """A running dbt that `huimin build` did not start and that does not end."""


@contextmanager
def exclusive_build(url: str, *, timeout_seconds: float = 120.0) -> Iterator[None]:
    """Holds the build lock; others wait. The lock is the connection's, so a killed build leaves none behind.

    The server may still run a query of a dbt that was just killed; this waits for it as well.

    Raises:
        BuildRunning: a dbt that does not hold the lock still runs after `timeout_seconds`.
    """
    with psycopg.connect(plain_url(url), autocommit=True, application_name="huimin-build") as connection:
        if not _first_value(connection, f"select pg_try_advisory_lock({_LOCK})"):
            _log.warning("another build is at work on this warehouse; this one waits for it")
            connection.execute(f"select pg_advisory_lock({_LOCK})")
        _wait_until_idle(connection, timeout_seconds)
        yield


def _wait_until_idle(connection: psycopg.Connection, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    while _first_value(connection, _ACTIVE_DBT, _DBT):
        if time.monotonic() > deadline:
            raise BuildRunning(
                f"expected no dbt at work on this warehouse, found one that has not ended for {timeout_seconds:.0f} s; "
                f"wait for it, or end its connections (pg_stat_activity, application_name '{_DBT}'), then build again"
            )
        time.sleep(_POLL_SECONDS)


def _first_value(connection: psycopg.Connection, query: str, *parameters: str) -> object:
    row = connection.execute(query, parameters or None).fetchone()
    return row[0] if row else None
