"""The formulas of templates as a spreadsheet computes them: true for sound rows, and not for codes with a wrong digit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import ColumnType, Report, Workbook, load_contracts
from loaders.divisions import Divisions
from loaders.period import Period, PeriodKind
from loaders.settings import divisions_from_environment, expectations_from_environment
from loaders.template import TemplateRequest, make_template
from tests.support.documents.filled_templates import FilledTemplate
from tests.support.documents.sound_rows import SoundRows
from tests.support.libreoffice.office import Office

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

PERIODS = {PeriodKind.MONTH: "2023-06", PeriodKind.QUARTER: "2023Q2", PeriodKind.HALF: "2023H1", PeriodKind.YEAR: "2023"}
CONTRACTS = load_contracts(expectations_from_environment()).reports
DIVISIONS = Divisions.load(divisions_from_environment())
CODES = {ColumnType.USCC, ColumnType.RESIDENT_ID}
FIRST_FREE = 60


def filled(report: Report) -> tuple[FilledTemplate, Any]:
    period = Period.parse(PERIODS[report.period_kind]) if report.period_kind else None
    request = TemplateRequest(report, DIVISIONS, report.units[0], period, 5)
    template = FilledTemplate(make_template(request).content, report)
    sheet = template.book.worksheets[0]
    template.fill(sheet.title, SoundRows(report, DIVISIONS, report.units[0], period).rows(3))
    return template, sheet


def write_formulas(template: FilledTemplate, sheet: Any) -> tuple[int, list[str]]:
    """Writes what validations and marks say of the first row beside it; returns its number and what each cell should show."""
    cells = template.header_cells(sheet.title)
    row = next(iter(cells.values())).row + 1
    expected: list[str] = []
    for cell in cells.values():
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
            expected.append("TRUE")
    for area in sheet.conditional_formatting:
        for mark in area.rules:
            sheet.cell(row, FIRST_FREE + len(expected)).value = f"={mark.formula[0]}"
            expected.append("FALSE")
    return row, expected


def spoil(report: Report, template: FilledTemplate, sheet: Any) -> list[str]:
    """Changes the check digit of each code in the first row, and blanks what is required; returns the columns."""
    cells = template.header_cells(sheet.title)
    spoilt = []
    for name, cell in cells.items():
        place = sheet.cell(cell.row + 1, cell.column)
        if report.column(name).type in CODES and place.value is not None:
            place.value = re.sub(r".$", lambda match: "3" if match[0] != "3" else "7", place.value)
            spoilt.append(name)
    return spoilt


def test_formulas_of_all_reports_hold_for_sound_rows(tmp_path: Path) -> None:
    wanted: dict[Path, tuple[str, int, list[str]]] = {}
    for report in CONTRACTS.values():
        if isinstance(report.format, Workbook):
            template, sheet = filled(report)
            row, expected = write_formulas(template, sheet)
            file = tmp_path / f"{report.report}.xlsx"
            file.write_bytes(template.content())
            wanted[file] = (sheet.title, row, expected)
    shown = Office(tmp_path).shown(list(wanted), tmp_path / "shown")
    computed = {file.stem: _computed(shown[file], title, row, len(expected)) for file, (title, row, expected) in wanted.items()}
    assert computed == {file.stem: expected for file, (_, _, expected) in wanted.items()}
    assert sum(len(expected) for _, _, expected in wanted.values()) > 400


def test_a_wrong_check_digit_and_a_missing_value_are_found(tmp_path: Path) -> None:
    report = CONTRACTS["student_grant"]
    template, sheet = filled(report)
    cells = template.header_cells(sheet.title)
    row, _ = write_formulas(template, sheet)
    spoilt = spoil(report, template, sheet)
    required = next(column.name for column in report.columns if column.required and column.type is ColumnType.CHOICE)
    sheet.cell(row, cells[required].column).value = None
    formulas = {
        "code": template.validation_of(sheet, f"{cells[spoilt[0]].column_letter}{row}").formula1,
        "missing": next(
            mark.formula[0]
            for area in sheet.conditional_formatting
            for mark in area.rules
            if f"LEN(${cells[required].column_letter}{row})=0" in mark.formula[0]
        ),
    }
    for number, formula in enumerate(formulas.values()):
        sheet.cell(row, FIRST_FREE + number).value = f"={formula}"
    file = tmp_path / "spoilt.xlsx"
    file.write_bytes(template.content())
    shown = Office(tmp_path).shown([file], tmp_path / "shown")[file]
    assert _computed(shown, sheet.title, row, 2) == ["FALSE", "TRUE"]


def _computed(shown: dict[str, list[list[str]]], title: str, row: int, count: int) -> list[str]:
    return shown[title][row - 1][FIRST_FREE - 1 : FIRST_FREE - 1 + count]
