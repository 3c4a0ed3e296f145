"""Cell styles: the number format and the font marks of a cell.

Workbooks have few styles and many cells. Each reader builds one `CellStyle` per style of the workbook, so that properties of a
style are computed once.
"""

from __future__ import annotations

from dataclasses import dataclass

from loaders.reading.number_formats import GENERAL, NumberFormat


@dataclass(frozen=True, slots=True)
class CellStyle:
    """Style of cells: their number format, and whether their whole text is struck out or raised (super- or subscript)."""

    number_format: NumberFormat = GENERAL
    is_struck: bool = False
    is_raised: bool = False


PLAIN = CellStyle()
