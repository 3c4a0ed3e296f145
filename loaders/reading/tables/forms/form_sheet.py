"""Form sheets, which print `标签：值` pairs in place of a table: one sheet is one record.

The value of a label follows its colon, or is in the next cell to the right. `_row` of the record is the row of its first label.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from loaders.contract import Report
from loaders.period import Period
from loaders.reading.model.sheets import Cell, Sheet, address
from loaders.reading.tables.headers.header_finder import HeaderMatch, HeaderMismatch
from loaders.reading.tables.headers.header_index import HeaderIndex, header_indexes
from loaders.reading.tables.headers.header_text import exact_form
from loaders.reading.tables.preamble.empty_fields import filled_in
from loaders.reading.tables.rows.closing_lines import is_signature

Place = tuple[int, int]


@dataclass(slots=True)
class FormMatch:
    """Match of a sheet with a form: the location and value of each column, and mismatches."""

    header: HeaderMatch
    places: dict[str, Place] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)

    @property
    def first_row(self) -> int:
        """Returns the row of the first label."""
        return self.header.first_row


@dataclass(frozen=True, slots=True)
class _LabeledValue:
    """Label with its value (None: blank) and their locations."""

    label: str
    row: int
    column: int
    value: Cell | None
    place: Place


def match_form(sheet: Sheet, report: Report, period: Period | None) -> FormMatch | None:
    """Matches a sheet with the layout that knows most of its labels; None if at most one label is known."""
    matches = [_match(sheet, header_index) for header_index in header_indexes(report, period)]
    best = max(matches, key=lambda match: match.header.score)
    return best if len(best.header.columns) > 1 else None


def _match(sheet: Sheet, header_index: HeaderIndex) -> FormMatch:
    header = HeaderMatch(sheet.name, 0, 0, header_index.layout.name, {}, {})
    match = FormMatch(header)
    found: dict[str, list[_LabeledValue]] = {}
    unknown: list[str] = []
    for pair in _pairs(sheet, header_index):
        known, name = header_index.look_up(pair.label)
        if name is not None:
            found.setdefault(name, []).append(pair)
        elif not known and pair.value is not None:
            unknown.append(exact_form(pair.label))
    for name, pairs in found.items():
        first = next((pair for pair in pairs if pair.value is not None), pairs[0])
        header.columns[name] = first.column
        header.paths[first.column] = (*header.paths.get(first.column, ()), first.label)
        match.places[name] = first.place
        if first.value is not None:
            match.cells[name] = first.value
    rows = [pair.row for pairs in found.values() for pair in pairs]
    header.first_row, header.last_row = min(rows, default=0), max(rows, default=0)
    header.mismatches = list(_mismatches(found, unknown, header_index))
    return match


def _mismatches(found: dict[str, list[_LabeledValue]], unknown: list[str], header_index: HeaderIndex) -> Iterator[HeaderMismatch]:
    missing = [c for c in header_index.columns if c.name in header_index.required and c.name not in found]
    if missing:
        yield HeaderMismatch("missing_column", tuple(unknown), tuple(header_index.headers_of(column)[0] for column in missing))
    if unknown:
        yield HeaderMismatch("unknown_column", tuple(unknown), tuple(header_index.headers_of(column)[0] for column in missing))
    for name, pairs in found.items():
        values = {pair.value.text for pair in pairs if pair.value is not None}
        if len(values) > 1:
            yield HeaderMismatch(
                "ambiguous_column", tuple(f"{pair.label} ({address(pair.row, pair.column)})" for pair in pairs), (name,)
            )


def _pairs(sheet: Sheet, header_index: HeaderIndex) -> Iterator[_LabeledValue]:
    ends = {(area.first_row, area.first_column): area.last_column for area in sheet.merges}
    for row in sorted(sheet.rows):
        cells = sheet.rows[row]
        taken: set[int] = set()
        for column in sorted(cells):
            text = cells[column].text
            if column in taken or not text:
                continue
            label, colon, rest = text.replace("：", ":").partition(":")
            if colon and filled_in(rest) and _is_label(label, header_index):
                yield _LabeledValue(label, row, column, Cell(rest.strip(), flags=cells[column].flags), (row, column))
            elif _is_label(label + colon if not filled_in(rest) else text, header_index, colon=bool(colon)):
                place, value = _value_beside(sheet, row, ends.get((row, column), column), header_index)
                if place is not None:
                    taken.add(place)
                yield _LabeledValue(label, row, column, value, (row, place or column))


def _is_label(text: str, header_index: HeaderIndex, *, colon: bool = False) -> bool:
    """Checks whether a text is a label: a known one, or a text that ends in a colon and is no line of the preamble."""
    if header_index.look_up(text.rstrip(":： "))[0]:
        return True
    return colon and text.rstrip().endswith((":", "：")) and not is_signature([text])


def _value_beside(sheet: Sheet, row: int, last_column: int, header_index: HeaderIndex) -> tuple[int | None, Cell | None]:
    """Returns the next cell to the right, unless it is a label itself."""
    cells = sheet.rows[row]
    column = min((number for number in cells if number > last_column and cells[number].text), default=None)
    if column is None or _is_label(cells[column].text, header_index, colon=True):
        return None, None
    return column, cells[column] if filled_in(cells[column].text) else None
