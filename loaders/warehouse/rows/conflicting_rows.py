"""Rows that passed validation but cannot be current, because another document, or another row, has their key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.contract import Column, Report
from loaders.model import ROW, SHEET, Issue, Severity
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
    messages = _repeated_messages(headers, key) if is_repeated else _held_elsewhere_messages(headers, key, name)
    issue = Issue(
        rule=KEY_REPEATED if is_repeated else KEY_HELD_ELSEWHERE,
        severity=Severity.ERROR,
        sheet=values[SHEET],
        row=values[ROW],
        column=report.key[0],
        found=key,
        expected="1" if is_repeated else name,
        message_zh=messages[0],
        message_en=messages[1],
    )
    return ConflictingRow(values[SHEET], values[ROW], _record_json(report.columns, values), issue, holder.submission_id)


def key_text(report: Report, values: Mapping[str, Any]) -> str:
    """Returns the key of a row for people: personal parts masked."""
    return "、".join(_text(values[_display_column(column)]) for column in _key(report))


def _held_elsewhere_messages(headers: str, key: str, name: str) -> tuple[str, str]:
    return (
        f"“{headers}”为“{key}”的记录已在“{name}”中报送，同一记录只能报送一次。请核对后删除其中一条，并重新报送更正后的文件。",
        f'the row with key "{key}" is also in "{name}"; keep it in one of the two and send the other again',
    )


def _repeated_messages(headers: str, key: str) -> tuple[str, str]:
    return (
        f"“{headers}”为“{key}”的记录在本文件中出现了不止一次，只保留第一条。请核对后删除多余的行，并重新报送更正后的文件。",
        f'the key "{key}" stands more than once in this document; only the first row was kept: remove the others',
    )


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
