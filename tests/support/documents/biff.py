"""Old workbooks (BIFF5 and BIFF8) as bare streams of records, so that a test can write each record that matters."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

_BIFF8 = 0x0600


@dataclass(slots=True)
class BiffSheet:
    """One sheet: its records as they stand between DIMENSIONS and EOF, and whether it is visible (0, 1 or 2)."""

    name: str
    records: list[bytes] = field(default_factory=list)
    visibility: int = 0


def record(kind: int, body: bytes = b"") -> bytes:
    """One record."""
    return struct.pack("<HH", kind, len(body)) + body


def rich(row: int, column: int, text: str, changes: Sequence[tuple[int, int]], style: int = 0) -> bytes:
    """An RSTRING cell: each change is a place in the text and the font from there on."""
    encoded = text.encode("utf-16-le")
    head = struct.pack("<HHHHB", row, column, style, len(encoded) // 2, 1) + encoded
    return record(0x00D6, head + struct.pack("<H", len(changes)) + b"".join(struct.pack("<HH", *change) for change in changes))


def font(*, is_struck: bool = False, escapement: int = 0, version: int = _BIFF8) -> bytes:
    """A FONT record; an escapement of 1 raises, of 2 lowers."""
    flags = 0x08 if is_struck else 0
    head = struct.pack("<5HBBBB", 200, flags, 0x7FFF, 400, escapement, 0, 0, 134, 0)
    return record(0x0031, head + _short("宋体", version))


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    """A NUMBER cell; rows and columns count from 0."""
    return record(0x0203, struct.pack("<HHHd", row, column, style, value))


def hundredths(row: int, column: int, value: int, style: int = 0) -> bytes:
    """An RK cell: a whole number of hundredths."""
    return record(0x027E, struct.pack("<HHHi", row, column, style, (value << 2) | 3))


def label(row: int, column: int, text: str, version: int = _BIFF8, style: int = 0) -> bytes:
    """A LABEL cell, in UTF-16 or, before BIFF8, in GBK."""
    encoded = text.encode("utf-16-le" if version == _BIFF8 else "gb18030")
    length = len(text) if version == _BIFF8 else len(encoded)
    marks = b"\x01" if version == _BIFF8 else b""
    return record(0x0204, struct.pack("<HHHH", row, column, style, length) + marks + encoded)


def error(row: int, column: int, code: int) -> bytes:
    """A BOOLERR cell that holds an error."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, code, 1))


def boolean(row: int, column: int, truth: bool) -> bytes:
    """A BOOLERR cell that holds a boolean."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, truth, 0))


def merge(first_row: int, last_row: int, first_column: int, last_column: int) -> bytes:
    """A MERGEDCELLS record."""
    return record(0x00E5, struct.pack("<5H", 1, first_row, last_row, first_column, last_column))


def hidden_row(row: int) -> bytes:
    """A ROW record of a hidden row."""
    return record(0x0208, struct.pack("<6HI", row, 0, 3, 255, 0, 0, 0x20))


def hidden_columns(first: int, last: int) -> bytes:
    """A COLINFO record of hidden columns."""
    return record(0x007D, struct.pack("<6H", first, last, 2048, 0, 1, 0))


def biff_stream(
    sheets: Sequence[BiffSheet],
    *,
    formats: Sequence[int] = (0,),
    fonts: Sequence[bytes] = (),
    fonts_of_styles: Sequence[int] = (),
    codes: dict[int, str] | None = None,
    since_1904: bool = False,
    version: int = _BIFF8,
    codepage: int | None = None,
    extra: bytes = b"",
) -> bytes:
    """A workbook. Cell style n has number format `formats[n]`; `codes` spells out others; `extra` are more records.

    Four plain fonts come before `fonts`, the first of which has number 5, for there is no font 4. `fonts_of_styles[n]` is the
    font of style n.
    """
    heads = [record(0x0809, struct.pack("<HH", version, 0x0005) + _bof_tail(version)), extra]
    page = codepage if codepage is not None else (1200 if version == _BIFF8 else 936)
    heads.append(record(0x0042, struct.pack("<H", page)) if page else b"")
    heads.append(record(0x0022, struct.pack("<H", since_1904)))
    heads += [record(0x0031, struct.pack("<5HBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 134, 0) + _short("宋体", version))] * 4
    heads += fonts
    heads += [record(0x041E, struct.pack("<H", key) + _named(code, version)) for key, code in (codes or {}).items()]
    styles = [(*pair, bytes(14 if version == _BIFF8 else 10)) for pair in zip_longest(fonts_of_styles, formats, fillvalue=0)]
    heads += [record(0x00E0, struct.pack("<HHH", of_style, key, 0) + rest) for of_style, key, rest in styles]
    bodies = [_sheet_stream(sheet, version) for sheet in sheets]
    places = [record(0x0085, struct.pack("<IBB", 0, s.visibility, 0) + _short(s.name, version)) for s in sheets]
    offset = sum(len(part) for part in (*heads, *places)) + 4
    for index, (sheet, body) in enumerate(zip(sheets, bodies, strict=True)):
        places[index] = record(0x0085, struct.pack("<IBB", offset, sheet.visibility, 0) + _short(sheet.name, version))
        offset += len(body)
    return b"".join([*heads, *places, record(0x000A), *bodies])


def _sheet_stream(sheet: BiffSheet, version: int) -> bytes:
    head = record(0x0809, struct.pack("<HH", version, 0x0010) + _bof_tail(version))
    size = struct.pack("<IIHHH", 0, 65_535, 0, 255, 0) if version == _BIFF8 else struct.pack("<5H", 0, 65_535, 0, 255, 0)
    return b"".join([head, record(0x0200, size), *sheet.records, record(0x000A)])


def _bof_tail(version: int) -> bytes:
    return bytes(12) if version == _BIFF8 else bytes(4)


def _short(text: str, version: int) -> bytes:
    """A text after its length in one byte."""
    if version == _BIFF8:
        return bytes([len(text), 1]) + text.encode("utf-16-le")
    encoded = text.encode("gb18030")
    return bytes([len(encoded)]) + encoded


def _named(text: str, version: int) -> bytes:
    """A text after its length, in two bytes from BIFF8 on."""
    return struct.pack("<H", len(text)) + b"\x01" + text.encode("utf-16-le") if version == _BIFF8 else _short(text, version)
