"""Handles byte-identical documents under several names: one is the original, the others are its duplicates.

The original is the one that was first at its location by `effective_at`, then by arrival. A duplicate whose name says another
unit or period gets an issue, because one of the two names is wrong. If the original is refused, or withdrawn by a person, the
next such duplicate is validated: a document that is refused for its name is often sent again with the same bytes under the right
one.

Two kinds of documents with the same bytes are no duplicates. A register that did not change from one period to the next says that
nothing changed. Bytes that are sent again after other bytes replaced them restore the earlier ones (a repeat).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from loaders.contract import Replaces, Report, WhenGone
from loaders.messages import issue_of
from loaders.model import Issue
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.currency.reinstatement import retract
from loaders.warehouse.currency.supersession import NEWEST_REVISION, in_scope, is_newest
from loaders.warehouse.issues.issue_log import IssueLog
from loaders.warehouse.ledger.submissions import requeue
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.submission import CURRENT_STATES, LOADED_STATES, SAME_CONTENT, State, Submission, submissions_by_id

DUPLICATE_UNDER_OTHER_NAME = "duplicate_under_other_name"
_IDENTICAL_DOCUMENTS = """
    select s.* from ops.submission as s
    where s.report = %(report)s and s.sha256 = %(sha256)s and s.source_uri <> %(uri)s
      and s.state <> 'duplicate' and (s.state <> 'withdrawn' or s.state_reason = 'withdrawn_by_decision')
      and not exists (
          select from ops.submission as newer
          where newer.report = s.report and newer.source_uri = s.source_uri and newer.sha256 = s.sha256
            and newer.submission_id > s.submission_id
      )
      and not (%(gone_is_closed)s and s.state_reason is distinct from 'withdrawn_by_decision' and exists (
          select from ops.gone_document as g
          where g.report = s.report and g.source_uri = s.source_uri and g.returned_at is null
      ))
"""
# The duplicates of documents that have gone, where they are still there themselves.
_DUPLICATES_OF_GONE = f"""
    select d.*
    from ops.gone_document as g
    inner join ops.submission as s on s.report = g.report and s.source_uri = g.source_uri
    inner join ops.submission as d on d.duplicate_of = s.submission_id and d.state = 'duplicate'
    where g.report = %s and g.returned_at is null and s.state_reason is distinct from 'withdrawn_by_decision' and not exists (
        select from ops.gone_document as o
        where o.report = d.report and o.source_uri = d.source_uri and o.returned_at is null
    ) and {is_newest("d")}
    order by d.submission_id
"""  # noqa: S608 - the condition is a text of this package
_FIRST_SEEN = """
    select s.submission_id, min(f.effective_at) as effective_at, min(f.arrived_at) as arrived_at
    from ops.submission as s
    inner join ops.submission as f on f.report = s.report and f.source_uri = s.source_uri and f.sha256 = s.sha256
    where s.submission_id = any(%s)
    group by s.submission_id
"""
# Whether bytes restore earlier ones does not depend on what people decided later about those in between.
WAS_LOADED = """(
    s.state in ('accepted', 'accepted_with_rejects', 'superseded') or s.state_reason = 'withdrawn_by_decision'
)"""
_REPLACED_AS_A_WHOLE = frozenset({Replaces.PERIOD, Replaces.REGISTER})


def resolve_duplicates(connection: Connection, report: Report, submission: Submission) -> Submission:
    """Decides which documents are duplicates, after one has landed.

    Returns:
        The submission in its state: `landed`, or `duplicate`.
    """
    candidates = [
        candidate for candidate in _identical_documents(connection, report, submission) if _shares_outcome(candidate, submission)
    ]
    first_seen = _first_seen(connection, [submission, *candidates])
    original = min(
        (candidate for candidate in candidates if first_seen[candidate] < first_seen[submission]),
        key=lambda candidate: first_seen[candidate],
        default=None,
    )
    if original is not None:
        return (
            submission
            if _is_repeat(connection, report, submission, original)
            else _record_duplicate(connection, report, submission, original)
        )
    for candidate in candidates:
        if candidate.state is State.LANDED and not _is_repeat(connection, report, candidate, submission):
            _record_duplicate(connection, report, candidate, submission)
    return submission


def retract_later_duplicates(connection: Connection, report: Report, submission: Submission) -> None:
    """Retracts later documents with the same bytes as one that was just loaded."""
    candidates = [
        candidate for candidate in _identical_documents(connection, report, submission) if candidate.state in LOADED_STATES
    ]
    first_seen = _first_seen(connection, [submission, *candidates])
    for candidate in candidates:
        if first_seen[candidate] > first_seen[submission] and not _is_repeat(connection, report, candidate, submission):
            if candidate.state in CURRENT_STATES:
                retract(connection, report, candidate, submission, State.DUPLICATE)
            _record_duplicate(connection, report, candidate, submission)


def promote_duplicate(connection: Connection, refused: Submission) -> None:
    """Promotes the first duplicate of a document that was refused, or withdrawn by a person, whose name says another scope: it is
    validated under that name.
    """
    query = f"select d.* from ops.submission as d where d.duplicate_of = %s and d.state = 'duplicate' and {is_newest('d')}"  # noqa: S608
    duplicates = map(Submission.from_row, fetch_all(connection, query, [refused.submission_id]))
    first_seen = _first_seen(
        connection, candidates := [candidate for candidate in duplicates if _scope(candidate) != _scope(refused)]
    )
    others = sorted(candidates, key=lambda candidate: first_seen[candidate])
    if not others:
        return
    promoted = promote(connection, others[0])
    _resolve_other_name(connection, others[0])
    for candidate in others[1:]:
        connection.execute(
            "update ops.submission set duplicate_of = %s where submission_id = %s",
            [promoted.submission_id, candidate.submission_id],
        )


def promote_duplicates_of_gone(connection: Connection, report: Report) -> None:
    """Promotes the first duplicate of each document that has gone; the others become its duplicates."""
    rows = fetch_all(connection, _DUPLICATES_OF_GONE, [report.report])
    duplicates = [Submission.from_row(row) for row in rows]
    promoted = [promote(connection, duplicate) for duplicate in duplicates]
    for duplicate in duplicates:
        _resolve_other_name(connection, duplicate)
    for submission in promoted:
        resolve_duplicates(connection, report, submission)


def promote_repeats(connection: Connection, report: Report, submission: Submission) -> None:
    """Promotes duplicates that have become repeats, because a document between them and their original was loaded."""
    if report.replaces not in _REPLACED_AS_A_WHOLE:
        return
    condition = f"s.state = 'duplicate' and s.state_reason <> '{SAME_CONTENT}' and {is_newest('s')}"
    for row in in_scope(connection, report, submission, condition):
        duplicate = Submission.from_row(row)
        original = submissions_by_id(connection, [row["duplicate_of"]]).get(row["duplicate_of"])
        if original is not None and _is_repeat(connection, report, duplicate, original):
            promote(connection, duplicate)


def promote(connection: Connection, duplicate: Submission) -> Submission:
    """Makes a duplicate wait to be loaded. One that was loaded before gets a new submission: its own has its rows for good.

    Returns:
        The submission that waits.
    """
    loaded = "select from ops.submission where submission_id = %s and loaded_at is not null"
    if fetch_one(connection, loaded, [duplicate.submission_id]) is not None:
        return requeue(connection, duplicate.submission_id) or duplicate
    change_state(connection, [duplicate.submission_id], State.LANDED, state_reason=None, duplicate_of=None)
    return replace(duplicate, state=State.LANDED)


def _is_repeat(connection: Connection, report: Report, candidate: Submission, original: Submission) -> bool:
    """Returns whether a document of other bytes, between two of the same bytes for one unit and period, replaced the first."""
    if report.replaces not in _REPLACED_AS_A_WHOLE or _scope(candidate) != _scope(original):
        return False
    loaded = in_scope(connection, report, candidate, f"{WAS_LOADED} and {NEWEST_REVISION}")
    before = [other for row in loaded if (other := Submission.from_row(row)).precedence < candidate.precedence]
    last = max(before, key=lambda other: other.precedence, default=None)
    return last is not None and last.sha256 != candidate.sha256 and last.precedence > original.precedence


def _resolve_other_name(connection: Connection, duplicate: Submission) -> None:
    connection.execute(
        "update ops.issue set resolved_at = now() where submission_id = %s and rule = %s and resolved_at is null",
        [duplicate.submission_id, DUPLICATE_UNDER_OTHER_NAME],
    )


def _identical_documents(connection: Connection, report: Report, submission: Submission) -> list[Submission]:
    arguments = {
        "report": report.report,
        "sha256": submission.sha256,
        "uri": submission.source_uri,
        "gone_is_closed": report.when_gone is WhenGone.CLOSE,
    }
    candidates = map(Submission.from_row, fetch_all(connection, _IDENTICAL_DOCUMENTS, arguments))
    if report.replaces is Replaces.REGISTER:
        return [candidate for candidate in candidates if _scope(candidate) == _scope(submission)]
    return list(candidates)


def _shares_outcome(candidate: Submission, submission: Submission) -> bool:
    """Returns whether the original's outcome holds for it: not if the original was refused, or withdrawn by a person, under a
    name that says another scope.
    """
    return candidate.state not in {State.REJECTED, State.WITHDRAWN} or _scope(candidate) == _scope(submission)


def _record_duplicate(connection: Connection, report: Report, candidate: Submission, original: Submission) -> Submission:
    """Marks a submission as a duplicate of another, with an issue when their names say different scopes."""
    reason = f"the same bytes as {original.source_uri}"
    change_state(connection, [candidate.submission_id], State.DUPLICATE, state_reason=reason, duplicate_of=original.submission_id)
    if _is_named_differently(candidate, original):
        IssueLog(connection, report, candidate).write_about([(_other_name_issue(candidate, original), candidate.source_uri)])
    return replace(candidate, state=State.DUPLICATE)


def _is_named_differently(candidate: Submission, original: Submission) -> bool:
    periods_differ = None not in {candidate.period, original.period} and candidate.period != original.period
    return periods_differ or candidate.unit_code != original.unit_code


def _other_name_issue(candidate: Submission, original: Submission) -> Issue:
    found, expected = (" ".join(part or "" for part in _scope(one)).strip() for one in (candidate, original))
    name = original.source_uri.rsplit("/", 1)[-1]
    return issue_of(DUPLICATE_UNDER_OTHER_NAME, found=found, expected=expected, name=name)


def _scope(submission: Submission) -> tuple[str, str | None]:
    return submission.unit_code, str(submission.period) if submission.period else None


def _first_seen(connection: Connection, submissions: Sequence[Submission]) -> dict[Submission, tuple[dt.datetime, dt.datetime]]:
    """Returns when each location first showed these bytes; showing them again later does not count."""
    if len(submissions) < 2:
        return {submission: (submission.effective_at, submission.arrived_at) for submission in submissions}
    rows = fetch_all(connection, _FIRST_SEEN, [[submission.submission_id for submission in submissions]])
    found = {row["submission_id"]: (row["effective_at"], row["arrived_at"]) for row in rows}
    return {submission: found[submission.submission_id] for submission in submissions}
