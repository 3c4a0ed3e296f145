"""Workbooks with struck, superscript and subscript text: the same cells in every format that has such styles."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests.support.documents import biff, xlsb_parts
from tests.support.documents.biff import BiffSheet, biff_stream
from tests.support.documents.ooxml_parts import ooxml_parts, write_parts
from tests.support.documents.xlsb_parts import write_xlsb

PLAIN, STRUCK, RAISED, LOWERED = "", "struck", "raised", "lowered"
MARKS = (PLAIN, STRUCK, RAISED, LOWERED)


@dataclass(frozen=True)
class StyledText:
    """A text as runs of (text, mark); a cell of one run is marked as a whole, by the font of its style."""

    runs: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)

    @property
    def changes(self) -> list[tuple[int, str]]:
        """Where in the text which mark begins."""
        starts = [len("".join(text for text, _ in self.runs[:place])) for place in range(len(self.runs))]
        return [(start, mark) for start, (_, mark) in zip(starts, self.runs, strict=True)]


@dataclass(frozen=True)
class Number:
    """A number in a cell of a style."""

    value: float
    mark: str = PLAIN


Value = str | Number | StyledText
Rows = Sequence[Sequence[Value]]


def runs(*pairs: tuple[str, str] | str) -> StyledText:
    """A text of several runs; one without a mark may be given alone."""
    return StyledText(tuple((pair, PLAIN) if isinstance(pair, str) else pair for pair in pairs))


def whole(text: str, mark: str) -> StyledText:
    """A text that is marked by the style of its cell."""
    return StyledText(((text, mark),))


_OOXML_FONT = {PLAIN: "", STRUCK: "<strike/>", RAISED: '<vertAlign val="superscript"/>', LOWERED: '<vertAlign val="subscript"/>'}
OOXML_STYLES = (
    "<fonts>"
    + "".join(f"<font>{_OOXML_FONT[mark]}</font>" for mark in MARKS)
    + "</fonts><cellXfs>"
    + "".join(f'<xf fontId="{index}"/>' for index in range(4))
    + "</cellXfs>"
)


def _ooxml_item(value: StyledText) -> str:
    if len(value.runs) == 1:
        return f"<t>{escape(value.text)}</t>"
    return "".join(
        f'<r><rPr>{_OOXML_FONT[mark]}<sz val="11"/></rPr><t xml:space="preserve">{escape(text)}</t></r>'
        for text, mark in value.runs
    )


def _ooxml(path: Path, rows: Rows, *, shared: bool) -> Path:
    strings: list[str] = []
    lines = []
    for values in rows:
        cells = []
        for value in values:
            if isinstance(value, Number):
                cells.append(f'<c s="{MARKS.index(value.mark)}"><v>{value.value}</v></c>')
                continue
            marked = value if isinstance(value, StyledText) else StyledText(((value, PLAIN),))
            style = MARKS.index(marked.runs[0][1]) if len(marked.runs) == 1 else 0
            item = _ooxml_item(marked)
            if shared:
                strings.append(f"<si>{item}</si>")
                cells.append(f'<c t="s" s="{style}"><v>{len(strings) - 1}</v></c>')
            else:
                cells.append(f'<c t="inlineStr" s="{style}"><is>{item}</is></c>')
        lines.append(f"<row>{''.join(cells)}</row>")
    return write_parts(path, ooxml_parts("".join(lines), strings="".join(strings) or None, styles=OOXML_STYLES))


def write_shared(path: Path, rows: Rows) -> Path:
    """xlsx, with its texts in the part of shared strings."""
    return _ooxml(path, rows, shared=True)


def write_inline(path: Path, rows: Rows) -> Path:
    """xlsx, with its texts in the cells."""
    return _ooxml(path, rows, shared=False)


_ESCAPEMENTS = {RAISED: 1, LOWERED: 2}


def write_xls(path: Path, rows: Rows) -> Path:
    """An old workbook."""
    records = []
    fonts = {PLAIN: 0, STRUCK: 5, RAISED: 6, LOWERED: 7}
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, Number):
                records.append(biff.number(row, column, value.value, MARKS.index(value.mark)))
            elif isinstance(value, str):
                records.append(biff.label(row, column, value))
            elif len(value.runs) == 1:
                records.append(biff.label(row, column, value.text, style=MARKS.index(value.runs[0][1])))
            else:
                records.append(biff.rich(row, column, value.text, [(start, fonts[mark]) for start, mark in value.changes]))
    own = [biff.font(is_struck=mark == STRUCK, escapement=_ESCAPEMENTS.get(mark, 0)) for mark in MARKS[1:]]
    stream = biff_stream([BiffSheet("表1", records)], formats=(0, 0, 0, 0), fonts=own, fonts_of_styles=(0, 5, 6, 7))
    path.write_bytes(stream)
    return path


def write_binary(path: Path, rows: Rows) -> Path:
    """xlsb, with rich texts in the part of shared strings (the second reader does not see those in cells)."""
    records, strings = b"", []
    for row, values in enumerate(rows):
        records += xlsb_parts.row(row)
        for column, value in enumerate(values):
            if isinstance(value, Number):
                records += xlsb_parts.cell(5, column, struct.pack("<d", value.value), MARKS.index(value.mark))
            elif isinstance(value, str):
                records += xlsb_parts.cell(6, column, xlsb_parts.wide(value))
            elif len(value.runs) == 1:
                records += xlsb_parts.cell(6, column, xlsb_parts.wide(value.text), MARKS.index(value.runs[0][1]))
            else:
                strings.append(xlsb_parts.rich(value.text, [(start, MARKS.index(mark)) for start, mark in value.changes]))
                records += xlsb_parts.cell(7, column, struct.pack("<I", len(strings) - 1))
    fonts = [xlsb_parts.font(is_struck=mark == STRUCK, escapement=_ESCAPEMENTS.get(mark, 0)) for mark in MARKS]
    return write_xlsb(path, records, strings=strings, formats=(0, 0, 0, 0), fonts=fonts, fonts_of_styles=(0, 1, 2, 3))


URN = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = "".join(f' xmlns:{name}="{URN}{name}:1.0"' for name in ("office", "table", "text", "style"))
_ODS_FONT = {
    PLAIN: "",
    STRUCK: 'style:text-line-through-style="solid" style:text-line-through-type="single"',
    RAISED: 'style:text-position="super 58%"',
    LOWERED: 'style:text-position="-33% 58%"',
}


def _ods_style(family: str, mark: str) -> str:
    properties = f"<style:text-properties {_ODS_FONT[mark]}/>"
    return f'<style:style style:name="{family}-{mark}" style:family="{family}">{properties}</style:style>'


def _ods_cell(value: Value) -> str:
    if isinstance(value, Number):
        style = f'table:style-name="table-cell-{value.mark}"'
        return f'<table:table-cell {style} office:value-type="float" office:value="{value.value}"><text:p/></table:table-cell>'
    marked = value if isinstance(value, StyledText) else StyledText(((value, PLAIN),))
    style, inner = "", escape(marked.text)
    if len(marked.runs) == 1:
        style = f'table:style-name="table-cell-{marked.runs[0][1]}"'
    else:
        spans = (f'<text:span text:style-name="text-{mark}">{escape(text)}</text:span>' for text, mark in marked.runs)
        inner = "".join(spans)
    return f'<table:table-cell {style} office:value-type="string"><text:p>{inner}</text:p></table:table-cell>'


def write_flat_ods(path: Path, rows: Rows) -> Path:
    """An OpenDocument spreadsheet in one XML file."""
    styles = "".join(_ods_style(family, mark) for family in ("text", "table-cell") for mark in MARKS)
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, values))}</table:table-row>" for values in rows)
    body = (
        f'<office:body><office:spreadsheet><table:table table:name="表1">{lines}</table:table></office:spreadsheet></office:body>'
    )
    head = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><office:document{_SPACES}>{head}{body}</office:document>', "utf-8")
    return path


_SHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_XML_FONT = {
    PLAIN: "",
    STRUCK: 'ss:StrikeThrough="1"',
    RAISED: 'ss:VerticalAlign="Superscript"',
    LOWERED: 'ss:VerticalAlign="Subscript"',
}
_XML_TAG = {STRUCK: "S", RAISED: "Sup", LOWERED: "Sub"}


def _tagged(text: str, mark: str, tags: dict[str, str]) -> str:
    return f"<{tags[mark]}>{escape(text)}</{tags[mark]}>" if mark else escape(text)


def write_spreadsheet_ml(path: Path, rows: Rows) -> Path:
    """An XML spreadsheet of 2003."""
    lines = []
    for values in rows:
        cells = []
        for value in values:
            if isinstance(value, Number):
                cells.append(f'<Cell ss:StyleID="s{value.mark}"><Data ss:Type="Number">{value.value}</Data></Cell>')
                continue
            marked = value if isinstance(value, StyledText) else StyledText(((value, PLAIN),))
            is_whole = len(marked.runs) == 1
            style = marked.runs[0][1] if is_whole else PLAIN
            pieces = ((text, PLAIN if is_whole else mark) for text, mark in marked.runs)
            inner = "".join(_tagged(text, mark, _XML_TAG) for text, mark in pieces)
            data = f'<ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">{inner}</ss:Data>'
            cells.append(f'<Cell ss:StyleID="s{style}">{data}</Cell>')
        lines.append(f"<Row>{''.join(cells)}</Row>")
    styles = "".join(f'<Style ss:ID="s{mark}"><Font ss:FontName="宋体" {_XML_FONT[mark]}/></Style>' for mark in MARKS)
    path.write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{_SHEET}" xmlns:ss="{_SHEET}"><Styles>{styles}</Styles>'
        f'<Worksheet ss:Name="表1"><Table>{"".join(lines)}</Table></Worksheet></Workbook>',
        "utf-8",
    )
    return path


_HTML_TAG = {STRUCK: "s", RAISED: "sup", LOWERED: "sub"}


def _html_cell(value: Value) -> str:
    if isinstance(value, Number):
        text = f"{value.value:g}"
        return f"<td class=xl66>{text}</td>" if value.mark == STRUCK else f"<td>{_tagged(text, value.mark, _HTML_TAG)}</td>"
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    if len(value.runs) == 1 and value.runs[0][1] == STRUCK:
        return f'<td style="text-decoration: line-through">{escape(value.text)}</td>'
    return f"<td>{''.join(_tagged(text, mark, _HTML_TAG) for text, mark in value.runs)}</td>"


def write_html(path: Path, rows: Rows) -> Path:
    """A web page, with a class for struck cells as spreadsheet programs write one."""
    lines = "".join(f"<tr>{''.join(map(_html_cell, values))}</tr>" for values in rows)
    style = (
        "<style><!-- .xl65 {color:black;} td.xl66, .xl67\n{mso-style-parent:style0; text-decoration:line-through;} --></style>"
    )
    path.write_text(f'<html><head><meta charset="utf-8">{style}</head><body><table>{lines}</table></body></html>', "utf-8")
    return path


WRITERS: dict[str, Callable[[Path, Rows], Path]] = {
    "xlsx": write_shared,
    "xlsx inline": write_inline,
    "xls": write_xls,
    "xlsb": write_binary,
    "ods": write_flat_ods,
    "xml": write_spreadsheet_ml,
    "html": write_html,
}
