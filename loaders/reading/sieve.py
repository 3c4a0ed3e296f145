"""Data and furniture among the records of a delimited text, a whole batch at a time.

Nearly all records of a large document are data, and whole columns tell so (`suspects`). Only the others are looked at one by one,
by the rules that hold for sheets as well. What stands below the last full record of a batch waits for the next batch: only there
is it known whether the table ended.
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
from loaders.reading.batches import Batch
from loaders.reading.furniture import Kind
from loaders.reading.header import HeaderMatch
from loaders.reading.record_faults import rows_in_quotes, stray_quote
from loaders.reading.record_width import RecordWidth
from loaders.reading.row_sorter import RowSorter, Surroundings
from loaders.reading.sheets import Cell
from loaders.reading.suspects import suspects
from loaders.reading.table_end import ROWS_COMPARED, Line, Settled, TableEnd
from loaders.reading.text_source import Survey
from loaders.table import Issue

_MOST_WAITING = 2_000
_UNCLEAN = (
    rf"[{escaped(INVISIBLE + BREAKS + BLANKS)}]|\A[{escaped(EDGES)}=＝]|[{escaped(EDGES)}]\z"  # what `clean_text` would change
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A record that speaks of others: a total, a subtotal, a group row or a closing line."""

    line: int
    kind: Kind
    cells: Mapping[int, Cell]


@dataclass(slots=True)
class Sifted:
    """The data of one batch, and the marks that stand among them, each with the number of data rows before it."""

    lines: pa.Array
    fields: list[pa.Array]
    marks: list[tuple[int, Mark]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a record as a whole: its quotation marks, or the number of its fields. `last_line` is where it ends."""

    last_line: int
    is_stray: bool
    is_joined: bool
    ragged: list[str] | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A record below the last full one. `place` is that in its batch; None, with its values, once the batch has gone."""

    line: Line
    place: int | None
    fault: _Fault | None = None
    values: tuple[str | None, ...] = ()


class Sieve:
    """Sifts the records below one header."""

    def __init__(self, report: Report, header: HeaderMatch, survey: Survey, width: RecordWidth, *, cleans: bool) -> None:
        self._sorter = RowSorter(report, header)
        self._header = header
        self._survey = survey
        self._cleans = cleans
        self._width = width
        self._waiting: list[_Waiting] = []
        self._above: list[pa.Array] = []
        self._open_issues: list[Issue] = []
        self._quote_issues: list[Issue] = []
        self.first_line = 0
        self.last_line = 0
        self.furniture: Counter[str] = Counter()
        self.closing_lines: list[list[str]] = []

    @property
    def issues(self) -> list[Issue]:
        """What is to be told of single records."""
        return sorted([*self._quote_issues, *self._width.issues, *self._open_issues], key=lambda issue: issue.row or 0)

    def sift(self, batch: Batch) -> Sifted:
        """Take the furniture out of a batch and clean what is left; records at its end may wait for the next one.

        Raises:
            Refusal: too many records have another number of fields than the header.
        """
        fields = [cleaned(texts) for texts in batch.fields] if self._cleans else batch.fields
        run = _Run(batch.lines, fields, np.ones(batch.length, dtype=np.bool_))
        before = -1
        for waiting in self._looked_at(batch, fields):
            place, look = waiting.place or 0, waiting.line.look
            if place > before + 1 or look.is_strong:
                self._release(run, at_end=False)
            if look.kind is Kind.HEADER:
                self._release(run, at_end=True)
            self._waiting.append(waiting)
            if look.is_strong:
                self._release(run, at_end=False)
            before = place
        if before + 1 < batch.length or len(self._waiting) > _MOST_WAITING:
            self._release(run, at_end=False)
        self._keep_waiting(run)
        return self._taken(run)

    def close(self) -> Sifted:
        """What of the last records is data, once it is known that nothing follows."""
        run = _Run(pa.array([], pa.int32()), [pa.array([], pa.string()) for _ in range(self._width.fields)], np.ones(0, np.bool_))
        self._release(run, at_end=True)
        return self._taken(run)

    def _looked_at(self, batch: Batch, fields: list[pa.Array]) -> list[_Waiting]:
        """The records that may be furniture, each with what it looks like."""
        is_first = not self.last_line and not self._waiting
        mask = suspects(batch, fields, self._header, self._sorter.required, self._survey, is_first=is_first)
        ragged = [place for place, texts in batch.ragged.items() if not self._width.is_usual(texts)]
        mask[[*ragged, *batch.stray, *batch.joined]] = True
        found: list[_Waiting] = []
        has_data = not is_first
        places: list[int] = np.flatnonzero(mask).tolist()
        for number, place in enumerate(places):
            has_data = has_data or place > number
            cells = _cells_at(batch, fields, place)
            following = _cells_at(batch, fields, place + 1) if not has_data and place + 1 < batch.length else None
            look = self._sorter.look(cells, Surroundings(is_first=not has_data, following=following))
            has_data = has_data or look.kind is None or look.closes
            found.append(_Waiting(Line(batch.lines[place].as_py(), cells, look), place, _fault_at(batch, place)))
        return found

    def _release(self, run: _Run, *, at_end: bool) -> None:
        """Settle the records that wait: below the table if it ends here, else in the middle of it."""
        lines = [waiting.line for waiting in self._waiting]
        if at_end:
            table_end = TableEnd(self._sorter.columns, lambda: self._rows_above(run))
            settled = table_end.settle(lines)
            self._open_issues.extend(table_end.open_issues(settled, None))
        else:
            settled = [Settled(line, None if line.look.closes else line.look.kind) for line in lines]
        for waiting, one in zip(self._waiting, settled, strict=True):
            if one.kind is not None:
                self._note(one.kind, waiting.line)
            elif waiting.fault is not None:
                self._tell(waiting.line.number, waiting.fault)
            run.settle(waiting, one.kind)
        self._waiting.clear()

    def _tell(self, line: int, fault: _Fault) -> None:
        """Tell what is wrong with a record of data as a whole."""
        if fault.is_stray:
            self._quote_issues.append(stray_quote(line, fault.last_line))
        elif fault.is_joined:
            self._quote_issues.append(rows_in_quotes(line, fault.last_line))
        elif fault.ragged is not None:
            self._width.check(line, fault.last_line, fault.ragged)

    def _rows_above(self, run: _Run) -> list[dict[int, Cell]]:
        """The last records above those that wait."""
        place = self._waiting[0].place
        columns = [texts.to_pylist() for texts in (_last(run.fields, place) if place else self._above)]
        return [_cells(values) for values in zip(*columns, strict=True)]

    def _keep_waiting(self, run: _Run) -> None:
        """Take what waits, and the records above it, out of the batch, which is gone when they are settled."""
        end = len(run.lines)
        for number, waiting in enumerate(self._waiting):
            if waiting.place is not None:
                end = min(end, waiting.place)
                run.keep[waiting.place] = False
                values = tuple(texts[waiting.place].as_py() for texts in run.fields)
                self._waiting[number] = replace(waiting, place=None, values=values)
        if end:
            self._above = _last(run.fields, end)

    def _taken(self, run: _Run) -> Sifted:
        sifted = run.sifted()
        if len(sifted.lines):
            self.first_line = self.first_line or sifted.lines[0].as_py()
            self.last_line = sifted.lines[-1].as_py()
        return sifted

    def _note(self, kind: Kind, line: Line) -> None:
        self.furniture[str(kind)] += 1
        if kind is Kind.SIGNATURE:
            self.closing_lines.append([cell.text for cell in line.cells.values()])


@dataclass(slots=True)
class _Run:
    """One batch on its way through the sieve: which of its records are data, and those that waited from before it."""

    lines: pa.Array
    fields: list[pa.Array]
    keep: np.ndarray[tuple[int], np.dtype[np.bool_]]
    before: list[_Waiting] = field(default_factory=list)
    marks: list[tuple[int | None, int, Mark]] = field(default_factory=list)

    def settle(self, waiting: _Waiting, kind: Kind | None) -> None:
        """Keep a record, or take it out."""
        if kind in {Kind.TOTAL, Kind.SUBTOTAL, Kind.GROUP, Kind.PROSE}:
            self.marks.append((waiting.place, len(self.before), Mark(waiting.line.number, kind, waiting.line.cells)))
        if waiting.place is not None:
            self.keep[waiting.place] = kind is None
        elif kind is None:
            self.before.append(waiting)

    def sifted(self) -> Sifted:
        """The records that are data, those from before first."""
        is_whole = bool(self.keep.all())
        mask = pa.array(self.keep)
        lines = self.lines if is_whole else self.lines.filter(mask)
        fields = self.fields if is_whole else [texts.filter(mask) for texts in self.fields]
        if self.before:
            lines = pa.concat_arrays([pa.array([waiting.line.number for waiting in self.before], lines.type), lines])
            values = zip(*(waiting.values for waiting in self.before), strict=True)
            fields = [pa.concat_arrays([pa.array(some, pa.string()), rest]) for some, rest in zip(values, fields, strict=True)]
        marks = [
            (before if place is None else len(self.before) + int(self.keep[:place].sum()), mark)
            for place, before, mark in self.marks
        ]
        return Sifted(lines, fields, marks)


def cleaned(texts: pa.Array) -> pa.Array:
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


def _fault_at(batch: Batch, place: int) -> _Fault | None:
    ragged = batch.ragged.get(place)
    is_stray, is_joined = place in batch.stray, place in batch.joined
    if ragged is None and not is_stray and not is_joined:
        return None
    return _Fault(batch.last_lines.get(place, batch.lines[place].as_py()), is_stray, is_joined, ragged)


def _cells_at(batch: Batch, fields: Sequence[pa.Array], place: int) -> dict[int, Cell]:
    if place in batch.ragged:
        return _cells(batch.ragged[place])
    return _cells([texts[place].as_py() for texts in fields])


def _cells(texts: Sequence[str | None]) -> dict[int, Cell]:
    plain = ((number, clean_text(text)) for number, text in enumerate(texts, start=1) if text)
    return {number: Cell(text) for number, text in plain if text}
