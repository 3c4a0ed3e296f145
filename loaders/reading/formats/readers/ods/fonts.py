"""Fonts of OpenDocument styles: strikethrough, superscript, subscript, and texts with several fonts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from loaders.reading.model.cell_styles import PLAIN, CellStyle
from loaders.reading.model.rich_text import Font, Run, VerticalAlign, cell_style, rich_cell, styled
from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.number_formats import GENERAL

_NO_FONT = Font()
_LINES = ("text-line-through-style", "text-line-through-type")
_FAMILIES = {"table-cell", "text", "paragraph"}

Pieces = Callable[[Any], Iterator[tuple[str, Any]]]


class OdsFonts:
    """Fonts of a document's styles. `has_marks` is true if any of them strikes out or raises text."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[str, str], Font] = {}
        self.has_marks = False

    def collect(self, style: Any) -> None:
        """Reads the font of a style. Missing properties come from its parent style, which the document defines earlier."""
        attributes = _attributes(style)
        family = attributes.get("family", "")
        if family not in _FAMILIES:
            return
        font = self._fonts.get((family, attributes.get("parent-style-name", "")), _NO_FONT)
        for properties in style.iterchildren("{*}text-properties"):
            font = _font_with(font, _attributes(properties))
        if font != _NO_FONT:
            self._fonts[family, attributes.get("name", "")] = font
            self.has_marks = (
                self.has_marks or bool(font.is_struck) or font.vertical_align in {VerticalAlign.RAISED, VerticalAlign.LOWERED}
            )

    def apply_fonts(self, cell: Cell, item: Any, style: str, pieces: Pieces) -> Cell:
        """Applies the fonts of a cell's style and of its spans. `pieces` yields its texts, each with the enclosing element."""
        of_cell = self._style(style)
        if cell.kind is not CellKind.TEXT or "formula_without_value" in cell.flags:
            return styled(cell, of_cell)
        runs = [Run(text, self._font(item, element)) for text, element in pieces(item)]
        # `office:string-value` may hold another text than the paragraphs show. That text has no runs.
        is_shown = "".join(run.text for run in runs).strip() == (cell.original or cell.text).strip()
        if not is_shown or all(run.font == _NO_FONT for run in runs):
            return styled(cell, of_cell)
        return replace(rich_cell(runs, of_cell, *cell.flags), number_format=cell.number_format)

    def _style(self, name: str) -> CellStyle:
        font = self._fonts.get(("table-cell", name))
        return PLAIN if font is None else cell_style(GENERAL, font)

    def _font(self, item: Any, element: Any) -> Font:
        """Returns the font of text inside an element: the nearest enclosing element that declares one decides."""
        is_struck: bool | None = None
        vertical_align: VerticalAlign | None = None
        while element is not item and element is not None:
            family = "text" if element.tag.endswith("}span") else "paragraph"
            font = self._fonts.get((family, _attributes(element).get("style-name", "")), _NO_FONT)
            is_struck = font.is_struck if is_struck is None else is_struck
            vertical_align = vertical_align or font.vertical_align
            element = element.getparent()
        return _NO_FONT if is_struck is None and vertical_align is None else Font(is_struck, vertical_align)


def _font_with(font: Font, attributes: dict[str, str]) -> Font:
    lines = [attributes[name] != "none" for name in _LINES if name in attributes]
    vertical_align = _vertical_align_of(attributes["text-position"]) if "text-position" in attributes else font.vertical_align
    return Font(all(lines) if lines else font.is_struck, vertical_align)


def _vertical_align_of(position: str) -> VerticalAlign:
    """Parses `super 58%` and `33% 58%` as raised, `sub 58%` and `-33% 58%` as lowered, `0% 100%` as baseline."""
    place = position.split(maxsplit=1)[0] if position.strip() else ""
    if place == "sub" or place.startswith("-"):
        return VerticalAlign.LOWERED
    return VerticalAlign.RAISED if place == "super" or place.strip("0.%+") else VerticalAlign.BASELINE


def _attributes(element: Any) -> dict[str, str]:
    return {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
