"""Data and furniture among the records of a delimited text, a whole batch at a time.

Nearly all records of a large document are data, and whole columns tell so: their required fields are filled and no field names
a total or repeats the header. Only the others are looked at one by one, by the rules that hold for sheets as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.cleaning import BLANKS, BREAKS, EDGES, INVISIBLE, clean_text, escaped
from loaders.contract import Report
from loaders.reading.batches import Batch
from loaders.reading.furniture import Kind
from loaders.reading.header import HeaderMatch
from loaders.reading.record_faults import rows_in_quotes, stray_quote
from loaders.reading.refusals import too_many_ragged_rows
from loaders.reading.row_sorter import DEFAULT_TOTALS, RowSorter
from loaders.reading.sheets import Cell
from loaders.reading.text_source import Survey
from loaders.table import Issue, Severity

MOST_RAGGED_ROWS = 5_000
_LEADING_FIELDS = 3
_UNCLEAN = (
    rf"[{escaped(INVISIBLE + BREAKS + BLANKS)}]|\A[{escaped(EDGES)}=＝]|[{escaped(EDGES)}]\z"  # what `clean_text` would change
)
_LABEL = r"\p{Han}[)）]?\s*[:：]"
_TOTAL_WORDS = "|".join(DEFAULT_TOTALS)


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


class Sieve:
    """Sifts the records below one header."""

    def __init__(self, report: Report, header: HeaderMatch, survey: Survey, width: int, *, cleans: bool) -> None:
        self._sorter = RowSorter(report, header)
        self._header = header
        self._has_totals = survey.has_totals
        self._has_labels = survey.has_labels
        self._cleans = cleans
        self._width = width
        self._ragged_lines: list[int] = []
        self.first_line = 0
        self.last_line = 0
        self.furniture: Counter[str] = Counter()
        self.closing_lines: list[list[str]] = []
        self.issues: list[Issue] = []

    def sift(self, batch: Batch) -> Sifted:
        """Take the furniture out of a batch and clean what is left.

        Raises:
            Refusal: too many records have another number of fields than the header.
        """
        fields = [cleaned(texts) for texts in batch.fields] if self._cleans else batch.fields
        keep = np.ones(batch.length, dtype=np.bool_)
        marks: list[tuple[int, Mark]] = []
        for place in self._suspects(fields, batch):
            line = batch.lines[place].as_py()
            cells = _cells(batch.ragged[place]) if place in batch.ragged else _cells([texts[place].as_py() for texts in fields])
            kind = self._sorter.kind(cells, is_first=not self.last_line and not keep[:place].any())
            if kind is None:
                self._check_record(batch, place, line)
                continue
            keep[place] = False
            self._note(kind, line, cells, marks, place, keep)
        mask = pa.array(keep)
        lines = batch.lines if keep.all() else batch.lines.filter(mask)
        if len(lines):
            self.first_line = self.first_line or lines[0].as_py()
            self.last_line = lines[-1].as_py()
        return Sifted(lines, fields if keep.all() else [texts.filter(mask) for texts in fields], marks)

    def _note(
        self,
        kind: Kind,
        line: int,
        cells: dict[int, Cell],
        marks: list[tuple[int, Mark]],
        place: int,
        keep: npt.NDArray[np.bool_],
    ) -> None:
        self.furniture[str(kind)] += 1
        if kind is Kind.SIGNATURE:
            self.closing_lines.append([cell.text for cell in cells.values()])
        if kind in {Kind.TOTAL, Kind.SUBTOTAL, Kind.GROUP, Kind.PROSE}:
            marks.append((int(keep[:place].sum()), Mark(line, kind, cells)))

    def _suspects(self, fields: list[pa.Array], batch: Batch) -> list[int]:
        """The places of records that may be furniture, in order."""
        if not self._sorter.required:
            return list(range(batch.length))
        mask = np.zeros(batch.length, dtype=np.bool_)
        for column in self._sorter.required:
            texts = fields[column - 1]
            if texts.null_count:
                mask |= _as_mask(texts.is_null())
        first = self._sorter.required[0]
        mask |= _as_mask(pc.fill_null(pc.equal(fields[first - 1], self._header.paths[first][-1]), False))
        if self._has_totals:
            for texts in fields if any(field.null_count for field in fields[:_LEADING_FIELDS]) else fields[:_LEADING_FIELDS]:
                mask |= _as_mask(pc.fill_null(pc.match_substring_regex(texts, _TOTAL_WORDS), False))
        if self._has_labels:
            mask |= _as_mask(pc.fill_null(pc.match_substring_regex(fields[0], _LABEL), False))
        if not self.last_line:
            mask[:2] = True
        mask[[*batch.ragged, *batch.stray, *batch.joined]] = True
        places: list[int] = np.flatnonzero(mask).tolist()
        return places

    def _check_record(self, batch: Batch, place: int, line: int) -> None:
        """Tell what is wrong with a record as a whole."""
        last_line = batch.last_lines.get(place, line)
        if place in batch.stray:
            self.issues.append(stray_quote(line, last_line))
        elif place in batch.joined:
            self.issues.append(rows_in_quotes(line, last_line))
        elif place in batch.ragged:
            self._ragged_lines.append(line)
            if len(self._ragged_lines) > MOST_RAGGED_ROWS:
                raise too_many_ragged_rows(MOST_RAGGED_ROWS, self._width, self._ragged_lines[0])
            self.issues.append(_ragged_row(line, last_line, batch.ragged[place], self._width))


def cleaned(texts: pa.Array) -> pa.Array:
    """The texts without what cannot be seen and without blanks at their edges; null for one of which nothing is left."""
    unclean = pc.fill_null(pc.match_substring_regex(texts, _UNCLEAN), False)
    if not pc.any(unclean).as_py():
        return texts
    values = [clean_text(text) or None for text in texts.filter(unclean).to_pylist()]
    return pc.replace_with_mask(texts, unclean, pa.array(values, pa.string()))


def _as_mask(truths: pa.Array) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = truths.to_numpy(zero_copy_only=False)
    return mask


def _cells(texts: Sequence[str | None]) -> dict[int, Cell]:
    plain = ((number, clean_text(text)) for number, text in enumerate(texts, start=1) if text)
    return {number: Cell(text) for number, text in plain if text}


def _ragged_row(line: int, last_line: int, fields: list[str], width: int) -> Issue:
    spans_zh = f"（引号内的内容一直到第 {last_line} 行）" if last_line > line else ""
    spans_en = f" (its quotes reach to line {last_line})" if last_line > line else ""
    relation_zh, relation_en = ("少于", "fewer") if len(fields) < width else ("多于", "more")
    return Issue(
        "ragged_row",
        Severity.ERROR,
        message_zh=f"第 {line} 行{spans_zh}有 {len(fields)} 列，{relation_zh}表头的 {width} 列，各列可能错位；"
        "请核对该行的分隔符，单元格内有分隔符时应加双引号",
        message_en=f"line {line}{spans_en} has {len(fields)} fields, {relation_en} than the header ({width}), so values may "
        "stand in the wrong column: check its separators; a value that holds one must be quoted",
        row=line,
        found=f"{len(fields)} fields",
        expected=f"{width} fields",
    )
