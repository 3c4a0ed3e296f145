"""The list of issues as a worksheet part: texts only, so that no value can act as a formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from loaders.annotation.issue_table import PLACE_COLUMN, WIDTHS, IssueTable
from loaders.annotation.ooxml.xml_text import cell_text
from loaders.reading.model.sheets import address

_SEVERITY_COLUMN = 2


def list_sheet(table: IssueTable, formats: Mapping[str, int], namespace: str) -> bytes:
    """Returns the worksheet part. `formats` are the numbers of the cell formats by name."""
    heading_row = len(table.remarks) + 2
    rows = [
        _row(1, [(table.title, formats["title"])]),
        *(_row(number, [(text, formats["remark"])]) for number, text in enumerate(table.remarks, start=2)),
    ]
    if table.lines:
        rows.append(_row(heading_row, [(text, formats["heading"]) for text in table.headings]))
    links = []
    for number, line in enumerate(table.lines, start=heading_row + 1):
        cells = [(text, formats["text"]) for text in line.texts]
        cells[_SEVERITY_COLUMN - 1] = (line.texts[_SEVERITY_COLUMN - 1], formats["error" if line.is_error else "warning"])
        if line.target:
            cells[PLACE_COLUMN - 1] = (line.texts[PLACE_COLUMN - 1], formats["link"])
            links.append(_link(address(number, PLACE_COLUMN), line.target))
        rows.append(_row(number, cells, line.height))
    return "".join(_parts(rows, links, heading_row, namespace)).encode()


def link_target(sheet: str, cell: str) -> str:
    """Returns a place as a link names it: `'表1'!D7`."""
    return "'" + sheet.replace("'", "''") + "'!" + cell


def _parts(rows: list[str], links: list[str], heading_row: int, namespace: str) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns={quoteattr(namespace)}>'
    yield '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    yield (
        f'<sheetViews><sheetView showGridLines="0" workbookViewId="0"><pane ySplit="{heading_row}" '
        f'topLeftCell="A{heading_row + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    )
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>' for number, width in enumerate(WIDTHS, start=1)
    )
    yield f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
    yield from rows
    yield "</sheetData>"
    if links:
        yield f"<hyperlinks>{''.join(links)}</hyperlinks>"
    yield '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/></worksheet>'


def _row(number: int, cells: list[tuple[str, int]], height: float | None = None) -> str:
    texts = "".join(_cell(address(number, column), *cell) for column, cell in enumerate(cells, start=1))
    size = "" if height is None else f' ht="{height}" customHeight="1"'
    return f'<row r="{number}"{size}>{texts}</row>'


def _cell(place: str, text: str, style: int) -> str:
    words = escape(cell_text(text))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'


def _link(cell: str, target: tuple[str, str]) -> str:
    return f'<hyperlink ref="{cell}" location={quoteattr(link_target(*target))}/>'
