"""Row counts of documents, computed with other libraries than the readers under test."""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import openpyxl
from msoffcrypto import OfficeFile
from msoffcrypto.exceptions import FileFormatError

Document = tuple[Path, str, str | None]
"""Where it lies, what it was called, and its password if it has one."""


def count_rows(documents: Sequence[Document]) -> list[int | None]:
    """Counts spreadsheet rows down to the last value, CSV records or JSON lines; None if the document is unreadable."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawned) as pool:
        return list(pool.map(_rows, documents, chunksize=16))


def _rows(document: Document) -> int | None:
    path, name, password = document
    if name.endswith(".csv"):
        try:
            with path.open(encoding="gb18030", newline="") as file:
                return sum(1 for _ in csv.reader(file))
        except (UnicodeDecodeError, csv.Error):
            return None
    if name.endswith(".xlsx"):
        try:
            return _rows_of_book(_unlocked(path.read_bytes(), password))
        except (zipfile.BadZipFile, FileFormatError, ValueError):
            return None
    return sum(1 for _ in path.open("rb"))


def _rows_of_book(content: bytes) -> int:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    count = 0
    for sheet in book:
        # What the document claims of its size is not believed.
        sheet.reset_dimensions()
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        count += max((number for number, row in rows if any(value is not None for value in row)), default=0)
    return count


def _unlocked(content: bytes, password: str | None) -> bytes:
    if password is None:
        return content
    opened = io.BytesIO()
    book = OfficeFile(io.BytesIO(content))
    book.load_key(password=password)
    book.decrypt(opened)
    return opened.getvalue()
