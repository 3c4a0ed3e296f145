"""Causes for which messages do not go out: each is opened once, however many messages it stops, and closed when one goes out."""

from __future__ import annotations

from collections.abc import Collection

from loaders.warehouse.connection import Connection, fetch_all, fetch_one

_OPEN = """
    insert into ops.outbox_alarm (cause, detail) values (%s, %s)
    on conflict (cause) where closed_at is null do nothing
    returning alarm_id
"""
_CLOSE = """
    update ops.outbox_alarm set closed_at = clock_timestamp()
    where closed_at is null and cause = any(%s)
    returning alarm_id, cause
"""


def open_alarm(connection: Connection, cause: str, detail: str) -> int | None:
    """Opens an alarm and returns its number; None when one is open for this cause."""
    row = fetch_one(connection, _OPEN, [cause, detail])
    return None if row is None else int(row["alarm_id"])


def close_alarms(connection: Connection, causes: Collection[str]) -> dict[int, str]:
    """Closes the open alarms of some causes. Returns their causes by their numbers."""
    return {row["alarm_id"]: row["cause"] for row in fetch_all(connection, _CLOSE, [list(causes)])}
