"""What a file is, by its bytes. Names are never looked at: offices send .et as .xls, web pages as .xls and workbooks as .csv."""

from __future__ import annotations

import codecs
import json
import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import olefile

HEAD_BYTES = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A part, an empty package, a part of several volumes. A text may begin with the letters PK alone.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BARE_BIFF = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)


class Content(StrEnum):
    """What a file can be. The value is the word for it in a message."""

    EMPTY = "empty file"
    OOXML = "Office Open XML workbook"
    BIFF = "Excel 97-2003 or WPS workbook"
    ENCRYPTED = "encrypted workbook"
    XLSB = "binary workbook (xlsb)"
    ODS = "OpenDocument spreadsheet"
    FLAT_ODS = "OpenDocument spreadsheet in one XML file"
    HTML = "web page"
    MHTML = "web archive (mht)"
    SPREADSHEET_ML = "XML spreadsheet 2003"
    JSON_LINES = "JSON lines"
    TEXT = "plain text"
    EXCHANGE = "SYLK or DIF exchange file"
    WORD = "Word document"
    PRESENTATION = "presentation"
    PDF = "PDF"
    IMAGE = "picture"
    ARCHIVE = "archive"
    OTHER = "unknown binary file"


_MAGIC = (
    (b"\x89PNG\r\n", Content.IMAGE),
    (b"\xff\xd8\xff", Content.IMAGE),
    (b"GIF87a", Content.IMAGE),
    (b"GIF89a", Content.IMAGE),
    (b"II*\x00", Content.IMAGE),
    (b"MM\x00*", Content.IMAGE),
    (b"{\\rtf", Content.WORD),
    (b"Rar!", Content.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Content.ARCHIVE),
    (b"\x1f\x8b", Content.ARCHIVE),
    (b"BZh91AY", Content.ARCHIVE),
    (b"\xfd7zXZ\x00", Content.ARCHIVE),
)
_OLE_STREAMS = (
    ("EncryptedPackage", Content.ENCRYPTED),
    ("Workbook", Content.BIFF),
    ("Book", Content.BIFF),
    ("WordDocument", Content.WORD),
    ("PowerPoint Document", Content.PRESENTATION),
)
_MAIN_PARTS = (
    (b"sheet.binary.macroEnabled.main", Content.XLSB),
    (b"spreadsheetml", Content.OOXML),
    (b"vnd.ms-excel", Content.OOXML),
    (b"wordprocessingml", Content.WORD),
    (b"presentationml", Content.PRESENTATION),
)
# `ID;PWXL;N;E`, then records of other kinds (`P;PGeneral`, `C;Y1;X1;K"a"`). A table may have a column ID and semicolons.
_SYLK = re.compile(r"ID;P\w*(?:;[NE]\w*)*\s*?\r?\n(?:P;[PFE]|B;[YX]|F;[A-Z]|C;[XYKE]|O;[A-Z]|NN;|NU;|E\s*$)")
_DIF = re.compile(r'TABLE\r?\n0,1\r?\n"')
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta|style)\b", re.IGNORECASE)


def detect(path: Path) -> Content:
    """What the file holds.

    Raises:
        OSError: it cannot be read at all.
    """
    with path.open("rb") as file:
        return content_of(file)


def content_of(file: BinaryIO) -> Content:
    """What an open file holds; it is left at any position."""
    head = file.read(HEAD_BYTES)
    is_whole = len(head) < HEAD_BYTES
    if is_whole and not head.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        return Content.EMPTY
    if head.startswith(_ZIP):
        return _zip_content(file, head)
    if head.startswith(_OLE):
        return _ole_content(file)
    return _flat_content(file, head)


def text_of_head(head: bytes) -> str | None:
    """The first bytes of a file as text, in whichever encoding they hold; None when they are no text."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            return head.decode(encoding, errors="ignore")
    unmarked = utf16_without_bom(head)
    if unmarked is not None:
        return head.decode(unmarked, errors="ignore")
    controls = sum(head.count(code) for code in (*range(9), *range(14, 27), *range(28, 32)))
    if controls * 20 > len(head):
        return None
    return head.decode("utf-8" if _is_utf8(head) else "gb18030", errors="ignore")


def utf16_without_bom(head: bytes) -> str | None:
    """The byte order of UTF-16 that bears no mark, by the zeros in every second byte of its Latin letters and line ends."""
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


def _zip_content(file: BinaryIO, head: bytes) -> Content:
    """A zip package is what its list of types says; a damaged one is what its first names look like."""
    try:
        with zipfile.ZipFile(file) as package:
            names = {name.replace("\\", "/").lstrip("/").lower(): name for name in package.namelist()}
            types = _small_part(package, names.get("[content_types].xml"))
            mimetype = _small_part(package, names.get("mimetype"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return _by_names(head.lower())
    if b"opendocument.spreadsheet" in mimetype:
        return Content.ODS
    if b"opendocument.text" in mimetype:
        return Content.WORD
    if b"opendocument.presentation" in mimetype:
        return Content.PRESENTATION
    by_names = _by_names("\n".join(names).encode())
    if by_names is not Content.ARCHIVE:
        return by_names
    return next((content for mark, content in _MAIN_PARTS if mark in types), Content.ARCHIVE)


def _small_part(package: zipfile.ZipFile, name: str | None) -> bytes:
    if name is None:
        return b""
    with package.open(name) as part:
        return part.read(HEAD_BYTES)


def _by_names(names: bytes) -> Content:
    for mark, content in (
        (b"xl/workbook.bin", Content.XLSB),
        (b"xl/", Content.OOXML),
        (b"word/", Content.WORD),
        (b"ppt/", Content.PRESENTATION),
    ):
        if mark in names:
            return content
    return Content.ODS if b"content.xml" in names and b"meta-inf/manifest.xml" in names else Content.ARCHIVE


def _ole_content(file: BinaryIO) -> Content:
    """A compound file is what its streams say; one that cannot be listed is left to the reader of old workbooks to refuse."""
    try:
        with olefile.OleFileIO(file) as compound:
            streams = {entry[-1].lower() for entry in compound.listdir()}
    except Exception:
        return Content.BIFF
    return next((content for name, content in _OLE_STREAMS if name.lower() in streams), Content.OTHER)


def _flat_content(file: BinaryIO, head: bytes) -> Content:
    if b"%PDF-" in head[:1024]:
        return Content.PDF
    if head.startswith(_BARE_BIFF):
        return Content.BIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Content.IMAGE
    found = next((content for magic, content in _MAGIC if head.startswith(magic)), None)
    if found is not None:
        return found
    text = text_of_head(head)
    if text is not None:
        return _text_content(text)
    if head.startswith(b"BM"):
        return Content.IMAGE
    return _zip_content(file, head) if zipfile.is_zipfile(file) else Content.OTHER


def _text_content(text: str) -> Content:
    start = text.lstrip("\ufeff \t\r\n\x00")
    if start.startswith("<"):
        return _markup_content(start)
    if start[:13].lower() == "mime-version:" or re.match(r"(?:[\w-]+:.*\r?\n)*mime-version:", start[:2000], re.IGNORECASE):
        return Content.MHTML
    if _SYLK.match(start) or _DIF.match(start):
        return Content.EXCHANGE
    if start.startswith("{") and _is_json_object(start.partition("\n")[0]):
        return Content.JSON_LINES
    return Content.TEXT


def _markup_content(start: str) -> Content:
    if "urn:schemas-microsoft-com:office:spreadsheet" in start and not _HTML.match(start):
        return Content.SPREADSHEET_ML
    if "opendocument.spreadsheet" in start or "urn:oasis:names:tc:opendocument" in start:
        return Content.FLAT_ODS
    if "pkg:package" in start[:2000]:
        return Content.WORD
    return Content.HTML if _HTML.search(start) else Content.TEXT


def _is_json_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
