"""OpenDocument spreadsheets (ods, and fods in one XML file), read directly from their XML.

The format stores equal neighboring cells once, with a repeat count. Repeated blank cells are skipped. A count that would expand
to more cells than the limit is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from loaders.reading.formats.corruption import corruption_of
from loaders.reading.formats.opc_package import CORRUPTION_ERRORS, OpcPackage
from loaders.reading.formats.readers.ods.cells import cell_of, text_nodes
from loaders.reading.formats.readers.ods.elements import attribute, local_name, repeat_count
from loaders.reading.formats.readers.ods.fonts import OdsFonts
from loaders.reading.formats.readers.ods.styles import STYLE_ELEMENTS, ColumnStyles, OdsStyles
from loaders.reading.formats.text_decoding import decode_markup, read_limited, xml_tree
from loaders.reading.model.refusals import encrypted_document, too_large, unreadable_document
from loaders.reading.model.sheets import MAX_COLUMN, MAX_ROW, Area, Book, Cell, Sheet

MAX_CELLS = 2_000_000
_ELEMENTS = ("{*}table", "{*}table-column", "{*}table-row", *STYLE_ELEMENTS)


def read_ods(source: Path | BinaryIO) -> Book:
    """Reads every sheet of a packed spreadsheet.

    Raises:
        Refusal: the spreadsheet is corrupted, encrypted or too large, or it has no sheet.
    """
    try:
        with OpcPackage(source) as package:
            if package.has("encrypted-package") or b"encryption-data" in _manifest(package):
                raise encrypted_document("password.ods")
            named = package.stream("styles.xml", STYLE_ELEMENTS) if package.has("styles.xml") else ()
            return _book_of(chain(named, package.stream("content.xml", _ELEMENTS)))
    except CORRUPTION_ERRORS as error:
        raise corruption_of(error) from error


def read_flat_ods(file: BinaryIO) -> Book:
    """Reads every sheet of a spreadsheet in one XML file.

    Raises:
        Refusal: the file is no well-formed XML or is too large, or it has no sheet.
    """
    text, notes = decode_markup(read_limited(file))
    try:
        book = _book_of(xml_tree(text).iter(*_ELEMENTS))
    except CORRUPTION_ERRORS as error:
        raise corruption_of(error) from error
    book.notes.extend(notes)
    return book


def _manifest(package: OpcPackage) -> bytes:
    return package.bytes("META-INF/manifest.xml") if package.has("META-INF/manifest.xml") else b""


def _book_of(elements: Iterable[Any]) -> Book:
    reader = _Reader()
    for element in elements:
        reader.collect(element)
    if not reader.book.sheets:
        raise unreadable_document("no_sheet.ods")
    return reader.book


class _Reader:
    """Reader of a document's elements in document order. A table element may be delivered before or after its rows."""

    def __init__(self) -> None:
        self.book = Book("ods")
        self._styles = OdsStyles()
        self._fonts = OdsFonts()
        self._columns = ColumnStyles()
        self._hidden_styles: set[str] = set()
        self._table: Any = None
        self._row = 0
        self._column = 0
        self._cells = 0

    def collect(self, element: Any) -> None:
        """Processes a style, a column, a row or a table."""
        match local_name(element):
            case "style":
                self._styles.collect(element)
                shown = next((attribute(item, "display") for item in element.iterchildren("{*}table-properties")), None)
                if shown == "false":
                    self._hidden_styles.add(attribute(element, "name") or "")
                self._fonts.collect(element)
            case "table":
                self._open(element)
            case "table-column":
                self._take_column(element)
            case "table-row":
                self._take_row(element)
            case _:
                self._styles.collect(element)

    def _open(self, table: Any) -> Sheet | None:
        """Returns the sheet of a table; None for tables that are no sheets, such as the data of an embedded chart."""
        if table is self._table:
            return self.book.sheets[-1]
        parent = table.getparent()
        if parent is None or parent.tag.rpartition("}")[2] != "spreadsheet":
            return None
        self._table, self._row, self._column, self._columns = table, 0, 0, ColumnStyles()
        hidden = (attribute(table, "style-name") or "") in self._hidden_styles
        self.book.sheets.append(Sheet(attribute(table, "name") or "", hidden=hidden))
        return self.book.sheets[-1]

    def _sheet_of(self, element: Any) -> Sheet | None:
        table = next(element.iterancestors("{*}table"), None)
        return None if table is None else self._open(table)

    def _take_column(self, element: Any) -> None:
        sheet = self._sheet_of(element)
        if sheet is None:
            return
        first, self._column = self._column + 1, self._column + repeat_count(element, "number-columns-repeated", MAX_COLUMN)
        self._columns.add(self._column, attribute(element, "default-cell-style-name"))
        if _is_collapsed(element):
            sheet.hidden_columns.update(range(first, min(self._column, MAX_COLUMN) + 1))

    def _take_row(self, element: Any) -> None:
        sheet = self._sheet_of(element)
        if sheet is None:
            return
        first, self._row = self._row + 1, self._row + repeat_count(element, "number-rows-repeated", MAX_ROW)
        if _is_collapsed(element):
            sheet.hidden_rows.update(range(first, min(self._row, MAX_ROW) + 1))
        cells = self._cells_of(element, sheet, first)
        if not cells:
            return
        self._check_cell_count(len(cells) * (self._row - first + 1))
        for row in range(first, self._row + 1):
            sheet.rows[row] = dict(cells)

    def _cells_of(self, element: Any, sheet: Sheet, row: int) -> dict[int, Cell]:
        cells: dict[int, Cell] = {}
        column = 0
        default = attribute(element, "default-cell-style-name")
        for item in element.iterchildren("{*}table-cell", "{*}covered-table-cell"):
            first, column = column + 1, column + repeat_count(item, "number-columns-repeated", MAX_COLUMN)
            style = attribute(item, "style-name") or default or self._columns.of(first)
            cell = cell_of(item, self._styles.of(style).number_format)
            if cell is not None and self._fonts.has_marks:
                cell = self._fonts.apply_fonts(cell, item, style or "Default", text_nodes)
            if cell is not None:
                self._check_cell_count(column - first)
                cells |= dict.fromkeys(range(first, column + 1), cell)
            across, down = (
                repeat_count(item, "number-columns-spanned", MAX_COLUMN),
                repeat_count(item, "number-rows-spanned", MAX_ROW),
            )
            if across > 1 or down > 1:
                sheet.merges.append(Area(row, first, min(row + down - 1, MAX_ROW), min(first + across - 1, MAX_COLUMN)))
        return cells

    def _check_cell_count(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MAX_CELLS:
            raise too_large(f"more than {MAX_CELLS} cells, written as repetitions", f"{MAX_CELLS} cells")


def _is_collapsed(element: Any) -> bool:
    return attribute(element, "visibility") in {"collapse", "filter"}
