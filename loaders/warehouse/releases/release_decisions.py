"""Decisions of people about drafts of releases, in the ledger: append-only, and restored from the landing by a rebuild."""

from __future__ import annotations

import dataclasses

from loaders.arrival import ReleaseDecision
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.postgres_limits import sanitize_text

_ALL = """
    select draft_id, period_code, values_digest, decision, reason as why, decided_by as by, decided_at as at, release_number,
        release_hash
    from ops.release_decision order by decided_at, release_decision_id
"""
_INSERT = """
    insert into ops.release_decision (
        draft_id, period_code, values_digest, decision, reason, decided_by, decided_at, release_number, release_hash
    ) values (
        %(draft_id)s, %(period_code)s, %(values_digest)s, %(decision)s, %(why)s, %(by)s, %(at)s, %(release_number)s,
        %(release_hash)s
    ) on conflict (draft_id, decided_at) do nothing
"""


def release_decisions(connection: Connection) -> list[ReleaseDecision]:
    """Returns all decisions, oldest first."""
    return [ReleaseDecision(**row) for row in fetch_all(connection, _ALL)]


def record_release_decision(connection: Connection, decision: ReleaseDecision) -> bool:
    """Adds a decision, unless the ledger has it. Returns whether it was added."""
    values = dataclasses.asdict(decision) | {"why": sanitize_text(decision.why), "by": sanitize_text(decision.by)}
    return connection.execute(_INSERT, values).rowcount == 1
