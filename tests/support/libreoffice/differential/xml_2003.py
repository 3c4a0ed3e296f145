"""Planned workbooks -> XML spreadsheets of 2003, as old systems export them."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tests.support.libreoffice.differential.makers import covered_blanks
from tests.support.libreoffice.differential.number_formats import Group
from tests.support.libreoffice.differential.oracle import moment_of
from tests.support.libreoffice.differential.plan import HEADER_TEXTS, PlannedBook, PlannedCell, PlannedSheet, Run, TextStyle

_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_TAGS = {TextStyle.SUPERSCRIPT: "Sup", TextStyle.SUBSCRIPT: "Sub", TextStyle.STRUCK: "S"}
_GENERAL = ("General", False)


def write_xml(book: PlannedBook, path: Path) -> Path:
    """Write a workbook whose formats are all spelled out."""
    looks = {_GENERAL: "s0"}
    sheets = "".join(_sheet(sheet, looks) for sheet in book.sheets)
    styles = "".join(_style(code, name, struck=struck) for (code, struck), name in looks.items())
    text = f'<Workbook xmlns="{_NAMESPACE}" xmlns:ss="{_NAMESPACE}"><Styles>{styles}</Styles>{sheets}</Workbook>'
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n{text}', encoding="utf-8")
    return path


def _style(code: str, name: str, *, struck: bool) -> str:
    font = '<Font ss:StrikeThrough="1"/>' if struck else "<Font/>"
    return f'<Style ss:ID="{name}">{font}<NumberFormat ss:Format={quoteattr(code)}/></Style>'


def _sheet(sheet: PlannedSheet, looks: dict[tuple[str, bool], str]) -> str:
    covered = covered_blanks(sheet)
    down = {(merge.first, merge.column): merge.last - merge.first for merge in sheet.merges}
    lines = [] if sheet.title is None else [_row(1, _cell(sheet.left + 1, "s0", _text((Run(sheet.title),))))]
    heads = (_cell(sheet.left + place, "s0", _text((Run(text),))) for place, text in enumerate(HEADER_TEXTS, start=1))
    lines.append(_row(sheet.header_row, "".join(heads)))
    for place, row in enumerate(sheet.rows):
        cells = []
        for name in sorted(row.cells, key=sheet.column_of):
            if (place, name) not in covered:
                cell = row.cells[name]
                look = looks.setdefault((str(cell.format.code), row.struck or cell.struck), f"s{len(looks)}")
                merged = f' ss:MergeDown="{down[place, name]}"' if (place, name) in down else ""
                cells.append(_cell(sheet.column_of(name), look, _data(cell), merged))
        lines.append(_row(sheet.row_of(place), "".join(cells), ' ss:Hidden="1"' if row.hidden else ""))
    return f'<Worksheet ss:Name="{sheet.name}"><Table>{"".join(lines)}</Table></Worksheet>'


def _row(number: int, cells: str, more: str = "") -> str:
    return f'<Row ss:Index="{number}"{more}>{cells}</Row>'


def _cell(column: int, look: str, data: str, more: str = "") -> str:
    return f'<Cell ss:Index="{column}" ss:StyleID="{look}"{more}>{data}</Cell>'


def _data(cell: PlannedCell) -> str:
    if isinstance(cell.value, str):
        return _text(cell.runs or (Run(cell.value),))
    if cell.format.group in {Group.DATE, Group.TIME}:
        # A time of day stands on the last day of 1899.
        moment = moment_of(cell.value + (cell.value < 1), since_1904=False)
        return f'<Data ss:Type="DateTime">{moment:%Y-%m-%dT%H:%M:%S}.000</Data>'
    return f'<Data ss:Type="Number">{cell.value!r}</Data>'


def _text(runs: tuple[Run, ...]) -> str:
    if len(runs) == 1:
        return f'<Data ss:Type="String">{escape(runs[0].text)}</Data>'
    parts = "".join(f"<{_TAGS.get(run.mark, 'B')}>{escape(run.text)}</{_TAGS.get(run.mark, 'B')}>" for run in runs)
    return f'<ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">{parts}</ss:Data>'
