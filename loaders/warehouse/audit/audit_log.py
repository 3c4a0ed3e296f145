"""The audit log: what was done, by whom, and whether its chain of hashes is whole."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from loaders.warehouse.connection import connect, fetch_all

_NEWEST = """
    select event_number, occurred_at, action, subject, decided_by, reason, database_role, details
    from ops.audit_event
    where (%(since)s::date is null or occurred_at >= %(since)s::date) and starts_with(action, %(action)s)
    order by event_number desc limit %(limit)s
"""
# What an event says, as `ops.seal_audit_event` hashed it.
_CHAIN = """
    select event_number, audit_event_id, coalesce(previous_hash, '') as previous_hash, coalesce(event_hash, '') as event_hash,
        json_build_array(
            event_number, previous_hash, to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            database_role, action, subject, decided_by, reason, details
        )::text as content
    from ops.audit_event order by event_number nulls last, audit_event_id
"""


@dataclass(frozen=True, slots=True)
class ChainError:
    """An event that is not as it was written, or that is missing: its number, what is wrong, both hashes or numbers."""

    event: str
    what: str
    expected: str
    found: str


class AuditLog:
    """The log of one warehouse, opened with the URL of a role that may read it, as the loader may."""

    def __init__(self, url: str) -> None:
        self._url = url

    def events(self, *, since: dt.date | None = None, action: str = "", limit: int = 50) -> list[dict[str, Any]]:
        """Returns the newest events, newest first; those whose action begins with a text, from a day on."""
        with connect(self._url) as connection:
            return fetch_all(connection, _NEWEST, {"since": since, "action": action, "limit": limit})

    def chain_errors(self) -> tuple[list[ChainError], list[str]]:
        """Recomputes every hash. Returns what does not agree, and the hashes of all events, in their order."""
        with connect(self._url) as connection:
            rows = fetch_all(connection, _CHAIN)
        errors, before = list[ChainError](), ""
        for number, row in enumerate(rows, 1):
            event = f"audit event {number}"
            if row["event_number"] != number:
                what = "it is missing, or another one has no number"
                errors.append(ChainError(event, what, str(number), str(row["event_number"])))
                break
            if row["previous_hash"] != before:
                errors.append(ChainError(event, "it does not follow the event before", before, row["previous_hash"]))
            wanted = hashlib.sha256(row["content"].encode()).hexdigest()
            if row["event_hash"] != wanted:
                errors.append(ChainError(event, "it was changed", wanted, row["event_hash"]))
            before = row["event_hash"]
        return errors, [row["event_hash"] for row in rows]
