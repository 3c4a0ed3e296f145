"""The rows below a header: which are data, which are furniture and of what kind; merges filled down, split names joined."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

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
from loaders.reading.sheets import Area, Cell, Sheet

_DEFAULT_TOTALS = ("合计", "小计", "总计", "全市合计")


@dataclass(slots=True)
class Body:
    """What stands below one header: data rows by row number, furniture rows by kind."""

    header: HeaderMatch
    data: dict[int, dict[int, Cell]] = field(default_factory=dict)
    furniture: dict[int, Kind] = field(default_factory=dict)
    totals: list[tuple[int, Kind]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """How many rows of each kind."""
        return Counter(kind.value for kind in self.furniture.values())


class BodyReader:
    """Sorts the rows of one sheet under one report."""

    def __init__(self, report: Report, sheet: Sheet) -> None:
        book = report.format if isinstance(report.format, Workbook) else None
        self._totals = book.totals if book else _DEFAULT_TOTALS
        self._grouped = book.group_rows if book else False
        self._report = report
        self._sheet = sheet
        self._across = {area.first_row: area for area in sheet.merges if area.last_column - area.first_column >= 2}

    def read(self, header: HeaderMatch, last_row: int) -> Body:
        """Sort the rows from below the header to `last_row`."""
        body = Body(header)
        required = [header.columns[c.name] for c in self._report.columns if c.required and c.name in header.columns]
        mapped = set(header.columns.values())
        first_word = {exact_form(word) for word in header.words.values()}
        for row in range(header.last_row + 1, last_row + 1):
            cells = self._sheet.rows.get(row, {})
            kind = self._kind(row, cells, required, mapped, body)
            if kind is None and self._repeats_header(cells, first_word):
                kind = Kind.HEADER
            if kind is None:
                body.data[row] = cells
            else:
                body.furniture[row] = kind
                if kind in {Kind.TOTAL, Kind.SUBTOTAL}:
                    body.totals.append((row, kind))
                elif kind is Kind.GROUP:
                    body.groups.append(row)
        return body

    def _kind(self, row: int, cells: dict[int, Cell], required: list[int], mapped: set[int], body: Body) -> Kind | None:
        texts = [cells[column].text for column in sorted(cells) if cells[column].text]
        if not texts:
            return Kind.BLANK
        if not body.data and row <= body.header.last_row + 2 and is_letter_codes(cells):
            return Kind.LETTER_CODES
        labels = [text for text in texts[:3] if not text.isdigit()]
        if any(is_total(label, self._totals) for label in labels[:2]):
            return Kind.SUBTOTAL if is_subtotal(" ".join(labels[:2])) else Kind.TOTAL
        filled = sum(1 for column in required if column in cells and cells[column].text)
        if required and filled == len(required):
            return None
        if is_signature(texts):
            return Kind.SIGNATURE
        if is_prose(texts, spans_table=self._spans(row, mapped)):
            return Kind.PROSE
        return self._group_kind(texts, filled, required)

    def _group_kind(self, texts: list[str], filled: int, required: list[int]) -> Kind | None:
        if not is_group_label(texts[0]) or filled * 2 > len(required):
            return None
        counted = group_count(texts[0]) is not None
        return Kind.GROUP if self._grouped or (counted and len(texts) == 1) else None

    def _spans(self, row: int, mapped: set[int]) -> bool:
        area: Area | None = self._across.get(row)
        return area is not None and (area.last_column - area.first_column + 1) * 2 > len(mapped)

    def _repeats_header(self, cells: dict[int, Cell], words: set[str]) -> bool:
        texts = [exact_form(cell.text) for cell in cells.values() if cell.text]
        return len(texts) >= 2 and all(text in words for text in texts)


def fill_down(sheet: Sheet, body: Body) -> None:
    """Give every data row below a vertical merge the value that the merge shows; nothing is spread sideways."""
    for area in sheet.merges:
        if area.last_row == area.first_row:
            continue
        origin = sheet.rows.get(area.first_row, {}).get(area.first_column)
        if origin is None or area.first_row <= body.header.last_row:
            continue
        for row in range(area.first_row + 1, area.last_row + 1):
            if row in body.data and area.first_column not in body.data[row]:
                body.data[row] = {**body.data[row], area.first_column: Cell(origin.text, origin.kind, (*origin.flags, "filled_down"))}


def join_split_values(body: Body, report: Report) -> None:
    """Join a value that runs over two rows (武汉市 / 第七医院) where the contract says that its column may."""
    splittable = {body.header.columns[c.name] for c in report.columns if c.may_be_split and c.name in body.header.columns}
    if not splittable:
        return
    previous: int | None = None
    for row in sorted(body.data):
        cells = body.data[row]
        own = {column for column, cell in cells.items() if "filled_down" not in cell.flags}
        if previous is not None and own and own <= splittable:
            target = body.data[previous]
            joined = {c: Cell(target[c].text + cells[c].text if c in target else cells[c].text, flags=("joined",)) for c in own}
            body.data[previous] = {**target, **joined}
            del body.data[row]
            body.furniture[row] = Kind.CONTINUATION
        else:
            previous = row
