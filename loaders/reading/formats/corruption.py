"""Corruption: refusals of documents that cannot be opened, in words that the sender understands."""

from __future__ import annotations

import zipfile
import zlib

from lxml import etree

from loaders.reading.model.refusals import Refusal, unreadable_document

MAX_DETAIL_CHARS = 160
PAGE = "a web page with a table"
_KINDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((zipfile.BadZipFile, zlib.error, EOFError), "corruption.package"),
    ((etree.LxmlError,), "corruption.xml"),
    ((KeyError,), "corruption.part_missing"),
    ((RecursionError,), "corruption.nesting"),
)


def corruption_of(error: BaseException) -> Refusal:
    """Builds the refusal of a document whose reading ended in an exception."""
    detail = " ".join(f"{type(error).__name__}: {error}".split())[:MAX_DETAIL_CHARS]
    code = next((code for kinds, code in _KINDS if isinstance(error, kinds)), "corruption.content")
    return unreadable_document(code, detail=detail)
