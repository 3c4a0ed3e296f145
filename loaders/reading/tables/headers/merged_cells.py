"""Merged cells: a view of a sheet in which each cell of a merge shows the merge's value, as people read headers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from loaders.reading.model.sheets import Sheet

MAX_HEADER_ROWS = 5
_WIDEST_MERGE = 300


class ExpandedSheet:
    """Sheet with expanded merges. One instance serves the header searches of many reports."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._covered: dict[int, dict[int, tuple[int, int]]] = {}
        self._paths: dict[tuple[int, int], dict[int, tuple[str, ...]]] = {}
        self._places_found: dict[tuple[int, int], dict[int, tuple[tuple[int, int], ...]]] = {}
        for area in sheet.merges:
            if area.last_row - area.first_row >= MAX_HEADER_ROWS or area.last_column - area.first_column > _WIDEST_MERGE:
                continue
            for row in range(area.first_row, area.last_row + 1):
                cover = self._covered.setdefault(row, {})
                for column in range(area.first_column, area.last_column + 1):
                    cover[column] = (area.first_row, area.first_column)

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """Returns the cell that holds what this location shows."""
        return self._covered.get(row, {}).get(column, (row, column))

    def columns(self, row: int) -> set[int]:
        """Returns the columns of a row that show something."""
        own = {column for column, cell in self.sheet.rows.get(row, {}).items() if cell.text}
        return own | {column for column, (top, left) in self._covered.get(row, {}).items() if self.sheet.text(top, left)}

    def words(self, row: int) -> Iterator[str]:
        """Yields the texts of a row."""
        return (cell.text for cell in self.sheet.rows.get(row, {}).values() if cell.text)

    def paths(self, row: int, depth: int) -> dict[int, tuple[str, ...]]:
        """Returns for each column with content in these rows the words from top to bottom. A merged word occurs once."""
        found = self._paths.get((row, depth))
        if found is None:
            text = self.sheet.text
            places = self._places(row, depth)
            found = {column: tuple(text(*place) for place in places[column]) for column in sorted(places)}
            self._paths[row, depth] = found
        return found

    def _places(self, row: int, depth: int) -> dict[int, tuple[tuple[int, int], ...]]:
        """Returns for each column with content in these rows the cells with its words: those of one row less, then the last's."""
        found = self._places_found.get((row, depth))
        if found is None:
            found = dict(self._places(row, depth - 1)) if depth > 1 else {}
            last = row + depth - 1
            for column in self.columns(last):
                place, above = self.origin(last, column), found.get(column, ())
                is_new = place[0] >= row and place not in above and self.sheet.text(*place)
                found[column] = (*above, place) if is_new else above
            self._places_found[row, depth] = found
        return found

    def groups_columns(self, row: int, columns: Collection[int]) -> bool:
        """Checks whether a row has words over several but not all of these columns, and is no line of labels (`单位：万元`)."""
        if any(":" in word or "：" in word for word in self.words(row)):
            return False
        wide = [
            area for area in self.sheet.merges if area.first_row <= row <= area.last_row and area.first_column < area.last_column
        ]
        spans = (sum(area.first_column <= column <= area.last_column for column in columns) for area in wide)
        return any(1 < span < len(columns) for span in spans)

    def reach(self, first_row: int, last_row: int, columns: Collection[int]) -> int:
        """Returns the last row of merges that begin in these rows over these columns."""
        ends = (
            area.last_row
            for area in self.sheet.merges
            if first_row <= area.first_row <= last_row
            and any(area.first_column <= column <= area.last_column for column in columns)
        )
        return max([last_row, *(end for end in ends if end < first_row + MAX_HEADER_ROWS)])
