"""A document as it came, as tables to be shown: the rows around each issue, wrong cells marked, personal values masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from loaders.annotation.places import MarkedIssue, Place, message_of, place_of
from loaders.annotation.rebuilt.read_sheets import ReadSheet, read_sheets
from loaders.contract import Report, Workbook
from loaders.identifiers import mask_strict, redact
from loaders.model import FoundTable, Severity
from loaders.reading.model.sheets import Area, column_letter, column_number, parse_address

_AROUND = 3
_FIRST_ROWS = 6
_MOST_ROWS = 120
_MOST_COLUMNS = 60
_MOST_CHARACTERS = 80
_MOST_HEADER = 40
_LAST_HEADER_ROW = 60


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell: its text, masked where it is personal, and what is wrong with it; `severity` is the gravest of its issues."""

    text: str = ""
    severity: Severity | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row by its number in the document; `is_after_gap`: rows before it are left out."""

    number: int
    cells: tuple[MarkedCell, ...]
    is_after_gap: bool = False


@dataclass(frozen=True, slots=True)
class MarkedSheet:
    """A sheet: its name, the letters of its columns, and the rows to be shown."""

    name: str
    letters: tuple[str, ...]
    rows: tuple[MarkedRow, ...]


def marked_sheets(
    content: bytes, report: Report | None, issues: Sequence[MarkedIssue], tables: Iterable[FoundTable], lang: str
) -> tuple[MarkedSheet, ...]:
    """Returns the sheets that have issues, else the beginning of each; none when the document cannot be read.

    Args:
        content: the document as it was sent.
        report: the contract, which says how a text is split and which columns are personal.
        issues: what is wrong; their own values are masked already.
        tables: where the reader found the columns; without them, columns are known by their headers.
        lang: the language of the messages, `zh` or `en`.
    """
    read = read_sheets(content, report)
    if read is None:
        return ()
    marks = {sheet.name: _marks(sheet, _of_sheet(read.sheets, sheet, issues), lang) for sheet in read.sheets}
    shown = [sheet for sheet in read.sheets if marks[sheet.name]] or list(read.sheets)
    found = tuple(tables)
    return tuple(_marked(sheet, marks[sheet.name], _Masks(sheet, report, found)) for sheet in shown)


class _Masks:
    """Which cells of a sheet are personal: those below a personal header, or where the reader found a personal column."""

    def __init__(self, sheet: ReadSheet, report: Report | None, tables: Sequence[FoundTable]) -> None:
        personal = [column for column in report.columns if column.is_personal] if report is not None else []
        names = {column.name for column in personal}
        printed = {header for column in personal for header in (*column.headers, column.field or column.header)}
        printed |= (
            {text for layout in report.layouts for name, text in layout.headers.items() if name in names} if report else set()
        )
        self._headers = {_plain(text) for text in printed}
        is_form = report is not None and isinstance(report.format, Workbook) and report.format.form
        self._columns: dict[int, int] = {}
        self._cells: set[Place] = set()
        for table in (table for table in tables if table.sheet == sheet.name or len(tables) == 1):
            letters = {name: letter for name, letter in table.letters.items() if name in names}
            self._columns |= {column_number(letter): table.first_row for letter in letters.values()}
            self._cells |= {parse_address(place) for name, place in table.cells.items() if name in names}
        for (row, column), cell in sheet.cells.items():
            if row <= _LAST_HEADER_ROW and self._is_header(cell.text):
                self._columns[column] = min(row + 1, self._columns.get(column, row + 1))
                if is_form:
                    # The value is beside its label.
                    self._cells.add((row, column + 1))

    def shown(self, place: Place, text: str) -> str:
        """The text of a cell as it may be shown."""
        is_personal = place in self._cells or place[0] >= self._columns.get(place[1], place[0] + 1)
        shown = mask_strict(text) if is_personal and not self._is_header(text) else redact(text)
        return shown[:_MOST_CHARACTERS]

    def _is_header(self, text: str) -> bool:
        plain = _plain(text)
        return len(plain) <= _MOST_HEADER and any(header in plain for header in self._headers)


def _plain(text: str) -> str:
    return "".join(text.split())


def _of_sheet(sheets: Sequence[ReadSheet], sheet: ReadSheet, issues: Iterable[MarkedIssue]) -> Iterator[MarkedIssue]:
    """The issues of a sheet; those that name none are of the only one."""
    for issue in issues:
        if issue.sheet == sheet.name or (not issue.sheet and len(sheets) == 1):
            yield issue


def _marks(sheet: ReadSheet, issues: Iterable[MarkedIssue], lang: str) -> dict[Place, MarkedCell]:
    """What is wrong, by cell; an issue of a whole row is at its first cell."""
    found: dict[Place, MarkedCell] = {}
    for issue in issues:
        place = place_of(issue, partial(_first_column, sheet), sheet.columns.get)
        if place is None:
            continue
        place = _anchor(sheet, (place[0] + sheet.first_record_row - 1, place[1]))
        known = found.get(place, MarkedCell())
        severity = known.severity if known.severity not in {None, Severity.WARNING} else Severity(issue.severity)
        found[place] = MarkedCell("", severity, tuple(dict.fromkeys((*known.messages, message_of(issue, lang)))))
    return found


def _marked(sheet: ReadSheet, marks: Mapping[Place, MarkedCell], masks: _Masks) -> MarkedSheet:
    numbers = _shown_rows(sheet, {row for row, _ in marks})
    width = min(max((column for _, column in sheet.cells), default=1), _MOST_COLUMNS)
    rows: list[MarkedRow] = []
    for place, number in enumerate(numbers):
        cells = []
        for column in range(1, width + 1):
            read = sheet.cells.get((number, column))
            mark = marks.get((number, column), MarkedCell())
            text = masks.shown((number, column), read.text) if read is not None else ""
            cells.append(MarkedCell(text, mark.severity, mark.messages))
        rows.append(MarkedRow(number, tuple(cells), place > 0 and numbers[place - 1] < number - 1))
    return MarkedSheet(sheet.name, tuple(column_letter(column) for column in range(1, width + 1)), tuple(rows))


def _shown_rows(sheet: ReadSheet, marked: set[int]) -> list[int]:
    """The first rows, which hold the headers, and those around each marked one."""
    last = max((row for row, _ in sheet.cells), default=0)
    wanted = set(range(1, _FIRST_ROWS + 1)) | {near for row in marked for near in range(row - _AROUND, row + _AROUND + 1)}
    return sorted(row for row in wanted if 1 <= row <= last)[:_MOST_ROWS]


def _first_column(sheet: ReadSheet, row: int) -> int:
    shifted = row + sheet.first_record_row - 1
    return min((column for other, column in sheet.cells if other == shifted), default=1)


def _anchor(sheet: ReadSheet, place: Place) -> Place:
    for area in map(Area.parse, sheet.merges):
        if area.first_row <= place[0] <= area.last_row and area.first_column <= place[1] <= area.last_column:
            return area.first_row, area.first_column
    return place
