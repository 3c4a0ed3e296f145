"""Writes the outcome of a load into the ledger: the state of a submission, its counts and its content digest."""

from __future__ import annotations

import json
from collections.abc import Mapping

from psycopg import sql

from loaders.contract import Report
from loaders.warehouse.connection import Connection
from loaders.warehouse.ledger import submissions
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.postgres_limits import truncate_text
from loaders.warehouse.submission import Outcome


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
