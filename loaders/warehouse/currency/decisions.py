"""Decisions of people about documents, and the first kind: a held document is accepted although it is much shorter than the one
that it replaces.

A decision binds a location and its bytes, whenever and as often as they are validated. Of the decisions to withdraw a document
and to reinstate it, the last one holds (`manual_withdrawal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from loaders.arrival import Decision
from loaders.contract import Report
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.currency.supersession import in_scope
from loaders.warehouse.issues.overrides import Overrides
from loaders.warehouse.ledger.submissions import lock_report, requeue
from loaders.warehouse.postgres_limits import sanitize_text
from loaders.warehouse.submission import CURRENT_STATES, WITHDRAWN_BY_DECISION, State, Submission

ACCEPT, WITHDRAW, REINSTATE = "accept", "withdraw", "reinstate"
_NEWEST = """
    select s.* from ops.submission as s
    inner join ops.submission as named
        on named.report = s.report and named.source_uri = s.source_uri and named.sha256 = s.sha256
    where named.submission_id = %s
    order by s.submission_id desc limit 1
"""
_IS_ACCEPTED = """
    select from ops.decision where report = %s and source_uri = %s and sha256 = %s and decision = 'accept' limit 1
"""
# Of the decisions that a document counts or does not count, the last one of each document.
_WITHDRAWN = """
    select source_uri, sha256 from (
        select distinct on (source_uri, sha256) source_uri, sha256, decision from ops.decision
        where report = %s and decision in ('withdraw', 'reinstate')
        order by source_uri, sha256, decided_at desc, decision_id desc
    ) as last_decision
    where decision = 'withdraw'
"""
_INSERT = """
    insert into ops.decision (submission_id, report, source_uri, sha256, decision, reason, decided_by, decided_at)
    values (%s, %s, %s, %s, %s, %s, %s, coalesce(%s, clock_timestamp()))
    returning decided_at
"""


class PeoplesDecisions(NamedTuple):
    """What people decided that binds a load: documents (location and bytes) that they withdrew, and issues that they overrode."""

    withdrawn: frozenset[tuple[str, str]]
    overrides: Overrides

    @classmethod
    def read(cls, connection: Connection, report: Report) -> PeoplesDecisions:
        """Reads those about a report that are in force."""
        return cls(withdrawn_documents(connection, report), Overrides.read(connection, report))


class DecisionRefused(WarehouseError):
    """A decision that cannot be made about a submission; the message says why, and the next step."""


class CannotBeAccepted(DecisionRefused):
    """A submission that is not held; the message says why, and the next step."""


def is_accepted(connection: Connection, submission: Submission) -> bool:
    """Returns whether a person accepted this document (location and bytes)."""
    document = [submission.report, submission.source_uri, submission.sha256]
    return fetch_one(connection, _IS_ACCEPTED, document) is not None


def withdrawn_documents(connection: Connection, report: Report) -> frozenset[tuple[str, str]]:
    """Returns the documents (location and bytes) of a report that people withdrew and did not reinstate since."""
    rows = fetch_all(connection, _WITHDRAWN, [report.report])
    return frozenset((row["source_uri"], row["sha256"]) for row in rows)


def report_of(connection: Connection, submission_id: int) -> str:
    """Returns the report of a submission.

    Raises:
        DecisionRefused: there is no such submission.
    """
    row = fetch_one(connection, "select report from ops.submission where submission_id = %s", [submission_id])
    if row is None:
        raise _unknown(submission_id)
    return str(row["report"])


def newest_of(connection: Connection, report: Report, submission_id: int) -> dict[str, Any]:
    """Returns the last submission of the same document (location and bytes), and holds the locks of its report.

    Raises:
        DecisionRefused: there is no such submission.
    """
    lock_report(connection, report, "register")
    lock_report(connection, report, "load")
    row = fetch_one(connection, _NEWEST, [submission_id])
    if row is None:
        raise _unknown(submission_id)
    return row


def accept(connection: Connection, report: Report, submission_id: int, why: str, by: str) -> tuple[Decision, Submission]:
    """Records that a held document is right, and requeues it, to be loaded without the shrink guard.

    Returns:
        The decision, and the submission that waits to be loaded.

    Raises:
        DecisionRefused: there is no such submission, it is not held, or another document replaced it meanwhile.
    """
    row = newest_of(connection, report, submission_id)
    document = Submission.from_row(row)
    _refuse_unless_held(connection, report, submission_id, document, row)
    decision = record(connection, document, ACCEPT, why, by)
    again = requeue(connection, document.submission_id)
    if again is None:
        raise AssertionError("a document that waits to be judged was taken for a held one")
    return decision, again


def record(connection: Connection, document: Submission, kind: str, why: str, by: str) -> Decision:
    """Adds a decision about a document: accept, withdraw or reinstate."""
    decision = Decision(report=document.report, uri=document.source_uri, sha256=document.sha256, decision=kind, why=why, by=by)
    return restore(connection, decision, document.submission_id)


def restore(connection: Connection, decision: Decision, submission_id: int) -> Decision:
    """Adds a decision as it was made, with its time when it has one."""
    values = [decision.decision, sanitize_text(decision.why), sanitize_text(decision.by), decision.at]
    row = fetch_one(connection, _INSERT, [submission_id, decision.report, decision.uri, decision.sha256, *values])
    if row is None:
        raise AssertionError("an insert that returns a row returned none")
    return Decision(
        decision.report, decision.uri, decision.sha256, decision.decision, decision.why, decision.by, row["decided_at"]
    )


def _unknown(submission_id: int) -> DecisionRefused:
    return DecisionRefused(f"there is no submission {submission_id}; `huimin held` lists those that wait for a decision")


def _refuse_unless_held(connection: Connection, report: Report, named: int, document: Submission, row: Mapping[str, Any]) -> None:
    subject = f"submission {named} ({document.source_uri})"
    if document.state in CURRENT_STATES:
        raise CannotBeAccepted(f"{subject} is already accepted; there is nothing to confirm")
    if document.state is State.LANDED:
        raise CannotBeAccepted(f"{subject} waits to be loaded; load it first: huimin load {report.report}")
    if document.state is State.SUPERSEDED:
        raise CannotBeAccepted(f"{subject} was accepted and is superseded by a later document; there is nothing to confirm")
    if document.state is State.DUPLICATE:
        raise CannotBeAccepted(f"{subject} has the same bytes as submission {row['duplicate_of']}; name that one")
    if row["state_reason"] == WITHDRAWN_BY_DECISION:
        raise CannotBeAccepted(f'{subject} was withdrawn by a person: huimin reinstate {document.submission_id} --why "…"')
    if document.state is State.WITHDRAWN:
        raise CannotBeAccepted(f"{subject} has gone from its source; it is judged again when it is back")
    if row["rows_accepted"] is None:
        reasons = _reasons(connection, document)
        raise CannotBeAccepted(
            f"{subject} is not held for its length but refused ({reasons}); it must be corrected and sent again"
        )
    later = [
        other
        for row in in_scope(connection, report, document, "s.state = any(%(current_states)s)")
        if (other := Submission.from_row(row)).precedence > document.precedence
    ]
    if later:
        raise CannotBeAccepted(
            f"{subject} was superseded meanwhile by submission {later[0].submission_id} ({later[0].source_uri})"
        )


def _reasons(connection: Connection, document: Submission) -> str:
    query = "select distinct rule from ops.issue where submission_id = %s and severity = 'document' order by rule"
    return ", ".join(row["rule"] for row in fetch_all(connection, query, [document.submission_id])) or "no rule is recorded"
