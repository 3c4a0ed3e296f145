"""The records of a delimited text as Arrow batches: by Arrow's parser where it surely reads as Python's `csv`, else by `csv`.

A record is what `csv.reader` yields; its number is the physical line in which it begins, counted from 1. Both ways give a blank
value as null and every other value as it stands.
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

_BLOCK_BYTES = 1024**2  # Arrow reads some thirty blocks ahead
_RECORDS_PER_BATCH = 20_000
_MAX_FIELD_BYTES = 16 * 1024**2

Record = tuple[int, int, list[str]]


class NeedsCsvReader(Exception):
    """The text needs the careful way."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records: the lines in which they begin and one array a field, plus those records that have another number of fields.

    `ragged` maps a place among the records to the fields that stand there; in the arrays its fields are cut or filled up.
    `stray_quotes` are the positions of records with stray quotation marks, `multi_row` those of records that may be several rows
    joined by two marks. `last_lines` are the lines in which all of these end.
    """

    lines: pa.Array
    fields: list[pa.Array]
    ragged: dict[int, list[str]]
    last_lines: dict[int, int]
    stray_quotes: frozenset[int] = frozenset()
    multi_row: frozenset[int] = frozenset()

    @property
    def length(self) -> int:
        """The number of records."""
        return len(self.lines)


def read_with_arrow(source: TextSource, delimiter: str, width: int, header_lines: int) -> Iterator[Batch]:
    """Read with Arrow what stands below the header.

    As many records as lines, and no line break inside a value, prove that each line is one record; then the two parsers agree.

    Raises:
        NotPlain: the text is not so; what was read until then must be thrown away.
        Undecodable: it is no UTF-8.
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
    # The smallest byte is found ten times as fast as a certain one, and is rarely a control character.
    return int(np.frombuffer(values, np.uint8).min()) <= 10 and b"\n" in values.to_pybytes()


def read_with_csv(source: TextSource, delimiter: str, width: int, header_records: int) -> Iterator[Batch]:
    """Read with `csv` what stands below the header.

    Raises:
        Undecodable: the text is no UTF-8.
        Refusal: a quotation mark that is never closed swallows rows.
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
    """Whether a value of several lines holds whole rows: then two stray quotation marks stand at its ends."""
    texts = (text for text in fields if "\n" in text)
    return width > 2 and any(line.count(delimiter) >= width - 1 for text in texts for line in text.split("\n")[1:-1])


def _parsed_fields(fields: list[str]) -> list[str]:
    return fields.parsed if isinstance(fields, RawFields) else fields


def csv_records(source: TextSource, delimiter: str) -> Iterator[Record]:
    """Every record with the lines in which it begins and ends.

    Raises:
        Undecodable: the text is no UTF-8.
        Refusal: a value is so long that its quotation mark must have been left open.
    """
    text = io.TextIOWrapper(source.rewind(), encoding="utf-8", newline="")
    try:
        yield from numbered_records(text, delimiter, checks_quotes=source.scan.quotes.has_stray_quotes)
    except UnicodeDecodeError as error:
        raise source.find_undecodable() or Undecodable(1, error.object[error.start]) from error
    finally:
        text.detach()


def records_of_text(text: str, delimiter: str) -> list[Record]:
    """The records of a text that is at hand."""
    return list(numbered_records(io.StringIO(text, newline=""), delimiter))


def count_records(path: Path, codec: str, delimiter: str) -> int:
    """How many records a document has, as far as they can be counted; bytes that are no characters are passed over."""
    with path.open(encoding=codec, errors="replace", newline="") as text:
        count = 0
        try:
            for count, _ in enumerate(numbered_records(text, delimiter), start=1):  # noqa: B007 - the last number is the result
                pass
        except Refusal:
            return count
    return count


def numbered_records(text: Iterable[str], delimiter: str, *, checks_quotes: bool = False) -> Iterator[Record]:
    """The records of lines, each with the numbers of its first and last one.

    Those with stray quotation marks are given `RawFields`, if that `checks_quotes`.

    Raises:
        Refusal: a value is so long that its quotation mark must have been left open.
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
