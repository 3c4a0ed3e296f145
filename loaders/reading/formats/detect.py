"""Detects the format of a file by its bytes.

File names are not used, because offices send .et as .xls, web pages as .xls and workbooks as .csv.
"""

from __future__ import annotations

import codecs
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

import olefile

from loaders.reading.formats.registry import ARCHIVE, BIFF, EMPTY, FORMATS, OTHER, TEXT, FileFormat

HEAD_BYTES = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Local file header, empty package, part of a multi-volume package. The letters PK alone may begin a text.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def detect(path: Path) -> FileFormat:
    """Returns the format of a file.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with path.open("rb") as file:
        return format_of(file)


def format_of(file: BinaryIO) -> FileFormat:
    """Returns the format of an open file. The position in the file is undefined afterwards."""
    head = file.read(HEAD_BYTES)
    is_whole = len(head) < HEAD_BYTES
    if is_whole and not head.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        return EMPTY
    if head.startswith(_ZIP):
        return _zip_format(file, head)
    if head.startswith(_OLE):
        return _ole_format(file)
    return _flat_format(file, head)


def text_of_head(head: bytes) -> str | None:
    """Decodes the first bytes of a file in the encoding that fits them; None when they are not text."""
    for bom, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(bom):
            return head.decode(encoding, errors="ignore")
    without_bom = utf16_without_bom(head)
    if without_bom is not None:
        return head.decode(without_bom, errors="ignore")
    controls = sum(head.count(code) for code in (*range(9), *range(14, 27), *range(28, 32)))
    if controls * 20 > len(head):
        return None
    return head.decode("utf-8" if _is_utf8(head) else "gb18030", errors="ignore")


def utf16_without_bom(head: bytes) -> str | None:
    """Finds the byte order of UTF-16 without a byte-order mark: Latin letters and line ends have a zero in every second byte."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 20 > len(head) and min(even, odd) * 10 < max(even, odd):
        return "utf-16-le" if even < odd else "utf-16-be"
    return None


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _zip_format(file: BinaryIO, head: bytes) -> FileFormat:
    """Decides by MIME type, then by names of parts, then by content types. Of a damaged package only the first names are left."""
    try:
        with zipfile.ZipFile(file) as package:
            names = {name.replace("\\", "/").lstrip("/").lower(): name for name in package.namelist()}
            types = _small_part(package, names.get("[content_types].xml"))
            mimetype = _small_part(package, names.get("mimetype"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return _format_by_parts(head.lower()) or ARCHIVE
    declared = next((each for each in FORMATS if each.package_mimetype and each.package_mimetype in mimetype), None)
    if declared is not None:
        return declared
    by_parts = _format_by_parts("\n".join(names).encode())
    if by_parts is not None:
        return by_parts
    return next((each for each in FORMATS if any(word in types for word in each.package_types)), ARCHIVE)


def _small_part(package: zipfile.ZipFile, name: str | None) -> bytes:
    if name is None:
        return b""
    with package.open(name) as part:
        return part.read(HEAD_BYTES)


def _format_by_parts(names: bytes) -> FileFormat | None:
    return next((each for each in FORMATS if each.package_parts and all(part in names for part in each.package_parts)), None)


def _ole_format(file: BinaryIO) -> FileFormat:
    """Decides by the streams of a compound file. One that cannot be listed goes to the BIFF reader, which refuses it."""
    try:
        with olefile.OleFileIO(file) as compound:
            streams = {entry[-1].lower() for entry in compound.listdir()}
    except Exception:
        return BIFF
    return next((each for each in FORMATS if any(name.lower() in streams for name in each.ole_streams)), OTHER)


def _flat_format(file: BinaryIO, head: bytes) -> FileFormat:
    by_magic = next((each for each in FORMATS if each.has_magic and each.has_magic(head)), None)
    if by_magic is not None:
        return by_magic
    text = text_of_head(head)
    if text is not None:
        start = text.lstrip("\ufeff \t\r\n\x00")
        return next((each for each in FORMATS if each.has_text_start and each.has_text_start(start)), TEXT)
    by_magic = next((each for each in FORMATS if each.has_magic_if_binary and each.has_magic_if_binary(head)), None)
    if by_magic is not None:
        return by_magic
    return _zip_format(file, head) if zipfile.is_zipfile(file) else OTHER
