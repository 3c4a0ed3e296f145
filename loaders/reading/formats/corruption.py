"""Corruption: refusals of documents that cannot be opened, in words that the sender understands."""

from __future__ import annotations

import zipfile
import zlib

from lxml import etree

from loaders.reading.model.refusals import Refusal, refuse

MAX_DETAIL_CHARS = 160
PAGE = "a web page with a table"
_WORKBOOK = "a workbook (xlsx, xls, et, ods, xlsb)"
_KINDS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    ((zipfile.BadZipFile, zlib.error, EOFError), "文件包不完整", "the package is not whole"),
    ((etree.LxmlError,), "内部的 XML 不完整", "an XML part is not whole"),
    ((KeyError,), "缺少内部组成部分", "a part is missing"),
    ((RecursionError,), "内部嵌套过深", "its parts are nested too deeply"),
)


def corrupted(zh: str, en: str, expected: str = _WORKBOOK) -> Refusal:
    """Builds the refusal of a document that cannot be opened in its own format."""
    return refuse(
        "unreadable_document",
        f"文件打不开，可能已损坏或传输不完整（{zh}）；请用表格软件打开原文件，另存为 .xlsx 后重新报送",
        f"the file cannot be opened; it may be damaged or cut short ({en}): "
        "open the original, save it as .xlsx and send it again",
        found=en,
        expected=expected,
    )


def corruption_of(error: BaseException) -> Refusal:
    """Builds the refusal of a document whose reading ended in an exception."""
    detail = " ".join(f"{type(error).__name__}: {error}".split())[:MAX_DETAIL_CHARS]
    for kinds, zh, en in _KINDS:
        if isinstance(error, kinds):
            return corrupted(f"{zh}：{detail}", f"{en}: {detail}")
    return corrupted(f"内容不合格式：{detail}", f"its content is not in order: {detail}")
