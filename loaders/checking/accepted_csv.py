"""The typed rows of checked documents as one CSV, so that anyone can hold them against the documents."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders.checking.checked_document import CheckedDocument
from loaders.contract import Report
from loaders.model import ROW, SHEET
from loaders.raw_schema import masked_name
from loaders.safe_csv import escape_formula

_PLACE = ("_file", "_report", SHEET, ROW)


def write_accepted(checked_documents: Sequence[CheckedDocument], path: Path) -> int:
    """Write the rows that would be loaded: one line per row, with its file, report, sheet and row in front.

    Columns are those of the raw tables, those of several reports side by side. A personal column appears as its masked form;
    its key is left out, because a check hashes with a key of its own. The file is UTF-8 with a byte-order mark, which
    spreadsheets need in order not to take it for GBK; a text that one would run as a formula has an apostrophe before it.

    Returns:
        The number of rows.
    """
    reports = [checked.report for checked in checked_documents if checked.report is not None]
    columns = tuple(dict.fromkeys(name for report in reports for name in _columns(report)))
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*_PLACE, *columns], restval="")
        writer.writeheader()
        for row in _rows(checked_documents):
            writer.writerow({name: escape_formula(text) for name, text in row.items()})
            count += 1
    return count


def _columns(report: Report) -> Iterator[str]:
    return (masked_name(column) if column.is_personal else column.name for column in report.columns)


def _rows(checked_documents: Iterable[CheckedDocument]) -> Iterator[dict[str, str]]:
    for checked in checked_documents:
        if checked.report is None or checked.result is None:
            continue
        place = {"_file": checked.file.name, "_report": checked.report.report}
        table = checked.result.accepted.select([SHEET, ROW, *_columns(checked.report)])
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
