"""Every metric: its name, labels and source, in the order in which they are printed.

What each means: `messages/texts/monitoring.yml`.

Labels are report, state, outcome, severity, channel, the name of a connection: never a unit, a place or an address.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple


class GaugeDefinition(NamedTuple):
    """A gauge: `rows` names the query, `column` the number, `labels` further columns of each row. A null gives no sample."""

    name: str
    rows: str
    column: str
    labels: tuple[str, ...] = ()


GAUGES = (
    GaugeDefinition("huimin_documents", "documents", "documents", ("report", "state")),
    GaugeDefinition("huimin_rows", "rows", "rows", ("report", "outcome")),
    GaugeDefinition("huimin_unaccounted_rows", "account", "rows", ("report",)),
    GaugeDefinition("huimin_account_checked_timestamp_seconds", "account", "checked_at", ("report",)),
    GaugeDefinition("huimin_open_issues", "issues", "issues", ("severity",)),
    GaugeDefinition("huimin_oldest_open_issue_timestamp_seconds", "issues", "oldest_at", ("severity",)),
    GaugeDefinition("huimin_open_cross_check_issues", "cross_issues", "issues", ("report",)),
    GaugeDefinition("huimin_last_cross_check_timestamp_seconds", "last", "cross_checked_at"),
    GaugeDefinition("huimin_overdue_obligations", "overdue", "obligations", ("report",)),
    GaugeDefinition("huimin_oldest_overdue_obligation_timestamp_seconds", "overdue", "oldest_date", ("report",)),
    GaugeDefinition("huimin_outbox_queued_messages", "outbox", "queued"),
    GaugeDefinition("huimin_outbox_dead_messages", "outbox", "dead"),
    GaugeDefinition("huimin_outbox_oldest_message_timestamp_seconds", "outbox", "oldest_at"),
    GaugeDefinition("huimin_outbox_failing_servers", "failing_servers", "servers", ("channel",)),
    GaugeDefinition("huimin_outbox_failing_since_timestamp_seconds", "failing_servers", "since_at", ("channel",)),
    GaugeDefinition("huimin_open_alarms", "alarms", "alarms", ("kind",)),
    GaugeDefinition("huimin_last_pull_timestamp_seconds", "pulls", "pulled_at", ("report", "source")),
    GaugeDefinition("huimin_pull_due_timestamp_seconds", "pulls", "due_at", ("report", "source")),
    GaugeDefinition("huimin_watermark_timestamp_seconds", "watermarks", "moved_at", ("report",)),
    GaugeDefinition("huimin_landing_bytes", "landing", "bytes"),
    GaugeDefinition("huimin_landing_files", "landing", "files"),
    GaugeDefinition("huimin_disk_free_bytes", "disk", "free"),
    GaugeDefinition("huimin_disk_size_bytes", "disk", "size"),
    GaugeDefinition("huimin_last_load_timestamp_seconds", "load_seconds", "last_at"),
    GaugeDefinition("huimin_last_load_seconds", "load_seconds", "last_seconds"),
    GaugeDefinition("huimin_last_build_timestamp_seconds", "last", "built_at"),
    GaugeDefinition("huimin_last_build_seconds", "last", "build_seconds"),
    GaugeDefinition("huimin_builds_since_last_good", "last", "builds_since"),
    GaugeDefinition("huimin_last_release_timestamp_seconds", "last", "released_at"),
    GaugeDefinition("huimin_last_watch_timestamp_seconds", "last", "watched_at"),
)
HISTOGRAMS = {"huimin_load_seconds": "load_seconds", "huimin_build_seconds": "build_seconds"}
"""Histograms by name: the query that counts their buckets."""

OF_THE_PROGRAM = ("huimin_info", "huimin_warehouse_up", "huimin_migrations_current", "huimin_scrape_seconds")
"""What is told of the program itself, whether or not its warehouse answers."""

NAMES = (*(gauge.name for gauge in GAUGES), *HISTOGRAMS, *OF_THE_PROGRAM)
"""The names of all metrics."""


def as_number(value: object) -> float | None:
    """Returns a value of a query as a number: times as seconds since 1970, days by their beginning in China; None for null."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.timestamp()
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(), dt.timezone(dt.timedelta(hours=8))).timestamp()
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    raise TypeError(f"a metric is a number or a time, found {type(value).__name__}")
