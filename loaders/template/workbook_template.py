"""Writes a template as a workbook: one sheet or several, and a hidden sheet with the lists of the drop-downs."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from loaders.contract import ColumnType
from loaders.messages import phrase
from loaders.reading.model.sheets import column_letter
from loaders.template.cell_checks import cell_check
from loaders.template.choice_lists import Choice, choices_of
from loaders.template.column_limits import NUMBERS, limits_of
from loaders.template.column_notes import column_note
from loaders.template.grid import Grid
from loaders.template.known_values import Printed, rows_of_sheet
from loaders.template.preamble import preamble_lines
from loaders.template.request import TemplateColumn, TemplateRequest
from loaders.template.row_marks import row_marks

_A4 = 9
_FONT = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
_BORDER = {"border": 1, "border_color": "#BFBFBF"}
_HEADER = {**_FONT, **_BORDER, "bold": True, "align": "center", "text_wrap": True}
_REQUIRED_FILL, _OTHER_FILL, _MARK_FILL, _KNOWN_FILL = "#FCE4D6", "#E7E6E6", "#FFC000", "#EAF1FB"
_NUMBER_FORMATS = {ColumnType.DATE: "yyyy-mm-dd", ColumnType.DATETIME: "yyyy-mm-dd hh:mm"} | dict.fromkeys(NUMBERS, "General")
_TEXT_FORMAT = "@"
_NARROWEST, _WIDEST = 10, 28
_WIDTHS = {ColumnType.USCC: 21, ColumnType.RESIDENT_ID: 21, ColumnType.BANK_ACCOUNT: 24, ColumnType.DATETIME: 17}
_FORM_LABEL_WIDTH, _FORM_VALUE_WIDTH = 26, 48


def write_workbook(request: TemplateRequest, sheets: Sequence[str], *, is_form: bool) -> bytes:
    """Writes a workbook whose sheets of these names are empty tables, or empty forms."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": request.report.title.zh})
        written = [book.add_worksheet(name) for name in sheets]
        lists = {printed.name: choices_of(request, printed.column) for printed in request.columns}
        sources = _write_lists(book, {name: values for name, values in lists.items() if values})
        for sheet in written:
            known = rows_of_sheet(request, sheet.name, len(sheets))
            _SheetWriter(request, book, sheet, Grid.of(request, is_form=is_form), sources, known).write()
    return buffer.getvalue()


def _write_lists(book: Any, lists: Mapping[str, Sequence[Choice]]) -> dict[str, str]:
    """Writes each list once into a column of the hidden sheet, which the reader leaves out; returns the range by column name."""
    if not lists:
        return {}
    sheet = book.add_worksheet(phrase("template.list_sheet").zh)
    ranges: dict[Sequence[Choice], str] = {}
    for values in dict.fromkeys(lists.values()):
        column = len(ranges)
        for row, value in enumerate(values):
            if isinstance(value, int):
                sheet.write_number(row, column, value)
            else:
                sheet.write_string(row, column, value)
        letter = column_letter(column + 1)
        ranges[values] = f"='{sheet.name}'!${letter}$1:${letter}${len(values)}"
    sheet.protect()
    sheet.hide()
    return {name: ranges[values] for name, values in lists.items()}


class _SheetWriter:
    """One sheet of the template."""

    def __init__(
        self,
        request: TemplateRequest,
        book: Any,
        sheet: Any,
        grid: Grid,
        sources: Mapping[str, str],
        known: Sequence[Mapping[str, Printed]],
    ) -> None:
        self._request = request
        self._book = book
        self._sheet = sheet
        self._grid = grid
        self._sources = sources
        self._known = known

    def write(self) -> None:
        """Writes everything."""
        self._write_preamble()
        for printed in self._request.columns:
            self._write_label(printed)
            self._write_cells(printed)
        self._write_marks()
        self._protect()
        self._set_up_print()

    def _write_preamble(self) -> None:
        title, remark, places = preamble_lines(self._request)
        heading = self._book.add_format({**_FONT, "bold": True, "font_size": 16, "align": "center"})
        if self._grid.width > 1:
            self._sheet.merge_range(0, 0, 0, self._grid.width - 1, title, heading)
        else:
            self._sheet.write_string(0, 0, title, heading)
        self._sheet.set_row(0, 28)
        self._sheet.write_string(1, 0, remark, self._book.add_format({**_FONT, "font_color": "#7F7F7F", "italic": True}))
        locked, open_cell = self._book.add_format(_FONT), self._book.add_format({**_FONT, "locked": False})
        step = max(1, self._grid.width // len(places))
        for number, (text, is_open) in enumerate(places):
            self._sheet.write_string(2, number * step, text, open_cell if is_open else locked)

    def _write_label(self, printed: TemplateColumn) -> None:
        row, column = self._grid.label(printed.name)
        fill = _REQUIRED_FILL if printed.column.required else _OTHER_FILL
        self._sheet.write_string(row, column, printed.header, self._book.add_format({**_HEADER, "bg_color": fill}))
        text = column_note(self._request, printed).text
        size = {"x_scale": 2.2, "y_scale": max(0.6, 0.28 * (2 + sum(1 + len(line) // 20 for line in text.splitlines())))}
        self._sheet.write_comment(row, column, text, {"author": self._request.report.title.zh, **size})

    def _write_cells(self, printed: TemplateColumn) -> None:
        kind = printed.column.type
        has_numbers = kind in _NUMBER_FORMATS
        properties = {**_FONT, **_BORDER, "locked": False, "num_format": _NUMBER_FORMATS[kind] if has_numbers else _TEXT_FORMAT}
        style, known_style = self._book.add_format(properties), self._book.add_format({**properties, "bg_color": _KNOWN_FILL})
        first, column, last, _ = self._grid.data(printed.name)
        for row in range(first, last + 1):
            value = self._known[row - first].get(printed.name) if row - first < len(self._known) else None
            self._write_value(row, column, value, style if value is None else known_style)
        note = column_note(self._request, printed)
        limits = limits_of(self._request, printed)
        check = cell_check(self._request, printed, limits, note, self._grid.cell, self._sources.get(printed.name))
        if check is not None:
            self._sheet.data_validation(first, column, last, column, check)
        if not self._grid.is_form:
            self._sheet.set_column(column, column, _width(printed))

    def _write_value(self, row: int, column: int, value: Printed | None, style: Any) -> None:
        if value is None:
            self._sheet.write_blank(row, column, None, style)
        elif isinstance(value, dt.date):
            self._sheet.write_datetime(row, column, value, style)
        elif isinstance(value, int | float):
            self._sheet.write_number(row, column, value, style)
        else:
            self._sheet.write_string(row, column, value, style)

    def _write_marks(self) -> None:
        style = self._book.add_format({"bg_color": _MARK_FILL})
        column_range = None if self._grid.is_form else self._grid.column_range
        for name, formula in row_marks(self._request, self._grid.cell, self._grid.row_range, column_range):
            self._sheet.conditional_format(*self._grid.data(name), {"type": "formula", "criteria": formula, "format": style})

    def _protect(self) -> None:
        # Without a password: it keeps from mistakes, and whoever must change the form can. Inserted rows would shift formulas.
        self._sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})

    def _set_up_print(self) -> None:
        sheet = self._sheet
        if self._grid.is_form:
            sheet.set_column(0, 0, _FORM_LABEL_WIDTH)
            sheet.set_column(1, 1, _FORM_VALUE_WIDTH)
        else:
            header = self._grid.label(self._grid.names[0])[0]
            sheet.set_row(header, 32)
            sheet.freeze_panes(header + 1, 0)
            sheet.repeat_rows(0, header)
            sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")


def _width(printed: TemplateColumn) -> int:
    shown = sum(2 if ord(letter) > 0xFF else 1 for letter in printed.header) + 2
    return max(_WIDTHS.get(printed.column.type, _NARROWEST), min(shown, _WIDEST))
