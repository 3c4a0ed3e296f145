"""Writes issues into the ledger, each with the key of its identity, so that its owner is notified of it once.

The identity of an issue is its report (by its first name), reporting unit, period, code and column, and the subject:
- the row: its key, as far as it can be read and is not personal; a correction that leaves the error in has the same issue. With
  keys per document, those of documents that do not replace each other are different ones;
- a row without a key: sheet and row, in documents that do not replace each other within one of them;
- no row: the sheet or the document;
- a refused document: its bytes. A correction that is refused again gets an answer of its own, because its sender waits for one.

Neither the wording nor the value found is part of it. Equal issues of one document are counted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import KeyScope, Replaces, Report
from loaders.model import ROW, SHEET, Issue, Severity
from loaders.warehouse.connection import Connection
from loaders.warehouse.postgres_limits import truncate_text
from loaders.warehouse.submission import Submission

RowLocation = tuple[str | None, int | None]

_COPY = """
    copy ops.issue (
        submission_id, report, unit_code, period, sheet, row_number, column_name, cell, rule, severity, found, expected,
        message_zh, message_en, issue_key
    ) from stdin
"""
_REPLACE_EACH_OTHER = frozenset({Replaces.PERIOD, Replaces.REGISTER})


class IssueLog:
    """Writes the issues of one submission into the ledger."""

    def __init__(self, connection: Connection, report: Report, submission: Submission) -> None:
        self._connection = connection
        self._report = report
        self._submission = submission
        self._period = str(submission.period) if submission.period else None
        self._occurrences: Counter[tuple[str | None, ...]] = Counter()

    def write(self, issues: Iterable[Issue], records: Mapping[RowLocation, str] | None = None) -> list[str]:
        """Copies issues; `records` has the key of the row at a sheet and row. Returns the key of each issue."""
        rows = self.rows(issues, records)
        self.write_rows(rows)
        return [row[-1] for row in rows]

    def rows(self, issues: Iterable[Issue], records: Mapping[RowLocation, str] | None = None) -> list[list[Any]]:
        """Returns issues as rows of the ledger, the key of each last."""
        return [self.row(issue, (records or {}).get((issue.sheet, issue.row))) for issue in issues]

    def write_about(self, issues: Iterable[tuple[Issue, str | None]]) -> None:
        """Copies issues, each with the subject that it concerns, such as the key of a row; None: its location."""
        self.write_rows([self.row(issue, subject) for issue, subject in issues])

    def write_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Copies rows of the ledger."""
        copy_issues(self._connection, rows)

    def row(self, issue: Issue, subject: str | None) -> list[Any]:
        """Returns an issue as a row of the ledger; `subject` is what it concerns, if that is not its location."""
        submission = self._submission
        document = (submission.submission_id, submission.report, submission.unit_code, self._period)
        location = (truncate_text(issue.sheet), issue.row, issue.column, issue.cell, issue.rule, issue.severity)
        texts = map(truncate_text, (issue.found, issue.expected, issue.message_zh, issue.message_en))
        return [*document, *location, *texts, self._issue_key(issue, subject)]

    def _issue_key(self, issue: Issue, subject: str | None) -> str:
        submission = self._submission
        scope = (self._report.identity_name, submission.unit_code, self._period)
        identity = (*scope, issue.rule, issue.column, *self._subject(issue, subject))
        self._occurrences[identity] += 1
        parts = (*identity, str(self._occurrences[identity]))
        return hashlib.sha256("\x1f".join(part or "" for part in parts).encode("utf-8", "replace")).hexdigest()

    def _subject(self, issue: Issue, subject: str | None) -> tuple[str | None, ...]:
        """Returns what the issue concerns within its report, unit and period."""
        if issue.severity is Severity.DOCUMENT:
            return "bytes", self._submission.sha256
        document = None if self._report.replaces in _REPLACE_EACH_OTHER else self._submission.source_uri
        if subject is not None:
            is_per_document = self._report.key_scope is KeyScope.DOCUMENT and document is not None
            return ("subject", subject, document) if is_per_document else ("subject", subject)
        return "location", document, issue.sheet, None if issue.row is None else str(issue.row)


def copy_issues(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    """Copies rows of the ledger, of any submissions."""
    if rows:
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)


def record_keys(report: Report, rows: pa.Table, issues: Sequence[Issue]) -> dict[RowLocation, str]:
    """Returns the key, as it was read, of each row with an issue, without personal parts."""
    names = [name for name in report.key if not report.column(name).is_personal]
    issue_rows = {issue.row for issue in issues if issue.row is not None}
    if not names or not issue_rows:
        return {}
    found = rows.select([SHEET, ROW, *names]).filter(pc.is_in(rows[ROW], pa.array(sorted(issue_rows), rows[ROW].type)))
    return {
        (values[SHEET], values[ROW]): "\x1f".join(values[name] or "" for name in names)
        for values in found.to_pylist()
        if any(values[name] for name in names)
    }
