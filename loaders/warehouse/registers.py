"""The guard of registers: one that shrinks by more than the contract allows stops and asks.

A register is compared with the one before it in time, whichever came first. A register that comes late may so change the
verdict on the one after it; that one is put into the ledger again and judged anew by the next batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.contract import Replaces, Report
from loaders.warehouse.connection import Connection
from loaders.warehouse.ledger import insert_again
from loaders.warehouse.submission import State, Submission
from loaders.warehouse.supersede import NEWEST_REVISION, in_scope

# Refused registers keep their count when the count alone was the reason.
_JUDGED = f"""
    (s.state in ('accepted', 'accepted_with_rejects', 'superseded') or s.state = 'rejected' and s.rows_accepted is not null)
    and {NEWEST_REVISION}
"""


@dataclass(frozen=True, slots=True)
class _Judged:
    submission: Submission
    rows: int
    passed: bool


def rows_before(connection: Connection, report: Report, submission: Submission) -> int | None:
    """How many rows the register before this one has that passed; None for a first one, and where there are no registers."""
    if report.replaces is not Replaces.REGISTER:
        return None
    return _rows_before(_judged(connection, report, submission), submission)


def shrank(report: Report, before: int | None, now: int) -> bool:
    """Whether more rows are gone than the contract lets pass."""
    return before is not None and now < before * (1 - report.shrink_limit_pct / 100)


def judge_next_again(connection: Connection, report: Report, submission: Submission) -> None:
    """Put the register after this one into the ledger again, if the verdict on it would be another now."""
    if report.replaces is not Replaces.REGISTER:
        return
    judged = _judged(connection, report, submission)
    later = [other for other in judged if other.submission.precedence > submission.precedence]
    if not later:
        return
    following = min(later, key=lambda other: other.submission.precedence)
    before = _rows_before(judged, following.submission)
    if shrank(report, before, following.rows) is following.passed:
        insert_again(connection, report, following.submission.submission_id)


def _judged(connection: Connection, report: Report, submission: Submission) -> list[_Judged]:
    """The registers of the same unit that were judged and counted."""
    return [
        _Judged(Submission.from_row(row), row["rows_accepted"], row["state"] != State.REJECTED)
        for row in in_scope(connection, report, submission, _JUDGED)
    ]


def _rows_before(judged: Sequence[_Judged], submission: Submission) -> int | None:
    document = (submission.source_uri, submission.sha256)
    before = [
        (other.submission.precedence, other.rows)
        for other in judged
        if other.passed
        and other.submission.precedence < submission.precedence
        and (other.submission.source_uri, other.submission.sha256) != document
    ]
    return max(before)[1] if before else None
