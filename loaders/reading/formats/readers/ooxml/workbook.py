"""Office Open XML workbooks (xlsx, xlsm, xltx; transitional and strict), read directly from their XML.

One pass reads values, error cells, number formats, merges, hidden rows, columns and sheets. Element names are matched without
namespace, so that strict files and prefixed files read the same. Macros are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from loaders.reading.formats.corruption import corruption_of
from loaders.reading.formats.opc_package import CORRUPTION_ERRORS, OpcPackage, part_of_kind
from loaders.reading.formats.readers.ooxml.fonts import font_of
from loaders.reading.formats.readers.ooxml.plain_parts import NotPlain, plain_strings
from loaders.reading.formats.readers.ooxml.worksheet import SheetReader, is_true, resolved, string_of
from loaders.reading.model.cell_styles import CellStyle
from loaders.reading.model.refusals import unreadable_document
from loaders.reading.model.rich_text import Font, StoredString, cell_style
from loaders.reading.model.sheets import Book, Sheet
from loaders.reading.number_formats import number_format

_WITHOUT_CELLS = {"chartsheet", "dialogsheet", "macrosheet", "xlMacrosheet", "xlIntlMacrosheet"}


def read_ooxml(source: Path | BinaryIO) -> Book:
    """Reads every sheet of a workbook.

    Raises:
        Refusal: the package is corrupted or too large, or it contains no workbook.
    """
    try:
        with OpcPackage(source) as package:
            return _read_book(package)
    except CORRUPTION_ERRORS as error:
        raise corruption_of(error) from error


def _read_book(package: OpcPackage) -> Book:
    workbook_part = package.main_part("xl/workbook.xml")
    root = package.tree(workbook_part)
    parts = package.related(workbook_part)
    reader = SheetReader(
        package,
        _shared_strings(package, part_of_kind(parts, "sharedStrings")),
        _cell_styles(package, part_of_kind(parts, "styles")),
        since_1904=any(is_true(properties.get("date1904")) for properties in root.iter("{*}workbookPr")),
        is_calculated=not any(is_true(properties.get("fullCalcOnLoad")) for properties in root.iter("{*}calcPr")),
    )
    book = Book("xlsx")
    for entry in root.iterfind("{*}sheets/{*}sheet"):
        _add_sheet(book, entry, parts, reader)
    if not book.sheets:
        raise unreadable_document("no_sheet.cells")
    return book


def _add_sheet(book: Book, entry: Any, parts: Mapping[str, tuple[str, str]], reader: SheetReader) -> None:
    name = entry.get("name", "")
    identity = next((value for key, value in entry.attrib.items() if key.rpartition("}")[2] == "id"), "")
    if identity not in parts:
        raise ValueError(f'sheet "{name}" has no part')
    kind, part = parts[identity]
    if kind in _WITHOUT_CELLS:
        book.notes.append(f'sheet "{name}" is a {kind} and holds no cells')
        return
    sheet = Sheet(name, hidden=entry.get("state", "visible") != "visible")
    reader.fill(sheet, part)
    book.sheets.append(sheet)


def _shared_strings(package: OpcPackage, part: str | None) -> list[StoredString]:
    """Returns the workbook's shared strings. The list is empty if the cells store their text inline."""
    if part is None or not package.has(part):
        return []
    try:
        return [resolved(text) for text in plain_strings(package.bytes(part))]
    except NotPlain:
        return [string_of(item) for item in package.stream(part, ("{*}si",))]


def _cell_styles(package: OpcPackage, part: str | None) -> list[CellStyle]:
    """Returns the cell style of each style index.

    Formats of differential styles (dxf) and of named styles are no cell formats.
    """
    if part is None or not package.has(part):
        return []
    root = package.tree(part)
    codes = {int(item.get("numFmtId", "0")): item.get("formatCode") for item in root.iterfind("{*}numFmts/{*}numFmt")}
    fonts = [font_of(item) for item in root.iterfind("{*}fonts/{*}font")]
    return [_style_of(item, codes, fonts) for item in root.iterfind("{*}cellXfs/{*}xf")]


def _style_of(item: Any, codes: Mapping[int, str | None], fonts: Sequence[Font]) -> CellStyle:
    number, font = int(item.get("numFmtId", "0")), int(item.get("fontId", "0"))
    return cell_style(number_format(number, codes.get(number)), fonts[font] if 0 <= font < len(fonts) else Font())
