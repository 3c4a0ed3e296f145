"""Opens a workbook of any format, which is detected by its bytes."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from loaders.messages import issue_of, phrase
from loaders.reading.formats.corruption import corruption_of
from loaders.reading.formats.detect import format_of
from loaders.reading.formats.encryption import PasswordProtected, decrypt
from loaders.reading.formats.registry import EMPTY, ENCRYPTED, FileFormat
from loaders.reading.model.refusals import Refusal, empty_document
from loaders.reading.model.sheets import Book


def open_workbook(path: Path, password: str | None = None) -> Book:
    """Reads every sheet of a document, whatever the extension of its name.

    Raises:
        Refusal: the document is empty, no workbook, encrypted, too large or damaged. The issue says which.
    """
    with path.open("rb") as file:
        try:
            return _read(file, password)
        except RecursionError as error:
            raise corruption_of(error) from error


def _read(file: BinaryIO, password: str | None) -> Book:
    found = format_of(file)
    file.seek(0)
    if found is EMPTY:
        raise empty_document()
    if found is ENCRYPTED:
        return _read_unlocked(file, password)
    try:
        book = _book_of(found, file)
    except PasswordProtected:
        return _read_unlocked(file, password)
    if found.is_cross_read:
        from loaders.reading.formats.cross_reader import compare

        compare(book, file)
    return book


def _read_unlocked(file: BinaryIO, password: str | None) -> Book:
    book = _read(decrypt(file, password), None)
    book.notes.append(
        "opened with the password of the connection" if password else "protected against changes, not against reading"
    )
    return book


def _book_of(found: FileFormat, file: BinaryIO) -> Book:
    reader = found.load_reader()
    if reader is None:
        raise _not_a_workbook(found)
    return reader(file)


def _not_a_workbook(found: FileFormat) -> Refusal:
    return Refusal(issue_of("not_a_workbook", kind=phrase(found.phrase) if found.phrase else found.name))
