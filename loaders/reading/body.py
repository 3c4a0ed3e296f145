"""The rows below a header: which are data, which are furniture and of what kind; merges filled down, split names joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from loaders.contract import Report
from loaders.reading.furniture import Kind, is_issuer
from loaders.reading.header import HeaderMatch
from loaders.reading.row_sorter import RowSorter
from loaders.reading.sheets import Area, Cell, Sheet

FILLED_DOWN = "filled_down"

Row = dict[int, Cell]


@dataclass(slots=True)
class Body:
    """What stands below one header: data rows by row number, furniture rows by kind.

    `merged` are the vertical merges whose value was filled down, `struck` the rows that are struck out as a whole.
    """

    header: HeaderMatch
    data: dict[int, Row] = field(default_factory=dict)
    furniture: dict[int, Kind] = field(default_factory=dict)
    totals: list[tuple[int, Kind]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    struck: list[int] = field(default_factory=list)

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
    wide = {area.first_row: area for area in sheet.merges if area.last_column > area.first_column}
    for row in range(header.last_row + 1, last_row + 1):
        cells = sheet.rows.get(row, {})
        area = wide.get(row)
        width = area.last_column - area.first_column + 1 if area else 1
        kind = sorter.kind(
            cells,
            is_first=not body.data and row <= header.last_row + 2,
            spans_table=width > 2 and width * 2 > len(header.columns),
            merged_label=area is not None and area.first_column == min(cells, default=0),
            from_above=from_above.get(row),
        )
        if kind is None:
            body.data[row] = {
                **from_above.get(row, {}),
                **{column: cell for column, cell in cells.items() if cell.text or cell.flags},
            }
        else:
            _keep_furniture(body, row, kind)
    _sign(body, sorter, sheet)
    return body


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


def _sign(body: Body, sorter: RowSorter, sheet: Sheet) -> None:
    """A row below the last full one that holds an office's name alone is its signature."""
    full = [row for row, cells in body.data.items() if not sorter.required or sorter.filled(cells) == len(sorter.required)]
    last_full = max(full, default=0)
    for row in [row for row in body.data if row > last_full]:
        texts = [cell.text for cell in sheet.rows.get(row, {}).values() if cell.text]
        if len(texts) == 1 and is_issuer(texts[0]) and body.furniture.get(row - 1) not in {None, Kind.GROUP}:
            del body.data[row]
            body.furniture[row] = Kind.SIGNATURE


def own_columns(cells: Row) -> Iterable[int]:
    """The columns in which a row itself holds something, not by a merge from above."""
    return (column for column, cell in cells.items() if cell.text and FILLED_DOWN not in cell.flags)
