"""Planned workbooks -> packages written part by part, with all that XlsxWriter would not write."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from loaders.reading.model.sheets import Area, address
from tests.support.documents.ooxml_parts import MAIN, ooxml_parts, write_parts
from tests.support.libreoffice.differential.makers import covered_blanks
from tests.support.libreoffice.differential.plan import HEADER_TEXTS, PlannedBook, PlannedCell, PlannedSheet, Run, TextStyle

_OWN = 164
# What says that a run is not marked is written too: it must not be taken for a mark.
_RUN_LOOKS = {
    TextStyle.PLAIN: '<strike val="0"/><vertAlign val="baseline"/>',
    TextStyle.SUPERSCRIPT: '<vertAlign val="superscript"/>',
    TextStyle.SUBSCRIPT: '<vertAlign val="subscript"/>',
    TextStyle.STRUCK: "<strike/>",
}
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_FONTS = "<fonts><font><sz val='11'/></font><font><strike/><sz val='11'/></font></fonts>"
_BARE = (
    '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders><border/></borders><cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
)


def write_package(book: PlannedBook, path: Path, *, for_office: bool = False) -> Path:
    """Write a workbook of one or more sheets; `for_office` with the number formats that LibreOffice is given."""
    styles = _Styles(for_office)
    bodies = [_sheet(sheet, styles) for sheet in book.sheets]
    places = [(sheet, number) for number, sheet in enumerate(book.sheets, start=1)]
    parts = ooxml_parts("", styles=styles.part(unused=book.unused_styles))
    pages = "".join(f'<sheet name="{sheet.name}" sheetId="{n}" r:id="rId{n + 100}"/>' for sheet, n in places)
    head, _, tail = parts["xl/workbook.xml"].partition("<sheets>")
    head += '<workbookPr date1904="1"/>' if book.since_1904 else ""
    parts["xl/workbook.xml"] = f"{head}<sheets>{pages}</sheets>{tail.partition('</sheets>')[2]}"
    relation = parts["xl/_rels/workbook.xml.rels"]
    kind = relation.partition('Type="')[2].partition('"')[0]
    more = "".join(f'<Relationship Id="rId{n + 100}" Type="{kind}" Target="worksheets/sheet{n}.xml"/>' for _, n in places)
    parts["xl/_rels/workbook.xml.rels"] = relation.replace("</Relationships>", f"{more}</Relationships>").replace(
        f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.xml"/>', ""
    )
    overrides = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_SHEET_TYPE}"/>' for _, n in places)
    overrides += '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument'
    overrides += '.spreadsheetml.styles+xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
    overrides += '.relationships+xml"/>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</Types>", f"{overrides}</Types>")
    for (_, n), body in zip(places, bodies, strict=True):
        parts[f"xl/worksheets/sheet{n}.xml"] = body
    return write_parts(path, parts)


class _Styles:
    """The cell formats in use, each numbered when it is asked for first."""

    def __init__(self, for_office: bool) -> None:
        self._for_office = for_office
        self._numbers: dict[str, int] = {}
        self._used: dict[tuple[int, bool], int] = {(0, False): 0}

    def index(self, cell: PlannedCell, *, struck: bool) -> int:
        code = cell.format.for_office if self._for_office else cell.format.code
        if isinstance(code, str):
            code = 0 if code == "General" else self._numbers.setdefault(code, _OWN + len(self._numbers))
        return self._used.setdefault((code, struck), len(self._used))

    def part(self, *, unused: bool) -> str:
        formats = "".join(f"<numFmt numFmtId='{n}' formatCode={quoteattr(code)}/>" for code, n in self._numbers.items())
        used = "".join(
            f'<xf numFmtId="{n}" fontId="{int(struck)}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
            for n, struck in self._used
        )
        # A differential style may number its own format as a cell format is numbered.
        dxf = f'<dxf><font><strike/></font><numFmt numFmtId="{_OWN}" formatCode="yyyy\\-mm\\-dd"/></dxf>'
        return (
            (f"<numFmts>{formats}</numFmts>" if formats else "")
            + f"{_FONTS}{_BARE}<cellXfs>{used}</cellXfs>"
            + (f"<dxfs count='1'>{dxf}</dxfs>" if unused else "")
        )


def _sheet(sheet: PlannedSheet, styles: _Styles) -> str:
    covered = covered_blanks(sheet)
    rows = [] if sheet.title is None else [_row(1, [_text(1, sheet.left + 1, (Run(sheet.title),), 0)])]
    heads = [_text(sheet.header_row, sheet.left + place, (Run(text),), 0) for place, text in enumerate(HEADER_TEXTS, start=1)]
    rows.append(_row(sheet.header_row, heads))
    for place, row in enumerate(sheet.rows):
        number = sheet.row_of(place)
        cells = [
            _cell(
                number,
                sheet.column_of(name),
                row.cells[name],
                styles.index(row.cells[name], struck=row.struck or row.cells[name].struck),
            )
            for name in sorted(row.cells, key=sheet.column_of)
            if (place, name) not in covered
        ]
        rows.append(_row(number, cells, ' hidden="1"' if row.hidden else ""))
    areas = [
        Area(sheet.row_of(m.first), sheet.column_of(m.column), sheet.row_of(m.last), sheet.column_of(m.column))
        for m in sheet.merges
    ]
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    after = f"<mergeCells>{merged}</mergeCells>" if merged else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'


def _row(number: int, cells: list[str], more: str = "") -> str:
    return f'<row r="{number}"{more}>{"".join(cells)}</row>'


def _cell(row: int, column: int, cell: PlannedCell, style: int) -> str:
    if isinstance(cell.value, str):
        return _text(row, column, cell.runs or (Run(cell.value),), style)
    return f'<c r="{address(row, column)}" s="{style}"><v>{cell.value!r}</v></c>'


def _text(row: int, column: int, runs: tuple[Run, ...], style: int) -> str:
    has_sound = row % 5 == 0 and style == 0
    if len(runs) == 1 and runs[0].mark is TextStyle.PLAIN:
        # What a name sounds like is kept beside it and is no part of it.
        content = f"<t>{escape(runs[0].text)}</t>" + ('<rPh sb="0" eb="1"><t>12</t></rPh>' if has_sound else "")
    else:
        content = "".join(f"<r><rPr>{_RUN_LOOKS[run.mark]}</rPr><t>{escape(run.text)}</t></r>" for run in runs)
    return f'<c r="{address(row, column)}" s="{style}" t="inlineStr"><is>{content}</is></c>'
