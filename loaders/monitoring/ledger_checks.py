"""What the ledger and the disk show that somebody should look at: late pulls, failed builds, messages that wait, lost rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from loaders.contract import Report
from loaders.monitoring.health import OUTBOX_MINUTES, is_disk_short, is_outbox_waiting, migration_state
from loaders.monitoring.matters import Matter, matter
from loaders.monitoring.metrics import disk_numbers
from loaders.monitoring.source_schedule import with_due_times
from loaders.period import local_minute
from loaders.settings import Settings, SettingsError
from loaders.warehouse.connection import Connection
from loaders.warehouse.monitoring.metric_queries import read_numbers
from loaders.warehouse.monitoring.watch_ledger import (
    database_revision,
    first_unfinished_build,
    known_since,
    record_heartbeat,
    refresh_account,
)

LATE_MINUTES = 60
"""A pull may end this long after it was due, and wait for others before it."""
BUILD_HOURS = 2
KINDS = frozenset({"source", "build", "outbox", "account", "migrations"})
"""The checks of the ledger: all of them are made at each look."""
PROCESS = "watch"
"""The name of the process in `ops.heartbeat`."""
DISK, CONNECTION = "disk", "connection"
_GIB = 1024**3


def ledger_matters(connection: Connection, reports: Mapping[str, Report], now: dt.datetime) -> list[Matter]:
    """Returns what the ledger shows, and records that it was looked at.

    Counts the rows of all documents anew, if something was loaded since the last time.
    """
    state = migration_state(database_revision(connection))
    if state in {"behind", "missing"}:
        return [matter("migrations", state)]
    record_heartbeat(connection, PROCESS)
    refresh_account(connection)
    numbers = read_numbers(connection, list(reports), ["pulls", "outbox", "account"])
    found = list(_late_sources(connection, with_due_times(numbers["pulls"], reports, now), now))
    since = first_unfinished_build(connection)
    if since is not None and now - since > dt.timedelta(hours=BUILD_HOURS):
        found.append(matter("build", "indicators", since=local_minute(since)))
    if is_outbox_waiting(numbers["outbox"][0], now):
        found.append(matter("outbox", "messages", count=numbers["outbox"][0]["queued"], minutes=OUTBOX_MINUTES))
    return found + [matter("account", row["report"], rows=row["rows"]) for row in numbers["account"] if row["rows"]]


def disk_matters(settings: Settings) -> Iterator[Matter]:
    """Yields the disk of the landing, if little of it is free."""
    if is_disk_short(settings.home):
        yield matter(DISK, "landing", free=f"{disk_numbers(settings.home)['free'] / _GIB:.1f}")


def connection_matters(settings: Settings, reports: Mapping[str, Report]) -> Iterator[Matter]:
    """Yields the connections that contracts name and this process does not have."""
    for name in sorted({report.source.connection for report in reports.values()}):
        try:
            settings.connection(name)
        except SettingsError:
            yield matter(CONNECTION, name, variable=f"AIRFLOW_CONN_{name.upper()}")


def _late_sources(connection: Connection, pulls: list[dict[str, object]], now: dt.datetime) -> Iterator[Matter]:
    """Yields each report whose source was not looked at since its contract asked for it.

    One that was never looked at counts from when its first obligation was recorded: a new contract is not late at once.
    """
    since = known_since(connection)
    for row in pulls:
        due_at, seen_at = row["due_at"], row["pulled_at"] or since.get(str(row["report"]))
        if not isinstance(due_at, dt.datetime) or not isinstance(seen_at, dt.datetime):
            continue
        if seen_at < due_at and now - due_at > dt.timedelta(minutes=LATE_MINUTES):
            last = local_minute(row["pulled_at"]) if isinstance(row["pulled_at"], dt.datetime) else "-"
            yield matter("source", str(row["report"]), source=str(row["source"]), due=local_minute(due_at), last=last)
