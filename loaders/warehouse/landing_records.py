"""The ledger's arrivals, decisions and declarations, as the landing keeps them too, to compare and to restore them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from loaders.arrival import Arrival, ContainerArrival, Decision, Declaration, IssueDecision, ReleaseDecision
from loaders.contract import Report
from loaders.model import LANDED_FILE_LOST
from loaders.period import Period
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.currency import decisions, manual_withdrawal
from loaders.warehouse.ledger import containers
from loaders.warehouse.ledger.submissions import requeue
from loaders.warehouse.obligations import declarations
from loaders.warehouse.releases.release_decisions import release_decisions
from loaders.warehouse.replay import issue_decisions

# An arrival is identified by location and time; a document that is validated again is the same arrival.
_ARRIVALS = """
    select distinct on (s.report, s.source_uri, s.arrived_at)
        s.report, s.source_uri as uri, s.unit_code as unit, s.period, o.byte_size as size, s.source_modified_at as modified_at,
        s.sha256, s.byte_size, s.arrived_at, s.effective_at, p.cursor_to, s.answers_sha256
    from ops.submission as s
    left join ops.pull as p on p.pull_id = s.pull_id
    left join ops.known_version as o
        on o.report = s.report and o.source_uri = s.source_uri and o.source_modified_at = s.source_modified_at
    order by s.report, s.source_uri, s.arrived_at, s.submission_id
"""
_DECISIONS = """
    select report, source_uri as uri, sha256, decision, reason as why, decided_by as by, decided_at as at from ops.decision
"""
# The last submission of a document, when it was refused because its landed file was lost.
_REFUSED_AS_LOST = """
    select s.submission_id, s.sha256
    from ops.submission as s
    where s.state = 'rejected'
      and exists (select from ops.issue as i where i.submission_id = s.submission_id and i.rule = %s)
      and not exists (
          select from ops.submission as newer
          where newer.report = s.report and newer.source_uri = s.source_uri and newer.sha256 = s.sha256
            and newer.submission_id > s.submission_id
      )
"""
_DISCARD_REQUEUED = """
    with requeued as (
        select s.submission_id, max(b.submission_id) as before_id
        from ops.submission as s
        inner join ops.submission as b
            on b.report = s.report and b.source_uri = s.source_uri and b.arrived_at = s.arrived_at
            and b.submission_id < s.submission_id
        where s.report = %(report)s and s.submission_id = any(%(ids)s) and s.state = 'landed' and s.claim_token = %(token)s
        group by s.submission_id
    ),
    moved as (
        update ops.submission as d set duplicate_of = j.before_id from requeued as j where d.duplicate_of = j.submission_id
    )
    select submission_id from requeued
"""


def records(
    connection: Connection,
) -> list[Arrival | ContainerArrival | Decision | Declaration | IssueDecision | ReleaseDecision]:
    """Returns all arrivals of documents and containers, all declarations, and all decisions about documents and releases."""
    arrivals = [
        Arrival(**row | {"period": Period.parse(row["period"]) if row["period"] else None})
        for row in fetch_all(connection, _ARRIVALS)
    ]
    decided = [Decision(**row) for row in fetch_all(connection, _DECISIONS)]
    declared = declarations.all_declarations(connection)
    of_issues = issue_decisions.all_decisions(connection)
    return [*arrivals, *containers.records(connection), *decided, *of_issues, *declared, *release_decisions(connection)]


def is_empty(connection: Connection) -> bool:
    """Whether the ledger knows no document."""
    return fetch_one(connection, "select from ops.submission limit 1") is None


def discard_requeued(connection: Connection, report: Report, token: int, ids: Collection[int]) -> set[int]:
    """Deletes the submissions among some that repeat an earlier one, which stays the last. Returns their numbers."""
    arguments = {"report": report.report, "ids": list(ids), "token": token}
    found = {row["submission_id"] for row in fetch_all(connection, _DISCARD_REQUEUED, arguments)}
    connection.execute("delete from ops.submission where submission_id = any(%s)", [list(found)])
    return found


def requeue_recovered(connection: Connection, is_intact: Callable[[str], bool]) -> list[int]:
    """Requeues documents that were refused because their landed file was lost."""
    again = (
        requeue(connection, row["submission_id"])
        for row in fetch_all(connection, _REFUSED_AS_LOST, [LANDED_FILE_LOST])
        if is_intact(row["sha256"])
    )
    return [submission.submission_id for submission in again if submission is not None]


def restore_decision(connection: Connection, report: Report, decision: Decision) -> bool:
    """Writes a decision into the ledger, unless it is there or its document is not. Returns whether it was written.

    A document that waits is loaded under it later; one that the ledger has loaded already follows it at once.
    """
    document = [decision.report, decision.uri, decision.sha256]
    known = "select from ops.decision where report = %s and source_uri = %s and sha256 = %s and decided_at = %s"
    if fetch_one(connection, known, [*document, decision.at]) is not None:
        return False
    newest = """
        select * from ops.submission where report = %s and source_uri = %s and sha256 = %s
        order by submission_id desc limit 1
    """
    row = fetch_one(connection, newest, document)
    if row is None:
        return False
    decisions.restore(connection, decision, row["submission_id"])
    manual_withdrawal.follow_decision(connection, report, row)
    return True


def restore_issue_decision(connection: Connection, decision: IssueDecision) -> bool:
    """Writes a decision about an issue into the ledger, unless it is there. Returns whether it was written."""
    if issue_decisions.is_known(connection, decision):
        return False
    issue_decisions.restore(connection, decision)
    return True


def restore_declaration(connection: Connection, declaration: Declaration) -> bool:
    """Writes a declaration into the ledger, unless it is there. Returns whether it was written."""
    if declarations.is_known(connection, declaration):
        return False
    declarations.restore(connection, declaration)
    return True
