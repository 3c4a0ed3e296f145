"""Reads CSV and TSV files under their contract.

Rows count as Python's `csv.reader` yields them. Each record is a row, a quoted line break does not end a row, and a blank line is
a row of furniture. `_row` is the physical line, counted from 1, in which the record begins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import pyarrow as pa

from loaders.characters.cleaning import clean_text
from loaders.contract import Delimited, Report
from loaders.messages import phrase
from loaders.model import FoundTable, Reading
from loaders.reading.flat_files.field_count import FieldCountCheck
from loaders.reading.flat_files.filtered_batch import FilteredBatch
from loaders.reading.flat_files.row_filter import RowFilter
from loaders.reading.flat_files.running_totals import RunningTotals
from loaders.reading.model.refusals import Refusal, empty_document, nul_bytes, wrong_delimiter, wrong_encoding
from loaders.reading.model.requests import ReadRequest
from loaders.reading.model.row_spool import RowSpool
from loaders.reading.model.sheets import Cell, Sheet
from loaders.reading.tables.headers.header_finder import HeaderFinder, HeaderMatch, scales
from loaders.reading.tables.headers.header_refusals import header_refusal, no_header
from loaders.reading.tables.preamble.filing_date import find_filing_date
from loaders.reading.tables.preamble.labels import find_measures, find_reporting_unit
from loaders.reading.tables.preamble.period import find_period
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.text.encodings import codec_of, display_name, guess_codec, read_head
from loaders.reading.text.record_batches import (
    NeedsCsvReader,
    Record,
    count_records,
    read_with_arrow,
    read_with_csv,
    records_of_text,
)
from loaders.reading.text.text_source import TextSource, Undecodable
from loaders.revision import revision_of_lines

_HEAD_RECORDS = 200
DELIMITERS = (",", "\t", ";", "|")


def read_delimited(request: ReadRequest, form: Delimited, spool: RowSpool) -> Reading:
    """Reads a delimited document and writes its rows to the spool.

    Raises:
        Refusal: the document is empty or corrupted, has another encoding or delimiter, or its columns do not match the contract.
    """
    codec = codec_of(form.encoding, request.path)
    try:
        source = TextSource(request.path, codec, form.delimiter)
        try:
            return _Document(request, form, source).read(spool)
        finally:
            source.close()
    except Undecodable as error:
        refusal, codec = _undecodable(request, form, codec, error)
    except Refusal as found:
        refusal = found
        if refusal.issue.rule == "wrong_encoding":
            codec = _guess_encoding(request, form) or codec
    raise refusal.counting(count_records(request.path, codec, form.delimiter))


def sheet_of(records: list[Record]) -> Sheet:
    """Converts records to rows of a sheet, so that the header finder of sheets can search them."""
    sheet = Sheet("")
    for number, (_, _, fields) in enumerate(records, start=1):
        cells = {column: Cell(text) for column, text in enumerate(map(clean_text, fields), start=1) if text}
        if cells:
            sheet.rows[number] = cells
    return sheet


def header_in(text: str, delimiter: str, finder: HeaderFinder) -> HeaderMatch | None:
    """Finds the header among the first records of a text."""
    return finder.find(sheet_of(records_of_text(text, delimiter, most=_HEAD_RECORDS)))


@dataclass(frozen=True, slots=True)
class _Head:
    """Records up to the header, the header, and some records below. `lines` is the number of physical lines up to the header."""

    records: list[Record]
    header: HeaderMatch
    below: list[Record]

    @property
    def width(self) -> int:
        return len(self.records[-1][2])

    @property
    def lines(self) -> int:
        return self.records[-1][1]

    def furniture(self) -> Counter[str]:
        above = self.records[: self.header.first_row - 1]
        counts = Counter(str(RowKind.TITLE if any(map(clean_text, fields)) else RowKind.BLANK) for _, _, fields in above)
        counts[str(RowKind.HEADER)] += len(self.records) - len(above)
        return counts

    def texts(self) -> list[list[str]]:
        return [[text for text in map(clean_text, fields) if text] for _, _, fields in self.records[: self.header.first_row - 1]]


class _Document:
    """Document whose encoding matches the declaration as far as the first scan shows."""

    def __init__(self, request: ReadRequest, form: Delimited, source: TextSource) -> None:
        self._request = request
        self._report: Report = request.report
        self._form = form
        self._source = source
        self._finder = HeaderFinder(request.report, request.period)

    def read(self, spool: RowSpool) -> Reading:
        self._refuse_nuls()
        head = self._head()
        try:
            return self._read_below(head, spool, with_arrow=True)
        except NeedsCsvReader:
            spool.clear()
            return self._read_below(head, spool, with_arrow=False)

    def _refuse_nuls(self) -> None:
        scan = self._source.scan
        if scan.nuls:
            likely = _guess_encoding(self._request, self._form)
            if likely is not None:
                raise wrong_encoding(self._form.encoding, phrase("encoding.nul_bytes"), display_name(likely))
            raise nul_bytes(scan.nuls, scan.first_nul_line)

    def _head(self) -> _Head:
        records = records_of_text(self._source.head(), self._form.delimiter, most=_HEAD_RECORDS)
        if not any(clean_text(text) for _, _, fields in records for text in fields):
            raise empty_document()
        match = self._finder.find(sheet_of(records))
        if match is None or match.mismatches:
            raise self._header_mismatch_refusal(match, records)
        return _Head(records[: match.last_row], match, records[match.last_row :])

    def _header_mismatch_refusal(self, match: HeaderMatch | None, records: list[Record]) -> Refusal:
        likely = _guess_encoding(self._request, self._form) if match is None else None
        if likely is not None:
            return wrong_encoding(self._form.encoding, phrase("encoding.header"), display_name(likely))
        for delimiter in DELIMITERS:
            other = header_in(self._source.head(), delimiter, self._finder) if delimiter != self._form.delimiter else None
            if other is not None and (match is None or other.score > match.score):
                return wrong_delimiter(self._form.delimiter, delimiter)
        if match is None:
            return no_header(self._report, [])
        return header_refusal(replace(match, first_row=records[match.first_row - 1][0]), self._report)

    def _read_below(self, head: _Head, spool: RowSpool, *, with_arrow: bool) -> Reading:
        source, delimiter, width = self._source, self._form.delimiter, head.width
        should_clean = source.scan.needs_cleaning or not with_arrow
        columns = {number: self._report.column(name) for name, number in head.header.columns.items()}
        fields = FieldCountCheck(head.records[-1][2], head.below, columns)
        row_filter = RowFilter(self._report, head.header, source.scan, fields, should_clean=should_clean)
        totals = RunningTotals(self._report, head.header, is_enabled=source.scan.has_totals)
        rows_total = len(head.records)
        if with_arrow:
            batches = read_with_arrow(source, delimiter, width, head.lines)
        else:
            batches = read_with_csv(source, delimiter, width, rows_total)
        for batch in batches:
            rows_total += batch.length
            self._spool_batch(row_filter.filter_batch(batch), head, totals, spool)
        self._spool_batch(row_filter.close(), head, totals, spool)
        blanks = source.scan.trailing_blank_lines if with_arrow else 0
        furniture = head.furniture() + row_filter.furniture + Counter({str(RowKind.BLANK): blanks})
        return self._reading(head, row_filter, totals, furniture, rows_total + blanks, spool.schema)

    def _spool_batch(self, filtered: FilteredBatch, head: _Head, totals: RunningTotals, spool: RowSpool) -> None:
        totals.add(filtered)
        if len(filtered.lines):
            spool.write(self._rows(filtered, head.header, spool.schema))

    def _rows(self, filtered: FilteredBatch, header: HeaderMatch, schema: pa.Schema) -> pa.RecordBatch:
        length = len(filtered.lines)
        columns = [pa.repeat(pa.scalar(""), length), filtered.lines]
        for column in self._report.columns:
            place = header.columns.get(column.name)
            columns.append(pa.nulls(length, pa.string()) if place is None else filtered.fields[place - 1])
        return pa.record_batch(columns, schema=schema)

    def _reading(
        self,
        head: _Head,
        row_filter: RowFilter,
        totals: RunningTotals,
        furniture: Counter[str],
        rows_total: int,
        schema: pa.Schema,
    ) -> Reading:
        lines = [*head.texts(), *row_filter.closing_lines]
        header = head.header
        header_lines = (head.records[header.first_row - 1][0], head.records[header.last_row - 1][0])
        factors = scales(header, self._report, find_measures(lines))
        control_totals, issues = totals.checked(factors)
        place = FoundTable(
            sheet="",
            header_rows=header_lines,
            first_row=row_filter.first_line or head.lines + 1,
            last_row=row_filter.last_line or head.lines + 1,
            letters=header.letters(),
            scales=factors,
        )
        return Reading(
            rows=schema.empty_table(),
            rows_total=rows_total,
            furniture=dict(furniture),
            tables=(place,),
            control_totals=tuple(control_totals),
            unit_text=find_reporting_unit(lines),
            period=find_period(lines, self._report.period_kind),
            revision_number=revision_of_lines(head.texts(), self._report.title.zh),
            stamped_on=find_filing_date(lines),
            issues=(*row_filter.issues, *issues),
        )


def _guess_encoding(request: ReadRequest, form: Delimited) -> str | None:
    """Guesses another encoding in which the document contains the report's header."""
    finder = HeaderFinder(request.report, request.period)
    declared = codec_of(form.encoding, request.path)
    return guess_codec(read_head(request.path), declared, lambda text: header_in(text, form.delimiter, finder) is not None)


def _undecodable(request: ReadRequest, form: Delimited, codec: str, error: Undecodable) -> tuple[Refusal, str]:
    """Builds the refusal of undecodable bytes, and returns the encoding in which the rows can be counted."""
    likely = _guess_encoding(request, form)
    detail = phrase("encoding.byte", line=error.line, byte=f"{error.byte:02X}")
    refusal = wrong_encoding(form.encoding, detail, display_name(likely) if likely else None)
    return refusal, likely or codec
