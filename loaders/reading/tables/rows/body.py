"""Table body: classifies the rows below a header as data or furniture, fills vertical merges down, joins split names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from loaders.contract import Report
from loaders.model import Issue
from loaders.reading.model.sheets import Area, Cell, Sheet
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.rows.row_classifier import RowClassifier, RowContext
from loaders.reading.tables.rows.table_end import ROWS_COMPARED, Line, ResolvedLine, TableEnd

FILLED_DOWN = "filled_down"

Row = dict[int, Cell]


@dataclass(slots=True)
class TableBody:
    """Body of one table: data rows by row number, furniture rows by kind.

    `merged` are the vertical merges whose value was filled down, `struck` the rows that are wholly struck out. `issues` are
    warnings about rows that may be closing lines.
    """

    header: HeaderMatch
    data: dict[int, Row] = field(default_factory=dict)
    furniture: dict[int, RowKind] = field(default_factory=dict)
    totals: list[tuple[int, RowKind]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    struck: list[int] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Returns the number of rows of each kind."""
        return Counter(kind.value for kind in self.furniture.values())


def read_body(report: Report, sheet: Sheet, header: HeaderMatch, last_row: int) -> TableBody:
    """Classifies the rows from below the header to `last_row`.

    A vertical merge gives its value to every data row that it covers. Horizontal merges are not filled.
    """
    body = TableBody(header)
    classifier = RowClassifier(report, header)
    from_above = _filled_down(sheet, header.last_row + 1, last_row, body)
    lines = list(_lines(sheet, classifier, header, last_row, from_above))
    for resolved in _resolved_lines(classifier, lines, sheet, body):
        row, kind = resolved.line.number, resolved.kind
        if kind is not None:
            _keep_furniture(body, row, kind)
            continue
        body.data[row] = {
            **from_above.get(row, {}),
            **{column: cell for column, cell in resolved.line.cells.items() if cell.text or cell.flags},
        }
    return body


def _lines(
    sheet: Sheet, classifier: RowClassifier, header: HeaderMatch, last_row: int, from_above: dict[int, Row]
) -> Iterator[Line]:
    """Yields each row below the header with its classification."""
    wide = {area.first_row: area for area in sheet.merges if area.last_column > area.first_column}
    has_data = False
    for row in range(header.last_row + 1, last_row + 1):
        cells = sheet.rows.get(row, {})
        area = wide.get(row)
        width = area.last_column - area.first_column + 1 if area else 1
        context = RowContext(
            is_first=not has_data and row <= header.last_row + 2,
            spans_table=width > 2 and width * 2 > len(header.columns),
            merged_label=area is not None and area.first_column == min(cells, default=0),
            from_above=from_above.get(row),
            following=sheet.rows.get(row + 1),
        )
        classification = classifier.classify(cells, context)
        has_data = has_data or classification.kind is None or classification.may_close_table
        yield Line(row, cells, classification)


def _resolved_lines(classifier: RowClassifier, lines: list[Line], sheet: Sheet, body: TableBody) -> Iterator[ResolvedLine]:
    """Yields the kind of each line. Below the last full row, neighboring lines decide as well."""
    end = max((place for place, line in enumerate(lines, start=1) if line.classification.is_certain_data), default=0)
    for line in lines[:end]:
        yield ResolvedLine(line, None if line.classification.may_close_table else line.classification.kind)
    rows = [line.cells for line in lines[:end] if line.classification.is_certain_data]
    table_end = TableEnd(classifier.columns, lambda: rows[-ROWS_COMPARED:])
    below = table_end.resolve(lines[end:])
    body.issues.extend(table_end.ambiguous_line_issues(below, sheet.name))
    yield from below


def _keep_furniture(body: TableBody, row: int, kind: RowKind) -> None:
    body.furniture[row] = kind
    if kind in {RowKind.TOTAL, RowKind.SUBTOTAL}:
        body.totals.append((row, kind))
    elif kind is RowKind.GROUP:
        body.groups.append(row)


def _filled_down(sheet: Sheet, first_row: int, last_row: int, body: TableBody) -> dict[int, Row]:
    """Returns the values that vertical merges give to the rows below their first."""
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


def filled_spans(body: TableBody) -> dict[str, tuple[tuple[int, int], ...]]:
    """Returns by contract column the first and last rows of the vertical merges whose value was filled down."""
    names = {number: name for name, number in body.header.columns.items()}
    spans: dict[str, tuple[tuple[int, int], ...]] = {}
    for area in body.merged:
        if area.first_column in names:
            name = names[area.first_column]
            spans[name] = (*spans.get(name, ()), (area.first_row, area.last_row))
    return spans


def own_columns(cells: Row) -> Iterable[int]:
    """Returns the columns in which a row has content of its own, not filled down from a merge."""
    return (column for column, cell in cells.items() if cell.text and FILLED_DOWN not in cell.flags)
