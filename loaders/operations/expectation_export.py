"""Contracts for users of Great Expectations: suites as JSON files, and a table of typed rows to run them on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from loaders.checking import check_files
from loaders.contract import Contracts, Report
from loaders.divisions import Divisions
from loaders.settings import divisions_from_environment
from loaders.validation import ValidationInput
from loaders.warehouse.scratch_tables import write_scratch_table


def export_suites(contracts: Contracts, names: Sequence[str], folder: Path) -> list[tuple[Path, list[str]]]:
    """Write one suite per report; without `names`, of all reports.

    Returns:
        Each file, with a line for each rule that has no stock form.

    Raises:
        ContractError: there is no sound contract of a name.
    """
    from loaders.validation.rules.suite_export import export_suite

    divisions = Divisions.load(divisions_from_environment())
    reports = [contracts.valid_report(name) for name in names or sorted(contracts.reports)]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for report in reports:
        suite = export_suite(report, divisions)
        path = folder / f"{report.report}.json"
        path.write_text(json.dumps(suite.content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append((path, [f"{rule.expect} on {', '.join(rule.columns)}: {why}" for rule, why in suite.no_stock_form]))
    return written


def write_rows(url: str, report: Report, files: Sequence[Path], table: str, *, password: str | None = None) -> int:
    """Read documents of a report and write their accepted and rejected rows to a new table.

    Documents that cannot be read are left out. The hashes of personal
    values are keyed anew each time, so that they fit no other table.

    Returns:
        The number of rows.
    """
    from loaders.validation.typed_rows import typed_rows

    checked = [
        (document, document.reading)
        for document in check_files(files, {report.report: report}, named=True, password=password)
        if document.reading is not None and document.reading.refusal is None
    ]
    items = [ValidationInput(reading, document.unit or report.units[0], document.period) for document, reading in checked]
    names = [str(document.file) for document, _ in checked]
    rows = typed_rows(report, Divisions.load(divisions_from_environment()), secrets.token_bytes(32), names, items)
    write_scratch_table(url, table, rows)
    return len(rows)
