"""Row filter: separates data from furniture in the records of a delimited text, batch by batch.

Nearly all records of a large document are data, which vectorized checks show (`furniture_mask`). Only the other records are
classified one by one, with the classifier for sheets. Records below the last full record of a batch stay pending until the next
batch shows whether the table ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from loaders.characters.cleaning import clean_text
from loaders.contract import Report
from loaders.model import Issue
from loaders.reading.flat_files.column_cleaning import clean_column
from loaders.reading.flat_files.field_count import FieldCountCheck
from loaders.reading.flat_files.filtered_batch import BatchRun, FilteredBatch, PendingRecord, RecordIssue, record_issue_at
from loaders.reading.flat_files.furniture_candidates import furniture_mask
from loaders.reading.flat_files.quote_issues import rows_in_quotes, stray_quote
from loaders.reading.model.sheets import Cell
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.rows.row_classifier import RowClassifier, RowContext
from loaders.reading.tables.rows.table_end import ROWS_COMPARED, Line, ResolvedLine, TableEnd
from loaders.reading.text.record_batches import Batch
from loaders.reading.text.text_scan import TextScan

_MAX_PENDING = 2_000


class RowFilter:
    """Filter for the records below one header."""

    def __init__(
        self, report: Report, header: HeaderMatch, scan: TextScan, width: FieldCountCheck, *, should_clean: bool
    ) -> None:
        self._classifier = RowClassifier(report, header)
        self._header = header
        self._scan = scan
        self._should_clean = should_clean
        self._field_count = width
        self._pending: list[PendingRecord] = []
        self._above: list[pa.Array] = []
        self._ambiguous_line_issues: list[Issue] = []
        self._quote_issues: list[Issue] = []
        self.first_line = 0
        self.last_line = 0
        self.furniture: Counter[str] = Counter()
        self.closing_lines: list[list[str]] = []

    @property
    def issues(self) -> list[Issue]:
        """Returns the issues of single records."""
        return sorted(
            [*self._quote_issues, *self._field_count.issues, *self._ambiguous_line_issues], key=lambda issue: issue.row or 0
        )

    def filter_batch(self, batch: Batch) -> FilteredBatch:
        """Removes furniture from a batch and cleans the rest. Records at its end may stay pending until the next batch.

        Raises:
            Refusal: too many records have another number of fields than the header.
        """
        fields = [clean_column(texts) for texts in batch.fields] if self._should_clean else batch.fields
        run = BatchRun(batch.lines, fields, np.ones(batch.length, dtype=np.bool_))
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
        """Returns the data among the pending records at the end of the document."""
        run = BatchRun(
            pa.array([], pa.int32()), [pa.array([], pa.string()) for _ in range(self._field_count.fields)], np.ones(0, np.bool_)
        )
        self._resolve_pending(run, at_end=True)
        return self._finish(run)

    def _candidates(self, batch: Batch, fields: list[pa.Array]) -> list[PendingRecord]:
        """Returns the records that may be furniture, each with its classification."""
        is_first = not self.last_line and not self._pending
        mask = furniture_mask(batch, fields, self._header, self._classifier.required, self._scan, is_first=is_first)
        ragged = [place for place, texts in batch.ragged.items() if not self._field_count.is_regular(texts)]
        mask[[*ragged, *batch.stray_quotes, *batch.multi_row]] = True
        found: list[PendingRecord] = []
        has_data = not is_first
        places: list[int] = np.flatnonzero(mask).tolist()
        for number, place in enumerate(places):
            has_data = has_data or place > number
            cells = _cells_at(batch, fields, place)
            following = _cells_at(batch, fields, place + 1) if not has_data and place + 1 < batch.length else None
            classification = self._classifier.classify(cells, RowContext(is_first=not has_data, following=following))
            has_data = has_data or classification.kind is None or classification.may_close_table
            found.append(
                PendingRecord(Line(batch.lines[place].as_py(), cells, classification), place, record_issue_at(batch, place))
            )
        return found

    def _resolve_pending(self, run: BatchRun, *, at_end: bool) -> None:
        """Resolves the pending records: as lines below the table at its end, else as rows of the table."""
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

    def _add_issue(self, line: int, record_issue: RecordIssue) -> None:
        """Adds the issue of a data record as a whole."""
        if record_issue.is_stray:
            self._quote_issues.append(stray_quote(line, record_issue.last_line))
        elif record_issue.is_multi_row:
            self._quote_issues.append(rows_in_quotes(line, record_issue.last_line))
        elif record_issue.ragged is not None:
            self._field_count.check(line, record_issue.last_line, record_issue.ragged)

    def _rows_above(self, run: BatchRun) -> list[dict[int, Cell]]:
        """Returns the last records above the pending ones."""
        place = self._pending[0].place
        columns = [texts.to_pylist() for texts in (_last(run.fields, place) if place else self._above)]
        return [_cells(values) for values in zip(*columns, strict=True)]

    def _detach_pending(self, run: BatchRun) -> None:
        """Copies pending records, and the records above them, out of the batch, which is freed before they are resolved."""
        end = len(run.lines)
        for number, pending in enumerate(self._pending):
            if pending.place is not None:
                end = min(end, pending.place)
                run.keep[pending.place] = False
                values = tuple(texts[pending.place].as_py() for texts in run.fields)
                self._pending[number] = replace(pending, place=None, values=values)
        if end:
            self._above = _last(run.fields, end)

    def _finish(self, run: BatchRun) -> FilteredBatch:
        filtered = run.filtered()
        if len(filtered.lines):
            self.first_line = self.first_line or filtered.lines[0].as_py()
            self.last_line = filtered.lines[-1].as_py()
        return filtered

    def _count_furniture(self, kind: RowKind, line: Line) -> None:
        self.furniture[str(kind)] += 1
        if kind is RowKind.SIGNATURE:
            self.closing_lines.append([cell.text for cell in line.cells.values()])


def _last(fields: Sequence[pa.Array], end: int) -> list[pa.Array]:
    """Returns the last records before a position."""
    start = max(0, end - ROWS_COMPARED)
    return [texts.slice(start, end - start) for texts in fields]


def _cells_at(batch: Batch, fields: Sequence[pa.Array], place: int) -> dict[int, Cell]:
    if place in batch.ragged:
        return _cells(batch.ragged[place])
    return _cells([texts[place].as_py() for texts in fields])


def _cells(texts: Sequence[str | None]) -> dict[int, Cell]:
    plain = ((number, clean_text(text)) for number, text in enumerate(texts, start=1) if text)
    return {number: Cell(text) for number, text in plain if text}
