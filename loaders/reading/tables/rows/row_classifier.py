"""Row classifier: classifies one row below a header as data or a kind of furniture, for rows of sheets and records of CSV.

Most rows can be classified alone. A line that may close a document (a date, an office, a sentence) may also be the value of a
row. Then its position decides, in `table_end`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loaders.contract import Column, Report, Workbook
from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.tables.headers.code_row import is_code_row
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.headers.header_text import exact_form
from loaders.reading.tables.rows.closing_lines import (
    ClosingElement,
    begins_with_signer,
    closing_elements,
    is_signed_by_several,
    is_unmistakable,
)
from loaders.reading.tables.rows.furniture import RowKind, group_count, group_level, is_subtotal, is_total
from loaders.reading.tables.rows.prose_totals import is_prose_total

_CHINESE_LEVELS = {1, 2}
_PROSE_ELEMENTS = {ClosingElement.NOTE, ClosingElement.STATEMENT, ClosingElement.SENTENCE, ClosingElement.PAGE}
_MAX_TEXTS_OF_OPEN_ROW = 3
DEFAULT_TOTALS = ("合计", "小计", "总计", "全市合计")


@dataclass(frozen=True, slots=True)
class RowContext:
    """Context of a row.

    `is_first`: no data row precedes it. `spans_table`: one merged cell covers most of the row. `merged_label`: its first text is
    merged over several columns. `from_above` are values that vertical merges fill down, `following` is the row below.
    """

    is_first: bool = False
    spans_table: bool = False
    merged_label: bool = False
    from_above: Mapping[int, Cell] | None = None
    following: Mapping[int, Cell] | None = None


@dataclass(frozen=True, slots=True)
class RowClass:
    """Classification of a row. `kind` is None for data.

    `may_close_table`: the row has this kind below the table, else it is data. `is_certain_data`: certainly data, so that the
    table extends to it. `has_all_required`: no required column is blank. `starts_at_left_edge`: its first text is at the table's
    left edge.
    """

    kind: RowKind | None
    elements: tuple[ClosingElement, ...] = ()
    may_close_table: bool = False
    is_certain_data: bool = False
    has_all_required: bool = False
    starts_at_left_edge: bool = False


class RowClassifier:
    """Classifier of the rows below one header."""

    def __init__(self, report: Report, header: HeaderMatch) -> None:
        form = report.format if isinstance(report.format, Workbook) else None
        self._totals = form.totals if form else DEFAULT_TOTALS
        self._grouped = form.group_rows if form else False
        self.columns: dict[int, Column] = {header.columns[c.name]: c for c in report.columns if c.name in header.columns}
        self.required = [number for number, column in self.columns.items() if column.required]
        self._words = {exact_form(word) for path in header.paths.values() for word in (*path, "".join(path))}
        places = sorted({*header.paths, *self.columns})
        self._first_column = min(self.columns, default=1)
        self._last_label_column = places[1] if len(places) > 1 else self._first_column

    def classify(self, cells: Mapping[int, Cell], context: RowContext) -> RowClass:
        """Classifies a row."""
        shown = [column for column in sorted(cells) if cells[column].text]
        texts = [cells[column].text for column in shown]
        if not texts:
            return RowClass(RowKind.BLANK)
        starts_at_left_edge = shown[0] <= self._first_column or context.merged_label
        kind = self._certain_kind(cells, shown, texts, context, starts_at_left_edge=starts_at_left_edge)
        if kind is not None:
            return RowClass(kind)
        filled = self._filled_required(cells, context.from_above)
        has_all_required = filled == len(self.required)
        is_wide = len(texts) > _MAX_TEXTS_OF_OPEN_ROW and has_all_required and bool(self.required)
        may_close = not is_wide or begins_with_signer(texts[0])
        elements = tuple(closing_elements(texts, spans_table=context.spans_table)) if may_close else ()
        if elements and (starts_at_left_edge or elements[0] is not ClosingElement.SENTENCE) and not self._may_be_group(elements):
            return self._closing(
                texts, elements, context, has_all_required=has_all_required, starts_at_left_edge=starts_at_left_edge
            )
        if not (self.required and has_all_required):
            kind = self._group_kind(cells, shown, texts, filled, context)
        if kind is not None:
            return RowClass(kind)
        is_certain_data = len(texts) > 1 or (has_all_required and bool(self.required)) or len(self.columns) == 1
        return RowClass(
            None, is_certain_data=is_certain_data, has_all_required=has_all_required, starts_at_left_edge=starts_at_left_edge
        )

    def _certain_kind(
        self, cells: Mapping[int, Cell], shown: list[int], texts: list[str], context: RowContext, *, starts_at_left_edge: bool
    ) -> RowKind | None:
        """Returns the kind that words alone give a row, in any position."""
        if context.is_first and is_code_row(cells, self.columns, context.following):
            return RowKind.LETTER_CODES
        labels = _labels(cells, shown)
        if any(is_total(label, self._totals) for label in labels):
            return RowKind.SUBTOTAL if is_subtotal(" ".join(labels)) else RowKind.TOTAL
        if starts_at_left_edge and is_prose_total(texts):
            return RowKind.TOTAL if len(texts) > 1 else RowKind.PROSE
        if self._repeats_header(texts):
            return RowKind.HEADER
        return RowKind.SIGNATURE if is_signed_by_several(texts) else None

    def _closing(
        self,
        texts: list[str],
        elements: tuple[ClosingElement, ...],
        context: RowContext,
        *,
        has_all_required: bool,
        starts_at_left_edge: bool,
    ) -> RowClass:
        kind = RowKind.PROSE if elements[0] in _PROSE_ELEMENTS else RowKind.SIGNATURE
        spans = context.spans_table and len(texts) == 1 and elements[0] in _PROSE_ELEMENTS
        if spans or (starts_at_left_edge and is_unmistakable(texts)):
            return RowClass(kind, elements)
        return RowClass(
            kind, elements, may_close_table=True, has_all_required=has_all_required, starts_at_left_edge=starts_at_left_edge
        )

    def _filled_required(self, cells: Mapping[int, Cell], from_above: Mapping[int, Cell] | None) -> int:
        """Counts the required columns that have content."""
        above = from_above or {}
        return sum(1 for column in self.required if (column in cells and cells[column].text) or column in above)

    def _may_be_group(self, elements: tuple[ClosingElement, ...]) -> bool:
        """Checks whether the name of an office alone in its row heads a group (if the contract declares group rows)."""
        return self._grouped and elements == (ClosingElement.OFFICE,)

    def _group_kind(
        self, cells: Mapping[int, Cell], shown: list[int], texts: list[str], filled: int, context: RowContext
    ) -> RowKind | None:
        counted = group_count(texts[0]) is not None
        if self._grouped and (group_level(texts[0]) in _CHINESE_LEVELS or counted):
            return RowKind.GROUP
        if filled * 2 > len(self.required) or _is_number(cells[shown[0]]):
            return None
        is_label = context.merged_label or (len(texts) == 1 and shown[0] <= self._last_label_column)
        if self._grouped:
            return RowKind.GROUP if is_label or group_level(texts[0]) is not None else None
        return RowKind.GROUP if counted and is_label and len(texts) == 1 else None

    def _repeats_header(self, texts: list[str]) -> bool:
        return len(texts) >= 2 and exact_form(texts[0]) in self._words and all(exact_form(text) in self._words for text in texts)


def _labels(cells: Mapping[int, Cell], shown: list[int]) -> list[str]:
    """Returns the words with which a row begins, up to its first number. A serial number may precede them."""
    labels: list[str] = []
    for place, column in enumerate(shown[:3]):
        if not _is_number(cells[column]):
            labels.append(cells[column].text)
        elif place:
            break
    return labels[:2]


def _is_number(cell: Cell) -> bool:
    return cell.kind is CellKind.NUMBER or cell.text.replace(",", "").replace(".", "", 1).isdigit()
