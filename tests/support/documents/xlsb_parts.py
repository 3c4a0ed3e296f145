"""Binary workbooks (xlsb) from single records."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_BINARY = "application/vnd.ms-excel"


def record(kind: int, body: bytes = b"") -> bytes:
    """One record: its type in one or two bytes, its length in one or two, its body."""
    head = bytes([kind]) if kind < 0x80 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    length = bytes([len(body)]) if len(body) < 0x80 else bytes([(len(body) & 0x7F) | 0x80, len(body) >> 7])
    return head + length + body


def wide(text: str) -> bytes:
    """A text after its length."""
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def row(number: int, *, hidden: bool = False) -> bytes:
    """The head of a row that counts from 0."""
    return record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0x10 if hidden else 0, 0, 0))


def cell(kind: int, column: int, value: bytes, style: int = 0) -> bytes:
    """A cell: 2 packed number, 3 error, 4 boolean, 5 double, 6 text, 7 shared string, 8 to 11 results of formulas."""
    return record(kind, struct.pack("<II", column, style) + value)


def columns(first: int, last: int) -> bytes:
    """Hidden columns."""
    return record(390) + record(60, struct.pack("<4IH", first, last, 2048, 0, 1)) + record(391)


def merges(*areas: tuple[int, int, int, int]) -> bytes:
    """Merged areas: first row, last row, first column, last column."""
    body = b"".join(record(176, struct.pack("<4I", *area)) for area in areas)
    return record(177, struct.pack("<I", len(areas))) + body + record(178)


def write_xlsb(
    path: Path,
    rows: bytes,
    *,
    before: bytes = b"",
    after: bytes = b"",
    strings: Sequence[str | bytes] = (),
    formats: Sequence[int | str] = (0,),
    fonts: Sequence[bytes] = (),
    fonts_of_styles: Sequence[int] = (),
    state: int = 0,
    since_1904: bool = False,
) -> Path:
    """A workbook with one sheet, 表1; cell style n has number format `formats[n]`."""
    sheet = (
        record(129)
        + record(148, struct.pack("<4I", 0, 9, 0, 9))
        + before
        + record(145)
        + rows
        + record(146)
        + after
        + record(130)
    )
    properties = record(153, struct.pack("<II", int(since_1904), 0) + wide(""))
    bundle = record(156, struct.pack("<II", state, 1) + wide("rId1") + wide("表1"))
    shared = record(159, struct.pack("<II", len(strings), len(strings)))
    shared += b"".join(record(19, text if isinstance(text, bytes) else b"\x00" + wide(text)) for text in strings) + record(160)
    parts = {
        "[Content_Types].xml": _types().encode(),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.bin")),
        "xl/workbook.bin": record(131) + properties + record(143) + bundle + record(144) + record(132),
        "xl/_rels/workbook.bin.rels": _relations(
            ("worksheet", "worksheets/sheet1.bin"), ("sharedStrings", "sharedStrings.bin"), ("styles", "styles.bin")
        ),
        "xl/worksheets/sheet1.bin": sheet,
        "xl/sharedStrings.bin": shared,
        "xl/styles.bin": _styles(formats, fonts, fonts_of_styles),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def rich(text: str, changes: Sequence[tuple[int, int]]) -> bytes:
    """A text in several fonts: each change is a place in the text and the font from there on."""
    return b"\x01" + wide(text) + struct.pack("<I", len(changes)) + b"".join(struct.pack("<HH", *change) for change in changes)


def font(*, is_struck: bool = False, escapement: int = 0) -> bytes:
    """A font; an escapement of 1 raises, of 2 lowers."""
    flags = 0x08 if is_struck else 0
    return record(43, struct.pack("<4HBBBB", 220, flags, 400, escapement, 0, 2, 134, 0) + bytes(8) + b"\x00" + wide("宋体"))


def _styles(formats: Sequence[int | str], fonts: Sequence[bytes], fonts_of_styles: Sequence[int]) -> bytes:
    numbers = [f if isinstance(f, int) else 164 + index for index, f in enumerate(formats)]
    own = [(number, code) for number, code in zip(numbers, formats, strict=True) if isinstance(code, str)]
    described = b"".join(record(44, struct.pack("<H", number) + wide(code)) for number, code in own)
    pairs = zip_longest(numbers, fonts_of_styles, fillvalue=0)
    used = b"".join(record(47, struct.pack("<HHH", 0, number, of_style) + bytes(10)) for number, of_style in pairs)
    own_fonts = record(611, struct.pack("<I", len(fonts))) + b"".join(fonts) + record(612) if fonts else b""
    head = record(278) + own_fonts + (record(615, struct.pack("<I", len(own))) + described + record(616) if own else b"")
    return head + record(617, struct.pack("<I", len(numbers))) + used + record(618) + record(279)


def _types() -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="bin" ContentType="{_BINARY}.sheet.binary.macroEnabled.main"/></Types>'
    )


def _relations(*related: tuple[str, str]) -> bytes:
    lines = "".join(
        f'<Relationship Id="rId{index}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for index, (kind, target) in enumerate(related, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{lines}</Relationships>'.encode()
