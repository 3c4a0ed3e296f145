"""Rich text: cells with several fonts, or with a font that strikes text out or raises it.

The text of a raised run is written in superscript characters (`4` and a raised `1` become `4¹`), so that later steps recognize it
as a footnote mark. A struck run is removed. `original` keeps the stored text. Fonts of differential styles (conditional formats)
do not apply to cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby, pairwise

from loaders.characters.footnote_marks import to_subscript, to_superscript
from loaders.reading.model.cell_builders import stored_text
from loaders.reading.model.cell_styles import PLAIN, CellStyle
from loaders.reading.model.sheets import Cell
from loaders.reading.number_formats import NumberFormat

STRUCK = "struck"
PART_STRUCK = "part_struck"
RAISED = "raised"
PART_RAISED = "part_raised"


class VerticalAlign(Enum):
    """Vertical position of text on its line."""

    BASELINE = "line"
    RAISED = "raised"
    LOWERED = "lowered"


_RENDER: dict[VerticalAlign, Callable[[str], str]] = {
    VerticalAlign.RAISED: to_superscript,
    VerticalAlign.LOWERED: to_subscript,
    VerticalAlign.BASELINE: str,
}


@dataclass(frozen=True, slots=True)
class Font:
    """Font properties that matter for values; None where the font of the cell applies."""

    is_struck: bool | None = None
    vertical_align: VerticalAlign | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Piece of a text with one font."""

    text: str
    font: Font = Font()

    def is_struck_in(self, style: CellStyle) -> bool:
        """Checks whether the run is struck out in a cell of this style."""
        return style.is_struck if self.font.is_struck is None else self.font.is_struck

    def vertical_align_in(self, style: CellStyle) -> VerticalAlign:
        """Returns the vertical position of the run in a cell of this style.

        In a cell that is raised as a whole, nothing is raised.
        """
        return self.font.vertical_align or (VerticalAlign.RAISED if style.is_raised else VerticalAlign.BASELINE)


StoredString = str | tuple[Run, ...]
"""Text with one font, or the runs of a text with several."""


def runs_at(text: str, changes: Sequence[tuple[int, int]], fonts: Sequence[Font], *, codec: str = "utf-16-le") -> list[Run]:
    """Splits a text of a binary workbook into runs.

    Each change is a position, in units of the codec, and the font from there on.
    """
    units, size = text.encode(codec, errors="replace"), 2 if codec == "utf-16-le" else 1
    starts = [0, *(min(size * place, len(units)) for place, _ in changes), len(units)]
    of_runs = [Font(), *(fonts[font] if font < len(fonts) else Font() for _, font in changes)]
    pieces = (units[first:last].decode(codec, errors="replace") for first, last in pairwise(starts))
    return [Run(piece, font) for piece, font in zip(pieces, of_runs, strict=True)]


def cell_style(number_format: NumberFormat, font: Font) -> CellStyle:
    """Builds the style of cells with a font."""
    return CellStyle(
        number_format, is_struck=bool(font.is_struck), is_raised=font.vertical_align not in {None, VerticalAlign.BASELINE}
    )


def rich_cell(runs: Sequence[Run], style: CellStyle = PLAIN, *flags: str) -> Cell:
    """Builds the cell of a text with several fonts."""
    whole = "".join(run.text for run in runs)
    kept = [run for run in runs if not run.is_struck_in(style)]
    if not "".join(run.text for run in kept).strip():
        is_struck = len(kept) < len(runs) and bool(whole.strip())
        return stored_text(whole, *flags, STRUCK) if is_struck else stored_text(whole, *flags)
    more = [PART_STRUCK]
    if not "".join(run.text for run in runs if run.is_struck_in(style)).strip():
        kept, more = list(runs), []
    heights = {run.vertical_align_in(style) for run in kept if run.text.strip()}
    if heights == {VerticalAlign.BASELINE}:
        text = "".join(run.text for run in kept)
    elif VerticalAlign.BASELINE not in heights:
        text, more = "".join(run.text for run in kept), [*more, RAISED]
    else:
        text, more = _as_shown(kept, style), [*more, PART_RAISED]
    cell = stored_text(text, *flags, *more)
    return replace(cell, original=whole) if more else cell


def styled(cell: Cell, style: CellStyle) -> Cell:
    """Applies the style of a cell with one font."""
    if not cell.text or not (style.is_struck or style.is_raised):
        return cell
    more = [flag for flag, holds in ((STRUCK, style.is_struck), (RAISED, style.is_raised)) if holds and flag not in cell.flags]
    return replace(cell, flags=(*cell.flags, *more))


def _as_shown(runs: Sequence[Run], style: CellStyle) -> str:
    """Joins the texts of runs.

    Neighbors with the same alignment are joined first, because programs split runs without a visible change.
    """
    return "".join(
        _RENDER[vertical_align]("".join(run.text for run in same_align))
        for vertical_align, same_align in groupby(runs, lambda run: run.vertical_align_in(style))
    )
