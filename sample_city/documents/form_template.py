"""Forms of documents: prints records under the headers, and in the units and words, that the office uses at the time."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from loaders.contract.source_and_format import Layout

from loaders.contract import Column, ColumnType, Delimited, Report
from loaders.period import Period, PeriodKind
from sample_city.documents.form_sheet import FormSheet
from sample_city.documents.workbook import DATE_STYLES, HEADER_ROW, SHEET, Form, render_forms
from sample_city.faults.fault import Record
from sample_city.reference.geography import CITY_CODE, unit_names
from sample_city.reference.timetable import arrival, chinese_date, chinese_month, chinese_quarter

_PERIOD_WORDS = {PeriodKind.MONTH: "统计月份", PeriodKind.QUARTER: "统计季度", PeriodKind.YEAR: "统计年度"}
_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER})
_PRINTED_FACTORS = {("万元", "元"): Decimal(10_000)}


@dataclass(frozen=True, slots=True)
class FormTemplate:
    """The layout of a report's form.

    `title` may hold `{unit}` and `{period}`. `totals` are columns that a row 合计 adds up. `groups` puts a row of headers above
    some columns: (first column below it, last column below it, text). `sheet_of` names the sheet of a record; without it there
    is one sheet. `group_of` names the group of a record: each run of one group gets a heading such as 惠城区（5个）.
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
        """Groups the records by sheet."""
        if self.sheet_of is None:
            return {SHEET: list(records)}
        sheets: dict[str, list[Record]] = {}
        for record in records:
            sheets.setdefault(self.sheet_of(record), []).append(record)
        return sheets

    def headings(self, records: Sequence[Record]) -> dict[int, str]:
        """Returns the headings above groups of records, by the index of the record below them."""
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
        """The number of rows above the first record or heading."""
        return HEADER_ROW + (1 if self.groups else 0)

    def form_for(
        self, report: Report, unit: str, period: Period, layout: Layout | None, clerk: tuple[str, str], without: str | None
    ) -> PrintedForm:
        """Makes the empty form of a unit and a period, without one column if that is asked for."""
        omitted = {without, *(layout.without if layout else ())}
        columns = [column for column in report.columns if column.name not in omitted]
        headers = {column.name: (layout.headers if layout else {}).get(column.name, column.header) for column in columns}
        return PrintedForm(self, unit, period, columns, headers, clerk)


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """An empty form of a unit and a period, under the headers that are valid then."""

    template: FormTemplate
    unit: str
    period: Period
    columns: Sequence[Column]
    headers: Mapping[str, str]
    clerk: tuple[str, str]

    def fill(self, sheet: FormSheet) -> Form:
        """Fills in the records of a sheet."""
        names = {CITY_CODE: "惠州市民政局", **unit_names()}
        who = names[self.unit]
        when = printed_period(self.period)
        sent = chinese_date(arrival(self.period, self.unit).date())
        line = [f"填报单位（盖章）：{who}", f"{_PERIOD_WORDS[self.period.kind]}：{when}", f"填报日期：{sent}"]
        headers = [self.headers[column.name] for column in self.columns]
        shown = {column.name for column in self.columns}
        return Form(
            title=self.template.title.format(unit="" if self.unit == CITY_CODE else who, period=when),
            line=[*line, f"单位：{self.template.unit_line}"] if self.template.unit_line else line,
            header=["序号", *headers],
            rows=list(self._rows(sheet)),
            total=self._total(sheet),
            footer=("单位负责人：", "审核人：", f"填表人：{self.clerk[0]}", f"联系电话：{self.clerk[1]}"),
            date_style=DATE_STYLES.get(self.unit, "iso_cell"),
            groups=[
                (self.headers[first], self.headers[last], text)
                for first, last, text in self.template.groups
                if {first, last} <= shown
            ],
        )

    def _rows(self, sheet: FormSheet) -> Iterator[Sequence[Any] | str]:
        for at, record in enumerate(sheet.records):
            if at in sheet.headings:
                yield sheet.headings[at]
            yield [at + 1, *self.printed_cells(record)]

    def printed_cells(self, record: Record) -> Iterator[Any]:
        """Yields a record's values as the office writes them, in the order of the columns."""
        for column in self.columns:
            value = record[column.name]
            # Most cells are text or null and are written without conversion.
            yield value if value is None or (type(value) is str and column.type not in _PERIODS) else printed_value(column, value)

    def _total(self, sheet: FormSheet) -> Sequence[Any] | None:
        if not self.template.totals:
            return None
        total: list[Any] = ["合计"]
        for column in self.columns:
            if column.name not in self.template.totals:
                total.append(None)
                continue
            values = (record[column.name] for record in sheet.records)
            total.append(printed_value(column, sum(v for v in values if isinstance(v, (int, Decimal)))))
        return total


def render_sheets(form: PrintedForm, sheets: Sequence[FormSheet]) -> bytes:
    """Renders the sheets as a workbook."""
    return render_forms({sheet.name: form.fill(sheet) for sheet in sheets})


def render_delimited(form: PrintedForm, sheets: Sequence[FormSheet], dialect: Delimited) -> bytes:
    """Renders the sheets as one CSV: one line of headers, one line per record."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow([form.headers[column.name] for column in form.columns])
    for sheet in sheets:
        writer.writerows(["" if cell is None else cell for cell in form.printed_cells(record)] for record in sheet.records)
    return text.getvalue().encode(dialect.encoding)


def printed_value(column: Column, value: Any) -> Any:
    """Converts a value to what the office writes."""
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
    """Formats a period as `2023年5月`, `2023年第二季度` or `2023年`."""
    if period.kind is PeriodKind.MONTH:
        return chinese_month(period)
    return chinese_quarter(period) if period.kind is PeriodKind.QUARTER else f"{period.year}年"
