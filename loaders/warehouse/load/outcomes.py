"""Writes the outcome of a load into the ledger: the state of a submission, its counts and its content digest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from psycopg import sql

from loaders.contract import Report
from loaders.model import Reading
from loaders.warehouse.connection import Connection
from loaders.warehouse.ledger import submissions
from loaders.warehouse.ledger.transitions import change_each_state, change_state
from loaders.warehouse.postgres_limits import truncate_text
from loaders.warehouse.submission import Outcome, State


def write_outcome(
    connection: Connection,
    report: Report,
    outcome: Outcome,
    rows_total: int,
    furniture: Mapping[str, int],
    rows_accepted: int | None,
    content_sha256: str | None = None,
) -> None:
    """Moves a submission into the state in which its load ended, with its counts. `rows_accepted` is null for a document that is
    refused for another reason than its length.
    """
    change_state(
        connection,
        [outcome.submission_id],
        outcome.state,
        state_reason=truncate_text(outcome.reason),
        rows_total=rows_total,
        rows_loaded=outcome.rows_loaded,
        rows_quarantined=outcome.rows_quarantined,
        rows_furniture=sum(furniture.values()),
        rows_accepted=rows_accepted,
        furniture=json.dumps(dict(furniture), ensure_ascii=False),
        loaded_at=sql.SQL("clock_timestamp()"),
        contract_sha256=submissions.contract_sha256(report),
        content_sha256=content_sha256,
    )


def write_loaded(connection: Connection, report: Report, documents: Sequence[tuple[Outcome, Reading, str]]) -> None:
    """Writes the outcomes of documents that were loaded together, each with its reading and its content digest.

    None of them has rows with key conflicts: the rows that are loaded are those that were accepted.
    """
    rows_by_state: dict[State, list[dict[str, object]]] = {}
    contract = submissions.contract_sha256(report)
    for outcome, reading, content_sha256 in documents:
        row: dict[str, object] = {
            "submission_id": outcome.submission_id,
            "state_reason": None,
            "rows_total": reading.rows_total,
            "rows_loaded": outcome.rows_loaded,
            "rows_quarantined": outcome.rows_quarantined,
            "rows_furniture": sum(reading.furniture.values()),
            "rows_accepted": outcome.rows_loaded,
            "furniture": dict(reading.furniture),
            "contract_sha256": contract,
            "content_sha256": content_sha256,
        }
        rows_by_state.setdefault(outcome.state, []).append(row)
    for state, rows in rows_by_state.items():
        change_each_state(connection, state, rows, loaded_at=sql.SQL("clock_timestamp()"))
