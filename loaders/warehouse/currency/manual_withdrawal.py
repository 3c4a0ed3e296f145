"""A person takes a document out, or puts it back: the decisions `withdraw` and `reinstate`.

A withdrawn document counts no more. Its rows are closed, what it had superseded becomes current again, and rows that waited for
its keys come back. Documents with the same bytes under a name of the same unit and period stay its duplicates; those of another
unit or period are validated. The decision holds for the location and the bytes: whenever they are loaded, as by a rebuild of the
ledger, they are withdrawn in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from loaders.arrival import Decision
from loaders.contract import Report, WhenGone
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.currency import decisions, duplicates, shrink_guard
from loaders.warehouse.currency.decisions import REINSTATE, WITHDRAW, DecisionRefused, newest_of
from loaders.warehouse.currency.gone_keys import process_gone_keys
from loaders.warehouse.currency.reinstatement import make_next_current, reinstate_closed_by
from loaders.warehouse.currency.supersession import close_rows, current_submission
from loaders.warehouse.issues.issue_events import sync_issue_events
from loaders.warehouse.ledger.submissions import requeue
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.rows import quarantine
from loaders.warehouse.schema.key_index import table_of
from loaders.warehouse.submission import CURRENT_STATES, LOADED_STATES, WITHDRAWN_BY_DECISION, State, Submission

_CLOSED_NOW = "select count(*) as rows_count from {} where _superseded_at = now() and _submission_id = %s"
_CURRENT_SINCE_NOW = """
    select r._submission_id as submission_id, s.source_uri, count(*) as rows_count
    from {} as r inner join ops.submission as s on s.submission_id = r._submission_id
    where r._loaded_at = now() and r._superseded_at is null
    group by 1, 2 order by 1
"""
_CURRENT_ROWS = "select count(*) as rows_count from {} where _superseded_at is null and _submission_id = %s"
_WAITING = "select submission_id from ops.submission where report = %s and state = 'landed' order by submission_id"
_IS_GONE = "select from ops.gone_document where report = %s and source_uri = %s and returned_at is null limit 1"


@dataclass(frozen=True, slots=True)
class CurrentRows:
    """Rows of a submission that become current."""

    submission_id: int
    source_uri: str
    rows_count: int


@dataclass(frozen=True, slots=True)
class CurrencyChange:
    """What a decision changes at once. `waiting` are the submissions that must be loaded because of it."""

    submission_id: int
    source_uri: str
    rows_closed: int
    now_current: tuple[CurrentRows, ...] = ()
    waiting: tuple[int, ...] = ()


def withdraw(connection: Connection, report: Report, submission_id: int, why: str, by: str) -> tuple[Decision, CurrencyChange]:
    """Records that a document counts no more, and takes it out.

    Raises:
        DecisionRefused: there is no such submission, it was never accepted, or it is withdrawn already.
    """
    row = newest_of(connection, report, submission_id)
    document = Submission.from_row(row)
    _refuse_unless_loaded(report, submission_id, document, row)
    waiting = _waiting(connection, report)
    decision = decisions.record(connection, document, WITHDRAW, why, by)
    take_out(connection, report, document)
    sync_issue_events(connection, report)
    current = fetch_all(connection, sql.SQL(_CURRENT_SINCE_NOW).format(table_of(report)))
    change = CurrencyChange(
        document.submission_id,
        document.source_uri,
        _count(connection, report, _CLOSED_NOW, document),
        tuple(CurrentRows(**found) for found in current),
        tuple(number for number in _waiting(connection, report) if number not in waiting),
    )
    return decision, change


def take_out(connection: Connection, report: Report, document: Submission) -> None:
    """Closes the rows of a loaded document that a person withdrew; the next one of its scope, or of each key, becomes current."""
    change_state(connection, [document.submission_id], State.WITHDRAWN, state_reason=WITHDRAWN_BY_DECISION)
    quarantine.close_open_rows(connection, document.submission_id, State.WITHDRAWN)
    if document.state in CURRENT_STATES:
        close_rows(connection, report, document, None)
        make_next_current(connection, report, document, None)
    if report.has_full_snapshots:
        # It had closed the rows of keys that it lacked; the snapshot before it lists them.
        reinstate_closed_by(connection, report, document)
    duplicates.promote_duplicate(connection, document)
    shrink_guard.requeue_next(connection, report, document)
    process_gone_keys(connection, report, document.source_uri)


def reinstate(connection: Connection, report: Report, submission_id: int, why: str, by: str) -> tuple[Decision, CurrencyChange]:
    """Records that a document that a person withdrew counts after all, and requeues it, to be validated again.

    Raises:
        DecisionRefused: there is no such submission, or no person withdrew it.
    """
    row = newest_of(connection, report, submission_id)
    document = Submission.from_row(row)
    _refuse_unless_withdrawn(connection, report, submission_id, document, row)
    decision = decisions.record(connection, document, REINSTATE, why, by)
    return decision, put_back(connection, report, document)


def put_back(connection: Connection, report: Report, document: Submission) -> CurrencyChange:
    """Requeues a document that counts again, unless it is a duplicate by now."""
    again = requeue(connection, document.submission_id)
    if again is None:
        raise AssertionError("a withdrawn document waits to be loaded")
    resolved = duplicates.resolve_duplicates(connection, report, again)
    current = current_submission(connection, report, again)
    closes = current is not None and current.precedence < again.precedence and resolved.state is State.LANDED
    return CurrencyChange(
        again.submission_id,
        again.source_uri,
        _count(connection, report, _CURRENT_ROWS, current) if current is not None and closes else 0,
        waiting=(again.submission_id,) if resolved.state is State.LANDED else (),
    )


def follow_decision(connection: Connection, report: Report, row: Mapping[str, Any]) -> None:
    """Brings a document of the ledger into the state that the last decision about it gives: withdrawn, or loaded once more."""
    document = Submission.from_row(row)
    is_withdrawn = (document.source_uri, document.sha256) in decisions.withdrawn_documents(connection, report)
    if is_withdrawn and document.state in LOADED_STATES:
        take_out(connection, report, document)
    elif not is_withdrawn and row["state_reason"] == WITHDRAWN_BY_DECISION:
        put_back(connection, report, document)
    sync_issue_events(connection, report)


def _count(connection: Connection, report: Report, query: str, document: Submission) -> int:
    row = fetch_one(connection, sql.SQL(query).format(table_of(report)), [document.submission_id])
    return int(row["rows_count"]) if row else 0


def _waiting(connection: Connection, report: Report) -> list[int]:
    return [row["submission_id"] for row in fetch_all(connection, _WAITING, [report.report])]


def _refuse_unless_loaded(report: Report, named: int, document: Submission, row: Mapping[str, Any]) -> None:
    if document.state in LOADED_STATES:
        return
    subject = f"submission {named} ({document.source_uri})"
    if document.state is State.LANDED:
        raise DecisionRefused(f"{subject} waits to be loaded; load it first: huimin load {report.report}")
    if document.state is State.DUPLICATE:
        raise DecisionRefused(
            f"{subject} has the content of submission {row['duplicate_of']} and no rows of its own; name that one"
        )
    if document.state is State.REJECTED:
        raise DecisionRefused(f"{subject} was never accepted; there is nothing to withdraw")
    if row["state_reason"] == WITHDRAWN_BY_DECISION:
        raise DecisionRefused(f"{subject} is already withdrawn; huimin reinstate {document.submission_id} puts it back")
    raise DecisionRefused(f"{subject} is already withdrawn, because it has gone from its source")


def _refuse_unless_withdrawn(
    connection: Connection, report: Report, named: int, document: Submission, row: Mapping[str, Any]
) -> None:
    subject = f"submission {named} ({document.source_uri})"
    if document.state is not State.WITHDRAWN:
        raise DecisionRefused(f"{subject} is {document.state} and not withdrawn; there is nothing to reinstate")
    if row["state_reason"] != WITHDRAWN_BY_DECISION:
        raise DecisionRefused(
            f"{subject} was not withdrawn by a person: it has gone from its source, and counts again when it is back"
        )
    is_gone = fetch_one(connection, _IS_GONE, [report.report, document.source_uri]) is not None
    if is_gone and report.when_gone is WhenGone.CLOSE:
        raise DecisionRefused(f"{subject} has gone from its source meanwhile; it can be reinstated when it is back")
