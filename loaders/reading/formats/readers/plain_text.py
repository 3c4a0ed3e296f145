"""Plain text as a workbook: tab- or comma-separated exports that are named .xls become one sheet of text cells.

Reports whose contract declares CSV have an encoding and are read by `flat_files`. Assumptions made here are noted in the book's
notes.
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
_LINE_END = re.compile(r"\r\n|\r|\n")  # and no other: a Unicode line separator belongs to the value
# A quoted value, `"a,b"`: delimiters and line breaks inside belong to the value.
_QUOTED = re.compile(r'(?:(?<=[\t,;|\r\n])|\A)"(?:[^"]|"")*"(?=[\t,;|\r\n]|\Z)')


def read_plain_text(file: BinaryIO) -> Book:
    """Reads a delimited text as one sheet. A row is a record, which may span several lines.

    Raises:
        Refusal: the text is too large, contains NUL bytes, or has no encoding that Chinese offices use.
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
    """Yields the records of a text with stray quotation marks. Records with a stray mark are split line by line, unparsed."""
    for _, _, fields in numbered_records(io.StringIO(text, newline=""), delimiter, checks_quotes=True):
        if isinstance(fields, RawFields):
            yield from (raw_fields(line, delimiter)[0] for line in _LINE_END.split(fields.raw))
        else:
            yield fields


def _delimiter_of(text: str) -> str:
    """Guesses the delimiter: the one that occurs equally often, outside of quotation marks, in most of the first lines."""
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
