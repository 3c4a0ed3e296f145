"""The rows below a header: which are data, which are furniture and of what kind; merges filled down, split names joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from loaders.contract import Report
from loaders.reading.furniture import Kind
from loaders.reading.header import HeaderMatch
from loaders.reading.row_sorter import RowSorter, Surroundings
from loaders.reading.sheets import Area, Cell, Sheet
from loaders.reading.table_end import ROWS_COMPARED, Line, Settled, TableEnd
from loaders.table import Issue

FILLED_DOWN = "filled_down"

Row = dict[int, Cell]


@dataclass(slots=True)
class Body:
    """What stands below one header: data rows by row number, furniture rows by kind.

    `merged` are the vertical merges whose value was filled down, `struck` the rows that are struck out as a whole; `issues` tell
    of rows that may be closing lines.
    """

    header: HeaderMatch
    data: dict[int, Row] = field(default_factory=dict)
    furniture: dict[int, Kind] = field(default_factory=dict)
    totals: list[tuple[int, Kind]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    struck: list[int] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """How many rows of each kind."""
        return Counter(kind.value for kind in self.furniture.values())


def read_body(report: Report, sheet: Sheet, header: HeaderMatch, last_row: int) -> Body:
    """Sort the rows from below the header to `last_row`.

    A vertical merge gives its value to every data row that it covers; nothing is spread sideways.
    """
    body = Body(header)
    sorter = RowSorter(report, header)
    from_above = _filled_down(sheet, header.last_row + 1, last_row, body)
    lines = list(_lines(sheet, sorter, header, last_row, from_above))
    for settled in _settled(sorter, lines, sheet, body):
        row, kind = settled.line.number, settled.kind
        if kind is not None:
            _keep_furniture(body, row, kind)
            continue
        body.data[row] = {
            **from_above.get(row, {}),
            **{column: cell for column, cell in settled.line.cells.items() if cell.text or cell.flags},
        }
    return body


def _lines(sheet: Sheet, sorter: RowSorter, header: HeaderMatch, last_row: int, from_above: dict[int, Row]) -> Iterator[Line]:
    """Each row below the header with what it looks like."""
    wide = {area.first_row: area for area in sheet.merges if area.last_column > area.first_column}
    has_data = False
    for row in range(header.last_row + 1, last_row + 1):
        cells = sheet.rows.get(row, {})
        area = wide.get(row)
        width = area.last_column - area.first_column + 1 if area else 1
        around = Surroundings(
            is_first=not has_data and row <= header.last_row + 2,
            spans_table=width > 2 and width * 2 > len(header.columns),
            merged_label=area is not None and area.first_column == min(cells, default=0),
            from_above=from_above.get(row),
            following=sheet.rows.get(row + 1),
        )
        look = sorter.look(cells, around)
        has_data = has_data or look.kind is None or look.closes
        yield Line(row, cells, look)


def _settled(sorter: RowSorter, lines: list[Line], sheet: Sheet, body: Body) -> Iterator[Settled]:
    """What each line is: down to the last full row by its look alone, below it by what stands around it as well."""
    end = max((place for place, line in enumerate(lines, start=1) if line.look.is_strong), default=0)
    for line in lines[:end]:
        yield Settled(line, None if line.look.closes else line.look.kind)
    rows = [line.cells for line in lines[:end] if line.look.is_strong]
    table_end = TableEnd(sorter.columns, lambda: rows[-ROWS_COMPARED:])
    below = table_end.settle(lines[end:])
    body.issues.extend(table_end.open_issues(below, sheet.name))
    yield from below


def _keep_furniture(body: Body, row: int, kind: Kind) -> None:
    body.furniture[row] = kind
    if kind in {Kind.TOTAL, Kind.SUBTOTAL}:
        body.totals.append((row, kind))
    elif kind is Kind.GROUP:
        body.groups.append(row)


def _filled_down(sheet: Sheet, first_row: int, last_row: int, body: Body) -> dict[int, Row]:
    """The values that vertical merges bring to rows below their first."""
    filled: dict[int, Row] = {}
    for area in sheet.merges:
        origin = sheet.rows.get(area.first_row, {}).get(area.first_column)
        if area.last_row == area.first_row or origin is None or not origin.text or not first_row <= area.first_row <= last_row:
            continue
        body.merged.append(area)
        for row in range(area.first_row + 1, min(area.last_row, last_row) + 1):
            filled.setdefault(row, {})[area.first_column] = Cell(
                origin.text, origin.kind, (*origin.flags, FILLED_DOWN), origin.original, origin.number_format
            )
    return filled


def own_columns(cells: Row) -> Iterable[int]:
    """The columns in which a row itself holds something, not by a merge from above."""
    return (column for column, cell in cells.items() if cell.text and FILLED_DOWN not in cell.flags)
