"""What one row below a header is: data, or furniture of some kind. The same for a sheet's row and a record of a CSV."""

from __future__ import annotations

from collections.abc import Mapping

from loaders.contract import Report, Workbook
from loaders.reading.furniture import (
    Kind,
    group_count,
    group_level,
    is_letter_codes,
    is_prose,
    is_signature,
    is_signed_by_several,
    is_subtotal,
    is_total,
)
from loaders.reading.header import HeaderMatch
from loaders.reading.headers import exact_form
from loaders.reading.sheets import Cell

_CHINESE_LEVELS = {1, 2}
DEFAULT_TOTALS = ("合计", "小计", "总计", "全市合计")


class RowSorter:
    """Sorts the rows below one header."""

    def __init__(self, report: Report, header: HeaderMatch) -> None:
        form = report.format if isinstance(report.format, Workbook) else None
        self._totals = form.totals if form else DEFAULT_TOTALS
        self._grouped = form.group_rows if form else False
        self.required = [header.columns[c.name] for c in report.columns if c.required and c.name in header.columns]
        self._words = {exact_form(word) for path in header.paths.values() for word in (*path, "".join(path))}

    def kind(
        self,
        cells: Mapping[int, Cell],
        *,
        is_first: bool,
        spans_table: bool = False,
        merged_label: bool = False,
        from_above: Mapping[int, Cell] | None = None,
    ) -> Kind | None:
        """The kind of a row that is furniture, None for data.

        `is_first` says that no row of data came before it, `spans_table` that one merged cell covers most of the row,
        `merged_label` that its first text is merged over several columns. `from_above` are values that vertical merges bring.
        """
        texts = [cells[column].text for column in sorted(cells) if cells[column].text]
        if not texts:
            return Kind.BLANK
        if is_first and is_letter_codes(cells):
            return Kind.LETTER_CODES
        labels = [text for text in texts[:3] if not text.isdigit()][:2]
        if any(is_total(label, self._totals) for label in labels):
            return Kind.SUBTOTAL if is_subtotal(" ".join(labels)) else Kind.TOTAL
        if self._repeats_header(texts):
            return Kind.HEADER
        if is_signed_by_several(texts):
            return Kind.SIGNATURE
        if self.required and self.filled(cells, from_above) == len(self.required):
            return None
        if is_signature(texts):
            return Kind.SIGNATURE
        if is_prose(texts, spans_table=spans_table):
            return Kind.PROSE
        return self._group_kind(texts, self.filled(cells, from_above), merged_label=merged_label)

    def filled(self, cells: Mapping[int, Cell], from_above: Mapping[int, Cell] | None = None) -> int:
        """How many of the required columns hold something."""
        above = from_above or {}
        return sum(1 for column in self.required if (column in cells and cells[column].text) or column in above)

    def _group_kind(self, texts: list[str], filled: int, *, merged_label: bool) -> Kind | None:
        counted = group_count(texts[0]) is not None
        if self._grouped and (group_level(texts[0]) in _CHINESE_LEVELS or counted):
            return Kind.GROUP
        if filled * 2 > len(self.required):
            return None
        if self._grouped:
            return Kind.GROUP if merged_label or len(texts) == 1 or group_level(texts[0]) is not None else None
        return Kind.GROUP if counted and len(texts) == 1 else None

    def _repeats_header(self, texts: list[str]) -> bool:
        return len(texts) >= 2 and exact_form(texts[0]) in self._words and all(exact_form(text) in self._words for text in texts)
