"""Reads JSON lines under their contract: one record per line, as the API and database sources write them.

Every physical line is a row, and a blank line is furniture. An invalid line becomes a row of nulls with an issue, so that it is
quarantined and not lost. `_row` is the line, counted from 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from loaders.characters.cleaning import clean_text
from loaders.contract import Database, LocalizedText, Report
from loaders.contract.sources.record_fields import Pairs, flat_fields, object_paths
from loaders.messages import issue_of, phrase
from loaders.model import FoundTable, Issue, Reading
from loaders.reading.model.refusals import Refusal, empty_document, nul_bytes, unreadable_document, wrong_encoding
from loaders.reading.model.requests import ReadRequest
from loaders.reading.model.row_spool import RowSpool
from loaders.reading.tables.headers.header_refusals import field_refusal
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.text.text_source import TextSource, Undecodable
from loaders.reading.values.units import scale_of

_LINES_A_BATCH = 10_000
_EXPECTED = "JSON lines: one object a line"

Record = dict[str, Any]


def read_records(request: ReadRequest, spool: RowSpool) -> Reading:
    """Reads a document of JSON lines and writes its rows to the spool.

    Raises:
        Refusal: the document is empty (unless the contract accepts that) or corrupted, or its fields do not match the contract.
    """
    source = TextSource(request.path, "utf-8")
    lines = source.scan.lines
    try:
        if source.scan.nuls:
            raise nul_bytes(source.scan.nuls, source.scan.first_nul_line)
        return _RecordCollector(request.report, spool).collect(source)
    except Undecodable as error:
        detail = phrase("encoding.byte", line=error.line, byte=f"{error.byte:02X}")
        raise wrong_encoding("utf-8", detail, None).counting(lines) from None
    except Refusal as refusal:
        raise refusal.counting(lines) from None
    finally:
        source.close()


def required_fields(report: Report) -> dict[str, str]:
    """Returns the fields that at least one record must have, with their columns.

    Programs that write JSON omit fields without a value, so an optional field may be missing everywhere. A database view has all
    columns in every row, so there every field is required.
    """
    is_view = isinstance(report.source, Database)
    return {
        column.field or column.name: column.name
        for column in report.columns
        if not column.may_be_absent and (is_view or column.required or column.key)
    }


class _InvalidRecord(ValueError):
    """Error of a line that is no valid record, with its reason in both languages."""

    def __init__(self, detail: LocalizedText) -> None:
        super().__init__(detail.en)
        self.detail = detail


class _RecordCollector:
    """Collector of the records of one document."""

    def __init__(self, report: Report, spool: RowSpool) -> None:
        self._report = report
        self._spool = spool
        self._columns = {column.field or column.name: column.name for column in report.columns}
        self._ignored_fields = set(report.ignored_headers)
        self._objects = object_paths((*self._columns, *self._ignored_fields))
        self._seen: dict[str, None] = {}
        self._issues: list[Issue] = []
        self._blanks = 0

    def collect(self, source: TextSource) -> Reading:
        rows: list[int] = []
        records: list[Record] = []
        line = 0
        for line, text in enumerate(_lines(source), start=1):
            if not clean_text(text):
                self._blanks += 1
                continue
            rows.append(line)
            records.append(self._record(line, text, is_truncated=line == source.scan.lines and not text.endswith("\n")))
            if len(rows) == _LINES_A_BATCH:
                self._write(rows, records)
                rows, records = [], []
        self._write(rows, records)
        if not self._spool.length and self._report.empty_batch == "refuse":
            raise empty_document()
        self._check_fields()
        return self._reading(line)

    def _record(self, line: int, text: str, *, is_truncated: bool) -> Record:
        try:
            pairs = _parse(text)
        except _InvalidRecord as fault:
            if line == 1 and text.lstrip().startswith("["):
                raise _not_json_lines() from None
            if is_truncated:
                raise _truncated_refusal(line) from None
            self._issues.append(issue_of("broken_record", row=line, detail=fault.detail))
            return {}
        record: Record = {}
        for name, value in flat_fields(pairs, self._objects):
            if name in record:
                self._add_issue("repeated_field", line, name)
            if name in self._objects and name not in self._columns:
                record.update(self._without_object(line, name, value))
            else:
                record[name] = self._text(line, name, value)
        self._seen.update(dict.fromkeys(record))
        return record

    def _without_object(self, line: int, place: str, value: Any) -> Record:
        """Returns blank fields where a record has no object; anything but null there is an issue of each column."""
        fields = [field for field in self._columns if field.startswith(f"{place}.")]
        if value is not None:
            detail = phrase("record.list" if isinstance(value, list) else "record.value")
            self._issues += [
                issue_of("no_object", row=line, column=self._columns[field], place=place, field=field, detail=detail)
                for field in fields
            ]
        return dict.fromkeys(fields)

    def _text(self, line: int, name: str, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return clean_text(value or "") or None
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if name in self._columns:
            self._add_issue("nested_value", line, name)
        return json.dumps(_plain(value), ensure_ascii=False)

    def _add_issue(self, code: str, line: int, field: str) -> None:
        self._issues.append(issue_of(code, row=line, column=self._columns.get(field), field=field))

    def _write(self, rows: list[int], records: list[Record]) -> None:
        columns = [[record.get(field) for record in records] for field in self._columns]
        self._spool.write(pa.table([[""] * len(rows), rows, *columns], schema=self._spool.schema))

    def _check_fields(self) -> None:
        if not self._seen:
            return
        unknown = [name for name in self._seen if name not in self._columns and name not in self._ignored_fields]
        absent = [
            column.field or column.name
            for column in self._report.columns
            if not column.may_be_absent and (column.field or column.name) not in self._seen
        ]
        needed = required_fields(self._report)
        # An unknown field may be a missing one under another name, so both are reported.
        missing = absent if unknown else [name for name in absent if name in needed]
        if unknown or missing:
            raise field_refusal(unknown, missing)

    def _reading(self, rows_total: int) -> Reading:
        # Records print no units, so the contract's unit applies.
        factors = {column.name: scale_of(column, None, ()) for column in self._report.columns}
        scales = {name: factor for name, factor in factors.items() if factor != 1}
        fields = {name: field for field, name in self._columns.items()}
        place = FoundTable(
            "", header_rows=(0, 0), first_row=1, last_row=max(rows_total, 1), letters={}, scales=scales, fields=fields
        )
        return Reading(
            rows=self._spool.schema.empty_table(),
            rows_total=rows_total,
            furniture={str(RowKind.BLANK): self._blanks} if self._blanks else {},
            tables=(place,),
            issues=tuple(self._issues),
        )


def _lines(source: TextSource) -> Iterator[str]:
    file: BinaryIO = source.rewind()
    for number, raw in enumerate(file, start=1):
        try:
            yield raw.decode()
        except UnicodeDecodeError as error:
            raise Undecodable(number, raw[error.start]) from error


def _parse(text: str) -> Pairs:
    try:
        # Numbers stay strings: a float would round them.
        value = json.loads(text, object_pairs_hook=Pairs, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError as error:
        raise _InvalidRecord(phrase("record.no_json", detail=str(error))) from error
    except RecursionError as error:
        raise _InvalidRecord(phrase("record.nesting")) from error
    if not isinstance(value, Pairs):
        raise _InvalidRecord(phrase("record.no_object"))
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Pairs):
        return {name: _plain(inner) for name, inner in value}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _not_json_lines() -> Refusal:
    return Refusal(issue_of("not_json_lines"))


def _truncated_refusal(line: int) -> Refusal:
    return unreadable_document("corruption.last_line", _EXPECTED, line=line)
