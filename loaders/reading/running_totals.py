"""Totals that a delimited text prints about itself, checked while its batches pass by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Report
from loaders.reading.furniture import Kind, group_count
from loaders.reading.header import HeaderMatch
from loaders.reading.prose_totals import SummedColumn, agree, claims_of, is_prose_total, settle_claim, summed_columns
from loaders.reading.sheets import Cell
from loaders.reading.sieve import Mark, Sifted
from loaders.reading.totals import NO_NUMBER, disagreement, is_additive, number_of, texts_in, words_another_total
from loaders.table import ControlTotal, Issue

_OF_ALL = {Kind.TOTAL, Kind.PROSE}
_EXACT = pa.decimal128(38, 10)


@dataclass(slots=True)
class _Part:
    """The data rows between two marks: how many, from where to where, and the sum of each column that can be added up."""

    rows: int = 0
    first_line: int = 0
    last_line: int = 0
    sums: dict[str, Decimal | None] = field(default_factory=dict)


class RunningTotals:
    """Adds up the numeric columns of one document between the marks in it. `adds_up` is false when no total can come."""

    def __init__(self, report: Report, header: HeaderMatch, *, adds_up: bool) -> None:
        self._report = report
        self._header = header
        additive = [column.name for column in report.columns if is_additive(column) and column.name in header.columns]
        self._columns = additive if adds_up else []
        self._parts = [_Part(sums=dict.fromkeys(self._columns, Decimal(0)))]
        self._marks: list[tuple[Mark, int]] = []

    def add(self, sifted: Sifted) -> None:
        """Take the data rows and marks of the next batch."""
        start = 0
        for place, mark in sifted.marks:
            self._add_rows(sifted, start, place)
            start = place
            self._marks.append((mark, len(self._parts) - 1))
            if mark.kind not in _OF_ALL:
                self._parts.append(_Part(sums=dict.fromkeys(self._columns, Decimal(0))))
        self._add_rows(sifted, start, len(sifted.lines))

    def checked(self, factors: Mapping[str, Decimal]) -> tuple[list[ControlTotal], list[Issue]]:
        """The printed totals and counts, and a warning for each that its rows do not add up to.

        `factors` turn what is printed in a column into the contract's unit.
        """
        compared = list(self._compared(summed_columns(self._report, self._header, factors, self._columns)))
        issues = [
            disagreement(total, counted, self._header)
            for total, counted in compared
            if counted is not None and not agree(counted, total.printed)
        ]
        return [total for total, _ in compared], issues

    def _add_rows(self, sifted: Sifted, start: int, end: int) -> None:
        if end == start:
            return
        part = self._parts[-1]
        part.first_line = part.first_line or sifted.lines[start].as_py()
        part.last_line = sifted.lines[end - 1].as_py()
        part.rows += end - start
        for name in self._columns:
            so_far = part.sums[name]
            added = _sum(sifted.fields[self._header.columns[name] - 1].slice(start, end - start))
            part.sums[name] = None if so_far is None or added is None else so_far + added

    def _compared(self, columns: list[SummedColumn]) -> Iterator[tuple[ControlTotal, Decimal | None]]:
        whole = _merged(self._parts)
        for mark, before in self._marks:
            part = whole if mark.kind in _OF_ALL else self._part(mark, before)
            yield from _claimed(mark, part, columns)
            for name in self._columns if part.rows and mark.kind is not Kind.PROSE else ():
                number = self._header.columns[name]
                printed = None if words_another_total(mark.cells, number) else number_of(mark.cells.get(number))
                if printed is not None:
                    yield _control_total(mark, name, printed, part), part.sums[name]

    def _part(self, mark: Mark, before: int) -> _Part:
        """The rows that a group row or a subtotal speaks of: those below a group, those above a subtotal if there are any."""
        above, below = self._parts[before], self._parts[before + 1]
        return above if mark.kind is Kind.SUBTOTAL and above.rows else below


def _claimed(mark: Mark, part: _Part, columns: list[SummedColumn]) -> Iterator[tuple[ControlTotal, Decimal | None]]:
    """What a line claims in words: the number of its group's rows, or of the rows and the sums of all."""
    texts = texts_in(mark.cells)
    if mark.kind is Kind.GROUP:
        count = group_count(texts[0])
        if count is not None:
            yield _control_total(mark, None, Decimal(count), part), Decimal(part.rows)
        return
    if mark.kind is Kind.PROSE and not is_prose_total(texts):
        return
    for claim in claims_of(texts) if part.rows else ():
        settled = settle_claim(claim, columns, part.rows, part.sums.get)
        if settled is not None:
            name, printed = settled
            yield _control_total(mark, name, printed, part), Decimal(part.rows) if name is None else part.sums[name]


def _control_total(mark: Mark, column: str | None, printed: Decimal, part: _Part) -> ControlTotal:
    return ControlTotal("", mark.line, column, printed, part.first_line or mark.line, part.last_line or mark.line)


def _merged(parts: list[_Part]) -> _Part:
    filled = [part for part in parts if part.rows]
    if not filled:
        return _Part()
    sums = {name: _added([part.sums[name] for part in filled]) for name in filled[0].sums}
    return _Part(sum(part.rows for part in filled), filled[0].first_line, filled[-1].last_line, sums)


def _added(numbers: list[Decimal | None]) -> Decimal | None:
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if len(known) == len(numbers) else None


def _sum(texts: pa.Array) -> Decimal | None:
    """The sum of a column; None when a field holds something that is no plain number."""
    numbers = pc.filter(texts, pc.invert(pc.fill_null(pc.is_in(texts, value_set=pa.array(sorted(NO_NUMBER), pa.string())), True)))
    try:
        total = pc.sum(pc.cast(numbers, _EXACT)).as_py()
    except pa.ArrowInvalid:
        return _added([number_of(Cell(text)) for text in numbers.to_pylist() if text is not None])
    return total if total is not None else Decimal(0)
