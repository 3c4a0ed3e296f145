"""Every document of a city read and judged, against what was planted and what should be accepted."""

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
from sample_city.defects import CROSS_REPORT
from sample_city.locked import workbook_password

Place = tuple[str, str, str, int]
Truth = dict[str, str]


@dataclass(frozen=True)
class JudgedReport:
    """A report's documents as they arrived, by their path below the server's root; what was planted in them, and what is true.

    `truth` is None for a report whose rows are told in another form, or not at all.
    """

    report: Report
    checked_documents: Mapping[str, CheckedDocument]
    defects: Sequence[dict[str, Any]]
    truth: Sequence[Truth] | None

    def wrongly_judged(self) -> Iterator[str]:
        """Documents that are refused for another reason than the planted one, and issues that were missed or invented."""
        for uri, checked in self.checked_documents.items():
            planted = [defect for defect in self.defects if defect["uri"] == uri]
            refusals = [defect["expected_rule"] for defect in planted if defect["expected_state"] == "rejected"]
            found = checked.refusal.rule if checked.refusal else None
            if found != (refusals[0] if refusals else None):
                yield f"{uri}: refused for {found}, planted {refusals}"
            if checked.refusal is None:
                yield from _differences(uri, _issues(checked), _marks(planted))

    def wrongly_accepted(self) -> Iterator[str]:
        """Rows that are in the truth and not accepted, or the other way round, or have other values."""
        if self.truth is None:
            return
        rows = {place: row for uri in self._current() for place, row in self._accepted(uri)}
        truth = {(row["unit"], row["period"], row["sheet"], int(row["row"])): row for row in self.truth}
        yield from (f"not accepted: {place}" for place in sorted(truth.keys() - rows.keys()))
        yield from (f"not in the truth: {place}" for place in sorted(rows.keys() - truth.keys()))
        for place in truth.keys() & rows.keys():
            for column in self.report.columns:
                told = truth[place][column.name]
                if not _is_same(
                    told, rows[place].get(f"{column.name}_key" if column.is_personal else column.name), column.is_personal
                ):
                    yield f"{place}: {column.name} is {rows[place].get(column.name)!r}, in truth {told!r}"

    def _current(self) -> list[str]:
        """The documents whose rows the warehouse holds in the end: the last of each unit and period, or of each unit."""
        last: dict[object, str] = {}
        for uri, checked in self.checked_documents.items():
            if checked.refusal is None:
                last[checked.unit if self.report.replaces == "register" else (checked.unit, checked.period)] = uri
        return list(last.values())

    def _accepted(self, uri: str) -> Iterator[tuple[Place, dict[str, Any]]]:
        checked = self.checked_documents[uri]
        assert checked.result is not None
        for row in checked.result.accepted.to_pylist():
            yield (str(checked.unit), str(checked.period), row[SHEET] or "", row[ROW]), row


def judged_report(city: Path, report: Report) -> JudgedReport:
    """Read and judge all documents of a report, in the order in which they arrived."""
    secret, root = city / "for_tests_only", city / "sftp" / report.system
    files = sorted((root / report.report).rglob("*.*"), key=lambda path: (path.stat().st_mtime, path.name))
    checked_documents = check_files(files, {report.report: report}, named=True, password=workbook_password(report))
    by_uri = {str(checked.file.relative_to(root)): checked for checked in checked_documents}
    listed = json.loads((secret / "defects.json").read_text(encoding="utf-8"))
    truth = _truth(secret / "truth" / f"{report.report}.csv")
    return JudgedReport(report, by_uri, [one for one in listed if one["report"] == report.report], truth)


def _truth(path: Path) -> list[Truth] | None:
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return list(rows) if {"unit", "period", "sheet", "row"} <= set(rows.fieldnames or ()) else None


def _issues(checked: CheckedDocument) -> Counter[tuple[Any, ...]]:
    return Counter((issue.sheet, issue.row, issue.column, issue.rule) for issue in checked.issues)


def _marks(planted: Sequence[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    """What can be seen in the document alone: what contradicts another report is found in the warehouse."""
    rows = [one for one in planted if one["row"] is not None and one["expected_rule"] != CROSS_REPORT]
    return Counter((one["sheet"], one["row"], one["column"], one["expected_rule"]) for one in rows)


def _differences(uri: str, found: Counter[tuple[Any, ...]], planted: Counter[tuple[Any, ...]]) -> Iterator[str]:
    yield from (f"{uri}: missed {mark}" for mark in (planted - found))
    yield from (f"{uri}: invented {mark}" for mark in (found - planted))


def _is_same(told: str, value: Any, is_personal: bool) -> bool:
    if value is None or is_personal:
        return (told == "") == (value is None)
    if isinstance(value, bool):
        return told == str(value)
    if isinstance(value, (int, float, Decimal)):
        return told != "" and Decimal(told) == Decimal(value)
    if isinstance(value, dt.datetime):
        return dt.datetime.fromisoformat(told) == value if told else False
    return told == str(value)
