"""Header finder: locates the header of a table and maps sheet columns to contract columns.

A header has one to five rows. The words of a sheet column are the texts above its data from top to bottom, with merges expanded
in both directions. They match a contract header as a whole path, or by the lowest words. Missing required columns, unknown
columns and two candidates for one column are mismatches, which are always reported.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from loaders.contract import Report
from loaders.period import Period
from loaders.reading.model.sheets import CellKind, Sheet, column_letter
from loaders.reading.tables.headers.header_index import HeaderIndex, header_indexes
from loaders.reading.tables.headers.header_text import is_unit, unit_of_header
from loaders.reading.tables.headers.merged_cells import MAX_HEADER_ROWS, ExpandedSheet
from loaders.reading.values.units import printed_unit, scale_of

_TEXTS = frozenset({CellKind.TEXT})
_TEXTS_AND_NUMBERS = frozenset({CellKind.TEXT, CellKind.NUMBER})


@dataclass(frozen=True, slots=True)
class HeaderMismatch:
    """Mismatch of a header: the rule and the affected headers or columns."""

    rule: str
    found: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


@dataclass(slots=True)
class HeaderMatch:
    """Header compared with a layout: location, column numbers by contract name, mismatches.

    `paths` holds the words above each sheet column from top to bottom, known or unknown.
    """

    sheet: str
    first_row: int
    last_row: int
    layout: str
    columns: dict[str, int]
    paths: dict[int, tuple[str, ...]]
    mismatches: list[HeaderMismatch] = field(default_factory=list)

    @property
    def score(self) -> int:
        """Returns how much of the contract was found, less a deduction for mismatches."""
        return len(self.columns) * 2 - sum(max(len(mismatch.found), len(mismatch.expected)) for mismatch in self.mismatches)

    @property
    def words(self) -> dict[int, str]:
        """Returns the words above each sheet column as one line of text."""
        return {column: " ".join(" ".join(path).split()) for column, path in self.paths.items()}

    def letters(self) -> dict[str, str]:
        """Returns the column letter of each contract column."""
        return {name: column_letter(number) for name, number in self.columns.items()}

    def unit_of(self, column: int) -> str | None:
        """Returns the unit in the words above a column, in brackets or in a row of its own."""
        path = self.paths[column]
        return unit_of_header("".join(path)) or next((word for word in reversed(path) if is_unit(word)), None)


class HeaderFinder:
    """Finder of the headers of one report in sheets."""

    def __init__(self, report: Report, period: Period | None) -> None:
        self._header_indexes = header_indexes(report, period)

    def find(self, sheet: Sheet, expanded: ExpandedSheet | None = None) -> HeaderMatch | None:
        """Returns the first complete header of a sheet, else the closest one with at least two matching columns."""
        return HeaderSearch(expanded or ExpandedSheet(sheet), self._header_indexes).find(1)

    def search(self, sheet: Sheet) -> HeaderSearch:
        """Creates a search for all headers of one sheet."""
        return HeaderSearch(ExpandedSheet(sheet), self._header_indexes)


class HeaderSearch:
    """Search for headers in one sheet, from any row on."""

    def __init__(self, expanded: ExpandedSheet, header_indexes: list[HeaderIndex]) -> None:
        self._sheet = expanded.sheet
        self._expanded = expanded
        self._header_indexes = header_indexes
        self._rows = sorted(row for row, cells in expanded.sheet.rows.items() if len(cells) > 1)
        self._hits: list[dict[int, set[int]]] = [{} for _ in header_indexes]

    def find(self, first_row: int) -> HeaderMatch | None:
        """Returns the first complete header from `first_row` on, else the closest one with at least two matching columns."""
        best: HeaderMatch | None = None
        for row in self._starts(first_row):
            match = self._match_at(row)
            if match is None:
                continue
            if not match.mismatches:
                return self._with_rows_below(self._without_rows_above(match))
            if best is None or match.score > best.score:
                best = match
        return self._without_rows_above(best) if best and len(best.columns) >= 2 else None

    def _hits_in(self, number: int, row: int) -> set[int]:
        """Returns the columns whose cell in this row is a header of one layout, or could form one together with adjacent cells.

        A row is looked at when a search comes to it: most headers stand above most rows.
        """
        known = self._hits[number]
        if row not in known:
            index, cells = self._header_indexes[number], self._sheet.rows.get(row, {})
            kinds = _TEXTS_AND_NUMBERS if index.has_numbers else _TEXTS
            known[row] = (
                {column for column, cell in cells.items() if cell.kind in kinds and index.is_part_of_header(cell.text)}
                if len(cells) > 1
                else set()
            )
        return known[row]

    def _starts(self, first_row: int) -> Iterator[int]:
        """Yields the rows in which a header may begin, from the top: those with one of its words in or just below them."""
        numbers = range(len(self._header_indexes))
        for row in self._rows[bisect_left(self._rows, first_row) :]:
            if any(self._hits_in(number, below) for number in numbers for below in range(row, row + MAX_HEADER_ROWS)):
                yield row

    def _match_at(self, row: int) -> HeaderMatch | None:
        """Returns the shallowest complete match of a header that begins in this row, else the best match."""
        best: HeaderMatch | None = None
        for number, header_index in enumerate(self._header_indexes):
            # A header word in only one column is usually a value that equals it (a post 社工 under 社工编号).
            matched_columns = set[int]().union(*(self._hits_in(number, below) for below in range(row, row + MAX_HEADER_ROWS)))
            if len(matched_columns) < min(2, len(header_index.required)):
                continue
            for depth in range(1, MAX_HEADER_ROWS + 1):
                match = self._compare(row, depth, header_index)
                if match.columns and not match.mismatches:
                    return match
                if match.columns and (best is None or match.score > best.score):
                    best = match
        return best

    def _without_rows_above(self, match: HeaderMatch) -> HeaderMatch:
        """Removes lines above the header that no column needs (填报单位：…), but keeps words that group columns."""
        while match.first_row < match.last_row and not self._expanded.groups_columns(match.first_row, match.columns.values()):
            shorter = self._match_at(match.first_row + 1)
            if shorter is None or shorter.columns != match.columns or shorter.score < match.score:
                break
            match = shorter
        return match

    def _with_rows_below(self, match: HeaderMatch) -> HeaderMatch:
        """Extends the header by rows below that its merges reach, or that contain only units."""
        last_row = self._expanded.reach(match.first_row, match.last_row, match.columns.values())
        if last_row == match.last_row and self._is_row_of_units(last_row + 1):
            last_row += 1
        if last_row == match.last_row:
            return match
        header_index = next(words for words in self._header_indexes if words.layout.name == match.layout)
        deeper = self._compare(match.first_row, last_row - match.first_row + 1, header_index)
        return deeper if not deeper.mismatches and deeper.columns == match.columns else match

    def _is_row_of_units(self, row: int) -> bool:
        words = list(self._expanded.words(row))
        return bool(words) and all(is_unit(word) for word in words)

    def _compare(self, row: int, depth: int, header_index: HeaderIndex) -> HeaderMatch:
        candidates: dict[str, list[int]] = {}
        unknown: list[str] = []
        paths = self._expanded.paths(row, depth)
        for column, path in paths.items():
            known, name = header_index.look_up_path(path)
            if name is not None:
                candidates.setdefault(name, []).append(column)
            elif not known and path:
                unknown.append(" ".join(path))
        columns = {name: places[0] for name, places in candidates.items()}
        match = HeaderMatch(self._sheet.name, row, row + depth - 1, header_index.layout.name, columns, paths)
        match.mismatches = list(_mismatches(candidates, unknown, match.words, header_index))
        return match


def _mismatches(
    candidates: Mapping[str, list[int]], unknown: list[str], words: Mapping[int, str], header_index: HeaderIndex
) -> Iterator[HeaderMismatch]:
    missing = tuple(header for name, header in header_index.required.items() if name not in candidates)
    if missing:
        yield HeaderMismatch("missing_column", tuple(unknown), missing)
    if unknown:
        yield HeaderMismatch("unknown_column", tuple(unknown), missing)
    for name, columns in candidates.items():
        if len(columns) > 1:
            found = tuple(f"{words[column]} ({column_letter(column)})" for column in columns)
            yield HeaderMismatch("ambiguous_column", found, (name,))


def printed_units(match: HeaderMatch, report: Report, label_units: tuple[str, ...]) -> dict[str, str]:
    """Returns the units in which numeric columns are printed, where header, label or contract names one."""
    found = {
        name: printed_unit(report.column(name), match.unit_of(number), label_units) for name, number in match.columns.items()
    }
    return {name: unit for name, unit in found.items() if unit is not None}


def scales(match: HeaderMatch, report: Report, label_units: tuple[str, ...]) -> dict[str, Decimal]:
    """Returns the factors from printed units to the contract's, by column.

    The printed unit is the header's, else that of the sheet's label, else the contract's.

    Raises:
        Refusal: the document uses another currency than the contract.
    """
    found = {}
    for name, number in match.columns.items():
        factor = scale_of(report.column(name), match.unit_of(number), label_units)
        if factor != 1:
            found[name] = factor
    return found
