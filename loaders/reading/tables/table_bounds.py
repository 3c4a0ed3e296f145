"""Table bounds: where the preamble above a header begins, and where the table of another report begins below."""

from __future__ import annotations

import re

from loaders.contract import ColumnType, Report
from loaders.reading.model.sheets import Cell, CellKind, Sheet
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.rows.closing_lines import is_date_line, is_prose, is_signature
from loaders.reading.tables.totals.column_sums import number_of

_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
_MAX_PREAMBLE_TEXTS = 4
_WORD = re.compile("[\u4e00-\u9fff]")


def top_of_preamble(sheet: Sheet, header: HeaderMatch, first_row: int) -> int:
    """Returns the first row, from `first_row` on, of the titles and lines directly above a header."""
    top = header.first_row
    for row in range(header.first_row - 1, first_row - 1, -1):
        cells = sheet.rows.get(row, {})
        texts = [cell.text for _, cell in sorted(cells.items()) if cell.text]
        if texts and not _is_preamble_line(texts, cells):
            break
        if texts:
            top = row
    return top + 1 if _is_lone_value(sheet, top) and top > first_row and _shown(sheet, top - 1) else top


def _is_lone_value(sheet: Sheet, row: int) -> bool:
    """Checks whether a row has a single value without words (a code, a day, a number), which belongs to the table above."""
    texts = [cell.text for cell in _shown(sheet, row)]
    return len(texts) == 1 and (is_date_line(texts[0]) or _WORD.search(texts[0]) is None)


def _shown(sheet: Sheet, row: int) -> list[Cell]:
    return [cell for cell in sheet.rows.get(row, {}).values() if cell.text]


def top_of_first_preamble(sheet: Sheet, header: HeaderMatch) -> int:
    """Returns the first row of the first table's preamble: the sheet's first row, unless another table precedes."""
    is_free = not any(_is_of_a_table(sheet.rows[row]) for row in sheet.rows if row < header.first_row)
    return 1 if is_free else top_of_preamble(sheet, header, 1)


def _is_of_a_table(cells: dict[int, Cell]) -> bool:
    shown = [cell for cell in cells.values() if cell.text]
    return len(shown) > 2 and any(cell.kind is CellKind.NUMBER for cell in shown)


def _is_preamble_line(texts: list[str], cells: dict[int, Cell]) -> bool:
    if is_signature(texts) and not texts[0].startswith(("填报", "报送", "制表单位", "制表机关")):
        return False
    if is_prose(texts) or (len(texts) > 1 and is_date_line(texts[-1])):
        return False
    numbers = any(cell.kind is CellKind.NUMBER for cell in cells.values())
    return len(texts) == 1 or (len(texts) <= _MAX_PREAMBLE_TEXTS and not numbers and any(":" in t or "：" in t for t in texts))


def start_of_other_table(sheet: Sheet, report: Report, header: HeaderMatch, first_row: int, last_row: int) -> int | None:
    """Returns the first row, titles included, of a table of another kind below this one; None without one.

    It is recognized by its header: after a gap, a row has words in number columns, and the row below has numbers in them.
    """
    numeric = [header.columns[c.name] for c in report.columns if c.type in _NUMBERS and c.name in header.columns]
    if not numeric:
        return None
    for row in range(first_row + 1, last_row):
        if _has_words(sheet, row, numeric) and _has_numbers(sheet, row + 1, numeric) and _is_after_gap(sheet, row):
            return _top_of_titles(sheet, row, first_row)
    return None


def _has_words(sheet: Sheet, row: int, numeric: list[int]) -> bool:
    cells = sheet.rows.get(row, {})
    shown = [cell for cell in cells.values() if cell.text]
    if len(shown) < 2 or any(cell.kind is not CellKind.TEXT for cell in shown):
        return False
    if is_signature([cell.text for _, cell in sorted(cells.items()) if cell.text]):
        return False
    texts = [sheet.text(row, column) for column in numeric if sheet.text(row, column)]
    return bool(texts) and all(len(text) > 1 and not any(map(str.isdigit, text)) and text not in {"--", "——"} for text in texts)


def _has_numbers(sheet: Sheet, row: int, numeric: list[int]) -> bool:
    cells = sheet.rows.get(row, {})
    return any(number_of(cells.get(column)) is not None for column in numeric)


def _is_after_gap(sheet: Sheet, row: int) -> bool:
    return not any(cell.text for cell in sheet.rows.get(row - 1, {}).values()) or _is_single(sheet, row - 1)


def _is_single(sheet: Sheet, row: int) -> bool:
    return sum(1 for cell in sheet.rows.get(row, {}).values() if cell.text) == 1


def _top_of_titles(sheet: Sheet, row: int, first_row: int) -> int:
    top = row
    while top - 1 > first_row and (_is_single(sheet, top - 1) or not any(c.text for c in sheet.rows.get(top - 1, {}).values())):
        top -= 1
    while top < row and not any(cell.text for cell in sheet.rows.get(top, {}).values()):
        top += 1
    return top
