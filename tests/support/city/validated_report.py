"""Validates every document of a city, and compares the result with the injected faults and the rows that must be accepted."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders.checking import CheckedDocument, check_files
from loaders.contract import Report
from loaders.model import ROW, SHEET
from sample_city.documents.encryption import workbook_password
from sample_city.faults.expected_rules import CROSS_REPORT

RowLocation = tuple[str, str, str, int]
Truth = dict[str, str]


@dataclass(frozen=True)
class ValidatedReport:
    """A report's documents by path in the order of arrival, with their faults and the rows that must be accepted.

    `truth` is None for a report whose truth has another form, or none.
    """

    report: Report
    checked_documents: Mapping[str, CheckedDocument]
    faults: Sequence[dict[str, Any]]
    truth: Sequence[Truth] | None

    def issue_differences(self) -> Iterator[str]:
        """Yields documents with a wrong reason of refusal, missed issues and unexpected issues."""
        for uri, checked in self.checked_documents.items():
            injected = [fault for fault in self.faults if fault["uri"] == uri]
            refusals = [fault["expected_rule"] for fault in injected if fault["expected_state"] == "rejected"]
            found = checked.refusal.rule if checked.refusal else None
            if found != (refusals[0] if refusals else None):
                yield f"{uri}: refused for {found}, expected {refusals}"
            if checked.refusal is None:
                yield from _differences(uri, _issues(checked), _expected_issues(injected))

    def row_differences(self) -> Iterator[str]:
        """Yields rows that are in the truth but not accepted, accepted but not in the truth, or have other values."""
        if self.truth is None:
            return
        rows = {location: row for uri in self._current() for location, row in self._accepted(uri)}
        truth = {(row["unit"], row["period"], row["sheet"], int(row["row"])): row for row in self.truth}
        yield from (f"not accepted: {location}" for location in sorted(truth.keys() - rows.keys()))
        yield from (f"not in the truth: {location}" for location in sorted(rows.keys() - truth.keys()))
        for location in truth.keys() & rows.keys():
            for column in self.report.columns:
                expected = truth[location][column.name]
                if not _is_same(
                    expected, rows[location].get(f"{column.name}_key" if column.is_personal else column.name), column.is_personal
                ):
                    yield f"{location}: {column.name} is {rows[location].get(column.name)!r}, in truth {expected!r}"

    def _current(self) -> list[str]:
        """Returns the current documents: the last one per unit and period or, for a register, per unit."""
        last: dict[object, str] = {}
        for uri, checked in self.checked_documents.items():
            if checked.refusal is None:
                last[checked.unit if self.report.replaces == "register" else (checked.unit, checked.period)] = uri
        return list(last.values())

    def _accepted(self, uri: str) -> Iterator[tuple[RowLocation, dict[str, Any]]]:
        checked = self.checked_documents[uri]
        assert checked.result is not None
        for row in checked.result.accepted.to_pylist():
            yield (str(checked.unit), str(checked.period), row[SHEET] or "", row[ROW]), row


def validate_documents(city: Path, report: Report) -> ValidatedReport:
    """Reads and validates all documents of a report, in the order of their arrival."""
    secret, root = city / "for_tests_only", city / "sftp" / report.system
    files = sorted((root / report.report).rglob("*.*"), key=lambda path: (path.stat().st_mtime, path.name))
    checked_documents = check_files(files, {report.report: report}, named=True, password=workbook_password(report))
    by_uri = {str(checked.file.relative_to(root)): checked for checked in checked_documents}
    listed = json.loads((secret / "faults.json").read_text(encoding="utf-8"))
    truth = _truth(secret / "truth" / f"{report.report}.csv")
    return ValidatedReport(report, by_uri, [one for one in listed if one["report"] == report.report], truth)


def _truth(path: Path) -> list[Truth] | None:
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return list(rows) if {"unit", "period", "sheet", "row"} <= set(rows.fieldnames or ()) else None


def _issues(checked: CheckedDocument) -> Counter[tuple[Any, ...]]:
    return Counter((issue.sheet, issue.row, issue.column, issue.rule) for issue in checked.issues)


def _expected_issues(injected: Sequence[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    """Returns the issues that follow from the document alone; the warehouse finds those between reports."""
    rows = [one for one in injected if one["row"] is not None and one["expected_rule"] != CROSS_REPORT]
    return Counter((one["sheet"], one["row"], one["column"], one["expected_rule"]) for one in rows)


def _differences(uri: str, found: Counter[tuple[Any, ...]], injected: Counter[tuple[Any, ...]]) -> Iterator[str]:
    yield from (f"{uri}: missed {issue}" for issue in (injected - found))
    yield from (f"{uri}: unexpected {issue}" for issue in (found - injected))


def _is_same(expected: str, value: Any, is_personal: bool) -> bool:
    if value is None or is_personal:
        return (expected == "") == (value is None)
    if isinstance(value, bool):
        return expected == str(value)
    if isinstance(value, (int, float, Decimal)):
        return expected != "" and Decimal(expected) == Decimal(value)
    if isinstance(value, dt.datetime):
        return dt.datetime.fromisoformat(expected) == value if expected else False
    return expected == str(value)
