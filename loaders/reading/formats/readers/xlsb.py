"""Binary workbooks (xlsb, MS-XLSB): the package of an xlsx with binary records in place of XML."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from loaders.reading.formats.corruption import corruption_of
from loaders.reading.formats.opc_package import CORRUPTION_ERRORS, OpcPackage, part_of_kind
from loaders.reading.model.cell_builders import bool_cell, error_of_code, raw_number, stored_text
from loaders.reading.model.cell_styles import PLAIN, CellStyle
from loaders.reading.model.datetimes import formatted_cell, with_text_format
from loaders.reading.model.refusals import unreadable_document
from loaders.reading.model.rich_text import Font, StoredString, VerticalAlign, cell_style, rich_cell, runs_at, styled
from loaders.reading.model.sheets import MAX_COLUMN, MAX_ROW, Area, Book, Cell, Sheet
from loaders.reading.number_formats import number_format

_ROW, _FIRST_CELL, _LAST_CELL, _FIRST_SHORT, _LAST_SHORT, _STRING_ITEM, _FORMAT, _CELL_FORMAT = 0, 1, 11, 12, 18, 19, 44, 47
_COLUMNS, _RICH_CELL, _WORKBOOK_PROPERTIES, _BUNDLED_SHEET, _MERGE, _BEGIN_FORMATS, _END_FORMATS = 60, 62, 153, 156, 176, 617, 618
_FONT, _STRIKEOUT = 43, 0x08
_VERTICAL_ALIGNS = {1: VerticalAlign.RAISED, 2: VerticalAlign.LOWERED}
_RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED = 2, 3, 4, 5, 6, 7
_OF_FORMULA = {8: _TEXT, 9: _REAL, 10: _BOOL, 11: _ERROR}
_HIDDEN_ROW = 0x10
_WORKSHEET = "worksheet"


def read_xlsb(source: Path | BinaryIO) -> Book:
    """Reads every sheet of a binary workbook.

    Raises:
        Refusal: the package is corrupted or too large, or it contains no workbook.
    """
    try:
        with OpcPackage(source) as package:
            return _read_book(package)
    except (*CORRUPTION_ERRORS, struct.error) as error:
        raise corruption_of(error) from error


def _read_book(package: OpcPackage) -> Book:
    main = package.main_part("xl/workbook.bin")
    parts = package.related(main)
    styles, fonts = _styles(_part(package, parts, "styles"))
    strings = [_rich_text(body, 0, fonts) for kind, body in _part(package, parts, "sharedStrings") if kind == _STRING_ITEM]
    since_1904 = False
    book = Book("xlsb")
    for kind, body in _records(package.bytes(main)):
        if kind == _WORKBOOK_PROPERTIES:
            since_1904 = bool(body[0] & 1)
        elif kind == _BUNDLED_SHEET:
            identity, end = _wide_text(body, 8)
            name, _ = _wide_text(body, end)
            role, part = parts[identity]
            if role == _WORKSHEET:
                sheet = Sheet(name, hidden=body[0] != 0)
                _SheetReader(sheet, strings, styles, fonts, since_1904=since_1904).read(package.bytes(part))
                book.sheets.append(sheet)
            else:
                book.notes.append(f'sheet "{name}" is a {role} and holds no cells')
    if not book.sheets:
        raise unreadable_document("no_sheet.cells")
    return book


def _part(package: OpcPackage, parts: Mapping[str, tuple[str, str]], kind: str) -> Iterator[tuple[int, bytes]]:
    name = part_of_kind(parts, kind)
    return _records(package.bytes(name)) if name and package.has(name) else iter(())


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the records of a part: a type of one or two bytes, a length of one to four bytes, then the body.

    Raises:
        ValueError: the last record is truncated.
    """
    place, end = 0, len(content)
    while place < end:
        kind, place = content[place], place + 1
        if kind & 0x80:
            kind, place = (kind & 0x7F) | (content[place] << 7), place + 1
        length = 0
        for shift in (0, 7, 14, 21):
            byte, place = content[place], place + 1
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        if place + length > end:
            raise ValueError("a record is cut short")
        yield kind, content[place : place + length]
        place += length


def _wide_text(body: bytes, start: int) -> tuple[str, int]:
    """Reads a UTF-16 text that follows its length in characters. Returns the text and its end."""
    (length,) = struct.unpack_from("<I", body, start)
    end = start + 4 + 2 * length
    if end > len(body):
        raise ValueError("a text is cut short")
    return body[start + 4 : end].decode("utf-16-le", errors="replace"), end


def _rich_text(body: bytes, start: int, fonts: Sequence[Font]) -> StoredString:
    """Reads a text with the positions of its font changes (MS-XLSB 2.5.121, RichStr)."""
    text, end = _wide_text(body, start + 1)
    if not body[start] & 1:
        return text
    count = int.from_bytes(body[end : end + 4], "little")
    runs = body[end + 4 : end + 4 + 4 * count]
    changes = list(struct.iter_unpack("<HH", runs[: len(runs) // 4 * 4]))
    return tuple(runs_at(text, changes, fonts))


def _font(body: bytes) -> Font:
    """Reads a font (MS-XLSB 2.4.149, BrtFont): a flag bit strikes it out, a number raises or lowers it."""
    return Font(bool(body[2] & _STRIKEOUT), _VERTICAL_ALIGNS.get(int.from_bytes(body[6:8], "little"), VerticalAlign.BASELINE))


def _styles(records: Iterator[tuple[int, bytes]]) -> tuple[list[CellStyle], list[Font]]:
    codes: dict[int, str] = {}
    styles: list[CellStyle] = []
    fonts: list[Font] = []
    of_cells = False
    for kind, body in records:
        if kind == _FORMAT:
            codes[int.from_bytes(body[:2], "little")] = _wide_text(body, 2)[0]
        elif kind in {_BEGIN_FORMATS, _END_FORMATS}:
            of_cells = kind == _BEGIN_FORMATS
        elif kind == _FONT:
            fonts.append(_font(body))
        elif kind == _CELL_FORMAT and of_cells:
            number, font = int.from_bytes(body[2:4], "little"), int.from_bytes(body[4:6], "little")
            styles.append(cell_style(number_format(number, codes.get(number)), fonts[font] if font < len(fonts) else Font()))
    return styles, fonts


class _SheetReader:
    """Reader of the records of one sheet."""

    def __init__(
        self,
        sheet: Sheet,
        strings: Sequence[StoredString],
        styles: Sequence[CellStyle],
        fonts: Sequence[Font],
        *,
        since_1904: bool,
    ) -> None:
        self._sheet = sheet
        self._strings = strings
        self._styles = styles
        self._fonts = fonts
        self._since_1904 = since_1904

    def read(self, content: bytes) -> None:
        row = column = 0
        for kind, body in _records(content):
            if kind == _ROW:
                row, column = self._open_row(body), 0
            elif kind == _RICH_CELL or _FIRST_CELL <= kind <= _LAST_CELL:
                column = int.from_bytes(body[:4], "little") + 1
                self._put(row, column, kind, body[4:], start=4)
            elif _FIRST_SHORT <= kind <= _LAST_SHORT:
                column += 1
                self._put(row, column, kind - _FIRST_SHORT + _FIRST_CELL, body, start=4)
            elif kind == _MERGE:
                top, bottom, left, right = struct.unpack_from("<4I", body)
                self._sheet.merges.append(Area(top + 1, left + 1, bottom + 1, right + 1))
            elif kind == _COLUMNS:
                self._hide_columns(body)

    def _open_row(self, body: bytes) -> int:
        row = int.from_bytes(body[:4], "little") + 1
        if row > MAX_ROW:
            raise ValueError(f"there is no row {row}")
        if body[11] & _HIDDEN_ROW:
            self._sheet.hidden_rows.add(row)
        return row

    def _hide_columns(self, body: bytes) -> None:
        first, last, width = struct.unpack_from("<3I", body)
        if body[16] & 1 or width == 0:
            self._sheet.hidden_columns.update(range(first + 1, min(last + 1, MAX_COLUMN) + 1))

    def _put(self, row: int, column: int, kind: int, body: bytes, start: int) -> None:
        """Sets a cell. `body` begins with its format; its value begins at `start`."""
        if column > MAX_COLUMN:
            raise ValueError(f"there is no column {column}")
        flags = ("formula",) if kind in _OF_FORMULA else ()
        cell = self._cell(_OF_FORMULA.get(kind, kind), body, start)
        if cell is not None:
            cell.flags = (*flags, *cell.flags)
            self._sheet.put(row, column, cell)

    def _cell(self, kind: int, body: bytes, start: int) -> Cell | None:
        if kind == _TEXT:
            return self._text(_wide_text(body, start)[0], body)
        if kind == _RICH_CELL:
            return self._text(_rich_text(body, start, self._fonts), body)
        if kind == _SHARED:
            return self._text(self._strings[int.from_bytes(body[start : start + 4], "little")], body)
        cell = self._value(kind, body, start)
        return None if cell is None else styled(cell, self._style(body))

    def _value(self, kind: int, body: bytes, start: int) -> Cell | None:
        if kind == _BOOL:
            return bool_cell(body[start] != 0)
        if kind == _ERROR:
            return error_of_code(body[start])
        if kind in {_RK, _REAL}:
            number = _short_number(body, start) if kind == _RK else struct.unpack_from("<d", body, start)[0]
            return formatted_cell(raw_number(number), self._style(body).number_format, since_1904=self._since_1904)
        return None

    def _text(self, string: StoredString, body: bytes) -> Cell:
        style = self._style(body)
        cell = styled(stored_text(string), style) if isinstance(string, str) else rich_cell(string, style)
        return with_text_format(cell, style.number_format)

    def _style(self, body: bytes) -> CellStyle:
        index = int.from_bytes(body[:3], "little")
        return self._styles[index] if index < len(self._styles) else PLAIN


def _short_number(body: bytes, start: int) -> float:
    """Decodes a number in 30 bits: an integer or the head of a double, possibly in hundredths (MS-XLSB 2.5.122, RkNumber)."""
    (packed,) = struct.unpack_from("<i", body, start)
    number = float(packed >> 2) if packed & 2 else struct.unpack("<d", struct.pack("<q", (packed & ~3) << 32))[0]
    return number / 100 if packed & 1 else number
