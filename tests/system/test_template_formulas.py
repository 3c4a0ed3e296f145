"""The formulas of templates as a spreadsheet computes them: they let sound rows through and find each kind of mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders.contract import Column, ColumnType, Report, Workbook, load_contracts
from loaders.divisions import Divisions
from loaders.period import Period, PeriodKind
from loaders.settings import divisions_from_environment, expectations_from_environment
from loaders.template import TemplateRequest, make_template
from loaders.template.text_formulas import all_of, text_conditions
from tests.support.documents.filled_templates import FilledTemplate, printed_value
from tests.support.documents.sound_rows import SoundRows
from tests.support.libreoffice.office import Office

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

PERIODS = {PeriodKind.MONTH: "2023-06", PeriodKind.QUARTER: "2023Q2", PeriodKind.HALF: "2023H1", PeriodKind.YEAR: "2023"}
CONTRACTS = load_contracts(expectations_from_environment()).reports
DIVISIONS = Divisions.load(divisions_from_environment())
FIRST_FREE = 60


def filled(report: Report) -> tuple[FilledTemplate, Any, list[dict[str, Any]]]:
    period = Period.parse(PERIODS[report.period_kind]) if report.period_kind else None
    request = TemplateRequest(report, DIVISIONS, report.units[0], period, 5)
    template = FilledTemplate(make_template(request).content, report)
    sheet = template.book.worksheets[0]
    rows = SoundRows(report, DIVISIONS, report.units[0], period).rows(3)
    template.fill(sheet.title, rows)
    return template, sheet, rows


def write_formulas(template: FilledTemplate, sheet: Any) -> tuple[int, list[tuple[str, str]]]:
    """Writes what validations and marks say of the first row beside it.

    Returns:
        The number of the row, and for each formula its column and what it shows for a sound row.
    """
    cells = template.header_cells(sheet.title)
    row = next(iter(cells.values())).row + 1
    expected: list[tuple[str, str]] = []
    names = {cell.column_letter: name for name, cell in cells.items()}
    for name, cell in cells.items():
        address = f"${cell.column_letter}{row}"
        one = template.validation_of(sheet, f"{cell.column_letter}{row}")
        if one is None:
            continue
        formula = {
            "custom": one.formula1,
            "whole": f"AND({address}>={one.formula1},{address}<={one.formula2})",
            "decimal": f"AND({address}>={one.formula1},{address}<={one.formula2})",
            "date": f"AND({address}>={one.formula1},{address}<={one.formula2})",
        }.get(one.type)
        if formula is not None:
            sheet.cell(row, FIRST_FREE + len(expected)).value = f'=IF({address}="",TRUE,{formula})'
            expected.append((name, "TRUE"))
    for area in sheet.conditional_formatting:
        for mark in area.rules:
            sheet.cell(row, FIRST_FREE + len(expected)).value = f"={mark.formula[0]}"
            expected.append((names[str(area.sqref)[0]], "FALSE"))
    return row, expected


def test_formulas_of_all_reports_hold_for_sound_rows(tmp_path: Path) -> None:
    wanted: dict[Path, tuple[str, int, list[tuple[str, str]]]] = {}
    for report in CONTRACTS.values():
        if isinstance(report.format, Workbook):
            template, sheet, _ = filled(report)
            row, expected = write_formulas(template, sheet)
            file = tmp_path / f"{report.report}.xlsx"
            file.write_bytes(template.content())
            wanted[file] = (sheet.title, row, expected)
    shown = Office(tmp_path).shown(list(wanted), tmp_path / "shown")
    computed = {file.stem: _computed(shown[file], title, row, len(expected)) for file, (title, row, expected) in wanted.items()}
    assert computed == {file.stem: [text for _, text in expected] for file, (_, _, expected) in wanted.items()}
    assert sum(len(expected) for _, _, expected in wanted.values()) > 400


def other_last(text: str) -> str:
    return text[:-1] + ("3" if text[-1] != "3" else "7")


CHANGES: list[tuple[str, str, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("student_grant", "resident_id", lambda row: {"resident_id": other_last(row["resident_id"])}),
    ("annual_report", "uscc", lambda row: {"uscc": other_last(row["uscc"])}),
    ("station_service", "station_code", lambda row: {"station_code": row["station_code"].lower()}),
    ("station", "closed_date", lambda row: {"closed_date": row["opened_date"] - dt.timedelta(days=1)}),
    ("station", "opened_date", lambda _: {"opened_date": dt.date(2023, 7, 1), "closed_date": None}),
    ("station", "station_name", lambda _: {"station_name": None}),
    ("station", "worker_persons", lambda _: {"worker_persons": 61}),
    ("casework", "closed_date", lambda _: {"status": "已结案", "closed_date": None}),
    ("casework", "closed_date", lambda row: {"status": "跟进中", "closed_date": row["opened_date"]}),
    ("station_service", "service_persons", lambda row: dict.fromkeys(SUMMED, 1) | {"service_persons": 6}),
    ("annual_report", "income_yuan", lambda _: {"income_yuan": Decimal("12345678.901")}),
    ("rescue", "callout_code", lambda row: {"callout_code": row["second"]["callout_code"]}),
]
SUMMED = ("visit_persons", "group_persons", "community_persons", "consult_persons", "policy_persons")


def test_each_kind_of_mistake_is_refused_or_marked(tmp_path: Path) -> None:
    wanted: dict[Path, tuple[str, int, list[tuple[str, str]]]] = {}
    for number, (name, _, change) in enumerate(CHANGES):
        report = CONTRACTS[name]
        template, sheet, rows = filled(report)
        cells = template.header_cells(sheet.title)
        row, wrong = write_formulas(template, sheet)
        for column, value in change(rows[0] | {"second": rows[1]}).items():
            sheet.cell(row, cells[column].column).value = printed_value(report.column(column), cells[column].value, value)
        file = tmp_path / f"{number}.xlsx"
        file.write_bytes(template.content())
        wanted[file] = (sheet.title, row, wrong)
    shown = Office(tmp_path).shown(list(wanted), tmp_path / "shown")
    for (name, column, _), (file, (title, row, formulas)) in zip(CHANGES, wanted.items(), strict=True):
        computed = _computed(shown[file], title, row, len(formulas))
        found = {one for (one, expected), text in zip(formulas, computed, strict=True) if text != expected}
        assert column in found, (name, column, found)


TEXTS: list[tuple[str, str, str, bool]] = [
    ("text", r"^SZ\d{11}", "SZ44130200101", True),
    ("text", r"^SZ\d{11}", "SZ4413020010X", False),
    ("text", r"^SZ\d{11}", "SZ4413020010", False),
    ("text", r"^SZ\d{11}$", "SZ441302001019", False),
    ("text", r"^5[123][0-9A-Z]{4}$", "52AB09", True),
    ("text", r"^5[123][0-9A-Z]{4}$", "54AB09", False),
    ("month", "", "2023-12", True),
    ("month", "", "2023-13", False),
    ("month", "", "2023/12", False),
    ("quarter", "", "2023Q4", True),
    ("quarter", "", "2023Q5", False),
    ("year", "", "2023", True),
    ("year", "", "1899", False),
    ("year", "", "2023年", False),
]


def test_conditions_of_texts_are_those_of_their_patterns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row, (kind, pattern, text, _) in enumerate(TEXTS, start=1):
        column = Column(name="code", header="编号", type=ColumnType(kind))
        book.active.cell(row, 1).value = text
        book.active.cell(row, 2).value = all_of(text_conditions(column, [pattern] if pattern else [], f"$A{row}"))
    file = tmp_path / "texts.xlsx"
    book.save(file)
    (rows,) = Office(tmp_path).shown([file], tmp_path / "shown")[file].values()
    # A formula that fails is not true, so the cell refuses the text.
    assert [(text, shown == "TRUE") for text, shown in rows] == [(text, is_sound) for _, _, text, is_sound in TEXTS]


def _computed(shown: dict[str, list[list[str]]], title: str, row: int, count: int) -> list[str]:
    return shown[title][row - 1][FIRST_FREE - 1 : FIRST_FREE - 1 + count]
