"""What a cell's style says that a reader must know: how its number is shown, and marks of its font.

Workbooks keep few styles and many cells. Each reader makes one `CellStyle` per style of the workbook, so that what follows from a
style is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass

from loaders.reading.number_formats import GENERAL, NumberFormat


@dataclass(frozen=True, slots=True)
class CellStyle:
    """The style of cells: their number format, and whether their whole text is struck out or raised (super- or subscript)."""

    number_format: NumberFormat = GENERAL
    is_struck: bool = False
    is_raised: bool = False


PLAIN = CellStyle()
