"""Any document that holds sheets, opened by what it is: the one door to all formats."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from loaders.reading.formats.corruption import corruption_of
from loaders.reading.formats.detect import Content, content_of
from loaders.reading.formats.encryption import PasswordProtected, decrypt
from loaders.reading.model.refusals import Refusal, empty_document, refuse
from loaders.reading.model.sheets import Book

_KINDS_ZH = {
    Content.WORD: "Word 文档",
    Content.PRESENTATION: "演示文稿",
    Content.PDF: "PDF 文件",
    Content.IMAGE: "图片",
    Content.ARCHIVE: "压缩包",
    Content.JSON_LINES: "JSON 文本",
    Content.EXCHANGE: "SYLK 或 DIF 交换文件",
    Content.OTHER: "无法识别的二进制文件",
}


_CROSS_READ = {Content.OOXML, Content.BIFF, Content.XLSB, Content.ODS}


def open_workbook(path: Path, password: str | None = None) -> Book:
    """Read every sheet of a document, whatever its name says.

    Raises:
        Refusal: it is empty, no workbook, encrypted, too large or damaged; the issue says which.
    """
    with path.open("rb") as file:
        try:
            return _read(file, password)
        except RecursionError as error:
            raise corruption_of(error) from error


def _read(file: BinaryIO, password: str | None) -> Book:
    content = content_of(file)
    file.seek(0)
    if content is Content.EMPTY:
        raise empty_document()
    if content is Content.ENCRYPTED:
        return _read_unlocked(file, password)
    try:
        book = _book_of(content, file)
    except PasswordProtected:
        return _read_unlocked(file, password)
    if content in _CROSS_READ:
        from loaders.reading.formats.cross_reader import compare

        compare(book, file)
    return book


def _read_unlocked(file: BinaryIO, password: str | None) -> Book:
    book = _read(decrypt(file, password), None)
    book.notes.append(
        "opened with the password of the connection" if password else "protected against changes, not against reading"
    )
    return book


def _book_of(content: Content, file: BinaryIO) -> Book:
    """Each format's reader, imported when it is needed: a reading process starts with none of them."""
    match content:
        case Content.OOXML:
            from loaders.reading.formats.ooxml.workbook import read_ooxml

            return read_ooxml(file)
        case Content.BIFF:
            from loaders.reading.formats.xls import read_xls

            return read_xls(file)
        case Content.XLSB:
            from loaders.reading.formats.xlsb import read_xlsb

            return read_xlsb(file)
        case Content.ODS:
            from loaders.reading.formats.ods.document import read_ods

            return read_ods(file)
        case Content.FLAT_ODS:
            from loaders.reading.formats.ods.document import read_flat_ods

            return read_flat_ods(file)
        case Content.HTML:
            from loaders.reading.formats.html.page import read_html

            return read_html(file)
        case Content.MHTML:
            from loaders.reading.formats.html.mhtml import read_mhtml

            return read_mhtml(file)
        case Content.SPREADSHEET_ML:
            from loaders.reading.formats.spreadsheet_ml import read_spreadsheet_ml

            return read_spreadsheet_ml(file)
        case Content.TEXT:
            from loaders.reading.formats.plain_text import read_plain_text

            return read_plain_text(file)
        case _:
            raise _not_a_workbook(content)


def _not_a_workbook(content: Content) -> Refusal:
    zh = _KINDS_ZH.get(content, content.value)
    return refuse(
        "not_a_workbook",
        f"这是{zh}，不是电子表格；请报送电子表格（.xlsx、.xls、.et、.ods）",
        f"this is not a workbook but a file of another kind ({content.value}): send a workbook (xlsx, xls, et, ods)",
        found=content.value,
        expected="a workbook",
    )
