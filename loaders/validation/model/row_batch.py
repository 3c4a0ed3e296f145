"""Rows of some documents, one below the other, so that they are converted and validated together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.model import ROW, SHEET, FoundTable, Issue, Severity
from loaders.validation.model.documents import ValidationInput
from loaders.validation.model.string_column import Mask, Positions


@dataclass(frozen=True, slots=True)
class RowBatch:
    """`document` says for each row which of the `items` it belongs to; rows of one document follow each other."""

    items: tuple[ValidationInput, ...]
    rows: pa.Table
    document: Positions

    @classmethod
    def of(cls, items: Sequence[ValidationInput]) -> RowBatch:
        """All rows of some documents."""
        counts = [item.reading.rows.num_rows for item in items]
        rows = pa.concat_tables([item.reading.rows for item in items])
        return cls(tuple(items), rows.combine_chunks(), np.repeat(np.arange(len(items)), counts))

    @classmethod
    def part(cls, item: ValidationInput, rows: pa.Table) -> RowBatch:
        """Some rows of one document."""
        return cls((item,), rows.combine_chunks(), np.zeros(rows.num_rows, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.document)

    def texts(self, name: str) -> pa.Array:
        """A column as one array."""
        return self.rows.column(name).combine_chunks()

    def span(self, document: int) -> slice:
        """The places of a document's rows."""
        first, after = np.searchsorted(self.document, [document, document + 1])
        return slice(int(first), int(after))

    def scales(self, column: str) -> list[tuple[Decimal, Mask]]:
        """The factors that turn what is printed into the contract's unit, each with its rows."""
        found: dict[Decimal, Mask] = {}
        for number, table in self._tables():
            scale = table.scales.get(column, Decimal(1))
            if scale != 1:
                found.setdefault(scale, np.zeros(len(self), dtype=bool))[:] |= self._rows_of(number, table)
        if not found:
            return [(Decimal(1), np.ones(len(self), dtype=bool))]
        unscaled = ~np.logical_or.reduce(list(found.values()))
        groups = [(Decimal(1), unscaled), *found.items()]
        return [(scale, mask) for scale, mask in groups if mask.any()]

    def rows_without_column(self, column: str) -> Mask | None:
        """The rows of tables that have no such column; None when all have it. Records do not say which fields they could have."""
        rows_without_column = [pair for pair in self._tables() if pair[1].letters and column not in pair[1].letters]
        return (
            np.logical_or.reduce([self._rows_of(number, table) for number, table in rows_without_column])
            if rows_without_column
            else None
        )

    def _tables(self) -> Iterator[tuple[int, FoundTable]]:
        for number, item in enumerate(self.items):
            for table in item.reading.tables:
                yield number, table

    def _rows_of(self, document: int, table: FoundTable) -> Mask:
        mask = np.zeros(len(self), dtype=bool)
        span = self.span(document)
        mask[span] = self._within(table, span)
        return mask

    def _within(self, table: FoundTable, span: slice) -> Mask:
        part = self.rows.slice(span.start, span.stop - span.start)
        rows = part.column(ROW).to_numpy()
        in_sheet = pc.equal(part.column(SHEET), table.sheet).to_numpy()
        return np.asarray(in_sheet & (rows >= table.first_row) & (rows <= table.last_row), dtype=bool)

    def row_errors(self) -> Iterator[tuple[int, Issue]]:
        """What the reader found wrong with single rows that are in this stack, each with the row's place."""
        for number, item in enumerate(self.items):
            problems = [issue for issue in item.reading.issues if issue.severity is Severity.ERROR and issue.row is not None]
            if not problems:
                continue
            places = self._places(number, {issue.row for issue in problems if issue.row is not None})
            for issue in problems:
                place = places.get((issue.sheet or "", issue.row))
                if place is not None:
                    yield place, issue

    def _places(self, document: int, rows: set[int]) -> dict[tuple[str, int | None], int]:
        """Where the rows of these numbers stand, by sheet and number."""
        span = self.span(document)
        part = self.rows.slice(span.start, span.stop - span.start)
        found = np.flatnonzero(np.isin(part.column(ROW).to_numpy(), list(rows)))
        chosen = part.select([SHEET, ROW]).take(pa.array(found))
        pairs = zip(chosen.column(SHEET).to_pylist(), chosen.column(ROW).to_pylist(), strict=True)
        return {pair: span.start + int(place) for pair, place in zip(pairs, found, strict=True)}
