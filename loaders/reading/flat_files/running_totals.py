"""Running totals: checks the totals that a delimited text prints against its rows, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Report
from loaders.model import ControlTotal, Issue
from loaders.reading.flat_files.filtered_batch import FilteredBatch, NonDataRow
from loaders.reading.model.sheets import Cell
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.rows.furniture import RowKind, group_count
from loaders.reading.tables.rows.prose_totals import SummedColumn, agree, claims_of, is_prose_total, resolve_claim, summed_columns
from loaders.reading.tables.totals.column_sums import NO_NUMBER, is_additive, number_of
from loaders.reading.tables.totals.control_totals import states_another_total, texts_in, total_mismatch_issue

_GRAND_TOTAL_KINDS = {RowKind.TOTAL, RowKind.PROSE}
_EXACT = pa.decimal128(38, 10)


@dataclass(slots=True)
class _Segment:
    """Segment of data rows between two non-data rows: count, first and last row, and the sum of each additive column."""

    rows: int = 0
    first_line: int = 0
    last_line: int = 0
    sums: dict[str, Decimal | None] = field(default_factory=dict)


class RunningTotals:
    """Sums of a document's numeric columns between its non-data rows. `is_enabled` is false if no total can occur."""

    def __init__(self, report: Report, header: HeaderMatch, *, is_enabled: bool) -> None:
        self._report = report
        self._header = header
        additive = [column.name for column in report.columns if is_additive(column) and column.name in header.columns]
        self._columns = additive if is_enabled else []
        self._parts = [_Segment(sums=dict.fromkeys(self._columns, Decimal(0)))]
        self._marks: list[tuple[NonDataRow, int]] = []

    def add(self, filtered: FilteredBatch) -> None:
        """Adds the data rows and non-data rows of the next batch."""
        start = 0
        for place, non_data_row in filtered.non_data_rows:
            self._add_rows(filtered, start, place)
            start = place
            self._marks.append((non_data_row, len(self._parts) - 1))
            if non_data_row.kind not in _GRAND_TOTAL_KINDS:
                self._parts.append(_Segment(sums=dict.fromkeys(self._columns, Decimal(0))))
        self._add_rows(filtered, start, len(filtered.lines))

    def checked(self, factors: Mapping[str, Decimal]) -> tuple[list[ControlTotal], list[Issue]]:
        """Returns the printed totals and counts, and a warning for each that differs from its rows.

        `factors` convert printed numbers of a column to the contract's unit.
        """
        compared = list(self._compared(summed_columns(self._report, self._header, factors, self._columns)))
        issues = [
            total_mismatch_issue(total, counted, self._header)
            for total, counted in compared
            if counted is not None and not agree(counted, total.printed)
        ]
        return [total for total, _ in compared], issues

    def _add_rows(self, filtered: FilteredBatch, start: int, end: int) -> None:
        if end == start:
            return
        segment = self._parts[-1]
        segment.first_line = segment.first_line or filtered.lines[start].as_py()
        segment.last_line = filtered.lines[end - 1].as_py()
        segment.rows += end - start
        for name in self._columns:
            so_far = segment.sums[name]
            added = _sum(filtered.fields[self._header.columns[name] - 1].slice(start, end - start))
            segment.sums[name] = None if so_far is None or added is None else so_far + added

    def _compared(self, columns: list[SummedColumn]) -> Iterator[tuple[ControlTotal, Decimal | None]]:
        whole = _merge_segments(self._parts)
        for non_data_row, before in self._marks:
            segment = whole if non_data_row.kind in _GRAND_TOTAL_KINDS else self._segment_of(non_data_row, before)
            yield from _claimed(non_data_row, segment, columns)
            for name in self._columns if segment.rows and non_data_row.kind is not RowKind.PROSE else ():
                number = self._header.columns[name]
                printed = None if states_another_total(non_data_row.cells, number) else number_of(non_data_row.cells.get(number))
                if printed is not None:
                    yield _control_total(non_data_row, name, printed, segment), segment.sums[name]

    def _segment_of(self, non_data_row: NonDataRow, before: int) -> _Segment:
        """Returns the rows of a group row or subtotal: those below a group row; those above a subtotal, if there are any."""
        above, below = self._parts[before], self._parts[before + 1]
        return above if non_data_row.kind is RowKind.SUBTOTAL and above.rows else below


def _claimed(
    non_data_row: NonDataRow, segment: _Segment, columns: list[SummedColumn]
) -> Iterator[tuple[ControlTotal, Decimal | None]]:
    """Yields the totals that a line states in words: the number of rows of its group, or the count and the sums of all rows."""
    texts = texts_in(non_data_row.cells)
    if non_data_row.kind is RowKind.GROUP:
        count = group_count(texts[0])
        if count is not None:
            yield _control_total(non_data_row, None, Decimal(count), segment), Decimal(segment.rows)
        return
    if non_data_row.kind is RowKind.PROSE and not is_prose_total(texts):
        return
    for claim in claims_of(texts) if segment.rows else ():
        resolved = resolve_claim(claim, columns, segment.rows, segment.sums.get)
        if resolved is not None:
            name, printed = resolved
            yield (
                _control_total(non_data_row, name, printed, segment),
                Decimal(segment.rows) if name is None else segment.sums[name],
            )


def _control_total(non_data_row: NonDataRow, column: str | None, printed: Decimal, segment: _Segment) -> ControlTotal:
    return ControlTotal(
        "", non_data_row.line, column, printed, segment.first_line or non_data_row.line, segment.last_line or non_data_row.line
    )


def _merge_segments(segments: list[_Segment]) -> _Segment:
    filled = [segment for segment in segments if segment.rows]
    if not filled:
        return _Segment()
    sums = {name: _added([segment.sums[name] for segment in filled]) for name in filled[0].sums}
    return _Segment(sum(segment.rows for segment in filled), filled[0].first_line, filled[-1].last_line, sums)


def _added(numbers: list[Decimal | None]) -> Decimal | None:
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if len(known) == len(numbers) else None


def _sum(texts: pa.Array) -> Decimal | None:
    """Sums a column; None if a field is no plain number."""
    numbers = pc.filter(texts, pc.invert(pc.fill_null(pc.is_in(texts, value_set=pa.array(sorted(NO_NUMBER), pa.string())), True)))
    try:
        total = pc.sum(pc.cast(numbers, _EXACT)).as_py()
    except pa.ArrowInvalid:
        return _added([number_of(Cell(text)) for text in numbers.to_pylist() if text is not None])
    return total if total is not None else Decimal(0)
