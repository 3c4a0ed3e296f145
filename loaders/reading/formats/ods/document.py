"""OpenDocument spreadsheets (ods, and fods in one XML file), read from their XML directly.

The format writes equal neighbours once with a count; blank ones cost nothing here, and a count that would write more cells than
a document may hold is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from loaders.reading.formats.corruption import corrupted, corruption_of
from loaders.reading.formats.ods.fonts import OdsFonts
from loaders.reading.formats.ods.styles import STYLE_ELEMENTS, ColumnStyles, OdsStyles, attribute, local_name
from loaders.reading.formats.opc_package import CORRUPTION_ERRORS, OpcPackage
from loaders.reading.formats.text_decoding import decode_markup, read_limited, xml_tree
from loaders.reading.model.cell_builders import bool_cell, error_cell, number_cell, text_or_error_cell
from loaders.reading.model.datetimes import (
    duration_cell,
    formatted_cell,
    iso_cell,
    iso_duration_days,
    with_date_format,
    with_text_format,
)
from loaders.reading.model.refusals import encrypted_document, too_large
from loaders.reading.model.sheets import MAX_COLUMN, MAX_ROW, Area, Book, Cell, CellKind, Sheet
from loaders.reading.number_formats import FormatKind, NumberFormat, format_of_code

MAX_CELLS = 2_000_000
_ELEMENTS = ("{*}table", "{*}table-column", "{*}table-row", *STYLE_ELEMENTS)
_PERCENT = format_of_code("0%")
_OWN_ERROR = re.compile(r"Err:\d+")
_NOT_SHOWN_ELEMENTS = {"annotation", "ruby-text", "note", "frame", "custom-shape", "tracked-changes", "g"}
_GAPS = {"tab": "\t", "line-break": "\n"}


def read_ods(source: Path | BinaryIO) -> Book:
    """Read every sheet of a packed spreadsheet.

    Raises:
        Refusal: it is damaged, encrypted, too large or holds no sheet.
    """
    try:
        with OpcPackage(source) as package:
            if package.has("encrypted-package") or b"encryption-data" in _manifest(package):
                raise encrypted_document("an OpenDocument password, which cannot be opened here")
            named = package.stream("styles.xml", STYLE_ELEMENTS) if package.has("styles.xml") else ()
            return _book_of(chain(named, package.stream("content.xml", _ELEMENTS)))
    except CORRUPTION_ERRORS as error:
        raise corruption_of(error) from error


def read_flat_ods(file: BinaryIO) -> Book:
    """Read every sheet of a spreadsheet in one XML file.

    Raises:
        Refusal: it is no well-formed XML, too large or holds no sheet.
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
        raise corrupted("其中没有工作表", "the spreadsheet lists no sheet")
    return reader.book


class _Reader:
    """Takes the elements of a document in order, whether a table comes before its rows or after them."""

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
        """Take a style, a column, a row or a table."""
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
        """The sheet of a table; None for tables that are no sheet, such as the data of an embedded chart."""
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
        first, self._column = self._column + 1, self._column + _count(element, "number-columns-repeated", MAX_COLUMN)
        self._columns.add(self._column, attribute(element, "default-cell-style-name"))
        if _is_collapsed(element):
            sheet.hidden_columns.update(range(first, min(self._column, MAX_COLUMN) + 1))

    def _take_row(self, element: Any) -> None:
        sheet = self._sheet_of(element)
        if sheet is None:
            return
        first, self._row = self._row + 1, self._row + _count(element, "number-rows-repeated", MAX_ROW)
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
            first, column = column + 1, column + _count(item, "number-columns-repeated", MAX_COLUMN)
            style = attribute(item, "style-name") or default or self._columns.of(first)
            cell = _cell_of(item, self._styles.of(style).number_format)
            if cell is not None and self._fonts.has_marks:
                cell = self._fonts.apply_fonts(cell, item, style or "Default", _marked_pieces)
            if cell is not None:
                self._check_cell_count(column - first)
                cells |= dict.fromkeys(range(first, column + 1), cell)
            across, down = _count(item, "number-columns-spanned", MAX_COLUMN), _count(item, "number-rows-spanned", MAX_ROW)
            if across > 1 or down > 1:
                sheet.merges.append(Area(row, first, min(row + down - 1, MAX_ROW), min(first + across - 1, MAX_COLUMN)))
        return cells

    def _check_cell_count(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MAX_CELLS:
            raise too_large(f"more than {MAX_CELLS} cells, written as repetitions", f"{MAX_CELLS} cells")


def _count(element: Any, name: str, limit: int) -> int:
    text = attribute(element, name)
    return 1 if text is None else min(max(int(text), 1), limit)


def _is_collapsed(element: Any) -> bool:
    return attribute(element, "visibility") in {"collapse", "filter"}


def _cell_of(item: Any, shown_as: NumberFormat) -> Cell | None:
    """A cell by its type. An error is written as a text, with its own type where the program says one."""
    flags = ("formula",) if attribute(item, "formula") else ()
    kind = next((value for key, value in item.attrib.items() if key.endswith("office:1.0}value-type")), None)
    text = _text_of(item)
    if _is_error(item, text, flags):
        return error_cell(text, *flags)
    match kind:
        case "float" | "currency":
            return _number_cell(attribute(item, "value") or "", shown_as, flags)
        case "percentage":
            percent = shown_as if shown_as.kind is FormatKind.PERCENT else _PERCENT
            return _number_cell(attribute(item, "value") or "", percent, flags)
        case "boolean":
            return bool_cell(attribute(item, "boolean-value") == "true", *flags)
        case "date":
            return with_date_format(iso_cell(attribute(item, "date-value") or text, FormatKind.NUMBER, flags), shown_as)
        case "time":
            return with_date_format(_time_cell(attribute(item, "time-value") or "", flags), shown_as)
        case "string":
            string_value = attribute(item, "string-value")
            return with_text_format(text_or_error_cell(text if string_value is None else string_value, *flags), shown_as)
    if flags:
        return Cell("", CellKind.TEXT, ("formula", "formula_without_value"))
    return text_or_error_cell(text) if text else None


def _number_cell(raw: str, shown_as: NumberFormat, flags: tuple[str, ...]) -> Cell:
    return formatted_cell(raw, shown_as, since_1904=False, flags=flags) or number_cell(raw, *flags)


def _is_error(item: Any, text: str, flags: tuple[str, ...]) -> bool:
    is_error_type = any(key.endswith("}value-type") and value == "error" for key, value in item.attrib.items())
    return is_error_type or (bool(flags) and _OWN_ERROR.fullmatch(text) is not None)


def _time_cell(raw: str, flags: tuple[str, ...]) -> Cell:
    """`PT08H30M00S` as a time of day; a day and more as a length of time."""
    days = iso_duration_days(raw)
    if days is None:
        return text_or_error_cell(raw, *flags, "not_a_date")
    cell = duration_cell(days, *flags)
    return Cell(cell.text, CellKind.TIME, flags) if 0 <= days < 1 else cell


def _text_of(item: Any) -> str:
    """The text that a cell shows: its paragraphs, without comments, drawings and phonetic guides."""
    return "".join(text for text, _ in _marked_pieces(item))


def _marked_pieces(item: Any) -> Iterator[tuple[str, Any]]:
    """The pieces of that text, each with the element in which it stands."""
    for number, paragraph in enumerate(item.iterchildren("{*}p", "{*}h")):
        if number:
            yield "\n", paragraph
        yield from _pieces(paragraph)


def _pieces(element: Any) -> Iterator[tuple[str, Any]]:
    yield element.text or "", element
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "s":
            yield " " * min(_count(child, "c", MAX_COLUMN), 1000), element
        elif name in _GAPS:
            yield _GAPS[name], element
        elif name not in _NOT_SHOWN_ELEMENTS:
            yield from _pieces(child)
        yield child.tail or "", element
