"""Split values: joins values that span two rows (武汉市 / 第七医院), in columns for which the contract allows it."""

from __future__ import annotations

from loaders.contract import Report
from loaders.messages import issue_of
from loaders.model import Issue
from loaders.reading.model.rich_text import PART_RAISED, PART_STRUCK, RAISED, STRUCK
from loaders.reading.model.sheets import Cell, CellKind, Sheet, address
from loaders.reading.tables.rows.body import FILLED_DOWN, TableBody, own_columns
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.rows.split_names import is_start_of_name

JOINED = "joined"
_MARKS = {STRUCK, PART_STRUCK, RAISED, PART_RAISED}


def join_split_values(report: Report, sheet: Sheet, body: TableBody) -> list[Issue]:
    """Joins values that span two rows.

    A row that contains only continuations belongs to the row above. If both rows have data, only the name of a place counts as
    the start of a name, and only above rows without a name of their own. Those rows belong to the joined name, with a warning.

    Returns:
        The warnings.
    """
    splittable = {
        body.header.columns[c.name]: c.header for c in report.columns if c.may_be_split and c.name in body.header.columns
    }
    if not splittable:
        return []
    _join_continuations(body, set(splittable))
    return [issue for column, header in splittable.items() for issue in _join_started(sheet, body, column, header)]


def _join_continuations(body: TableBody, splittable: set[int]) -> None:
    previous: int | None = None
    for row in sorted(body.data):
        own = set(own_columns(body.data[row]))
        if previous is None or not own or not own <= splittable:
            previous = row
            continue
        target = body.data[previous]
        for column in own:
            target[column] = _joined_cell(target.get(column), body.data[row][column])
        del body.data[row]
        body.furniture[row] = RowKind.CONTINUATION


def _join_started(sheet: Sheet, body: TableBody, column: int, header: str) -> list[Issue]:
    issues = []
    rows = sorted(body.data)
    for place, row in enumerate(rows[:-1]):
        cell, following = body.data[row].get(column), body.data[rows[place + 1]].get(column)
        if cell is None or following is None or rows[place + 1] != row + 1 or not _begins(cell, following):
            continue
        end = place + 2
        while end < len(rows) and column not in body.data[rows[end]] and rows[end] == rows[end - 1] + 1:
            end += 1
        if end == place + 2:
            continue
        whole = _joined_cell(cell, following)
        for member in rows[place:end]:
            body.data[member][column] = whole
        issues.append(_joined(sheet.name, row, rows[end - 1], column, whole.text, header))
    return issues


def _joined_cell(first: Cell | None, second: Cell) -> Cell:
    """Joins the values and flags of two cells."""
    parts = [part for part in (first, second) if part is not None]
    flags = [flag for part in parts for flag in part.flags if flag in _MARKS]
    original = "".join(part.original or part.text for part in parts) if flags else None
    return Cell("".join(part.text for part in parts), CellKind.TEXT, tuple(dict.fromkeys((JOINED, *flags))), original)


def _begins(cell: Cell, following: Cell) -> bool:
    parts = {JOINED, FILLED_DOWN}
    return parts.isdisjoint((*cell.flags, *following.flags)) and is_start_of_name(cell.text, following.text)


def _joined(sheet: str, row: int, last_row: int, column: int, text: str, header: str) -> Issue:
    return issue_of(
        "joined_value",
        sheet=sheet,
        row=row,
        cell=address(row, column),
        found=text,
        header=header,
        next_row=row + 1,
        last_row=last_row,
    )
