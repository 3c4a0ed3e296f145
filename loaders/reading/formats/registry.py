"""Registry of file formats: one record per format defines how it is named, detected and opened.

To add a format, write its reader below `readers` and add its record here. Nothing else dispatches on a format.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Literal, cast

from loaders.reading.model.sheets import Book

Reader = Callable[[BinaryIO], Book]


@dataclass(frozen=True, slots=True, eq=False)
class FileFormat:
    """File format: its names, signatures and reader.

    Names
    - `phrase`: the code of its name in the message catalog; empty if it is named by `name` in both languages.
    - `name`: its English name.

    Detection: a file has the first format of `FORMATS` with a matching signature. File names are not used.
    - `has_magic`: tests the first bytes.
    - `has_magic_if_binary`: tests the first bytes of a file that could not be decoded as text.
    - `package_mimetype`: a part of the MIME type that a zip package declares.
    - `package_parts`: names of parts of a zip package, all of which must exist.
    - `package_types`: strings in `[Content_Types].xml`, one of which must occur.
    - `ole_streams`: names of streams in an OLE compound file, one of which must exist.
    - `has_text_start`: tests the decoded beginning, without leading whitespace and byte-order mark.

    Reading
    - `reader`: `module:function` that reads it as a workbook; None if it is no workbook. The module is imported on first use, so
      that a worker process starts without lxml, xlrd and similar libraries.
    - `contract_kind`: the `format.kind` of contracts whose documents have this format.
    - `may_be_text`: text contracts accept it, because its signature also occurs in texts.
    - `is_cross_read`: calamine reads it too, and the cells are compared.
    """

    name: str
    phrase: str
    has_magic: Callable[[bytes], bool] | None = None
    has_magic_if_binary: Callable[[bytes], bool] | None = None
    package_mimetype: bytes | None = None
    package_parts: tuple[bytes, ...] = ()
    package_types: tuple[bytes, ...] = ()
    ole_streams: tuple[str, ...] = ()
    has_text_start: Callable[[str], bool] | None = None
    reader: str | None = None
    contract_kind: Literal["workbook", "delimited", "records"] = "workbook"
    may_be_text: bool = False
    is_cross_read: bool = False

    def load_reader(self) -> Reader | None:
        """Imports the reader; None if the format is no workbook."""
        if self.reader is None:
            return None
        module, _, function = self.reader.partition(":")
        return cast("Reader", getattr(importlib.import_module(module), function))


def _starts_with(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magic)


def _is_image(head: bytes) -> bool:
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return is_webp or head.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*"))


def _is_spreadsheet_ml(start: str) -> bool:
    # Web pages written by Excel declare the namespace, too.
    return start.startswith("<") and "urn:schemas-microsoft-com:office:spreadsheet" in start and not _HTML_TAG.match(start)


def _is_flat_ods(start: str) -> bool:
    return start.startswith("<") and ("opendocument.spreadsheet" in start or "urn:oasis:names:tc:opendocument" in start)


def _is_flat_word(start: str) -> bool:
    return start.startswith("<") and "pkg:package" in start[:2000]


def _is_html(start: str) -> bool:
    return start.startswith("<") and _HTML_TAG.search(start) is not None


def _is_exchange(start: str) -> bool:
    return _SYLK.match(start) is not None or _DIF.match(start) is not None


def _is_json_lines(start: str) -> bool:
    if not start.startswith("{"):
        return False
    try:
        return isinstance(json.loads(start.partition("\n")[0]), dict)
    except (ValueError, RecursionError):
        return False


# `<html`, `<!DOCTYPE html`, `<table border=1>`
_HTML_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta|style)\b", re.IGNORECASE)
# `MIME-Version: 1.0`, also after other header lines: `From: <saved>`
_MIME = re.compile(r"(?:[\w-]+:.*\r?\n)*mime-version:", re.IGNORECASE)
# `ID;PWXL;N;E`, then records of other kinds (`P;PGeneral`, `C;Y1;X1;K"a"`). A table may have a column ID and semicolons.
_SYLK = re.compile(r"ID;P\w*(?:;[NE]\w*)*\s*?\r?\n(?:P;[PFE]|B;[YX]|F;[A-Z]|C;[XYKE]|O;[A-Z]|NN;|NU;|E\s*$)")
# `TABLE`, `0,1`, `"EXCEL"` in three lines
_DIF = re.compile(r'TABLE\r?\n0,1\r?\n"')

EMPTY = FileFormat("empty file", "", may_be_text=True)
PDF = FileFormat("PDF", "content.pdf", has_magic=lambda head: b"%PDF-" in head[:1024])
ENCRYPTED = FileFormat("encrypted workbook", "content.encrypted", ole_streams=("EncryptedPackage",))
XLSB = FileFormat(
    "binary workbook (xlsb)",
    "content.xlsb",
    package_parts=(b"xl/workbook.bin",),
    package_types=(b"sheet.binary.macroEnabled.main",),
    reader="loaders.reading.formats.readers.xlsb:read_xlsb",
    is_cross_read=True,
)
OOXML = FileFormat(
    "Office Open XML workbook",
    "content.office_open_xml_workbook",
    package_parts=(b"xl/",),
    package_types=(b"spreadsheetml", b"vnd.ms-excel"),
    reader="loaders.reading.formats.readers.ooxml.workbook:read_ooxml",
    is_cross_read=True,
)
BIFF = FileFormat(
    "Excel 97-2003 or WPS workbook",
    "content.excel_97",
    # Without a compound file around it, BIFF begins with its BOF record (version 2 to 8).
    has_magic=_starts_with(
        b"\x09\x00\x04\x00",
        b"\x09\x02\x06\x00",
        b"\x09\x04\x06\x00",
        b"\x09\x08\x06\x00",
        b"\x09\x08\x08\x00",
        b"\x09\x08\x10\x00",
    ),
    ole_streams=("Workbook", "Book"),
    reader="loaders.reading.formats.readers.xls:read_xls",
    is_cross_read=True,
)
SPREADSHEET_ML = FileFormat(
    "XML spreadsheet 2003",
    "content.spreadsheet_ml",
    has_text_start=_is_spreadsheet_ml,
    reader="loaders.reading.formats.readers.spreadsheet_ml:read_spreadsheet_ml",
)
FLAT_ODS = FileFormat(
    "OpenDocument spreadsheet in one XML file",
    "",
    has_text_start=_is_flat_ods,
    reader="loaders.reading.formats.readers.ods.document:read_flat_ods",
)
WORD = FileFormat(
    "Word document",
    "content.word",
    has_magic=_starts_with(b"{\\rtf"),
    package_mimetype=b"opendocument.text",
    package_parts=(b"word/",),
    package_types=(b"wordprocessingml",),
    ole_streams=("WordDocument",),
    has_text_start=_is_flat_word,
)
PRESENTATION = FileFormat(
    "presentation",
    "content.presentation",
    package_mimetype=b"opendocument.presentation",
    package_parts=(b"ppt/",),
    package_types=(b"presentationml",),
    ole_streams=("PowerPoint Document",),
)
ODS = FileFormat(
    "OpenDocument spreadsheet",
    "content.ods",
    package_mimetype=b"opendocument.spreadsheet",
    package_parts=(b"content.xml", b"meta-inf/manifest.xml"),
    reader="loaders.reading.formats.readers.ods.document:read_ods",
    is_cross_read=True,
)
HTML = FileFormat(
    "web page",
    "content.html",
    has_text_start=_is_html,
    reader="loaders.reading.formats.readers.html.page:read_html",
    may_be_text=True,
)
MHTML = FileFormat(
    "web archive (mht)",
    "",
    has_text_start=lambda start: _MIME.match(start[:2000]) is not None,
    reader="loaders.reading.formats.readers.html.mhtml:read_mhtml",
)
EXCHANGE = FileFormat("SYLK or DIF exchange file", "content.exchange", has_text_start=_is_exchange)
JSON_LINES = FileFormat(
    "JSON lines", "content.json_lines", has_text_start=_is_json_lines, contract_kind="records", may_be_text=True
)
IMAGE = FileFormat("picture", "content.image", has_magic=_is_image, has_magic_if_binary=_starts_with(b"BM"))
ARCHIVE = FileFormat(
    "archive", "content.archive", has_magic=_starts_with(b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh91AY", b"\xfd7zXZ\x00")
)
TEXT = FileFormat(
    "plain text",
    "content.text",
    reader="loaders.reading.formats.readers.plain_text:read_plain_text",
    contract_kind="delimited",
    may_be_text=True,
)
OTHER = FileFormat("unknown binary file", "content.other_binary", may_be_text=True)

# The first format with a matching signature wins, so specific formats precede general ones: XLSB precedes OOXML, because both
# have parts below `xl/`; the XML formats precede HTML, because they may contain HTML tags.
FORMATS = (
    PDF,
    ENCRYPTED,
    XLSB,
    OOXML,
    BIFF,
    SPREADSHEET_ML,
    FLAT_ODS,
    WORD,
    PRESENTATION,
    ODS,
    HTML,
    MHTML,
    EXCHANGE,
    JSON_LINES,
    IMAGE,
    ARCHIVE,
    # Without a signature: the defaults.
    EMPTY,
    TEXT,
    OTHER,
)
