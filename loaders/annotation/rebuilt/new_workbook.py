"""Writes the new workbook: the list of issues first, then the sheets that were read, with fills and notes."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from loaders.annotation.colors import fill_color
from loaders.annotation.issue_table import PLACE_COLUMN, WIDTHS, IssueTable, issue_table, text_width
from loaders.annotation.ooxml.list_sheet import link_target
from loaders.annotation.ooxml.xml_text import allowed_text
from loaders.annotation.places import MOST_NOTES, Mark, MarkedIssue, Place, marks_of, place_of
from loaders.annotation.rebuilt.read_sheets import ReadDocument, ReadSheet
from loaders.contract import LocalizedText, Report
from loaders.messages import phrase
from loaders.reading.model.sheets import Area, address

_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_MOST_NAME_CHARACTERS = 31
_MOST_LINKS = 60_000
_FONTS: Mapping[str, dict[str, Any]] = {"struck": {"font_strikeout": True}, "raised": {"font_script": 1}}


def write_list(file_name: str, report: Report | None, issues: Sequence[MarkedIssue], lang: str) -> bytes:
    """Returns a workbook with the list of issues alone."""
    table = issue_table(file_name, report, issues, [None] * len(issues), lang, [phrase("annotation.list_only")])
    return _written(table, (), {}, {})


def write_copy(read: ReadDocument, file_name: str, report: Report | None, issues: Sequence[MarkedIssue], lang: str) -> bytes:
    """Returns a workbook with the list of issues and the marked sheets."""
    names = _valid_names(read.sheets, phrase("annotation.sheet"), lang)
    placed: dict[str, list[tuple[Place, MarkedIssue]]] = {sheet.name: [] for sheet in read.sheets}
    targets: list[tuple[str, str] | None] = []
    for issue in issues:
        sheet = _sheet_of(read.sheets, issue)
        place = place_of(issue, partial(_first_column, sheet), sheet.columns.get) if sheet else None
        if sheet is None or place is None:
            targets.append((names[sheet.name], "A1") if sheet else None)
            continue
        place = _anchor(sheet, place[0] + sheet.first_record_row - 1, place[1])
        placed[sheet.name].append((place, issue))
        targets.append((names[sheet.name], address(*place)))
    marks: dict[str, list[Mark]] = {}
    notes_left = MOST_NOTES
    for name, found in placed.items():
        marks[name] = marks_of(found, lang, notes_left)
        notes_left = max(0, notes_left - len(marks[name]))
    table = issue_table(file_name, report, issues, targets, lang, _remarks(read), sum(map(len, marks.values())))
    return _written(table, read.sheets, names, marks)


def _remarks(read: ReadDocument) -> list[LocalizedText]:
    if read.is_workbook:
        return [phrase("annotation.rebuilt_workbook", kind=read.kind)]
    return [phrase("annotation.rebuilt", kind=read.kind)]


def _sheet_of(sheets: Sequence[ReadSheet], issue: MarkedIssue) -> ReadSheet | None:
    if not issue.sheet:
        return sheets[0] if len(sheets) == 1 and (issue.cell or issue.row) else None
    return next((sheet for sheet in sheets if sheet.name == issue.sheet), None)


def _first_column(sheet: ReadSheet, row: int) -> int:
    shifted = row + sheet.first_record_row - 1
    return min((column for other, column in sheet.cells if other == shifted), default=1)


def _anchor(sheet: ReadSheet, row: int, column: int) -> Place:
    for area in map(Area.parse, sheet.merges):
        if area.first_row <= row <= area.last_row and area.first_column <= column <= area.last_column:
            return area.first_row, area.first_column
    return row, column


def _valid_names(sheets: Sequence[ReadSheet], own: LocalizedText, lang: str) -> dict[str, str]:
    """The name of each sheet as a workbook can have it: without some characters, short, and once."""
    taken = {(own.zh if lang == "zh" else own.en).casefold()}
    names = {}
    for number, sheet in enumerate(sheets, start=1):
        name = _FORBIDDEN_IN_NAMES.sub("_", sheet.name).strip("'")[:_MOST_NAME_CHARACTERS] or f"Sheet{number}"
        if name.casefold() in taken:
            name = f"{name[: _MOST_NAME_CHARACTERS - 6]} ({number})"
        taken.add(name.casefold())
        names[sheet.name] = name
    return names


def _written(
    table: IssueTable, sheets: Sequence[ReadSheet], names: Mapping[str, str], marks: Mapping[str, Sequence[Mark]]
) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    # Whatever a text begins with, it stays a text.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        _write_table(book, table)
        for sheet in sheets:
            _write_sheet(book, sheet, names[sheet.name], marks.get(sheet.name, ()))
    return buffer.getvalue()


def _write_table(book: Any, table: IssueTable) -> None:
    sheet = book.add_worksheet(table.name)
    base = {"font_name": "微软雅黑", "font_size": 10, "valign": "top", "num_format": "@"}
    cell = base | {"text_wrap": True, "border": 1, "border_color": "#BFBFBF"}
    plain, remark = book.add_format(cell), book.add_format(base)
    heading = book.add_format(cell | {"bold": True, "bg_color": "#E7E6E6"})
    link = book.add_format(cell | {"underline": 1, "font_color": "#0563C1"})
    severities = {flag: book.add_format(cell | {"bg_color": f"#{fill_color(is_error=flag)}"}) for flag in (True, False)}
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, table.title, book.add_format(base | {"bold": True, "font_size": 14}))
    for row, text in enumerate(table.remarks, start=1):
        sheet.write_string(row, 0, allowed_text(text), remark)
    top = len(table.remarks) + 1
    for column, text in enumerate(table.headings if table.lines else ()):
        sheet.write_string(top, column, text, heading)
    for row, line in enumerate(table.lines, start=top + 1):
        sheet.set_row(row, line.height)
        for column, text in enumerate(line.texts):
            sheet.write_string(row, column, allowed_text(text), severities[line.is_error] if column == 1 else plain)
        if line.target and row < _MOST_LINKS:
            place = line.texts[PLACE_COLUMN - 1]
            sheet.write_url(row, PLACE_COLUMN - 1, f"internal:{link_target(*line.target)}", link, place)
    sheet.freeze_panes(top + 1, 0)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _write_sheet(book: Any, sheet: ReadSheet, name: str, marks: Sequence[Mark]) -> None:
    target = book.add_worksheet(name)
    if sheet.is_hidden:
        target.hide()
    formats = _Formats(book)
    fills = {(mark.row, mark.column): mark.is_error for mark in marks}
    for area in map(Area.parse, sheet.merges):
        _merge(target, area, formats.of("", fills.get((area.first_row, area.first_column))))
    for (row, column), cell in sheet.cells.items():
        style = formats.of(cell.font, fills.get((row, column)))
        if cell.is_number:
            target.write_number(row - 1, column - 1, float(cell.text), style)
        else:
            target.write_string(row - 1, column - 1, allowed_text(cell.text), style)
    for mark in marks:
        if (mark.row, mark.column) not in sheet.cells:
            target.write_blank(mark.row - 1, mark.column - 1, None, formats.of("", mark.is_error))
        if mark.note is not None:
            target.write_comment(mark.row - 1, mark.column - 1, allowed_text(mark.note), _note_options())
    for column, width in _widths(sheet).items():
        target.set_column(column - 1, column - 1, width)


def _note_options() -> dict[str, Any]:
    return {"author": phrase("annotation.note", messages="").zh.strip("【】"), "x_scale": 2, "y_scale": 1.5}


def _merge(target: Any, area: Area, style: Any) -> None:
    from xlsxwriter.exceptions import OverlappingRange

    if (area.first_row, area.first_column) == (area.last_row, area.last_column):
        return
    try:
        target.merge_range(area.first_row - 1, area.first_column - 1, area.last_row - 1, area.last_column - 1, "", style)
    except OverlappingRange:
        # A damaged file may have such merges; the cells are written all the same.
        return


class _Formats:
    """The cell formats of one workbook by font and fill."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, bool | None], Any] = {}

    def of(self, font: str, is_error: bool | None) -> Any:
        if (font, is_error) not in self._made:
            facts: dict[str, Any] = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter", "text_wrap": True}
            facts |= _FONTS.get(font, {})
            if is_error is not None:
                facts["bg_color"] = f"#{fill_color(is_error=is_error)}"
            self._made[font, is_error] = self._book.add_format(facts)
        return self._made[font, is_error]


def _widths(sheet: ReadSheet) -> dict[int, int]:
    """Widths for the texts of each column. Long texts are wrapped."""
    merged = {(area.first_row, area.first_column) for area in map(Area.parse, sheet.merges)}
    widths: dict[int, int] = {}
    for place, cell in sheet.cells.items():
        if place not in merged:
            widths[place[1]] = max(widths.get(place[1], 8), min(text_width(cell.text[:40]) + 2, 40))
    return widths
