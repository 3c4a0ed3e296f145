"""Header detection without a contract: by the shape of rows, their merges and their cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.reading.model.sheets import Area, Cell, CellKind, Sheet
from loaders.reading.tables.headers.code_row import is_code_row
from loaders.reading.tables.headers.header_text import exact_form, is_unit
from loaders.reading.tables.headers.merged_cells import MAX_HEADER_ROWS, ExpandedSheet

_ROWS_LOOKED_AT = 200
_MAX_LINE_TEXTS = 4
_MAX_HEADER_CHARS = 80
# Share of the table's columns that a header row must label. Lines above the table label fewer.
_ENOUGH = 0.7
# A cell that is wider than this share of the table is its title.
_TITLE = 0.6
# `2023`
_YEAR = re.compile(r"(?:19|20)\d{2}")


@dataclass(frozen=True, slots=True)
class DetectedHeader:
    """Header found without a contract: its rows, and the words above each column from left to right."""

    first_row: int
    last_row: int
    headers: tuple[str, ...]


def detect_header(sheet: Sheet) -> DetectedHeader | None:
    """Detects the header of a sheet's first table; None if no row labels at least two columns."""
    return _HeaderDetector(sheet).detect()


class _HeaderDetector:
    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._expanded = ExpandedSheet(sheet)
        self._rows = [row for row in sorted(sheet.rows) if any(cell.text for cell in sheet.rows[row].values())][:_ROWS_LOOKED_AT]
        self._columns = self._columns_of_table()

    def detect(self) -> DetectedHeader | None:
        best: tuple[int, int] | None = None
        covered = 0.0
        for row in filter(self._may_begin_header, self._rows):
            depth = self._depth(row)
            share = len(self._expanded.paths(row, depth).keys() & self._columns) / max(1, len(self._columns))
            if best is None or share > covered:
                best, covered = (row, depth), share
            if covered >= _ENOUGH:
                break
        if best is None:
            return None
        first, depth = self._with_groups_above(*best)
        paths = self._expanded.paths(first, depth)
        headers = tuple(" ".join(" ".join(paths[column]).split()) for column in sorted(paths) if paths[column])
        return DetectedHeader(first, first + depth - 1, headers) if len(headers) > 1 else None

    def _columns_of_table(self) -> set[int]:
        """Returns the columns with content in many rows."""
        counts = Counter(column for row in self._rows if len(shown := self._expanded.columns(row)) > 1 for column in shown)
        most = max(counts.values(), default=0)
        return {column for column, count in counts.items() if count * 10 >= most * 3}

    def _may_begin_header(self, row: int) -> bool:
        """Checks whether a row labels columns: two texts or more, no values, no labels (`填报单位：…`), no wide title."""
        cells = self._own(row)
        texts = [cell.text for cell in cells.values()]
        if len(texts) < 2 or not all(map(_is_name, cells.values())):
            return False
        if len(texts) <= _MAX_LINE_TEXTS and any(":" in exact_form(f"{text}|") for text in texts):
            return False
        return not self._is_title(row) or any(area.last_row > row for area in self._areas(row))

    def _is_title(self, row: int) -> bool:
        widest = max((area.last_column - area.first_column + 1 for area in self._wide(row)), default=1)
        return widest > len(self._columns) * _TITLE

    def _depth(self, row: int) -> int:
        """Returns the number of rows of a header that begins here: as far as its merges, subdivided groups or units extend."""
        depth = 1
        while depth < MAX_HEADER_ROWS and self._continues(row, row + depth):
            depth += 1
        return depth

    def _continues(self, first: int, below: int) -> bool:
        cells = self._own(below)
        if not cells or not all(map(_is_name, cells.values())) or is_code_row(cells, {}):
            return False
        if self._expanded.reach(first, below - 1, self._expanded.columns(below)) >= below:
            return True
        if all(is_unit(cell.text) for cell in cells.values()):
            return True
        return self._divides_groups(below, cells) or self._fills_gaps(below, cells)

    def _divides_groups(self, below: int, cells: dict[int, Cell]) -> bool:
        """Checks whether the row labels columns below a cell that spans several columns."""
        return any(sum(area.first_column <= column <= area.last_column for column in cells) > 1 for area in self._wide(below - 1))

    def _fills_gaps(self, below: int, cells: dict[int, Cell]) -> bool:
        """Checks whether the row labels columns that are blank above, and leaves others blank that are labeled above."""
        above = self._expanded.columns(below - 1)
        return bool(cells.keys() - above) and bool(above - cells.keys()) and len(cells) < len(self._columns)

    def _with_groups_above(self, row: int, depth: int) -> tuple[int, int]:
        columns = self._expanded.paths(row, depth).keys()
        while depth < MAX_HEADER_ROWS and self._expanded.groups_columns(row - 1, columns) and not self._is_title(row - 1):
            row, depth = row - 1, depth + 1
        return row, depth

    def _own(self, row: int) -> dict[int, Cell]:
        return {column: cell for column, cell in self._sheet.rows.get(row, {}).items() if cell.text}

    def _areas(self, row: int) -> Sequence[Area]:
        return [area for area in self._sheet.merges if area.first_row <= row <= area.last_row]

    def _wide(self, row: int) -> Sequence[Area]:
        return [area for area in self._areas(row) if area.last_column > area.first_column]


def _is_name(cell: Cell) -> bool:
    """Checks whether a cell can be part of a header: words, or a year."""
    if len(cell.text) > _MAX_HEADER_CHARS:
        return False
    if cell.kind is CellKind.NUMBER or cell.text.isdigit():
        return _YEAR.fullmatch(cell.text) is not None
    return cell.kind is CellKind.TEXT and any(map(str.isalpha, cell.text))
