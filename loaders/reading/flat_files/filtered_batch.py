"""Filtered batch: the data of one batch of records, its non-data rows, and records whose kind is not resolved yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from loaders.reading.model.sheets import Cell
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.rows.table_end import Line
from loaders.reading.text.record_batches import Batch


@dataclass(frozen=True, slots=True)
class NonDataRow:
    """Record that describes others: a total, a subtotal, a group row or a closing line."""

    line: int
    kind: RowKind
    cells: Mapping[int, Cell]


@dataclass(slots=True)
class FilteredBatch:
    """Data of one batch, and its non-data rows, each with the number of data rows before it."""

    lines: pa.Array
    fields: list[pa.Array]
    non_data_rows: list[tuple[int, NonDataRow]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecordIssue:
    """Issue of a whole record: its quotation marks or its number of fields. `last_line` is the line in which it ends."""

    last_line: int
    is_stray: bool
    is_multi_row: bool
    ragged: list[str] | None


@dataclass(frozen=True, slots=True)
class PendingRecord:
    """Record below the last full one. `place` is its position in its batch; None, with its values set, after the batch."""

    line: Line
    place: int | None
    record_issue: RecordIssue | None = None
    values: tuple[str | None, ...] = ()


@dataclass(slots=True)
class BatchRun:
    """State of one batch in the filter: which records are data, and the records pending from earlier batches."""

    lines: pa.Array
    fields: list[pa.Array]
    keep: np.ndarray[tuple[int], np.dtype[np.bool_]]
    before: list[PendingRecord] = field(default_factory=list)
    non_data_rows: list[tuple[int | None, int, NonDataRow]] = field(default_factory=list)

    def resolve(self, pending: PendingRecord, kind: RowKind | None) -> None:
        """Keeps or removes a record."""
        if kind in {RowKind.TOTAL, RowKind.SUBTOTAL, RowKind.GROUP, RowKind.PROSE}:
            self.non_data_rows.append(
                (pending.place, len(self.before), NonDataRow(pending.line.number, kind, pending.line.cells))
            )
        if pending.place is not None:
            self.keep[pending.place] = kind is None
        elif kind is None:
            self.before.append(pending)

    def filtered(self) -> FilteredBatch:
        """Returns the data records, those of earlier batches first."""
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


def record_issue_at(batch: Batch, place: int) -> RecordIssue | None:
    """Returns the issue of the record at a position of a batch; None for a regular one."""
    ragged = batch.ragged.get(place)
    is_stray, is_multi_row = place in batch.stray_quotes, place in batch.multi_row
    if ragged is None and not is_stray and not is_multi_row:
        return None
    return RecordIssue(batch.last_lines.get(place, batch.lines[place].as_py()), is_stray, is_multi_row, ragged)
