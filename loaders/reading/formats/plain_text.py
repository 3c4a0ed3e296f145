"""Text files that pretend to be workbooks: tab- or comma-separated exports that are called .xls, as one sheet of text cells.

A report whose contract says CSV declares its encoding and is not read here. What is assumed here is said in the book's notes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from loaders.reading.formats.text_decoding import decode_text, read_limited
from loaders.reading.model.cell_builders import text_or_error_cell
from loaders.reading.model.refusals import nul_bytes
from loaders.reading.model.sheets import Book, Sheet
from loaders.reading.text.quotes import RawFields, raw_fields
from loaders.reading.text.record_batches import numbered_records

_DELIMITERS = "\t,;|"
_LINES_LOOKED_AT = 50
_LINE_END = re.compile(r"\r\n|\r|\n")  # and no other: a line separator stands inside a value
# A value in quotation marks: delimiters and line breaks in it are its own.
_QUOTED = re.compile(r'(?:(?<=[\t,;|\r\n])|\A)"(?:[^"]|"")*"(?=[\t,;|\r\n]|\Z)')


def read_plain_text(file: BinaryIO) -> Book:
    """Read a delimited text as one sheet; a row is a record, whatever number of lines it takes.

    Raises:
        Refusal: larger than may be read, holding NUL bytes, or in no encoding that Chinese offices use.
    """
    text, notes = decode_text(read_limited(file), expected="a workbook or a delimited text")
    if "\x00" in text:
        raise nul_bytes(text.count("\x00"), text.count("\n", 0, text.index("\x00")) + 1)
    delimiter = _delimiter_of(text)
    notes.append(f"a plain text, not a workbook: columns taken at each {'tab' if delimiter == chr(9) else delimiter}")
    sheet = Sheet("Sheet1")
    try:
        _fill(sheet, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        notes.append("its quotation marks do not pair: where one is misplaced, each line was taken as a row, the marks as text")
        sheet = Sheet("Sheet1")
        _fill(sheet, _raw_records(text, delimiter))
    return Book("text", [sheet], notes)


def _raw_records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of a text with stray quotation marks; those that hold one as they are written, line by line."""
    for _, _, fields in numbered_records(io.StringIO(text, newline=""), delimiter, checks_quotes=True):
        if isinstance(fields, RawFields):
            yield from (raw_fields(line, delimiter)[0] for line in _LINE_END.split(fields.raw))
        else:
            yield fields


def _delimiter_of(text: str) -> str:
    """The delimiter that stands equally often in most of the first lines, outside of quotation marks."""
    unquoted = _QUOTED.sub('""', text[:65_536].lstrip("\ufeff"))
    lines = [line for line in _LINE_END.split(unquoted)[:_LINES_LOOKED_AT] if line.strip()]
    best, agreeing = ",", 0
    for delimiter in _DELIMITERS:
        counts = Counter(line.count(delimiter) for line in lines)
        counts.pop(0, None)
        most = max(counts.values(), default=0)
        if most > agreeing:
            best, agreeing = delimiter, most
    return best


def _fill(sheet: Sheet, records: Iterable[list[str]]) -> None:
    for row, record in enumerate(records, start=1):
        cells = {column: text_or_error_cell(field) for column, field in enumerate(record, start=1) if field}
        if cells:
            sheet.rows[row] = cells
