"""Record batches: parses a delimited text into Arrow batches, with Arrow's parser if it is equivalent, else with Python's `csv`.

A record is what `csv.reader` yields. Its number is the physical line in which it begins, counted from 1. Both parsers return a
blank value as null and every other value unchanged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from loaders.reading.model.refusals import Refusal, unclosed_quote
from loaders.reading.text.quotes import RawFields, may_be_several_rows, verified_fields
from loaders.reading.text.text_source import TextSource, Undecodable

_BLOCK_BYTES = 1024**2  # Arrow reads about thirty blocks ahead
_RECORDS_PER_BATCH = 20_000
_MAX_FIELD_BYTES = 16 * 1024**2

Record = tuple[int, int, list[str]]


class NeedsCsvReader(Exception):
    """Signal that Arrow's parser is not equivalent to `csv` for this text."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Batch of records: the lines in which they begin, one array per field, and records with another number of fields.

    `ragged` maps a position in the batch to the fields of a ragged record, which the arrays truncate or pad. `stray_quotes` are
    positions of records with stray quotation marks. `multi_row` are positions of records that may be several rows joined by two
    marks. `last_lines` are the lines in which these records end.
    """

    lines: pa.Array
    fields: list[pa.Array]
    ragged: dict[int, list[str]]
    last_lines: dict[int, int]
    stray_quotes: frozenset[int] = frozenset()
    multi_row: frozenset[int] = frozenset()

    @property
    def length(self) -> int:
        """Returns the number of records."""
        return len(self.lines)


def read_with_arrow(source: TextSource, delimiter: str, width: int, header_lines: int) -> Iterator[Batch]:
    """Reads the records below the header with Arrow.

    As many records as lines, and no line break inside a value, prove that each line is one record. Then both parsers agree.

    Raises:
        NeedsCsvReader: this condition fails. Discard all batches read so far.
        Undecodable: the text is no UTF-8.
    """
    if source.scan.lone_cr or source.scan.quotes.has_stray_quotes:
        raise NeedsCsvReader
    names = [f"f{number}" for number in range(width)]
    line = header_lines + 1
    try:
        with pa.csv.open_csv(
            source.skip_lines(header_lines),
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES, column_names=names),
            parse_options=pa.csv.ParseOptions(delimiter=delimiter),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        ) as reader:
            for batch in reader:
                if any(_contains_line_break(column) for column in batch.columns):
                    raise NeedsCsvReader
                lines = pa.array(np.arange(line, line + batch.num_rows, dtype=np.int32))
                line += batch.num_rows
                yield Batch(lines, batch.columns, {}, {})
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise source.find_undecodable() or NeedsCsvReader from error
        raise NeedsCsvReader from error
    if line - 1 + source.scan.trailing_blank_lines != source.scan.lines:
        raise NeedsCsvReader


def _contains_line_break(column: pa.Array) -> bool:
    values = column.buffers()[2]
    if not values:
        return False
    # The minimum byte is found ten times as fast as a given byte, and is rarely a control character.
    return int(np.frombuffer(values, np.uint8).min()) <= 10 and b"\n" in values.to_pybytes()


def read_with_csv(source: TextSource, delimiter: str, width: int, header_records: int) -> Iterator[Batch]:
    """Reads the records below the header with `csv`.

    Raises:
        Undecodable: the text is no UTF-8.
        Refusal: a quotation mark is never closed, so that the following rows become one value.
    """
    records = islice(csv_records(source, delimiter), header_records, None)
    fields: list[str] = []
    for chunk in iter(lambda: list(islice(records, _RECORDS_PER_BATCH)), []):
        for line, last_line, fields in chunk:
            if last_line > line and _contains_rows(_parsed_fields(fields), delimiter, width):
                raise unclosed_quote(line)
        if isinstance(fields, RawFields) and fields.is_unclosed:
            raise unclosed_quote(chunk[-1][0])
        yield _batch(chunk, delimiter, width)


def _contains_rows(fields: list[str], delimiter: str, width: int) -> bool:
    """Checks whether a multi-line value contains whole rows. Then two stray quotation marks enclose it."""
    texts = (text for text in fields if "\n" in text)
    return width > 2 and any(line.count(delimiter) >= width - 1 for text in texts for line in text.split("\n")[1:-1])


def _parsed_fields(fields: list[str]) -> list[str]:
    return fields.parsed if isinstance(fields, RawFields) else fields


def csv_records(source: TextSource, delimiter: str) -> Iterator[Record]:
    """Yields every record with its first and last line.

    Raises:
        Undecodable: the text is no UTF-8.
        Refusal: a value is so long that its quotation mark must be unclosed.
    """
    text = io.TextIOWrapper(source.rewind(), encoding="utf-8", newline="")
    try:
        yield from numbered_records(text, delimiter, checks_quotes=source.scan.quotes.has_stray_quotes)
    except UnicodeDecodeError as error:
        raise source.find_undecodable() or Undecodable(1, error.object[error.start]) from error
    finally:
        text.detach()


def records_of_text(text: str, delimiter: str, *, most: int) -> list[Record]:
    """Returns the first records of a text in memory, at `most` so many."""
    return list(islice(numbered_records(io.StringIO(text, newline=""), delimiter), most))


def count_records(path: Path, codec: str, delimiter: str) -> int:
    """Counts the records of a document as far as possible. Undecodable bytes are ignored."""
    with path.open(encoding=codec, errors="replace", newline="") as text:
        count = 0
        try:
            for count, _ in enumerate(numbered_records(text, delimiter), start=1):  # noqa: B007 - the last number is the result
                pass
        except Refusal:
            return count
    return count


def numbered_records(text: Iterable[str], delimiter: str, *, checks_quotes: bool = False) -> Iterator[Record]:
    """Yields the records of lines, each with the numbers of its first and last line.

    With `checks_quotes`, records with stray quotation marks are yielded as `RawFields`.

    Raises:
        Refusal: a value is so long that its quotation mark must be unclosed.
    """
    csv.field_size_limit(_MAX_FIELD_BYTES)
    taken: list[str] = []
    lines = (taken.append(line) or line for line in text) if checks_quotes else text  # type: ignore[func-returns-value]
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    try:
        for fields in reader:
            yield line, reader.line_num, verified_fields("".join(taken), fields, delimiter) if checks_quotes else fields
            taken.clear()
            line = reader.line_num + 1
    except csv.Error as error:
        raise unclosed_quote(line) from error


def _batch(chunk: list[Record], delimiter: str, width: int) -> Batch:
    rows: list[list[str | None]] = []
    ragged: dict[int, list[str]] = {}
    last_lines: dict[int, int] = {}
    stray_quotes: set[int] = set()
    multi_row: set[int] = set()
    for place, (line, last_line, fields) in enumerate(chunk):
        if isinstance(fields, RawFields):
            stray_quotes.add(place)
        elif last_line > line and may_be_several_rows(fields, delimiter, width):
            multi_row.add(place)
        if len(fields) != width:
            ragged[place] = fields
            rows.append([*fields[:width], *[None] * (width - len(fields))])
        else:
            rows.append(fields)  # type: ignore[arg-type]
        if last_line > line or len(fields) != width:
            last_lines[place] = last_line
    lines = pa.array(np.fromiter((line for line, _, _ in chunk), np.int32, len(chunk)))
    fields = [_blank_as_null(pa.array(values, pa.string())) for values in zip(*rows, strict=True)]
    return Batch(lines, fields, ragged, last_lines, frozenset(stray_quotes), frozenset(multi_row))


def _blank_as_null(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
