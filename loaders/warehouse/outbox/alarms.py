"""Causes of which operators are alarmed: each is opened once, however often it shows, and closed once, when it is over.

A server or an address that takes no messages, and a DAG whose run does not end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

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

_ADD_DETAIL = """
    update ops.outbox_alarm set detail = detail || E'\\n' || %(detail)s
    where closed_at is null and cause = %(cause)s and %(detail)s <> all(string_to_array(detail, E'\\n'))
"""
_STANDING = "select cause, detail from ops.outbox_alarm where closed_at is null and starts_with(cause, %s) order by alarm_id"


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """An alarm that is not over. `details` is what was said of its cause since it was opened, the oldest first."""

    cause: str
    details: tuple[str, ...]


def open_alarm(connection: Connection, cause: str, detail: str) -> int | None:
    """Opens an alarm and returns its number; None when one is open for this cause."""
    row = fetch_one(connection, _OPEN, [cause, detail])
    return None if row is None else int(row["alarm_id"])


def close_alarms(connection: Connection, causes: Collection[str]) -> dict[int, str]:
    """Closes the open alarms of some causes. Returns their causes by their numbers."""
    return {row["alarm_id"]: row["cause"] for row in fetch_all(connection, _CLOSE, [list(causes)])}


def add_detail(connection: Connection, cause: str, detail: str) -> None:
    """Adds a line to the open alarm of a cause, unless it has it."""
    connection.execute(_ADD_DETAIL, {"cause": cause, "detail": detail})


def open_alarms(connection: Connection, prefix: str) -> list[OpenAlarm]:
    """Returns the open alarms whose causes begin with a text, the oldest first."""
    rows = fetch_all(connection, _STANDING, [prefix])
    return [OpenAlarm(row["cause"], tuple(row["detail"].split("\n"))) for row in rows]
