"""Claims: when two runs hold the same submissions, the one that claimed last loads them; the other fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loaders.contract import Report
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all
from loaders.warehouse.submission import State, Submission


class ClaimLost(WarehouseError):
    """Another run took these submissions over; nothing of this load was written."""


def claim(connection: Connection, report: Report, submission_ids: Sequence[int]) -> tuple[int, list[Submission]]:
    """Takes landed submissions over from the run that held them.

    Returns:
        The token that `load_batch` must show, and the submissions.
    """
    query = """
        with token as materialized (select nextval('ops.claim_token') as claim_token)
        update ops.submission as s set claim_token = token.claim_token, claimed_at = now()
        from token
        where s.report = %s and s.submission_id = any(%s) and s.state = 'landed'
        returning s.*
    """
    rows = fetch_all(connection, query, [report.report, list(submission_ids)])
    token = int(rows[0]["claim_token"]) if rows else 0
    return token, sorted(map(Submission.from_row, rows), key=lambda submission: submission.precedence)


def lock_claimed(connection: Connection, token: int, submissions: Iterable[Submission]) -> None:
    """Locks the claimed submissions until the transaction ends.

    Raises:
        ClaimLost: one of them was claimed by another run since, or is loaded already.
    """
    ids = [submission.submission_id for submission in submissions]
    query = """
        select submission_id, claim_token, state from ops.submission where submission_id = any(%s)
        order by submission_id for update
    """
    locked = {
        row["submission_id"]
        for row in fetch_all(connection, query, [ids])
        if row["claim_token"] == token and row["state"] == State.LANDED
    }
    lost = sorted(set(ids) - locked)
    if lost:
        raise ClaimLost(f"claim {token} no longer holds submissions {lost}: another run took them over; nothing was written")
