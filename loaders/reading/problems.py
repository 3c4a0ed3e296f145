"""Problems of single cells that only the reader can see: error values, damaged numbers, formulas without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.contract import PERSONAL_TYPES, Column, ColumnType, Report
from loaders.reading.body import Body
from loaders.reading.sheets import Cell, CellKind, Sheet, address
from loaders.table import Issue, Severity

_EXPONENT = re.compile(r"-?\d(?:\.\d+)?[eE]\+?\d{2}")
_EXACT_TYPES = PERSONAL_TYPES | {ColumnType.TEXT, ColumnType.USCC, ColumnType.DIVISION_CODE}


def is_damaged(cell: Cell, column: Column) -> bool:
    """Whether a number lost digits: a whole number of 16 or more digits kept as a double, or `4.41302E+17` as text."""
    if "precision_lost" in cell.flags:
        return True
    return column.type in _EXACT_TYPES and _EXPONENT.fullmatch(cell.text) is not None


def cell_issues(report: Report, sheet: Sheet, body: Body) -> Iterator[Issue]:
    """The problems of the mapped cells of a table's data rows."""
    columns = {number: report.column(name) for name, number in body.header.columns.items()}
    for row, cells in body.data.items():
        for number, cell in cells.items():
            column = columns.get(number)
            if column is not None and (cell.flags or cell.kind is not CellKind.TEXT or "E+" in cell.text):
                yield from _issues(cell, column, sheet.name, row, number)


def _issues(cell: Cell, column: Column, sheet: str, row: int, number: int) -> Iterator[Issue]:
    place = address(row, number)
    shown = "***" if column.is_personal else cell.original or cell.text
    if cell.kind is CellKind.ERROR:
        zh, en = (
            f"单元格是错误值 {cell.text}，不是数据；请修正公式或改填数值",
            f"the cell holds the error {cell.text}: mend the formula",
        )
        yield _issue("error_cell", zh, en, column, sheet, row, place, cell.text)
    elif "formula_without_value" in cell.flags:
        zh, en = (
            "公式没有保存计算结果；请用表格软件打开后保存，再重新报送",
            "the formula has no saved result: open the file in a spreadsheet and save it",
        )
        yield _issue("formula_without_value", zh, en, column, sheet, row, place, "")
    elif is_damaged(cell, column):
        zh = f"“{shown}”超过15位，已被表格软件改成近似数，末几位丢失；请把该列设为文本格式后重新填写原号码"
        en = f'"{shown}" has more than 15 digits and was rounded by the spreadsheet: set the column to text and enter it again'
        yield _issue("damaged_number", zh, en, column, sheet, row, place, shown)


def _issue(rule: str, zh: str, en: str, column: Column, sheet: str, row: int, place: str, found: str) -> Issue:
    return Issue(
        rule,
        Severity.ERROR,
        message_zh=f"“{column.header}”：{zh}",
        message_en=f'"{column.header}": {en}',
        sheet=sheet,
        row=row,
        column=column.name,
        cell=place,
        found=found,
        expected=column.type.value,
    )
