"""Planned workbooks -> files: by XlsxWriter, part by part, and record by record."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.support.documents import xlsb_parts as xlsb
from tests.support.libreoffice.differential.number_formats import Format
from tests.support.libreoffice.differential.plan import HEADER_TEXTS, PlannedBook, PlannedCell, PlannedSheet, Run, TextStyle

_LOOKS: dict[TextStyle, dict[str, Any]] = {
    TextStyle.PLAIN: {},
    TextStyle.SUPERSCRIPT: {"font_script": 1},
    TextStyle.SUBSCRIPT: {"font_script": 2},
    TextStyle.STRUCK: {"font_strikeout": True},
}


def write_xlsx(book: PlannedBook, path: Path, *, for_office: bool = False) -> Path:
    """Write a workbook with XlsxWriter; `for_office` with the number formats that LibreOffice is given."""
    with xlsxwriter.Workbook(path, {"date_1904": book.since_1904}) as out:
        writer = _Writer(out, for_office)
        for sheet in book.sheets:
            writer.write(sheet, unused_styles=book.unused_styles)
    return path


class _Writer:
    """Writes sheets into one workbook."""

    def __init__(self, out: xlsxwriter.Workbook, for_office: bool) -> None:
        self._out = out
        self._for_office = for_office
        self._looks: dict[tuple[Any, ...], Any] = {}

    def write(self, sheet: PlannedSheet, *, unused_styles: bool) -> None:
        page = self._out.add_worksheet(sheet.name)
        if sheet.title:
            page.write_string(0, sheet.left, sheet.title)
        for place, header in enumerate(HEADER_TEXTS):
            page.write_string(sheet.header_row - 1, sheet.left + place, header)
        for merge in sheet.merges:
            column = sheet.column_of(merge.column) - 1
            page.merge_range(sheet.row_of(merge.first) - 1, column, sheet.row_of(merge.last) - 1, column, "")
        covered = covered_blanks(sheet)
        for place, row in enumerate(sheet.rows):
            number = sheet.row_of(place) - 1
            page.set_row(number, None, self._look(struck=True) if row.struck else None, {"hidden": row.hidden})
            for name, cell in row.cells.items():
                if (place, name) not in covered:
                    self._put(page, number, sheet.column_of(name) - 1, cell, struck=row.struck or cell.struck)
        if unused_styles:
            self._add_condition(page)

    def _put(self, page: Any, row: int, column: int, cell: PlannedCell, *, struck: bool) -> None:
        look = self._look(cell.format, struck=struck)
        if len(cell.runs) > 1:
            parts = [part for place, run in enumerate(cell.runs) for part in (self._run_look(run, place), run.text)]
            page.write_rich_string(row, column, *parts)
        elif isinstance(cell.value, str):
            page.write_string(row, column, cell.value, look)
        else:
            page.write_number(row, column, cell.value, look)

    def _run_look(self, run: Run, place: int) -> Any:
        return self._cached({**_LOOKS[run.mark], "font_color": "red" if place else "black"})

    def _look(self, form: Format | None = None, *, struck: bool = False) -> Any:
        code = form.for_office if form and self._for_office else form.code if form else "General"
        return self._cached({"num_format": code, "font_strikeout": struck})

    def _cached(self, look: dict[str, Any]) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self._looks:
            self._looks[key] = self._out.add_format(look)
        return self._looks[key]

    def _add_condition(self, page: Any) -> None:
        """A differential style of its own number format and strike, for a condition that no cell meets."""
        style = self._out.add_format({"num_format": "yyyy-mm-dd", "font_strikeout": True})
        page.conditional_format("A1:Z99", {"type": "cell", "criteria": "<", "value": -(10**12), "format": style})


def covered_blanks(sheet: PlannedSheet) -> set[tuple[int, str]]:
    """The cells under a merge that hold nothing."""
    return {(place, m.column) for m in sheet.merges if not m.stale for place in range(m.first + 1, m.last + 1)}


def write_xlsb(book: PlannedBook, path: Path) -> Path:
    """Write the first sheet of a workbook as binary records."""
    (sheet,) = book.sheets
    codes = [cell.format.code for row in sheet.rows for cell in row.cells.values()]
    styles = {code: place for place, code in enumerate(dict.fromkeys(["General", *codes]))}
    covered = covered_blanks(sheet)
    rows = [] if sheet.title is None else [xlsb.row(0), xlsb.cell(6, sheet.left, xlsb.wide(sheet.title))]
    rows += [xlsb.row(sheet.header_row - 1)]
    rows += [xlsb.cell(6, sheet.left + place, xlsb.wide(header)) for place, header in enumerate(HEADER_TEXTS)]
    for place, row in enumerate(sheet.rows):
        rows.append(xlsb.row(sheet.row_of(place) - 1, hidden=row.hidden))
        for name in sorted(row.cells, key=sheet.column_of):
            if (place, name) not in covered:
                rows.append(_record(row.cells[name], sheet.column_of(name) - 1, styles))
    areas = [
        (sheet.row_of(m.first) - 1, sheet.row_of(m.last) - 1, sheet.column_of(m.column) - 1, sheet.column_of(m.column) - 1)
        for m in sheet.merges
    ]
    after = xlsb.merges(*areas) if areas else b""
    numbers = [0 if code == "General" else code for code in styles]
    return xlsb.write_xlsb(path, b"".join(rows), after=after, formats=numbers, since_1904=book.since_1904)


def _record(cell: PlannedCell, column: int, styles: dict[str | int, int]) -> bytes:
    if isinstance(cell.value, str):
        return xlsb.cell(6, column, xlsb.wide(cell.value), styles[cell.format.code])
    return xlsb.cell(5, column, struct.pack("<d", cell.value), styles[cell.format.code])
