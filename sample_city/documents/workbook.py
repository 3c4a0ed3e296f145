"""Office forms as workbooks: a title, a line with unit and date, a header, rows, a total, a line of signatures."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from sample_city.reference.timetable import chinese_date

TITLE_ROW, LINE_ROW, HEADER_ROW = 1, 2, 3
SHEET = "Sheet1"
_MADE_AT = dt.datetime(2021, 1, 4, 9, 0)  # noqa: DTZ001  the format knows no time zone
_DATE_FORMATS = {"iso_cell": "yyyy-mm-dd", "zh_cell": 'yyyy"年"m"月"d"日"'}
_DATE_TEXTS = {"iso_text": "{0:%Y-%m-%d}", "dotted_text": "{0:%Y.%m.%d}"}

DATE_STYLES = {
    "441302": "iso_cell",
    "441303": "iso_text",
    "441322": "zh_text",
    "441323": "dotted_text",
    "441324": "zh_cell",
    "HZ-DYW": "iso_text",
    "HZ-ZK": "iso_cell",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    `rows` have text, numbers, dates or None. A date is printed in `date_style`, which differs by office. A row that is a single
    text is a heading for the rows below it.

    `groups` puts a second header row above some columns: (first header below it, last header below it, text). A header below it
    that begins with the same words prints only what comes after them.
    """

    title: str
    line: Sequence[str]
    header: Sequence[str]
    rows: Sequence[Sequence[Any] | str]
    footer: Sequence[str]
    date_style: str
    total: Sequence[Any] | None = None
    groups: Sequence[tuple[str, str, str]] = ()

    @property
    def first_data_row(self) -> int:
        """The spreadsheet row of the first data row."""
        return HEADER_ROW + (2 if self.groups else 1)


def render_form(form: Form) -> bytes:
    """Renders the form as xlsx. The same form always gives the same bytes."""
    return render_forms({SHEET: form})


def render_forms(forms: Mapping[str, Form]) -> bytes:
    """Renders a workbook with one form per sheet."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": _MADE_AT, "title": next(iter(forms.values())).title})
    for name, form in forms.items():
        _write_form(book, book.add_worksheet(name), form)
    book.close()
    return buffer.getvalue()


def _write_form(book: Any, sheet: Any, form: Form) -> None:
    _write_head(book, sheet, form)
    date_format = book.add_format({"num_format": _DATE_FORMATS.get(form.date_style, "General")})
    at = form.first_data_row - 1
    for row in form.rows:
        _write_row(sheet, at, row, form.date_style, date_format)
        at += 1
    if form.total is not None:
        _write_row(sheet, at, form.total, form.date_style, date_format)
        at += 1
    for column, text in enumerate(form.footer):
        sheet.write_string(at, column * 3, text)


def _write_head(book: Any, sheet: Any, form: Form) -> None:
    title_format = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    header_format = book.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
    sheet.merge_range(TITLE_ROW - 1, 0, TITLE_ROW - 1, len(form.header) - 1, form.title, title_format)
    for index, text in enumerate(form.line):
        sheet.write_string(LINE_ROW - 1, index * 3, text)
    _write_header(sheet, form, header_format)
    sheet.freeze_panes(form.first_data_row - 1, 0)
    sheet.set_column(0, len(form.header) - 1, 14)


def _write_header(sheet: Any, form: Form, header_format: Any) -> None:
    if not form.groups:
        for column, text in enumerate(form.header):
            sheet.write_string(HEADER_ROW - 1, column, text, header_format)
        return
    grouped: dict[int, str] = {}
    for first, last, text in form.groups:
        columns = range(form.header.index(first), form.header.index(last) + 1)
        if len(columns) == 1:
            sheet.write_string(HEADER_ROW - 1, columns[0], text, header_format)
        else:
            sheet.merge_range(HEADER_ROW - 1, columns[0], HEADER_ROW - 1, columns[-1], text, header_format)
        grouped |= dict.fromkeys(columns, text)
    for column, text in enumerate(form.header):
        if column in grouped:
            sheet.write_string(HEADER_ROW, column, text.removeprefix(grouped[column]), header_format)
        else:
            sheet.merge_range(HEADER_ROW - 1, column, HEADER_ROW, column, text, header_format)


def _write_row(sheet: Any, at: int, row: Sequence[Any] | str, date_style: str, date_format: Any) -> None:
    for column, value in enumerate([row] if isinstance(row, str) else row):
        if value is None:
            continue
        if isinstance(value, dt.date):
            _write_date(sheet, at, column, value, date_style, date_format)
        elif isinstance(value, (int, float, Decimal)):
            sheet.write_number(at, column, value)
        else:
            sheet.write_string(at, column, value)


def _write_date(sheet: Any, at: int, column: int, day: dt.date, style: str, date_format: Any) -> None:
    if style in _DATE_FORMATS:
        sheet.write_datetime(at, column, day, date_format)
    elif style == "zh_text":
        sheet.write_string(at, column, chinese_date(day))
    else:
        sheet.write_string(at, column, _DATE_TEXTS[style].format(day))
