"""Sheets as cells: the one form that every workbook reader yields, whatever the file format.

Rows and columns count from 1, as a spreadsheet prints them. Only cells that hold something are kept, so a far cell costs nothing.
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
    """The type that the document gives a cell."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BOOL = "bool"
    ERROR = "error"


@dataclass(slots=True)
class Cell:
    """One cell: its canonical text, its type, and what must be known about it. A value: no reader changes one that it gave out.

    `original` is the text as the file stores it, where cleaning or marks of its font made another of it. `number_format` shows
    the cell (None: General, and of a text, any format that adds nothing to it); see `shown_text`. `flags` are:
    - `formula`; `formula_without_value` (the file holds no result), `not_calculated` (the workbook asks to be calculated anew);
    - `percent`, `duration`: what the number format makes of the number;
    - `precision_lost` (a whole number that may have lost digits), `not_a_number`, `not_a_date`, `date_out_of_range`,
      `unknown_format` (the workbook does not describe the cell's format);
    - `stored_otherwise` (a web page shows one number and keeps another beside it, which is the `original`);
    - `struck` (its whole text is struck out), `part_struck` (a part is, which is left out of the text), `raised` (its whole text
      is super- or subscript), `part_raised` (a part is, and stands in the text as superscript characters);
    - `duplicate_cell` (the file writes the place twice; the last value is here), `readers_disagree` (see `second_look`).
    """

    text: str
    kind: CellKind = CellKind.TEXT
    flags: tuple[str, ...] = ()
    original: str | None = None
    number_format: NumberFormat | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, corners included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @classmethod
    def parse(cls, reference: str) -> Area:
        """Read `A1:C3` (or `A1`).

        Raises:
            ValueError: `reference` is no such thing.
        """
        first, _, last = reference.replace("$", "").partition(":")
        first_row, first_column = parse_address(first)
        last_row, last_column = parse_address(last or first)
        return cls(first_row, first_column, last_row, last_column)

    def __str__(self) -> str:
        return f"{address(self.first_row, self.first_column)}:{address(self.last_row, self.last_column)}"


@dataclass(slots=True)
class Sheet:
    """One sheet: cells by row and column, merges, and what is hidden."""

    name: str
    hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    @property
    def last_row(self) -> int:
        """The last row that holds a value; 0 for an empty sheet.

        Rows are counted from 1 down to this one, as calamine counts them from the top of the sheet. A value is whatever the file
        stores in a cell, even a text in which nothing can be seen; a blank cell that only has a format, a border or a merge over
        it is none.
        """
        return max(self.rows, default=0)

    @property
    def last_column(self) -> int:
        """The last column that holds a value; 0 for an empty sheet."""
        return max((max(row) for row in self.rows.values() if row), default=0)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Set a cell."""
        self.rows.setdefault(row, {})[column] = cell

    def text(self, row: int, column: int) -> str:
        """The text of a cell, empty for a blank one."""
        cell = self.rows.get(row, {}).get(column)
        return cell.text if cell else ""

    def cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Every cell in reading order."""
        for row in sorted(self.rows):
            cells = self.rows[row]
            for column in sorted(cells):
                yield row, column, cells[column]


@dataclass(slots=True)
class Book:
    """A workbook: its sheets in order. `notes` say what the reader had to do that a person would want to know."""

    format: str
    sheets: list[Sheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@lru_cache(maxsize=20_000)
def column_letter(column: int) -> str:
    """The letter of a column that counts from 1: 1 is `A`, 27 is `AA`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """The number of a column: `A` is 1, `XFD` is 16384.

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
    """The address of a cell: `D7`."""
    return f"{column_letter(column)}{row}"


def parse_address(reference: str) -> tuple[int, int]:
    """Row and column of `D7`.

    Raises:
        ValueError: `reference` is no cell address.
    """
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), column_number(letters)
