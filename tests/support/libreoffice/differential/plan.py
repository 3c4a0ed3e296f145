"""The plan of a workbook: the truth that readings are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tests.support.libreoffice.differential.contract import HEADERS, NAMES
from tests.support.libreoffice.differential.number_formats import GENERAL, Format


class TextStyle(StrEnum):
    """The style of a text run in a cell."""

    PLAIN = "plain"
    SUPERSCRIPT = "superscript"
    SUBSCRIPT = "subscript"
    STRUCK = "struck"


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style."""

    text: str
    mark: TextStyle = TextStyle.PLAIN


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell: a number or a text under a number format, or runs of text; `struck` as a whole."""

    value: float | str
    format: Format = GENERAL
    runs: tuple[Run, ...] = ()
    struck: bool = False


@dataclass(slots=True)
class PlannedRow:
    """A row of data, its cells by the contract's column."""

    cells: dict[str, PlannedCell]
    hidden: bool = False
    struck: bool = False


@dataclass(frozen=True, slots=True)
class PlannedMerge:
    """Cells of one column merged over rows of data (counted from 0): the first shows, the others keep `stale` values."""

    column: str
    first: int
    last: int
    stale: bool


@dataclass(slots=True)
class PlannedSheet:
    """A sheet: some lines above, the header, the rows."""

    name: str
    title: str | None
    rows: list[PlannedRow] = field(default_factory=list)
    merges: list[PlannedMerge] = field(default_factory=list)
    left: int = 0

    @property
    def header_row(self) -> int:
        """The row of the header, from 1."""
        return 1 if self.title is None else 2

    def row_of(self, place: int) -> int:
        """The row, from 1, in which a row of data stands."""
        return self.header_row + 1 + place

    def column_of(self, name: str) -> int:
        """The column, from 1, in which a column of the contract stands."""
        return self.left + NAMES.index(name) + 1


@dataclass(slots=True)
class PlannedBook:
    """A workbook, and in which format it is to be written."""

    name: str
    maker: str
    sheets: list[PlannedSheet]
    since_1904: bool = False
    unused_styles: bool = False


HEADER_TEXTS = tuple(HEADERS)
