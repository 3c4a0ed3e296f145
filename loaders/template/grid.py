"""Where the cells of a template stand: below headers, or beside labels. Rows and columns count from zero, as in XlsxWriter."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.reading.model.sheets import column_letter
from loaders.template.request import TemplateRequest

PREAMBLE_ROWS = 3


@dataclass(frozen=True, slots=True)
class Grid:
    """The places of labels and data cells of one sheet.

    A table has its headers in one row, and `rows` data rows below it. A form has one label per row, and its value to the right.
    """

    names: tuple[str, ...]
    rows: int
    is_form: bool

    @classmethod
    def of(cls, request: TemplateRequest, *, is_form: bool) -> Grid:
        """The grid of a request's columns."""
        return cls(tuple(printed.name for printed in request.columns), 1 if is_form else request.rows_count, is_form)

    @property
    def width(self) -> int:
        """The number of spreadsheet columns."""
        return 2 if self.is_form else len(self.names)

    def label(self, name: str) -> tuple[int, int]:
        """The place of a column's header or label."""
        at = self.names.index(name)
        return (PREAMBLE_ROWS + at, 0) if self.is_form else (PREAMBLE_ROWS, at)

    def data(self, name: str) -> tuple[int, int, int, int]:
        """First row, first column, last row and last column of a column's data cells."""
        row, column = self.label(name)
        if self.is_form:
            return row, column + 1, row, column + 1
        return row + 1, column, row + self.rows, column

    def cell(self, name: str) -> str:
        """The reference to a column's cell in the first row, e.g. `$C5`; in a form, the one cell."""
        row, column, *_ = self.data(name)
        return f"${column_letter(column + 1)}{'$' if self.is_form else ''}{row + 1}"

    def column_range(self, name: str) -> str:
        """The reference to all data cells of a column, e.g. `$C$5:$C$204`."""
        first, column, last, _ = self.data(name)
        letter = column_letter(column + 1)
        return f"${letter}${first + 1}:${letter}${last + 1}"

    @property
    def row_range(self) -> str:
        """The reference to all cells of the first row, e.g. `$A5:$H5`; in a form, to all values."""
        first, last = self.cell(self.names[0]), self.cell(self.names[-1])
        return f"{first}:{last}"
