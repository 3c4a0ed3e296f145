"""Records as the pages of a document: printed by the form of the time, in the units and words that the office uses."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from loaders.contract import Column, ColumnType, Delimited, Report
from loaders.contract.source_and_format import Layout
from loaders.period import Period, PeriodKind
from sample_city.geography import CITY_CODE, unit_names
from sample_city.standard_faults import Record
from sample_city.timetable import arrival, chinese_date, chinese_month, chinese_quarter
from sample_city.workbook import DATE_STYLES, HEADER_ROW, SHEET, Form, render_forms

_PERIOD_WORDS = {PeriodKind.MONTH: "统计月份", PeriodKind.QUARTER: "统计季度", PeriodKind.YEAR: "统计年度"}
_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER})
_PRINTED_FACTORS = {("万元", "元"): Decimal(10_000)}


@dataclass(frozen=True, slots=True)
class Mark:
    """A record that carries a fault, and which."""

    record: Record
    kind: str
    column: str | None
    rule: str
    is_warning: bool


@dataclass(slots=True)
class Page:
    """One sheet: its records in order, and the faults planted in them."""

    name: str
    records: list[Record]
    marks: list[Mark] = field(default_factory=list)
    headings: dict[int, str] = field(default_factory=dict)

    def accepted(self, head_rows: int) -> Iterator[tuple[int, Record]]:
        """The records that should be loaded, with their rows."""
        rejected = {id(mark.record) for mark in self.marks if not mark.is_warning}
        for at, record in enumerate(self.records):
            if id(record) not in rejected:
                yield self.place(at, head_rows), record

    def placed_marks(self, head_rows: int) -> Iterator[tuple[Mark, int]]:
        """The faults, each with its row."""
        at = {id(record): number for number, record in enumerate(self.records)}
        for mark in self.marks:
            yield mark, self.place(at[id(mark.record)], head_rows)

    def place(self, at: int, head_rows: int) -> int:
        """The row of a record, headings above it included."""
        return head_rows + 1 + at + sum(1 for heading in self.headings if heading <= at)

    def without_last(self) -> Page:
        """The same page before the last row was added."""
        return Page(self.name, self.records[:-1], self.marks, self.headings)


@dataclass(frozen=True, slots=True)
class Look:
    """How a report's form looks.

    `title` may hold `{unit}` and `{period}`. `totals` are columns that a row 合计 adds up. `groups` puts a row of headers above
    some columns: (first column below it, last column below it, text). `sheet_of` names the sheet of a record; without it there
    is one sheet. `group_of` names the group of a record: each run of one group stands below a row such as 惠城区（5个）.
    `unit_line` is printed beside the date, as in 单位：万元.
    """

    title: str
    file_title: str
    totals: Sequence[str] = ()
    groups: Sequence[tuple[str, str, str]] = ()
    sheet_of: Callable[[Record], str] | None = None
    group_of: Callable[[Record], str] | None = None
    unit_line: str | None = None

    def sheets(self, records: Sequence[Record]) -> Mapping[str, list[Record]]:
        """The records by sheet."""
        if self.sheet_of is None:
            return {SHEET: list(records)}
        sheets: dict[str, list[Record]] = {}
        for record in records:
            sheets.setdefault(self.sheet_of(record), []).append(record)
        return sheets

    def headings(self, records: Sequence[Record]) -> dict[int, str]:
        """The rows that stand above groups of records, by the place of the record below them."""
        headings: dict[int, str] = {}
        if self.group_of is not None:
            at = 0
            for name, group in groupby(records, key=self.group_of):
                size = len(list(group))
                headings[at] = f"{name}（{size}个）"
                at += size
        return headings

    @property
    def head_rows(self) -> int:
        """How many rows stand above the first record."""
        return HEADER_ROW + (1 if self.groups else 0)

    def printed(
        self, report: Report, unit: str, period: Period, layout: Layout | None, clerk: tuple[str, str], without: str | None
    ) -> PrintedForm:
        """The form of a unit and a period, ready to be filled in."""
        left_away = {without, *(layout.without if layout else ())}
        columns = [column for column in report.columns if column.name not in left_away]
        headers = {column.name: (layout.headers if layout else {}).get(column.name, column.header) for column in columns}
        return PrintedForm(self, unit, period, columns, headers, clerk)


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """An empty form of a unit and a period."""

    look: Look
    unit: str
    period: Period
    columns: Sequence[Column]
    headers: Mapping[str, str]
    clerk: tuple[str, str]

    def filled(self, page: Page) -> Form:
        """The form with a page's records."""
        names = {CITY_CODE: "惠州市民政局", **unit_names()}
        who = names[self.unit]
        when = printed_period(self.period)
        sent = chinese_date(arrival(self.period, self.unit).date())
        line = [f"填报单位（盖章）：{who}", f"{_PERIOD_WORDS[self.period.kind]}：{when}", f"填报日期：{sent}"]
        headers = [self.headers[column.name] for column in self.columns]
        shown = {column.name for column in self.columns}
        return Form(
            title=self.look.title.format(unit="" if self.unit == CITY_CODE else who, period=when),
            line=[*line, f"单位：{self.look.unit_line}"] if self.look.unit_line else line,
            header=["序号", *headers],
            rows=list(self._rows(page)),
            total=self._total(page),
            footer=("单位负责人：", "审核人：", f"填表人：{self.clerk[0]}", f"联系电话：{self.clerk[1]}"),
            date_style=DATE_STYLES.get(self.unit, "iso_cell"),
            groups=[
                (self.headers[first], self.headers[last], text)
                for first, last, text in self.look.groups
                if {first, last} <= shown
            ],
        )

    def _rows(self, page: Page) -> Iterator[Sequence[Any] | str]:
        for at, record in enumerate(page.records):
            if at in page.headings:
                yield page.headings[at]
            yield [at + 1, *self.printed_cells(record)]

    def printed_cells(self, record: Record) -> Iterator[Any]:
        """A record's values as the office writes them, in the order of the columns."""
        for column in self.columns:
            value = record[column.name]
            # Most cells are texts or blank, and are written as they are.
            yield value if value is None or (type(value) is str and column.type not in _PERIODS) else printed_value(column, value)

    def _total(self, page: Page) -> Sequence[Any] | None:
        if not self.look.totals:
            return None
        total: list[Any] = ["合计"]
        for column in self.columns:
            if column.name not in self.look.totals:
                total.append(None)
                continue
            values = (record[column.name] for record in page.records)
            total.append(printed_value(column, sum(v for v in values if isinstance(v, (int, Decimal)))))
        return total


def render_pages(form: PrintedForm, pages: Sequence[Page]) -> bytes:
    """The pages as a workbook."""
    return render_forms({page.name: form.filled(page) for page in pages})


def render_delimited(form: PrintedForm, pages: Sequence[Page], how: Delimited) -> bytes:
    """The pages as one CSV: a line of headers, a line for each record."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=how.delimiter, lineterminator="\r\n")
    writer.writerow([form.headers[column.name] for column in form.columns])
    for page in pages:
        writer.writerows(["" if cell is None else cell for cell in form.printed_cells(record)] for record in page.records)
    return text.getvalue().encode(how.encoding)


def printed_value(column: Column, value: Any) -> Any:
    """A value as the office writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.type in _PERIODS and value:
        return printed_period(Period.parse(str(value)))
    factor = _PRINTED_FACTORS.get((column.printed_unit or "", column.unit or ""))
    if factor is not None and isinstance(value, (int, Decimal)):
        return Decimal(value) / factor
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value


def printed_period(period: Period) -> str:
    """`2023年5月`, `2023年第二季度`, `2023年`."""
    if period.kind is PeriodKind.MONTH:
        return chinese_month(period)
    return chinese_quarter(period) if period.kind is PeriodKind.QUARTER else f"{period.year}年"
