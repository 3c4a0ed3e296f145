"""Issues in the ledger: written with their submission, known again by a key, told once.

What makes two issues the same problem, so that its owner hears of it once:
- of a row: the record (its key as far as it can be read), the rule, the column and the value found, within the unit's report
  of a period. Not the file's name and not the row's number: both change in a correction that leaves the fault in.
- of a row without a key, or of no row: the same without the record, counted (the second such value in a document is another
  problem). Where documents do not replace each other, within one document.
- a refusal of a whole document: these very bytes. A correction that is refused again is answered again, because the one who
  sent it waits for an answer.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Replaces, Report
from loaders.model import ROW, SHEET, Issue, Severity
from loaders.warehouse.connection import Connection
from loaders.warehouse.postgres_limits import truncate_text
from loaders.warehouse.submission import Submission

RowLocation = tuple[str | None, int | None]

_COPY = """
    copy ops.issue (
        submission_id, report, unit_code, period, sheet, row_number, column_name, cell, rule, severity, found, expected,
        message_zh, message_en, problem_key
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

    def write(self, issues: Iterable[Issue], records: Mapping[RowLocation, str] | None = None) -> None:
        """Copy issues; `records` names, by sheet and row, the record that an issue speaks of."""
        listed = list(issues)
        if not listed:
            return
        with self._connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for issue in listed:
                copy.write_row(self.row(issue, (records or {}).get((issue.sheet, issue.row))))

    def row(self, issue: Issue, record: str | None) -> list[Any]:
        """An issue as the ledger holds it; `record` is the one that it speaks of, if any."""
        submission = self._submission
        document = (submission.submission_id, submission.report, submission.unit_code, self._period)
        location = (truncate_text(issue.sheet), issue.row, issue.column, issue.cell, issue.rule, issue.severity)
        texts = map(truncate_text, (issue.found, issue.expected, issue.message_zh, issue.message_en))
        return [*document, *location, *texts, self._problem_key(issue, record)]

    def _problem_key(self, issue: Issue, record: str | None) -> str:
        identity = (*self._dedup_scope(issue, record), issue.rule, issue.column, truncate_text(issue.found))
        self._occurrences[identity] += 1
        key_parts = (
            self._submission.report,
            self._submission.unit_code,
            self._period,
            *identity,
            str(self._occurrences[identity]),
        )
        return hashlib.sha256("\x1f".join(part or "" for part in key_parts).encode("utf-8", "replace")).hexdigest()

    def _dedup_scope(self, issue: Issue, record: str | None) -> tuple[str, str | None]:
        """Within what the same words mean the same problem."""
        if issue.severity is Severity.DOCUMENT:
            return "document", self._submission.sha256
        if record is not None:
            return "record", record
        if self._report.replaces in _REPLACE_EACH_OTHER:
            return "scope", None
        return "place", self._submission.source_uri


def record_keys(report: Report, rows: pa.Table, issues: Sequence[Issue]) -> dict[RowLocation, str]:
    """The key, as it was read, of each row that an issue speaks of; personal parts are left out."""
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
