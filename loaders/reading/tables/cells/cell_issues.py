"""Cell issues: the value that a column takes of a cell, and the issues that only the reader can detect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from loaders.contract import PERSONAL_TYPES, Column, ColumnType, Report
from loaders.model import Issue, Severity
from loaders.reading.model.sheets import Cell, CellKind, Sheet, address
from loaders.reading.tables.cells.font_marks import font_issues, is_struck_free_text
from loaders.reading.tables.rows.body import TableBody
from loaders.reading.values.shown_issues import redacted
from loaders.reading.values.shown_value import STORED_OTHERWISE, shown_value

# `4.41302E+17`
_EXPONENT = re.compile(r"-?\d(?:\.\d+)?[eE]\+?\d{2}")
# `2023.1`, which may be January or October (2023.10)
_SHORT_MONTH = re.compile(r"\d{4}\.1")
# `☑是`
_TICKED = re.compile(r"[☑☒√✓✔■●]\s*([^☐□☑☒√✓✔■●○\s]+)")
# `□`
_BOXES = re.compile(r"[☐□○]")
_EXACT_TYPES = PERSONAL_TYPES | {ColumnType.TEXT, ColumnType.USCC, ColumnType.DIVISION_CODE}
_DATE_TYPES = {ColumnType.DATE, ColumnType.DATETIME, ColumnType.MONTH, ColumnType.QUARTER}
_TEXT, _NUMBER = CellKind.TEXT, CellKind.NUMBER
_TEMPORAL_KINDS = {CellKind.DATE, CellKind.DATETIME, CellKind.TIME}
_CHOSEN = {ColumnType.BOOLEAN, ColumnType.CHOICE}


def cell_value(cell: Cell | None, column: Column, printed: str | None = None) -> str | None:
    """Returns the text that a column takes of a cell. `printed` is the unit that the document prints for the column.

    A number under a percent format keeps its sign (`0.7` becomes `70%`). Of checkboxes the ticked one counts (`☑是 □否` becomes
    `是`).
    """
    if cell is None or not cell.text or (cell.flags and is_struck_free_text(cell, column)):
        return None
    if _may_differ_from_shown(cell):
        shown = shown_value(cell, column, printed)
        if shown is not None:
            return shown.text
    if cell.kind is CellKind.NUMBER and "percent" in cell.flags:
        return f"{(Decimal(cell.text) * 100).normalize():f}%"
    if column.type in _CHOSEN and cell.kind is CellKind.TEXT:
        ticked = _TICKED.findall(cell.text)
        return ticked[0] if len(ticked) == 1 and _BOXES.search(cell.text) else cell.text
    return cell.text


def _may_differ_from_shown(cell: Cell) -> bool:
    """Checks whether a cell may show something else than it stores.

    Texts and numbers in the General format skip the full check.
    """
    kind = cell.kind
    return (
        cell.number_format is not None
        or (kind is not _TEXT and kind is not _NUMBER and kind in _TEMPORAL_KINDS)
        or STORED_OTHERWISE in cell.flags
    )


def has_lost_digits(cell: Cell, column: Column) -> bool:
    """Checks whether a number lost digits: an integer of 16 or more digits stored as a double, or `4.41302E+17` as text."""
    if "precision_lost" in cell.flags:
        return True
    return column.type in _EXACT_TYPES and _EXPONENT.fullmatch(cell.text) is not None


def cell_issues(report: Report, sheet: Sheet, body: TableBody, units: Mapping[str, str]) -> Iterator[Issue]:
    """Yields the issues of the mapped cells in a table's data rows, and of error values in its totals.

    `units` are those that the document prints for the columns.
    """
    columns = {number: report.column(name) for name, number in body.header.columns.items()}
    for row, cells in body.data.items():
        for number, cell in cells.items():
            column = columns.get(number)
            if column is not None and (
                cell.flags or cell.kind is not CellKind.TEXT or cell.number_format is not None or "E+" in cell.text
            ):
                yield from issues_of_cell(cell, column, sheet.name, row, number, units.get(column.name))
    for row in [*(row for row, _ in body.totals), *body.groups]:
        for number, cell in sheet.rows[row].items():
            if cell.kind is CellKind.ERROR and number in columns:
                zh, en = f"合计行是错误值 {cell.text}；请修正公式", f"the total holds the error {cell.text}: mend the formula"
                place = address(row, number)
                yield _issue("error_cell", zh, en, columns[number], sheet.name, row, place, cell.text, severity=Severity.WARNING)


def issues_of_cell(cell: Cell, column: Column, sheet: str, row: int, number: int, printed: str | None = None) -> Iterator[Issue]:
    """Yields the issues of the cell in this row and column of a sheet."""
    if cell.flags:
        yield from font_issues(cell, column, sheet, row, number)
    place = address(row, number)
    shown = _shown(cell, column)
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
    elif has_lost_digits(cell, column):
        zh = f"“{shown}”超过15位，已被表格软件改成近似数，末几位丢失；请把该列设为文本格式后重新填写原号码"
        en = f'"{shown}" has more than 15 digits and was rounded by the spreadsheet: set the column to text and enter it again'
        yield _issue("damaged_number", zh, en, column, sheet, row, place, shown)
    elif column.type in _DATE_TYPES and cell.kind is CellKind.NUMBER and _SHORT_MONTH.fullmatch(cell.text):
        year = cell.text[:4]
        zh = f"“{cell.text}”可能是 1 月，也可能是 10 月（表格软件去掉了末尾的 0）；请写成 {year}-01 或 {year}-10"
        en = f'"{cell.text}" may be January or October, for a spreadsheet drops the last 0: write {year}-01 or {year}-10'
        yield _issue("ambiguous_month", zh, en, column, sheet, row, place, cell.text)
    elif _may_differ_from_shown(cell):
        yield from _shown_issue(cell, column, sheet, row, place, printed)
    if "readers_disagree" in cell.flags:
        zh = f"两种读取方式读到的内容不同（“{shown}”），请核对该单元格，重新键入后另存"
        en = f'two readers read this cell differently ("{shown}"): check it, type it again and save the file'
        yield _issue("readers_disagree", zh, en, column, sheet, row, place, shown, severity=Severity.WARNING)


def _shown_issue(cell: Cell, column: Column, sheet: str, row: int, place: str, printed: str | None) -> Iterator[Issue]:
    """Yields the issue of a cell that shows something else than it stores."""
    value = shown_value(cell, column, printed)
    if value is None or value.value_issue is None:
        return
    value_issue = value.value_issue if not column.is_personal else redacted(value.value_issue)
    yield _issue(
        value_issue.rule,
        value_issue.zh,
        value_issue.en,
        column,
        sheet,
        row,
        place,
        value_issue.found,
        severity=value_issue.severity,
    )


def _shown(cell: Cell, column: Column) -> str:
    """Returns a cell's text for a message, without personal numbers or the visible start of a rounded one."""
    if column.is_personal:
        return "***"
    if has_lost_digits(cell, column):
        return f"{Decimal(cell.text):.1E}"
    return cell.original or cell.text


def _issue(
    rule: str,
    zh: str,
    en: str,
    column: Column,
    sheet: str,
    row: int,
    place: str,
    found: str,
    *,
    severity: Severity = Severity.ERROR,
) -> Issue:
    return Issue(
        rule,
        severity,
        message_zh=f"“{column.header}”：{zh}",
        message_en=f'"{column.header}": {en}',
        sheet=sheet,
        row=row,
        column=column.name,
        cell=place,
        found=found,
        expected=column.type.value,
    )
