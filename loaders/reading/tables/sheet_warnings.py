"""Sheet warnings: hidden rows and columns, and content outside of the table, that a clerk should check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from loaders.contract import Report
from loaders.model import Issue, Severity
from loaders.period import Period
from loaders.reading.model.refusals import refuse
from loaders.reading.model.sheets import Sheet, address, column_letter
from loaders.reading.tables.rows.body import TableBody

MAX_BLANK_ROWS = 100_000
_MAX_LISTED = 20


def refuse_far_cells(sheet: Sheet) -> None:
    """Refuses a sheet whose last value is so far below the others that it cannot belong to a table.

    Raises:
        Refusal: more than `MAX_BLANK_ROWS` consecutive rows are blank.
    """
    above = 0
    for row in sorted(sheet.rows):
        if row - above > MAX_BLANK_ROWS:
            place = address(row, min(sheet.rows[row]))
            raise refuse(
                "far_cell",
                f"工作表“{sheet.name}”在 {place} 处有远离表格的内容（其上有 {row - above - 1} 个空行）；"
                "请删除表外的行和列，另存后重新报送",
                f'sheet "{sheet.name}" holds something far from its table, at {place}, below {row - above - 1} blank rows: '
                "delete rows and columns outside the table, save the file and send it again",
                found=place,
                expected="no content far from the table",
                sheet=sheet.name,
                row=row,
            )
        above = row


def table_warnings(report: Report, sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    """Yields warnings about one table of a sheet."""
    yield from _hidden(report, sheet, body)
    yield from _struck(sheet, body)
    yield from _outside(sheet, body)


def unread_sheet_issue(sheet: Sheet) -> Issue:
    """Builds the warning that a visible sheet with numbers was not read, because it does not match the report."""
    return _warning(
        "sheet_left_out",
        sheet.name,
        f"工作表“{sheet.name}”（{sheet.last_row} 行）没有本表的表头，未读取；如其中有应报数据，请改用规定的表头",
        f'sheet "{sheet.name}" ({sheet.last_row} rows) has no header of this report and was not read: '
        "if it holds data to be reported, give it the agreed header",
    )


def unread_hidden_sheet_issue(sheet: Sheet) -> Issue:
    """Builds the warning that a hidden sheet with the report's header was not read."""
    return _warning(
        "hidden_sheet",
        sheet.name,
        f"隐藏的工作表“{sheet.name}”也有本表的表头，未读取；如应报送请取消隐藏，否则请删除",
        f'the hidden sheet "{sheet.name}" has the header of this report too and was not read: unhide it or delete it',
    )


def unread_table_issue(sheet: Sheet, first_row: int, last_row: int) -> Issue:
    """Builds the warning that a table of another kind below the report's table was not read."""
    return _warning(
        "table_left_out",
        sheet.name,
        f"第 {first_row}—{last_row} 行是另一张表，不属于本报表，未读取",
        f"rows {first_row}-{last_row} are a table of another kind and were not read",
        row=first_row,
    )


def conflicting_periods_issue(named: Mapping[Period, str]) -> Issue:
    """Builds the warning that the lines above the tables name several periods. The first one counts for the document."""
    zh, en = "、".join(f"{period}（{sheet}）" for period, sheet in named.items()), ", ".join(map(str, named))
    taken = next(iter(named))
    return _warning(
        "periods_disagree",
        "",
        f"表头上方写了不同的报告期：{zh}，已按 {taken} 处理；请核对标题和统计时间，改成同一期",
        f"the lines above the table name several periods: {en}; {taken} was taken: make them the same",
        found=en,
    )


def _hidden(report: Report, sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    for first, last in _ranges(row for row in body.data if row in sheet.hidden_rows):
        rows = f"第 {first} 行" if first == last else f"第 {first}—{last} 行"
        yield _warning(
            "hidden_row",
            sheet.name,
            f"{rows}是隐藏行，已照常读取；如不应报送请删除",
            f"rows {first}-{last} are hidden and were read all the same: delete them if they should not be reported",
            row=first,
        )
    for name, column in body.header.columns.items():
        if column in sheet.hidden_columns:
            header, letter = report.column(name).header, column_letter(column)
            yield _warning(
                "hidden_column",
                sheet.name,
                f"“{header}”（{letter} 列）是隐藏列，已照常读取；请确认其中内容无误",
                f'"{header}" (column {letter}) is hidden and was read all the same: make sure that it is right',
                column=name,
            )


def _struck(sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    for first, last in _ranges(body.struck):
        rows = f"第 {first} 行" if first == last else f"第 {first}—{last} 行"
        yield _warning(
            "struck_row",
            sheet.name,
            f"{rows}整行带删除线，已照常读取；如已作废请删除",
            f"{f'row {first} is' if first == last else f'rows {first}-{last} are'} struck out as a whole, and read all the same: "
            "delete what no longer holds",
            row=first,
        )


def _outside(sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    """Yields a warning for columns without a header in which data rows have content."""
    found: dict[int, int] = {}
    for row, cells in body.data.items():
        for column in cells:
            if column not in body.header.paths and cells[column].text and column not in found:
                found[column] = row
    for column, row in sorted(found.items())[:_MAX_LISTED]:
        yield _warning(
            "outside_table",
            sheet.name,
            f"{column_letter(column)} 列没有表头，但 {address(row, column)} 等处有内容，未读取；请补上表头或删除",
            f"column {column_letter(column)} has no header, but {address(row, column)} holds something, which was not read: "
            "give it a header or delete it",
            row=row,
            cell=address(row, column),
        )


def _ranges(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for row in sorted(rows):
        if first and row == last + 1:
            last = row
            continue
        if first:
            yield first, last
        first = last = row
    if first:
        yield first, last


def _warning(
    rule: str,
    sheet: str,
    zh: str,
    en: str,
    *,
    row: int | None = None,
    column: str | None = None,
    cell: str | None = None,
    found: str | None = None,
) -> Issue:
    return Issue(
        rule, Severity.WARNING, message_zh=zh, message_en=en, sheet=sheet or None, row=row, column=column, cell=cell, found=found
    )
