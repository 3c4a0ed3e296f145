"""The shrink guard: holds a document that is much shorter than the one that it replaces, until a person confirms it.

A document is compared with its predecessor in precedence that passed, within the scope of the contract's `replaces`: the unit's
register, the unit's period, or (in an event log) earlier versions at the same location. Where each key is a scope, a document
closes only the rows that it renews, and no row can be lost.

A document that arrives late can change the outcome of its successor, which is then requeued for the next batch. A document that a
person accepted always passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.contract import Report
from loaders.warehouse.connection import Connection
from loaders.warehouse.currency import decisions
from loaders.warehouse.currency.supersession import NEWEST_REVISION, in_scope
from loaders.warehouse.ledger.submissions import requeue
from loaders.warehouse.submission import State, Submission

# A held document has a row count; one that is refused for another reason has none.
IS_HELD = "s.state = 'rejected' and s.rows_accepted is not null"
# A document that has gone still shows how long a document should be: its replacement is compared with it. One that a person
# withdrew was wrong.
_IS_VALIDATED = f"""(
    s.state in ('accepted', 'accepted_with_rejects', 'superseded')
    or s.state = 'withdrawn' and s.state_reason is distinct from 'withdrawn_by_decision'
    or {IS_HELD}
) and {NEWEST_REVISION}"""


@dataclass(frozen=True, slots=True)
class _ValidatedDocument:
    submission: Submission
    rows: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A document beside the others of its scope: the row count of its predecessor, if it must be held; and what may follow it."""

    held_for: int | None = None
    has_successors: bool = False


def compare(connection: Connection, report: Report, submission: Submission, now: int) -> Comparison:
    """Compares a document with `now` rows with its predecessor."""
    if report.shrink_limit is None:
        return Comparison()
    documents = _validated_documents(connection, report, submission)
    before = _rows_before(documents, submission)
    is_held = _is_exceeded(report, before, now) and not decisions.is_accepted(connection, submission)
    return Comparison(before if is_held else None, bool(_later(documents, submission)))


def requeue_next(connection: Connection, report: Report, submission: Submission) -> None:
    """Requeues the successor of this document, if its outcome would be different now."""
    documents = _validated_documents(connection, report, submission) if report.shrink_limit is not None else []
    later = _later(documents, submission)
    if not later:
        return
    following = min(later, key=lambda other: other.submission.precedence)
    is_exceeded = _is_exceeded(report, _rows_before(documents, following.submission), following.rows)
    passes = not is_exceeded or decisions.is_accepted(connection, following.submission)
    if passes is not following.passed:
        requeue(connection, following.submission.submission_id)


def _later(documents: Sequence[_ValidatedDocument], submission: Submission) -> list[_ValidatedDocument]:
    return [other for other in documents if other.submission.precedence > submission.precedence]


def _is_exceeded(report: Report, before: int | None, now: int) -> bool:
    limit = report.shrink_limit
    return limit is not None and before is not None and limit.is_exceeded(before, now)


def _validated_documents(connection: Connection, report: Report, submission: Submission) -> list[_ValidatedDocument]:
    """Returns the documents of the same scope that were validated and counted."""
    return [
        _ValidatedDocument(Submission.from_row(row), row["rows_accepted"], row["state"] != State.REJECTED)
        for row in in_scope(connection, report, submission, _IS_VALIDATED)
    ]


def _rows_before(documents: Sequence[_ValidatedDocument], submission: Submission) -> int | None:
    document = (submission.source_uri, submission.sha256)
    before = [
        (other.submission.precedence, other.rows)
        for other in documents
        if other.passed
        and other.submission.precedence < submission.precedence
        and (other.submission.source_uri, other.submission.sha256) != document
    ]
    return max(before)[1] if before else None
