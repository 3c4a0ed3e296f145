"""The typed rows of checked documents as one CSV, so that anyone can hold them against the documents."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders.checking.finding import Finding
from loaders.contract import Report
from loaders.raw_schema import masked_name
from loaders.spreadsheet_text import guarded
from loaders.table import ROW, SHEET

_PLACE = ("_file", "_report", SHEET, ROW)


def write_accepted(findings: Sequence[Finding], path: Path) -> int:
    """Write the rows that would be loaded: one line per row, with its file, report, sheet and row in front.

    Columns are those of the raw tables, those of several reports side by side. A personal column appears as its masked form;
    its key is left out, because a check hashes with a key of its own. The file is UTF-8 with a byte-order mark, which
    spreadsheets need in order not to take it for GBK; a text that one would run as a formula has an apostrophe before it.

    Returns:
        The number of rows.
    """
    reports = [finding.report for finding in findings if finding.report is not None]
    columns = tuple(dict.fromkeys(name for report in reports for name in _columns(report)))
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*_PLACE, *columns], restval="")
        writer.writeheader()
        for row in _rows(findings):
            writer.writerow({name: guarded(text) for name, text in row.items()})
            count += 1
    return count


def _columns(report: Report) -> Iterator[str]:
    return (masked_name(column) if column.is_personal else column.name for column in report.columns)


def _rows(findings: Iterable[Finding]) -> Iterator[dict[str, str]]:
    for finding in findings:
        if finding.report is None or finding.verdict is None:
            continue
        place = {"_file": finding.file.name, "_report": finding.report.report}
        table = finding.verdict.accepted.select([SHEET, ROW, *_columns(finding.report)])
        for batch in table.to_batches():
            for values in batch.to_pylist():
                yield {**place, **{name: _text(value) for name, value in values.items()}}


def _text(value: Any) -> str:
    """A value as plain text: decimals without an exponent, dates as ISO, booleans as TRUE and FALSE, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)
