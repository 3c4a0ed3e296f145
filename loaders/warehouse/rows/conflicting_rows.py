"""Rows that passed validation but cannot be current, because another document, or another row, has their key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.contract import Column, Report
from loaders.messages import issue_of
from loaders.model import ROW, SHEET, Issue
from loaders.raw_schema import masked_name
from loaders.warehouse.submission import Submission

KEY_HELD_ELSEWHERE = "key_held_elsewhere"
KEY_REPEATED = "key_repeated"


@dataclass(frozen=True, slots=True)
class ConflictingRow:
    """A row with a key conflict: its record for the quarantine, its issue, and the submission that holds its key."""

    sheet: str
    row: int
    record: str
    issue: Issue
    key_holder_id: int


def conflicting_row(report: Report, submission: Submission, values: Mapping[str, Any], holder: Submission) -> ConflictingRow:
    """Builds the conflict of a row of `submission`, as in the raw table, whose key a current row of `holder` has."""
    is_repeated = holder.submission_id == submission.submission_id
    key, headers = key_text(report, values), "、".join(column.header for column in _key(report))
    name = holder.source_uri.rsplit("/", 1)[-1]
    issue = issue_of(
        KEY_REPEATED if is_repeated else KEY_HELD_ELSEWHERE,
        sheet=values[SHEET],
        row=values[ROW],
        column=report.key[0],
        found=key,
        expected=None if is_repeated else name,
        headers=headers,
    )
    return ConflictingRow(values[SHEET], values[ROW], _record_json(report.columns, values), issue, holder.submission_id)


def key_text(report: Report, values: Mapping[str, Any]) -> str:
    """Returns the key of a row for people: personal parts masked."""
    return "、".join(_text(values[_display_column(column)]) for column in _key(report))


def _record_json(columns: Sequence[Column], values: Mapping[str, Any]) -> str:
    displayed = ((column.name, values[_display_column(column)]) for column in columns)
    return json.dumps({name: None if value is None else _text(value) for name, value in displayed}, ensure_ascii=False)


def _key(report: Report) -> list[Column]:
    return [report.column(name) for name in report.key]


def _display_column(column: Column) -> str:
    return masked_name(column) if column.is_personal else column.name


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return "" if value is None else str(value)
