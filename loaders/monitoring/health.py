"""What is not well, in a few words for a load balancer or a container's health check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from loaders.monitoring.metrics import disk_numbers
from loaders.warehouse.connection import Connection
from loaders.warehouse.monitoring.metric_queries import read_numbers
from loaders.warehouse.monitoring.watch_ledger import database_revision
from loaders.warehouse.schema.migrations import newest_revision

LEAST_FREE_SHARE = 0.1
"""A disk with less than this share of it free is short of space, if it is short of `LEAST_FREE_BYTES` as well."""
LEAST_FREE_BYTES = 10 * 1024**3
OUTBOX_MINUTES = 30
"""Messages that are due for longer say that nobody sends them, or that their server takes none."""

OK, DEGRADED, FAILED = "ok", "degraded", "failed"
_FAILING = frozenset({"unreachable", "behind", "missing"})


@dataclass(frozen=True)
class Health:
    """`status` is ok, degraded (it serves, and somebody should look) or failed (it cannot serve). `checks`: each by its name."""

    status: str
    checks: Mapping[str, str]
    last_loaded_at: dt.datetime | None = None
    last_built_at: dt.datetime | None = None

    @property
    def status_code(self) -> int:
        """503 when nothing can be served; what is only degraded is better served than taken out."""
        return 503 if self.status == FAILED else 200


def read_health(reading: Callable[[], AbstractContextManager[Connection]], home: Path, now: dt.datetime) -> Health:
    """Looks at the warehouse, its revision, the disk and the outbox."""
    checks = {"disk": "full" if is_disk_short(home) else OK}
    numbers: dict[str, list[dict[str, Any]]] = {}
    try:
        with reading() as connection:
            checks["warehouse"] = OK
            checks["migrations"] = migration_state(database_revision(connection))
            if checks["migrations"] in {OK, "ahead"}:
                numbers = read_numbers(connection, [], ["outbox", "last", "load_seconds"])
                checks["outbox"] = "waiting" if is_outbox_waiting(numbers["outbox"][0], now) else OK
    except psycopg.Error:
        checks["warehouse"] = "unreachable"
    states = set(checks.values())
    status = FAILED if states & _FAILING else OK if states == {OK} else DEGRADED
    if not numbers:
        return Health(status, checks)
    return Health(status, checks, numbers["load_seconds"][0]["last_at"], numbers["last"][0]["built_at"])


def migration_state(revision: str | None) -> str:
    """Returns ok; behind or missing where `huimin migrate` must run first; ahead where the program is older than the tables."""
    if revision is None:
        return "missing"
    newest = newest_revision()
    return OK if revision == newest else "behind" if revision < newest else "ahead"


def is_disk_short(home: Path) -> bool:
    """Whether the disk of the landing has little space left."""
    disk = disk_numbers(home)
    return disk["free"] < min(LEAST_FREE_BYTES, LEAST_FREE_SHARE * disk["size"])


def is_outbox_waiting(outbox: Mapping[str, Any], now: dt.datetime) -> bool:
    """Whether a message is due for so long that nobody seems to send it."""
    due_at = outbox["due_at"]
    return due_at is not None and now - due_at > dt.timedelta(minutes=OUTBOX_MINUTES)
