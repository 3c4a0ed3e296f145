"""SpreadsheetML 2003: XML spreadsheets, which old systems export and name .xls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from lxml import etree

from loaders.characters.cleaning import clean_text
from loaders.reading.formats.corruption import corruption_of
from loaders.reading.formats.readers.html.font_styles import styled_runs
from loaders.reading.formats.text_decoding import decode_markup, read_limited, xml_tree
from loaders.reading.model.cell_builders import bool_cell, error_cell, stored_text
from loaders.reading.model.cell_styles import PLAIN, CellStyle
from loaders.reading.model.datetimes import formatted_cell, iso_cell, with_date_format, with_text_format
from loaders.reading.model.refusals import unreadable_document
from loaders.reading.model.rich_text import rich_cell, styled
from loaders.reading.model.sheets import MAX_COLUMN, MAX_ROW, Area, Book, Cell, CellKind, Sheet
from loaders.reading.number_formats import format_of_name

_TRUE = {"1", "true"}
_HEIGHTS = {"Superscript", "Subscript"}
_NO_TEXTS = {"Number", "DateTime", "Boolean", "Error"}


def read_spreadsheet_ml(file: BinaryIO) -> Book:
    """Reads every sheet of an XML spreadsheet.

    Raises:
        Refusal: the file is no well-formed XML, or it has no sheet.
    """
    text, notes = decode_markup(read_limited(file))
    try:
        root = xml_tree(text)
        styles = dict(_styles(root))
        sheets = [_Table(worksheet, styles).read() for worksheet in root.iter("{*}Worksheet")]
    except (etree.LxmlError, ValueError) as error:
        raise corruption_of(error) from error
    if not sheets:
        raise unreadable_document("no_sheet.xml")
    return Book("spreadsheet_ml", sheets, notes)


def _styles(root: Any) -> Iterator[tuple[str, CellStyle]]:
    """Yields each style by its id. Missing properties come from the parent style."""
    known: dict[str, CellStyle] = {}
    for style in root.iter("{*}Style"):
        inherited = known.get(_attribute(style, "Parent") or "", PLAIN)
        for described in style.iterchildren("{*}NumberFormat"):
            code = _attribute(described, "Format")
            if code is not None:
                inherited = replace(inherited, number_format=format_of_name(code))
        for font in style.iterchildren("{*}Font"):
            inherited = _apply_font(inherited, font)
        known[_attribute(style, "ID") or ""] = inherited
        yield _attribute(style, "ID") or "", inherited


def _apply_font(style: CellStyle, font: Any) -> CellStyle:
    struck, height = _attribute(font, "StrikeThrough"), _attribute(font, "VerticalAlign")
    return replace(
        style,
        is_struck=style.is_struck if struck is None else struck in _TRUE,
        is_raised=style.is_raised if height is None else height in _HEIGHTS,
    )


def _attribute(element: Any, name: str) -> str | None:
    """Returns an attribute, with or without its namespace."""
    found: str | None = element.get(f"{{urn:schemas-microsoft-com:office:spreadsheet}}{name}", element.get(name))
    return found


def _number(element: Any, name: str, default: int, limit: int) -> int:
    """Parses an integer attribute.

    Raises:
        ValueError: the attribute is no integer, or is outside 0 to `limit`.
    """
    text = _attribute(element, name)
    if text is None:
        return default
    number = int(text)
    if not 0 <= number <= limit:
        raise ValueError(f"{name} {number} is outside 0 to {limit}")
    return number


class _Table:
    """Reader of one worksheet. A row, column or cell without an index follows the previous one."""

    def __init__(self, worksheet: Any, styles: dict[str, CellStyle]) -> None:
        self._worksheet = worksheet
        self._styles = styles
        self._column_styles: dict[int, str] = {}
        visible = next(worksheet.iter("{*}Visible"), None)
        self._sheet = Sheet(
            _attribute(worksheet, "Name") or "", hidden=visible is not None and "hidden" in (visible.text or "").lower()
        )

    def read(self) -> Sheet:
        row = 0
        for table in self._worksheet.iterchildren("{*}Table"):
            self._read_columns(table)
            for element in table.iterchildren("{*}Row"):
                row = _number(element, "Index", row + 1, MAX_ROW)
                self._read_row(element, row)
                row += _number(element, "Span", 0, MAX_ROW - row)
        return self._sheet

    def _read_columns(self, table: Any) -> None:
        column = 0
        for element in table.iterchildren("{*}Column"):
            column = _number(element, "Index", column + 1, MAX_COLUMN)
            last = column + _number(element, "Span", 0, MAX_COLUMN - column)
            if _attribute(element, "Hidden") in {"1", "true"}:
                self._sheet.hidden_columns.update(range(column, last + 1))
            style = _attribute(element, "StyleID")
            if style is not None:
                self._column_styles |= dict.fromkeys(range(column, last + 1), style)
            column = last

    def _read_row(self, element: Any, row: int) -> None:
        if _attribute(element, "Hidden") in {"1", "true"}:
            self._sheet.hidden_rows.update(range(row, row + _number(element, "Span", 0, MAX_ROW - row) + 1))
        column = 0
        for item in element.iterchildren("{*}Cell"):
            column = _number(item, "Index", column + 1, MAX_COLUMN)
            style = _attribute(item, "StyleID") or _attribute(element, "StyleID") or self._column_styles.get(column, "")
            cell = self._cell(item, self._styles.get(style, PLAIN))
            if cell is not None:
                self._sheet.put(row, column, cell)
            last_column = column + _number(item, "MergeAcross", 0, MAX_COLUMN - column)
            last_row = row + _number(item, "MergeDown", 0, MAX_ROW - row)
            if (row, column) != (last_row, last_column):
                self._sheet.merges.append(Area(row, column, last_row, last_column))
            column = last_column

    def _cell(self, item: Any, style: CellStyle) -> Cell | None:
        data = next(item.iterchildren("{*}Data"), None)
        flags = ("formula",) if _attribute(item, "Formula") else ()
        if data is None:
            return Cell("", CellKind.TEXT, ("formula_without_value",)) if flags else None
        raw = "".join(data.itertext())
        kind = _attribute(data, "Type")
        if kind not in _NO_TEXTS and len(data):
            return with_text_format(rich_cell(list(styled_runs(data)), style, *flags), style.number_format)
        cell = self._value(raw, kind, style, flags)
        return None if cell is None else styled(cell, style)

    def _value(self, raw: str, kind: str | None, style: CellStyle, flags: tuple[str, ...]) -> Cell | None:
        match kind:
            case "Number":
                return formatted_cell(raw.strip(), style.number_format, since_1904=False, flags=flags)
            case "DateTime":
                return with_date_format(iso_cell(clean_text(raw), style.number_format.kind, flags), style.number_format)
            case "Boolean":
                return bool_cell(raw.strip() in {"1", "true"}, *flags)
            case "Error":
                return error_cell(raw, *flags)
            case _:
                return with_text_format(stored_text(raw, *flags), style.number_format)
