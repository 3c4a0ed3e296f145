"""Overrides: rows that a rule rejects are loaded, because a person confirmed that their value is right.

An override holds for the issue and the value that was found, up to its last day, in whichever document shows both. A row is
loaded when every error that stands against it is overridden, and only when each of its values fits its column.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from loaders.contract import Report
from loaders.model import ROW, SHEET, Issue, Severity, ValidationResult
from loaders.raw_schema import key_name
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.issues.issue_events import LIFE_EVENTS
from loaders.warehouse.submission import Submission

RowPlace = tuple[str, int]
KeyedIssue = tuple[Issue, str]
PlacedDecision = tuple[RowPlace, str, int]

_IN_FORCE = """
    select issue_key, value_digest, event_id from (
        select distinct on (issue_key, value_digest) issue_key, value_digest, event_id, until_date
        from ops.issue_event
        where report = %s and event = 'overridden' and follows_event_id is null
        order by issue_key, value_digest, event_id desc
    ) as last_decision
    where coalesce(until_date, 'infinity') >= ops.today()
"""
_RECORD_ROW = """
    insert into ops.overridden_row (submission_id, sheet, row_number, issue_key, event_id) values (%s, %s, %s, %s, %s)
    on conflict do nothing
"""
_RESOLVE = """
    update ops.issue as i set resolved_at = now()
    from unnest(%s::text[]) as k (issue_key)
    where i.submission_id = %s and i.issue_key = k.issue_key and i.resolved_at is null
"""
# An issue that a correction had ended is overridden again when the document with the value comes back.
_FOLLOW = f"""
    insert into ops.issue_event (
        issue_key, report, event, decided_by, reason, words, until_date, value_digest, follows_event_id, submission_id
    )
    select e.issue_key, e.report, e.event, e.decided_by, e.reason, e.words, e.until_date, e.value_digest, e.event_id, %s
    from ops.issue_event as e
    where e.event_id = any(%s)
      and (
          select l.event from ops.issue_event as l
          where l.issue_key = e.issue_key and l.event in {LIFE_EVENTS}
          order by l.event_id desc limit 1
      ) <> 'overridden'
    order by e.event_id
"""  # noqa: S608 - the events are a text of this package


@dataclass(frozen=True, slots=True)
class ConfirmedRows:
    """Rows that are loaded by overrides: typed as accepted rows are, and for each issue its place, key and decision.

    `partial` are decisions about rows that other errors hold back.
    """

    rows: pa.Table
    decisions: tuple[PlacedDecision, ...] = ()
    partial: tuple[PlacedDecision, ...] = ()


class Overrides:
    """The overrides of a report that are in force today."""

    def __init__(self, report: Report, events: Mapping[tuple[str, str], int]) -> None:
        self._report = report
        self._events = events

    @classmethod
    def read(cls, connection: Connection, report: Report) -> Overrides:
        """Reads them from the events of the report's issues."""
        rows = fetch_all(connection, _IN_FORCE, [report.report])
        return cls(report, {(row["issue_key"], row["value_digest"]): row["event_id"] for row in rows})

    def __bool__(self) -> bool:
        return bool(self._events)

    def confirm(self, result: ValidationResult, issues: Sequence[KeyedIssue]) -> tuple[ValidationResult, ConfirmedRows]:
        """Takes the rows that overrides confirm out of the rejected ones; `issues` are those of the result with their keys."""
        if result.confirmable is None or not self._events:
            return result, ConfirmedRows(result.accepted.slice(0, 0))
        typed = {(row[SHEET], row[ROW]): row for row in result.confirmable.to_pylist()}
        decisions: dict[RowPlace, list[PlacedDecision]] = {}
        partial: list[PlacedDecision] = []
        for place, errors in errors_by_row(issues).items():
            found = [self._decision(place, typed[place], error) for error in errors] if place in typed else []
            made = [decision for decision in found if decision is not None]
            if made and len(made) == len(errors):
                decisions[place] = made
            else:
                partial += made
        rejected = without_places(result.rejected, decisions)
        confirmed = ConfirmedRows(
            at_places(result.confirmable, decisions), tuple(one for made in decisions.values() for one in made), tuple(partial)
        )
        return replace(result, rejected=rejected), confirmed

    def _decision(self, place: RowPlace, row: Mapping[str, Any], error: KeyedIssue) -> PlacedDecision | None:
        issue, key = error
        event = self._events.get((key, value_digest(self._report, issue, key, row)))
        return None if event is None else (place, key, event)


def value_digest(report: Report, issue: Issue, issue_key: str, row: Mapping[str, Any]) -> str:
    """Returns the digest of the value that an issue is about; `row` is its row as the raw table holds it.

    Of a personal value only its keyed hash goes in: what is shown of it is masked, and other people have the same mask.
    """
    column = None if issue.column is None else report.column(issue.column)
    value = row[key_name(column)] if column is not None and column.is_personal else issue.found
    return hashlib.sha256(f"{issue_key}\x1f{value or ''}".encode("utf-8", "replace")).hexdigest()


def errors_by_row(issues: Sequence[KeyedIssue]) -> dict[RowPlace, list[KeyedIssue]]:
    """Returns the errors of single rows, by sheet and row."""
    found: dict[RowPlace, list[KeyedIssue]] = defaultdict(list)
    for issue, key in issues:
        if issue.severity is Severity.ERROR and issue.row is not None:
            found[issue.sheet or "", issue.row].append((issue, key))
    return found


def record_overrides(connection: Connection, submission: Submission, confirmed: ConfirmedRows) -> None:
    """Records which rows of a submission are loaded by overrides; overridden issues need no more attention."""
    decided = (*confirmed.decisions, *confirmed.partial)
    if not decided:
        return
    number, keys, events = submission.submission_id, [key for _, key, _ in decided], [event for *_, event in decided]
    for (sheet, row), key, event in confirmed.decisions:
        connection.execute(_RECORD_ROW, [number, sheet, row, key, event])
    connection.execute(_RESOLVE, [keys, number])
    connection.execute(_FOLLOW, [number, events])


def at_places(rows: pa.Table, places: Mapping[RowPlace, Any] | set[RowPlace]) -> pa.Table:
    """Returns the rows that stand at these places (sheet and row)."""
    return rows.filter(_is_at(rows, places))


def without_places(rows: pa.Table, places: Mapping[RowPlace, Any] | set[RowPlace]) -> pa.Table:
    """Returns the rows that do not stand at these places (sheet and row)."""
    return rows.filter(pa.array([not is_there for is_there in _is_at(rows, places).to_pylist()], pa.bool_()))


def _is_at(rows: pa.Table, places: Mapping[RowPlace, Any] | set[RowPlace]) -> pa.Array:
    pairs = zip(rows[SHEET].to_pylist(), rows[ROW].to_pylist(), strict=True)
    return pa.array([pair in places for pair in pairs], pa.bool_())
