"""Data and furniture among the records of a delimited text, a whole batch at a time.

Nearly all records of a large document are data, and whole columns show it (`furniture_mask`). Only the others are classified
one by one, by the rules that hold for sheets as well. Records below the last full record of a batch wait for the next batch,
which shows whether the table ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.cleaning import BLANKS, BREAKS, EDGES, INVISIBLE, clean_text, escaped
from loaders.contract import Report
from loaders.model import Issue
from loaders.reading.flat_files.field_count import FieldCountCheck
from loaders.reading.flat_files.furniture_candidates import furniture_mask
from loaders.reading.flat_files.quote_issues import rows_in_quotes, stray_quote
from loaders.reading.model.sheets import Cell
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.rows.row_classifier import RowClassifier, RowContext
from loaders.reading.tables.rows.table_end import ROWS_COMPARED, Line, ResolvedLine, TableEnd
from loaders.reading.text.record_batches import Batch
from loaders.reading.text.text_source import TextScan

_MAX_PENDING = 2_000
_UNCLEAN = (
    rf"[{escaped(INVISIBLE + BREAKS + BLANKS)}]|\A[{escaped(EDGES)}=＝]|[{escaped(EDGES)}]\z"  # what `clean_text` would change
)


@dataclass(frozen=True, slots=True)
class NonDataRow:
    """A record that speaks of others: a total, a subtotal, a group row or a closing line."""

    line: int
    kind: RowKind
    cells: Mapping[int, Cell]


@dataclass(slots=True)
class FilteredBatch:
    """The data of one batch, and the marks that stand among them, each with the number of data rows before it."""

    lines: pa.Array
    fields: list[pa.Array]
    non_data_rows: list[tuple[int, NonDataRow]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _RecordIssue:
    """What is wrong with a record as a whole: its quotation marks, or the number of its fields. `last_line` is where it ends."""

    last_line: int
    is_stray: bool
    is_multi_row: bool
    ragged: list[str] | None


@dataclass(frozen=True, slots=True)
class _PendingRecord:
    """A record below the last full one. `place` is that in its batch; None, with its values, once the batch has gone."""

    line: Line
    place: int | None
    record_issue: _RecordIssue | None = None
    values: tuple[str | None, ...] = ()


class RowFilter:
    """Sifts the records below one header."""

    def __init__(
        self, report: Report, header: HeaderMatch, scan: TextScan, width: FieldCountCheck, *, should_clean: bool
    ) -> None:
        self._classifier = RowClassifier(report, header)
        self._header = header
        self._scan = scan
        self._should_clean = should_clean
        self._field_count = width
        self._pending: list[_PendingRecord] = []
        self._above: list[pa.Array] = []
        self._ambiguous_line_issues: list[Issue] = []
        self._quote_issues: list[Issue] = []
        self.first_line = 0
        self.last_line = 0
        self.furniture: Counter[str] = Counter()
        self.closing_lines: list[list[str]] = []

    @property
    def issues(self) -> list[Issue]:
        """What is to be told of single records."""
        return sorted(
            [*self._quote_issues, *self._field_count.issues, *self._ambiguous_line_issues], key=lambda issue: issue.row or 0
        )

    def filter_batch(self, batch: Batch) -> FilteredBatch:
        """Take the furniture out of a batch and clean what is left; records at its end may wait for the next one.

        Raises:
            Refusal: too many records have another number of fields than the header.
        """
        fields = [clean_column(texts) for texts in batch.fields] if self._should_clean else batch.fields
        run = _BatchRun(batch.lines, fields, np.ones(batch.length, dtype=np.bool_))
        before = -1
        for pending in self._candidates(batch, fields):
            place, classification = pending.place or 0, pending.line.classification
            if place > before + 1 or classification.is_certain_data:
                self._resolve_pending(run, at_end=False)
            if classification.kind is RowKind.HEADER:
                self._resolve_pending(run, at_end=True)
            self._pending.append(pending)
            if classification.is_certain_data:
                self._resolve_pending(run, at_end=False)
            before = place
        if before + 1 < batch.length or len(self._pending) > _MAX_PENDING:
            self._resolve_pending(run, at_end=False)
        self._detach_pending(run)
        return self._finish(run)

    def close(self) -> FilteredBatch:
        """What of the last records is data, once it is known that nothing follows."""
        run = _BatchRun(
            pa.array([], pa.int32()), [pa.array([], pa.string()) for _ in range(self._field_count.fields)], np.ones(0, np.bool_)
        )
        self._resolve_pending(run, at_end=True)
        return self._finish(run)

    def _candidates(self, batch: Batch, fields: list[pa.Array]) -> list[_PendingRecord]:
        """The records that may be furniture, each with what it looks like."""
        is_first = not self.last_line and not self._pending
        mask = furniture_mask(batch, fields, self._header, self._classifier.required, self._scan, is_first=is_first)
        ragged = [place for place, texts in batch.ragged.items() if not self._field_count.is_regular(texts)]
        mask[[*ragged, *batch.stray_quotes, *batch.multi_row]] = True
        found: list[_PendingRecord] = []
        has_data = not is_first
        places: list[int] = np.flatnonzero(mask).tolist()
        for number, place in enumerate(places):
            has_data = has_data or place > number
            cells = _cells_at(batch, fields, place)
            following = _cells_at(batch, fields, place + 1) if not has_data and place + 1 < batch.length else None
            classification = self._classifier.classify(cells, RowContext(is_first=not has_data, following=following))
            has_data = has_data or classification.kind is None or classification.may_close_table
            found.append(
                _PendingRecord(Line(batch.lines[place].as_py(), cells, classification), place, _record_issue_at(batch, place))
            )
        return found

    def _resolve_pending(self, run: _BatchRun, *, at_end: bool) -> None:
        """Settle the records that wait: below the table if it ends here, else in the middle of it."""
        lines = [pending.line for pending in self._pending]
        if at_end:
            table_end = TableEnd(self._classifier.columns, lambda: self._rows_above(run))
            resolved = table_end.resolve(lines)
            self._ambiguous_line_issues.extend(table_end.ambiguous_line_issues(resolved, None))
        else:
            resolved = [
                ResolvedLine(line, None if line.classification.may_close_table else line.classification.kind) for line in lines
            ]
        for pending, one in zip(self._pending, resolved, strict=True):
            if one.kind is not None:
                self._count_furniture(one.kind, pending.line)
            elif pending.record_issue is not None:
                self._add_issue(pending.line.number, pending.record_issue)
            run.resolve(pending, one.kind)
        self._pending.clear()

    def _add_issue(self, line: int, record_issue: _RecordIssue) -> None:
        """Tell what is wrong with a record of data as a whole."""
        if record_issue.is_stray:
            self._quote_issues.append(stray_quote(line, record_issue.last_line))
        elif record_issue.is_multi_row:
            self._quote_issues.append(rows_in_quotes(line, record_issue.last_line))
        elif record_issue.ragged is not None:
            self._field_count.check(line, record_issue.last_line, record_issue.ragged)

    def _rows_above(self, run: _BatchRun) -> list[dict[int, Cell]]:
        """The last records above those that wait."""
        place = self._pending[0].place
        columns = [texts.to_pylist() for texts in (_last(run.fields, place) if place else self._above)]
        return [_cells(values) for values in zip(*columns, strict=True)]

    def _detach_pending(self, run: _BatchRun) -> None:
        """Take what waits, and the records above it, out of the batch, which is gone when they are settled."""
        end = len(run.lines)
        for number, pending in enumerate(self._pending):
            if pending.place is not None:
                end = min(end, pending.place)
                run.keep[pending.place] = False
                values = tuple(texts[pending.place].as_py() for texts in run.fields)
                self._pending[number] = replace(pending, place=None, values=values)
        if end:
            self._above = _last(run.fields, end)

    def _finish(self, run: _BatchRun) -> FilteredBatch:
        filtered = run.filtered()
        if len(filtered.lines):
            self.first_line = self.first_line or filtered.lines[0].as_py()
            self.last_line = filtered.lines[-1].as_py()
        return filtered

    def _count_furniture(self, kind: RowKind, line: Line) -> None:
        self.furniture[str(kind)] += 1
        if kind is RowKind.SIGNATURE:
            self.closing_lines.append([cell.text for cell in line.cells.values()])


@dataclass(slots=True)
class _BatchRun:
    """One batch on its way through the sieve: which of its records are data, and those that waited from before it."""

    lines: pa.Array
    fields: list[pa.Array]
    keep: np.ndarray[tuple[int], np.dtype[np.bool_]]
    before: list[_PendingRecord] = field(default_factory=list)
    non_data_rows: list[tuple[int | None, int, NonDataRow]] = field(default_factory=list)

    def resolve(self, pending: _PendingRecord, kind: RowKind | None) -> None:
        """Keep a record, or take it out."""
        if kind in {RowKind.TOTAL, RowKind.SUBTOTAL, RowKind.GROUP, RowKind.PROSE}:
            self.non_data_rows.append(
                (pending.place, len(self.before), NonDataRow(pending.line.number, kind, pending.line.cells))
            )
        if pending.place is not None:
            self.keep[pending.place] = kind is None
        elif kind is None:
            self.before.append(pending)

    def filtered(self) -> FilteredBatch:
        """The records that are data, those from before first."""
        is_whole = bool(self.keep.all())
        mask = pa.array(self.keep)
        lines = self.lines if is_whole else self.lines.filter(mask)
        fields = self.fields if is_whole else [texts.filter(mask) for texts in self.fields]
        if self.before:
            lines = pa.concat_arrays([pa.array([pending.line.number for pending in self.before], lines.type), lines])
            values = zip(*(pending.values for pending in self.before), strict=True)
            fields = [
                pa.concat_arrays([pa.array(pending_values, pa.string()), rest])
                for pending_values, rest in zip(values, fields, strict=True)
            ]
        non_data_rows = [
            (before if place is None else len(self.before) + int(self.keep[:place].sum()), non_data_row)
            for place, before, non_data_row in self.non_data_rows
        ]
        return FilteredBatch(lines, fields, non_data_rows)


def clean_column(texts: pa.Array) -> pa.Array:
    """The texts without what cannot be seen and without blanks at their edges; null for one of which nothing is left."""
    unclean = pc.fill_null(pc.match_substring_regex(texts, _UNCLEAN), False)
    if not pc.any(unclean).as_py():
        return texts
    values = [clean_text(text) or None for text in texts.filter(unclean).to_pylist()]
    return pc.replace_with_mask(texts, unclean, pa.array(values, pa.string()))


def _last(fields: Sequence[pa.Array], end: int) -> list[pa.Array]:
    """The last records before a place."""
    start = max(0, end - ROWS_COMPARED)
    return [texts.slice(start, end - start) for texts in fields]


def _record_issue_at(batch: Batch, place: int) -> _RecordIssue | None:
    ragged = batch.ragged.get(place)
    is_stray, is_multi_row = place in batch.stray_quotes, place in batch.multi_row
    if ragged is None and not is_stray and not is_multi_row:
        return None
    return _RecordIssue(batch.last_lines.get(place, batch.lines[place].as_py()), is_stray, is_multi_row, ragged)


def _cells_at(batch: Batch, fields: Sequence[pa.Array], place: int) -> dict[int, Cell]:
    if place in batch.ragged:
        return _cells(batch.ragged[place])
    return _cells([texts[place].as_py() for texts in fields])


def _cells(texts: Sequence[str | None]) -> dict[int, Cell]:
    plain = ((number, clean_text(text)) for number, text in enumerate(texts, start=1) if text)
    return {number: Cell(text) for number, text in plain if text}
