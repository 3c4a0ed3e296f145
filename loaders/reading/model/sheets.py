"""Sheets and cells: the common result of all workbook readers, independent of the file format.

Rows and columns count from 1, as a spreadsheet prints them. Only cells with content are stored, so a distant cell costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from string import ascii_uppercase

from loaders.reading.number_formats import NumberFormat

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384


class CellKind(StrEnum):
    """Type of a cell in the document."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BOOL = "bool"
    ERROR = "error"


@dataclass(slots=True)
class Cell:
    """Cell: its canonical text, type, flags and number format. Cells are shared, so they never change after creation.

    `original` is the stored text, if cleaning or font marks changed it. `number_format` is the format of the cell; None means
    General, or for a text any format that does not change it (see `shown_text`). `flags` are:
    - `formula`; `formula_without_value` (the file stores no result), `not_calculated` (the workbook requests recalculation);
    - `percent`, `duration`: the meaning of the number under its format;
    - `precision_lost` (a whole number that may have lost digits), `not_a_number`, `not_a_date`, `date_out_of_range`,
      `unknown_format` (the workbook does not define the cell's format);
    - `stored_otherwise` (a web page shows one number and stores another, which is the `original`);
    - `struck` (the whole text is struck out), `part_struck` (a part is struck out and removed from the text), `raised` (the whole
      text is super- or subscript), `part_raised` (a part is, and appears in the text as superscript characters);
    - `duplicate_cell` (the file writes the cell twice; the last value counts), `readers_disagree` (see `cross_reader`).
    """

    text: str
    kind: CellKind = CellKind.TEXT
    flags: tuple[str, ...] = ()
    original: str | None = None
    number_format: NumberFormat | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """Rectangle of cells, corners included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @classmethod
    def parse(cls, reference: str) -> Area:
        """Parses `A1:C3` (or `A1`).

        Raises:
            ValueError: `reference` is no range.
        """
        first, _, last = reference.replace("$", "").partition(":")
        first_row, first_column = parse_address(first)
        last_row, last_column = parse_address(last or first)
        return cls(first_row, first_column, last_row, last_column)

    def __str__(self) -> str:
        return f"{address(self.first_row, self.first_column)}:{address(self.last_row, self.last_column)}"


@dataclass(slots=True)
class Sheet:
    """Sheet: cells by row and column, merges, hidden rows and columns."""

    name: str
    hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    @property
    def last_row(self) -> int:
        """Returns the last row with a value; 0 for an empty sheet.

        Rows count from 1, as calamine counts them from the top of the sheet. A value is whatever the file stores in a cell,
        including invisible text. A blank cell with only a format, a border or a merge has no value.
        """
        return max(self.rows, default=0)

    @property
    def last_column(self) -> int:
        """Returns the last column with a value; 0 for an empty sheet."""
        return max((max(row) for row in self.rows.values() if row), default=0)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Sets a cell."""
        self.rows.setdefault(row, {})[column] = cell

    def text(self, row: int, column: int) -> str:
        """Returns the text of a cell; empty for a blank one."""
        cell = self.rows.get(row, {}).get(column)
        return cell.text if cell else ""

    def cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Yields every cell in reading order."""
        for row in sorted(self.rows):
            cells = self.rows[row]
            for column in sorted(cells):
                yield row, column, cells[column]


@dataclass(slots=True)
class Book:
    """Workbook: its sheets in order. `notes` list assumptions and repairs of the reader."""

    format: str
    sheets: list[Sheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@lru_cache(maxsize=20_000)
def column_letter(column: int) -> str:
    """Returns the letters of a column number: 1 is `A`, 27 is `AA`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """Returns the number of a column: `A` is 1, `XFD` is 16384.

    Raises:
        ValueError: not one to three Latin letters.
    """
    if not (0 < len(letters) <= 3 and letters.isascii() and letters.isalpha()):
        raise ValueError(f'no column "{letters}"')
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    """Returns the address of a cell: `D7`."""
    return f"{column_letter(column)}{row}"


def parse_address(reference: str) -> tuple[int, int]:
    """Parses `D7` into row and column.

    Raises:
        ValueError: `reference` is no cell address.
    """
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), column_number(letters)
