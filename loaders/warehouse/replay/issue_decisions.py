"""Decisions of people about issues: acknowledged until a day, that taken back, or overridden, so that the row counts.

Each is an event in the life of the issue, and a record in the landing from which a rebuilt ledger has it again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loaders.arrival import IssueDecision
from loaders.contract import Report
from loaders.model import ROW, SHEET, ValidationResult
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.currency.decisions import DecisionRefused
from loaders.warehouse.issues.issue_events import sync_issue_events
from loaders.warehouse.issues.overrides import RowPlace, at_places, errors_by_row, value_digest
from loaders.warehouse.ledger.submissions import submission_of
from loaders.warehouse.postgres_limits import sanitize_text
from loaders.warehouse.replay.late_rows import confirm_rows, lock_current
from loaders.warehouse.replay.revalidation import Revalidation, held_rows, revalidate
from loaders.warehouse.submission import LoadItem, State, Submission

ACKNOWLEDGED, ACKNOWLEDGEMENT_REVOKED, OVERRIDDEN = "acknowledged", "acknowledgement_revoked", "overridden"
_INSERT = """
    insert into ops.issue_event (
        issue_key, report, event, decided_by, reason, words, until_date, value_digest, source_uri, sha256, submission_id,
        occurred_at
    ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, clock_timestamp()))
    returning occurred_at
"""
_ALL = """
    select report, source_uri as uri, sha256, event as decision, issue_key, words as why, decided_by as by, reason,
        until_date as until, value_digest, occurred_at as at
    from ops.issue_event
    where event in ('acknowledged', 'acknowledgement_revoked', 'overridden') and follows_event_id is null
    order by event_id
"""
_IS_KNOWN = "select from ops.issue_event where issue_key = %s and event = %s and occurred_at = %s"
_MATCHING = "select * from ops.issue_state where starts_with(issue_key, %s) order by issue_key limit 2"


class UnknownIssue(DecisionRefused):
    """A key that names no issue, or several."""


@dataclass(frozen=True, slots=True)
class Words:
    """Who decided, why, and until which day; `reason` is the kind of reason of an override."""

    by: str
    why: str
    until: dt.date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Overridden:
    """An override that was recorded: the row, whether it is loaded now, and the keys of other errors that hold it back."""

    decision: IssueDecision
    place: RowPlace
    is_loaded: bool
    other_errors: tuple[str, ...] = ()


def find_issue(connection: Connection, prefix: str) -> dict[str, Any]:
    """Returns the issue whose key begins with a text, as a row of `ops.issue_state`.

    Raises:
        UnknownIssue: none or several do.
    """
    found = fetch_all(connection, _MATCHING, [prefix])
    if not prefix or len(found) != 1:
        what = "several issues have keys that begin" if len(found) > 1 and prefix else "no issue has a key that begins"
        raise UnknownIssue(f'{what} with "{prefix}"; huimin issues list shows them')
    return found[0]


def acknowledge(connection: Connection, issue: dict[str, Any], words: Words) -> IssueDecision:
    """Records that somebody knows of an open issue and sees to it.

    Raises:
        DecisionRefused: the issue is closed.
    """
    if not issue["is_open"]:
        raise DecisionRefused(f"issue {issue['issue_key'][:12]} is {issue['state']}; there is nothing to acknowledge")
    submission = submission_of(connection, issue["last_submission_id"])
    return _record(connection, _decision(issue, submission, ACKNOWLEDGED, words, None), submission.submission_id)


def revoke_acknowledgement(connection: Connection, issue: dict[str, Any], words: Words) -> IssueDecision:
    """Records that nobody sees to an issue after all: it is again what it was before it was acknowledged.

    Raises:
        DecisionRefused: the issue is not acknowledged.
    """
    if issue["state"] != ACKNOWLEDGED:
        raise DecisionRefused(f"issue {issue['issue_key'][:12]} is {issue['state']}; there is no acknowledgement to take back")
    submission = submission_of(connection, issue["last_submission_id"])
    return _record(connection, _decision(issue, submission, ACKNOWLEDGEMENT_REVOKED, words, None), submission.submission_id)


def override(
    connection: Connection,
    report: Report,
    issue: dict[str, Any],
    item: LoadItem,
    results: Sequence[ValidationResult],
    words: Words,
) -> Overridden:
    """Records that the value of a rejected row is right, and loads the row unless other errors hold it back.

    `item` and `results` are the document of the issue, validated by today's contract.

    Raises:
        DecisionRefused: the issue is of another kind, or no person may override it; the message says why.
    """
    submission, key = item.submission, issue["issue_key"]
    if submission.state is State.REJECTED:
        raise DecisionRefused(f"issue {key[:12]}: its document is refused as a whole; it must be corrected and sent again")
    lock_current(connection, report, submission)
    revalidation = revalidate(connection, report, item, results)
    place, digest = _overridable(connection, report, revalidation, key)
    decision = _record(connection, _decision(issue, submission, OVERRIDDEN, words, digest), submission.submission_id)
    # Once more, with this decision in force.
    revalidation = revalidate(connection, report, item, results)
    loaded = confirm_rows(connection, report, revalidation, {place})
    decided = {other for _, other, _ in revalidation.confirmed.partial}
    others = [other for _, other in errors_by_row(revalidation.issues)[place] if other not in decided]
    sync_issue_events(connection, report)
    return Overridden(decision, place, place in loaded, () if place in loaded else tuple(others))


def refuse_unless_overridable(issue: dict[str, Any]) -> None:
    """Refuses what no look at the document is needed for.

    Raises:
        DecisionRefused: the issue is closed, or not one of a single rejected row.
    """
    name = f"issue {issue['issue_key'][:12]} ({issue['rule']})"
    if not issue["is_open"]:
        raise DecisionRefused(f"{name} is {issue['state']}; there is nothing to override")
    if issue["severity"] == "warning":
        raise DecisionRefused(f"{name} is a warning: its row is loaded; huimin issues acknowledge says that you know of it")
    if issue["severity"] == "document" or issue["row_number"] is None:
        raise DecisionRefused(f"{name} refuses the whole document; it must be corrected and sent again, or see `huimin held`")


def all_decisions(connection: Connection) -> list[IssueDecision]:
    """Returns the decisions of people about issues, oldest first."""
    return [IssueDecision(**row) for row in fetch_all(connection, _ALL)]


def is_known(connection: Connection, decision: IssueDecision) -> bool:
    """Returns whether the ledger has a decision."""
    return fetch_one(connection, _IS_KNOWN, [decision.issue_key, decision.decision, decision.at]) is not None


def restore(connection: Connection, decision: IssueDecision) -> None:
    """Adds a decision as it was made. An override holds from the next validation of its document on."""
    _record(connection, decision, None)


def _overridable(connection: Connection, report: Report, revalidation: Revalidation, key: str) -> tuple[RowPlace, str]:
    """Returns the row of an issue, and the digest of its value."""
    name = f"issue {key[:12]}"
    if revalidation.refusal is not None:
        raise DecisionRefused(f"{name}: its document would be refused as a whole today ({revalidation.refusal.message_en})")
    found = next((issue for issue, other in revalidation.issues if other == key), None)
    if found is None or found.row is None:
        raise DecisionRefused(f"{name}: today's contract does not find it any more: huimin replay --report {report.report}")
    place = (found.sheet or "", found.row)
    typed = at_places(revalidation.confirmable, {place}).to_pylist()
    if not typed or place not in held_rows(connection, revalidation.submission.submission_id, None):
        raise DecisionRefused(
            f"{name}: a value of row {found.row} does not fit its column, is missing, or another row has its key "
            f"({found.rule}); no person can confirm that, correct the document"
        )
    return place, value_digest(report, found, key, {**typed[0], SHEET: place[0], ROW: place[1]})


def _decision(issue: dict[str, Any], submission: Submission, kind: str, words: Words, digest: str | None) -> IssueDecision:
    return IssueDecision(
        report=issue["report"],
        uri=submission.source_uri,
        sha256=submission.sha256,
        decision=kind,
        issue_key=issue["issue_key"],
        why=sanitize_text(words.why),
        by=sanitize_text(words.by),
        reason=words.reason,
        until=words.until,
        value_digest=digest,
    )


def _record(connection: Connection, decision: IssueDecision, submission_id: int | None) -> IssueDecision:
    values = [decision.issue_key, decision.report, decision.decision, decision.by, decision.reason, decision.why]
    about = [decision.until, decision.value_digest, decision.uri, decision.sha256, submission_id, decision.at]
    row = fetch_one(connection, _INSERT, [*values, *about])
    if row is None:
        raise AssertionError("an insert that returns a row returned none")
    return IssueDecision(**{name: getattr(decision, name) for name in IssueDecision.__slots__} | {"at": row["occurred_at"]})
