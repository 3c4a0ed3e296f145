"""Issues in the ledger: written with their submission, known again by a key, told once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from loaders.table import Issue
from loaders.warehouse.connection import Connection
from loaders.warehouse.submission import Submission

_COPY = """
    copy ops.issue (
        submission_id, report, unit_code, period, sheet, row_number, column_name, cell, rule, severity, found, expected,
        message_zh, message_en, problem_key
    ) from stdin
"""


def problem_key(submission: Submission, issue: Issue) -> str:
    """The identity of a problem: the same place, rule and value of the same file is the same problem in every revision."""
    file_name = submission.source_uri.rsplit("/", 1)[-1]
    place = (submission.report, submission.unit_code, submission.period, file_name, issue.sheet, issue.row, issue.column)
    parts = [*place, issue.rule, issue.found]
    return hashlib.sha256("\x1f".join("" if part is None else str(part) for part in parts).encode()).hexdigest()


def insert_issues(connection: Connection, submission: Submission, issues: Iterable[Issue]) -> int:
    """Copy issues into the ledger.

    Returns:
        How many.
    """
    count = 0
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        period = str(submission.period) if submission.period else None
        who = (submission.submission_id, submission.report, submission.unit_code, period)
        for count, issue in enumerate(issues, start=1):  # noqa: B007
            where = (issue.sheet, issue.row, issue.column, issue.cell, issue.rule, issue.severity)
            what = (issue.found, issue.expected, issue.message_zh, issue.message_en, problem_key(submission, issue))
            copy.write_row([*who, *(_storable(value) for value in (*where, *what))])
    return count


def _storable(value: object) -> object:
    # PostgreSQL's text cannot hold NUL; its picture tells the reader that one was there.
    return value.replace("\x00", "␀") if isinstance(value, str) else value
