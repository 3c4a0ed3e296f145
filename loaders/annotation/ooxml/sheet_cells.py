"""Worksheet part: its rows and cells by number, to be styled, and added where the part has none."""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from typing import Any

from loaders.annotation.ooxml.xml_text import child, new_element, required_child
from loaders.reading.model.sheets import Area, address, column_number

_FILLED = ("v", "is", "f")


class SheetCells:
    """The cells of one worksheet part."""

    def __init__(self, root: Any) -> None:
        """Numbers all rows.

        Raises:
            ValueError: the part has no rows at all, or an address is malformed.
        """
        self._root = root
        self._data = required_child(root, "sheetData")
        self._rows: dict[int, Any] = {}
        self._columns: dict[int, dict[int, Any]] = {}
        number = 0
        for row in self._data.iterchildren("{*}row"):
            number = int(row.get("r") or number + 1)
            # An added row must not move those that have no number of their own.
            row.set("r", str(number))
            self._rows.setdefault(number, row)
        self._numbers = sorted(self._rows)
        self._merges = list(self._parsed_merges())

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """Returns the first cell of the merge that covers a cell, else the cell itself."""
        for area in self._merges:
            if area.first_row <= row <= area.last_row and area.first_column <= column <= area.last_column:
                return area.first_row, area.first_column
        return row, column

    def first_filled(self, row: int) -> int:
        """Returns the first column of a row that has a content; 1 without one."""
        cells = self._cells_of(row)
        return min(
            (column for column, cell in cells.items() if any(child(cell, name) is not None for name in _FILLED)), default=1
        )

    def style(self, row: int, column: int) -> int:
        """Returns the number of a cell's format, for a missing cell that of its row or column."""
        cell = self._cells_of(row).get(column)
        if cell is not None:
            return int(cell.get("s") or 0)
        element = self._rows.get(row)
        if element is not None and element.get("customFormat") in {"1", "true"}:
            return int(element.get("s") or 0)
        for item in self._root.iterchildren("{*}cols"):
            for span in item.iterchildren("{*}col"):
                if int(span.get("min", "0")) <= column <= int(span.get("max", "0")):
                    return int(span.get("style") or 0)
        return 0

    def set_style(self, row: int, column: int, style: int) -> None:
        """Sets the format of a cell. A missing one is added, blank, at its place in the order."""
        cell = self._cells_of(row).get(column)
        if cell is None:
            cell = self._add_cell(row, column)
        cell.set("s", str(style))

    def styled(self) -> list[Any]:
        """Returns all cells that have a format."""
        return [cell for cell in self._data.iter("{*}c") if cell.get("s")]

    def _cells_of(self, row: int) -> dict[int, Any]:
        if row not in self._columns:
            cells: dict[int, Any] = {}
            column = 0
            for cell in self._rows[row].iterchildren("{*}c") if row in self._rows else ():
                place = (cell.get("r") or "").rstrip("0123456789")
                column = column_number(place) if place else column + 1
                cell.set("r", address(row, column))
                cells.setdefault(column, cell)
            self._columns[row] = cells
        return self._columns[row]

    def _add_cell(self, row: int, column: int) -> Any:
        element = self._rows.get(row)
        if element is None:
            element = self._add_row(row)
        cell = new_element(element, "c", r=address(row, column))
        cells = self._cells_of(row)
        following = min((other for other in cells if other > column), default=None)
        if following is None:
            last = max(cells, default=None)
            element.insert(0 if last is None else element.index(cells[last]) + 1, cell)
        else:
            cells[following].addprevious(cell)
        # A hint for the program that opens the file, which would be wrong now.
        element.attrib.pop("spans", None)
        cells[column] = cell
        return cell

    def _add_row(self, number: int) -> Any:
        element = new_element(self._data, "row", r=str(number))
        position = bisect_right(self._numbers, number)
        if position == len(self._numbers):
            self._data.append(element)
        else:
            self._rows[self._numbers[position]].addprevious(element)
        self._numbers.insert(position, number)
        self._rows[number] = element
        self._columns.pop(number, None)
        return element

    def _parsed_merges(self) -> Any:
        for item in self._root.iterfind("{*}mergeCells/{*}mergeCell"):
            with contextlib.suppress(ValueError):
                yield Area.parse(item.get("ref", ""))
