"""Table end: decides which lines below the last full row close the document, and which are rows of the table.

A closing line is a data row if it matches the values above it (an office below offices, a date below dates) and nothing separates
it. If both readings are possible, the line gets a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loaders.contract import Column
from loaders.messages import issue_of
from loaders.model import Issue
from loaders.reading.model.sheets import Cell
from loaders.reading.tables.rows.closing_lines import ClosingElement, continues_note, pattern_of
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.rows.row_classifier import RowClass
from loaders.reading.tables.rows.split_names import is_start_of_name

ROWS_COMPARED = 200
MAX_CLOSING_LINES = 200
_SHORTEST_OFFICE = 5
_CLOSED = {RowKind.TOTAL, RowKind.SIGNATURE, RowKind.PROSE}
Pattern = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Row below the last full one: its number, cells and classification."""

    number: int
    cells: Mapping[int, Cell]
    classification: RowClass


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    """Resolved line: its kind (None: a data row), and whether it is ambiguous."""

    line: Line
    kind: RowKind | None
    is_ambiguous: bool = False


class TableEnd:
    """Resolver of the lines below one table. `rows_above` returns the last data rows, `columns` are the contract's."""

    def __init__(self, columns: Mapping[int, Column], rows_above: Callable[[], Iterable[Mapping[int, Cell]]]) -> None:
        self._columns = columns
        self._rows_above = rows_above

    def resolve(self, lines: Sequence[Line]) -> list[ResolvedLine]:
        """Returns the kind of each line."""
        closing = [line for line in lines if line.classification.may_close_table]
        if not closing or len(closing) > MAX_CLOSING_LINES:
            return [
                ResolvedLine(line, None if line.classification.may_close_table else line.classification.kind) for line in lines
            ]
        above = list(self._rows_above())
        splittable = {number for number, column in self._columns.items() if column.may_be_split}
        unfinished_values = {
            number: cell.text for number, cell in (above[-1] if above else {}).items() if number in splittable and cell.text
        }
        resolver = _LineResolver(
            self._patterns(above, closing), unfinished_values, has_single_text_rows=not above or any(map(_has_single_text, above))
        )
        return [resolver.resolve(line, lines[place + 1] if place + 1 < len(lines) else None) for place, line in enumerate(lines)]

    def _patterns(self, above: Sequence[Mapping[int, Cell]], closing: Sequence[Line]) -> dict[int, set[Pattern]]:
        """Returns the patterns of each column's values. Without rows above, those are the patterns that several lines share."""
        fewest = 1 if above else 2
        counts: dict[int, Counter[Pattern]] = {}
        for cells in above or [line.cells for line in closing]:
            for column in self._columns & cells.keys():
                pattern = pattern_of(cells[column].text) if cells[column].text else None
                if pattern is not None:
                    counts.setdefault(column, Counter())[pattern] += 1
        return {column: {one for one, count in seen.items() if count >= fewest} for column, seen in counts.items()}

    def ambiguous_line_issues(self, resolved: Iterable[ResolvedLine], sheet: str | None) -> Iterator[Issue]:
        """Yields a warning for each line that may be either a row or a closing line."""
        for one in resolved:
            if one.is_ambiguous:
                yield _ambiguous_line_issue(one, self._quoted(one.line), sheet)

    def _quoted(self, line: Line) -> str:
        personal = {number for number, column in self._columns.items() if column.is_personal}
        return "、".join("***" if column in personal else cell.text for column, cell in sorted(line.cells.items()) if cell.text)


class _LineResolver:
    """Resolver state while it visits the lines from top to bottom.

    `unfinished_values` are values of the last full row that may continue in the line below (武汉市 / 第七医院).
    """

    def __init__(
        self, patterns: Mapping[int, set[Pattern]], unfinished_values: Mapping[int, str], *, has_single_text_rows: bool
    ) -> None:
        self._patterns = patterns
        self._unfinished_values = unfinished_values
        self._has_single_text_rows = has_single_text_rows
        self._is_attached = True
        self._is_closed = False
        self._in_note = False

    def resolve(self, line: Line, following: Line | None) -> ResolvedLine:
        classification = line.classification
        if classification.may_close_table:
            return self._closing(line, following)
        if (
            classification.kind is None
            and self._in_note
            and classification.starts_at_left_edge
            and _has_single_text(line.cells)
            and _continues(line.cells)
        ):
            return ResolvedLine(line, RowKind.PROSE)
        self._unfinished_values = {}
        self._is_closed = classification.kind in _CLOSED or (classification.kind is RowKind.BLANK and self._is_closed)
        self._in_note = ClosingElement.NOTE in classification.elements or (classification.kind is RowKind.BLANK and self._in_note)
        self._is_attached = classification.kind is not RowKind.BLANK
        return ResolvedLine(line, classification.kind)

    def _closing(self, line: Line, following: Line | None) -> ResolvedLine:
        matches_columns = self._matches_column_patterns(line)
        is_followed = (
            following is not None and _closes(following) and following.classification.elements != line.classification.elements
        )
        continuations = self._continuations(line).values()
        self._unfinished_values = {}
        is_continuation = bool(continuations) and all(
            is_start_of_name(started, continuation) for started, continuation in continuations
        )
        if is_continuation and not is_followed:
            return ResolvedLine(line, None)
        if matches_columns and self._is_attached and not self._is_closed and not is_followed:
            return ResolvedLine(line, None, is_ambiguous=line.classification.has_all_required and not self._has_single_text_rows)
        # `惠州市社会组织` / `促进会`: too short for a signing office, but not certainly the end of a name.
        is_short = bool(continuations) and all(len(continuation) < _SHORTEST_OFFICE for _, continuation in continuations)
        is_ambiguous = is_continuation or is_short or (matches_columns and not self._is_closed)
        self._is_closed, self._is_attached = True, True
        self._in_note = ClosingElement.NOTE in line.classification.elements or (
            self._in_note and ClosingElement.SENTENCE in line.classification.elements
        )
        return ResolvedLine(line, line.classification.kind, is_ambiguous=is_ambiguous)

    def _continuations(self, line: Line) -> dict[int, tuple[str, str]]:
        """Returns started values of the last full row with their continuations; nothing unless the whole line continues them."""
        texts = {column: cell.text for column, cell in line.cells.items() if cell.text}
        if not self._is_attached or not texts.keys() <= self._unfinished_values.keys():
            return {}
        return {column: (self._unfinished_values[column], text) for column, text in texts.items()}

    def _matches_column_patterns(self, line: Line) -> bool:
        """Checks whether all of a line matches the patterns of its columns."""
        seen = [(column, pattern_of(cell.text)) for column, cell in line.cells.items() if cell.text]
        known = [(column, pattern) for column, pattern in seen if pattern is not None]
        return bool(known) and all(pattern in self._patterns.get(column, ()) for column, pattern in known)


def _ambiguous_line_issue(one: ResolvedLine, text: str, sheet: str | None) -> Issue:
    code = "row_or_closing_line.row" if one.kind is None else "row_or_closing_line.signature"
    return issue_of(code, sheet=sheet or None, row=one.line.number, found=text)


def _closes(line: Line) -> bool:
    return line.classification.may_close_table or line.classification.kind in {RowKind.SIGNATURE, RowKind.PROSE}


def _has_single_text(cells: Mapping[int, Cell]) -> bool:
    return sum(1 for cell in cells.values() if cell.text) == 1


def _continues(cells: Mapping[int, Cell]) -> bool:
    return continues_note(next(cell.text for cell in cells.values() if cell.text))
