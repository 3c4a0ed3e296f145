"""What one row below a header is: data, or furniture of some kind. The same for a sheet's row and a record of a CSV."""

from __future__ import annotations

from loaders.contract import Report, Workbook
from loaders.reading.furniture import (
    Kind,
    group_count,
    is_group_label,
    is_letter_codes,
    is_prose,
    is_signature,
    is_subtotal,
    is_total,
)
from loaders.reading.header import HeaderMatch
from loaders.reading.headers import exact_form
from loaders.reading.sheets import Cell

DEFAULT_TOTALS = ("合计", "小计", "总计", "全市合计")


class RowSorter:
    """Sorts the rows below one header."""

    def __init__(self, report: Report, header: HeaderMatch) -> None:
        form = report.format if isinstance(report.format, Workbook) else None
        self._totals = form.totals if form else DEFAULT_TOTALS
        self._grouped = form.group_rows if form else False
        self.required = [header.columns[c.name] for c in report.columns if c.required and c.name in header.columns]
        self._words = {exact_form(word) for word in header.words.values()}

    def kind(self, cells: dict[int, Cell], *, is_first: bool, spans_table: bool = False) -> Kind | None:
        """The kind of a row that is furniture, None for data.

        `is_first` says that no row of data came before it, `spans_table` that one merged cell covers most of the row.
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
        filled = sum(1 for column in self.required if column in cells and cells[column].text)
        if self.required and filled == len(self.required):
            return None
        if is_signature(texts):
            return Kind.SIGNATURE
        if is_prose(texts, spans_table=spans_table):
            return Kind.PROSE
        return self._group_kind(texts, filled)

    def _group_kind(self, texts: list[str], filled: int) -> Kind | None:
        if not is_group_label(texts[0]) or filled * 2 > len(self.required):
            return None
        counted = group_count(texts[0]) is not None
        return Kind.GROUP if self._grouped or (counted and len(texts) == 1) else None

    def _repeats_header(self, texts: list[str]) -> bool:
        return len(texts) >= 2 and exact_form(texts[0]) in self._words and all(exact_form(text) in self._words for text in texts)
