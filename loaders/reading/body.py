"""The rows below a header: which are data, which are furniture and of what kind; merges filled down, split names joined."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from loaders.contract import Report
from loaders.reading.furniture import Kind
from loaders.reading.header import HeaderMatch
from loaders.reading.row_sorter import RowSorter
from loaders.reading.sheets import Area, Cell, Sheet


@dataclass(slots=True)
class Body:
    """What stands below one header: data rows by row number, furniture rows by kind."""

    header: HeaderMatch
    data: dict[int, dict[int, Cell]] = field(default_factory=dict)
    furniture: dict[int, Kind] = field(default_factory=dict)
    totals: list[tuple[int, Kind]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """How many rows of each kind."""
        return Counter(kind.value for kind in self.furniture.values())


class BodyReader:
    """Sorts the rows of one sheet under one report."""

    def __init__(self, report: Report, sheet: Sheet) -> None:
        self._report = report
        self._sheet = sheet
        self._across = {area.first_row: area for area in sheet.merges if area.last_column - area.first_column >= 2}

    def read(self, header: HeaderMatch, last_row: int) -> Body:
        """Sort the rows from below the header to `last_row`."""
        body = Body(header)
        sorter = RowSorter(self._report, header)
        for row in range(header.last_row + 1, last_row + 1):
            cells = self._sheet.rows.get(row, {})
            is_first = not body.data and row <= header.last_row + 2
            kind = sorter.kind(cells, is_first=is_first, spans_table=self._spans(row, len(header.columns)))
            if kind is None:
                body.data[row] = cells
                continue
            body.furniture[row] = kind
            if kind in {Kind.TOTAL, Kind.SUBTOTAL}:
                body.totals.append((row, kind))
            elif kind is Kind.GROUP:
                body.groups.append(row)
        return body

    def _spans(self, row: int, width: int) -> bool:
        area: Area | None = self._across.get(row)
        return area is not None and (area.last_column - area.first_column + 1) * 2 > width


def fill_down(sheet: Sheet, body: Body) -> None:
    """Give every data row below a vertical merge the value that the merge shows; nothing is spread sideways."""
    for area in sheet.merges:
        if area.last_row == area.first_row:
            continue
        origin = sheet.rows.get(area.first_row, {}).get(area.first_column)
        if origin is None or area.first_row <= body.header.last_row:
            continue
        for row in range(area.first_row + 1, area.last_row + 1):
            if row in body.data and area.first_column not in body.data[row]:
                body.data[row] = {
                    **body.data[row],
                    area.first_column: Cell(origin.text, origin.kind, (*origin.flags, "filled_down")),
                }


def join_split_values(body: Body, report: Report) -> None:
    """Join a value that runs over two rows (武汉市 / 第七医院) where the contract says that its column may."""
    splittable = {body.header.columns[c.name] for c in report.columns if c.may_be_split and c.name in body.header.columns}
    if not splittable:
        return
    previous: int | None = None
    for row in sorted(body.data):
        cells = body.data[row]
        own = {column for column, cell in cells.items() if "filled_down" not in cell.flags}
        if previous is not None and own and own <= splittable:
            target = body.data[previous]
            joined = {c: Cell(target[c].text + cells[c].text if c in target else cells[c].text, flags=("joined",)) for c in own}
            body.data[previous] = {**target, **joined}
            del body.data[row]
            body.furniture[row] = Kind.CONTINUATION
        else:
            previous = row
