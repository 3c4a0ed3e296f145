"""What one row below a header looks like: data, or furniture of some kind. The same for a sheet's row and a record of a CSV.

Most rows are told by themselves. A line that closes a document (a date, an office, a sentence) may be the value of a row as well;
where it stands decides, in `table_end`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loaders.contract import Column, Report, Workbook
from loaders.reading.closing_lines import Piece, begins_with_signer, closing_pieces, is_signed_by_several, is_unmistakable
from loaders.reading.code_row import is_code_row
from loaders.reading.furniture import Kind, group_count, group_level, is_subtotal, is_total
from loaders.reading.header import HeaderMatch
from loaders.reading.headers import exact_form
from loaders.reading.prose_totals import is_prose_total
from loaders.reading.sheets import Cell, CellKind

_CHINESE_LEVELS = {1, 2}
_SPOKEN = {Piece.NOTE, Piece.STATEMENT, Piece.SENTENCE, Piece.PAGE}
_MOST_TEXTS_OF_FULL_ROW = 3
DEFAULT_TOTALS = ("合计", "小计", "总计", "全市合计")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a row.

    `is_first` says that no row of data came before it, `spans_table` that one merged cell covers most of the row, `merged_label`
    that its first text is merged over several columns. `from_above` are values that vertical merges bring, `following` is the
    row below.
    """

    is_first: bool = False
    spans_table: bool = False
    merged_label: bool = False
    from_above: Mapping[int, Cell] | None = None
    following: Mapping[int, Cell] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a row looks like. `kind` is None for data.

    `closes`: it has this kind if it stands below the table, else it is data. `is_strong`: data beyond doubt, so that the table
    reaches down to it. `is_full`: no required column is blank. `is_leading`: its first text stands at the table's left edge.
    """

    kind: Kind | None
    pieces: tuple[Piece, ...] = ()
    closes: bool = False
    is_strong: bool = False
    is_full: bool = False
    is_leading: bool = False


class RowSorter:
    """Sorts the rows below one header."""

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

    def look(self, cells: Mapping[int, Cell], around: Surroundings) -> Look:
        """What a row looks like."""
        shown = [column for column in sorted(cells) if cells[column].text]
        texts = [cells[column].text for column in shown]
        if not texts:
            return Look(Kind.BLANK)
        is_leading = shown[0] <= self._first_column or around.merged_label
        kind = self._certain_kind(cells, shown, texts, around, is_leading=is_leading)
        if kind is not None:
            return Look(kind)
        filled = self._filled(cells, around.from_above)
        is_full = filled == len(self.required)
        is_wide = len(texts) > _MOST_TEXTS_OF_FULL_ROW and is_full and bool(self.required)
        may_close = not is_wide or begins_with_signer(texts[0])
        pieces = tuple(closing_pieces(texts, spans_table=around.spans_table)) if may_close else ()
        if pieces and (is_leading or pieces[0] is not Piece.SENTENCE) and not self._may_be_group(pieces):
            return self._closing(texts, pieces, around, is_full=is_full, is_leading=is_leading)
        if not (self.required and is_full):
            kind = self._group_kind(cells, shown, texts, filled, around)
        if kind is not None:
            return Look(kind)
        is_strong = len(texts) > 1 or (is_full and bool(self.required)) or len(self.columns) == 1
        return Look(None, is_strong=is_strong, is_full=is_full, is_leading=is_leading)

    def _certain_kind(
        self, cells: Mapping[int, Cell], shown: list[int], texts: list[str], around: Surroundings, *, is_leading: bool
    ) -> Kind | None:
        """The kind that words alone give a row, wherever it stands."""
        if around.is_first and is_code_row(cells, self.columns, around.following):
            return Kind.LETTER_CODES
        labels = _labels(cells, shown)
        if any(is_total(label, self._totals) for label in labels):
            return Kind.SUBTOTAL if is_subtotal(" ".join(labels)) else Kind.TOTAL
        if is_leading and is_prose_total(texts):
            return Kind.TOTAL if len(texts) > 1 else Kind.PROSE
        if self._repeats_header(texts):
            return Kind.HEADER
        return Kind.SIGNATURE if is_signed_by_several(texts) else None

    def _closing(
        self, texts: list[str], pieces: tuple[Piece, ...], around: Surroundings, *, is_full: bool, is_leading: bool
    ) -> Look:
        kind = Kind.PROSE if pieces[0] in _SPOKEN else Kind.SIGNATURE
        spans = around.spans_table and len(texts) == 1 and pieces[0] in _SPOKEN
        if spans or (is_leading and is_unmistakable(texts)):
            return Look(kind, pieces)
        return Look(kind, pieces, closes=True, is_full=is_full, is_leading=is_leading)

    def _filled(self, cells: Mapping[int, Cell], from_above: Mapping[int, Cell] | None) -> int:
        """How many of the required columns hold something."""
        above = from_above or {}
        return sum(1 for column in self.required if (column in cells and cells[column].text) or column in above)

    def _may_be_group(self, pieces: tuple[Piece, ...]) -> bool:
        """Whether the name of an office alone in its row heads a group (the contract says that there are groups)."""
        return self._grouped and pieces == (Piece.OFFICE,)

    def _group_kind(
        self, cells: Mapping[int, Cell], shown: list[int], texts: list[str], filled: int, around: Surroundings
    ) -> Kind | None:
        counted = group_count(texts[0]) is not None
        if self._grouped and (group_level(texts[0]) in _CHINESE_LEVELS or counted):
            return Kind.GROUP
        if filled * 2 > len(self.required) or _is_number(cells[shown[0]]):
            return None
        is_label = around.merged_label or (len(texts) == 1 and shown[0] <= self._last_label_column)
        if self._grouped:
            return Kind.GROUP if is_label or group_level(texts[0]) is not None else None
        return Kind.GROUP if counted and is_label and len(texts) == 1 else None

    def _repeats_header(self, texts: list[str]) -> bool:
        return len(texts) >= 2 and exact_form(texts[0]) in self._words and all(exact_form(text) in self._words for text in texts)


def _labels(cells: Mapping[int, Cell], shown: list[int]) -> list[str]:
    """The words that a row begins with, up to its first number; a serial number may stand before them."""
    labels: list[str] = []
    for place, column in enumerate(shown[:3]):
        if not _is_number(cells[column]):
            labels.append(cells[column].text)
        elif place:
            break
    return labels[:2]


def _is_number(cell: Cell) -> bool:
    return cell.kind is CellKind.NUMBER or cell.text.replace(",", "").replace(".", "", 1).isdigit()
