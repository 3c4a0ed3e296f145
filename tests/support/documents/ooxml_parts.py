"""Workbook packages (OOXML) from single parts, for content that no library writes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from loaders.reading.model.sheets import Cell, Sheet, address, parse_address

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

Parts = dict[str, str]


def ooxml_parts(
    rows: str,
    *,
    after: str = "",
    before: str = "",
    strings: str | None = None,
    styles: str | None = None,
    workbook_head: str = "",
    workbook_tail: str = "",
    main: str = MAIN,
    relations: str = RELATIONS,
) -> Parts:
    """Makes the parts of a workbook with one sheet. `rows` is the content of sheetData, `before` and `after` surround it."""
    related = f'<Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">{workbook_head}<sheets>'
        f'<sheet name="表1" sheetId="1" r:id="rId1"/></sheets>{workbook_tail}</workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>',
    }
    if strings is not None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
        related += f'<Relationship Id="rId2" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/>'
    if styles is not None:
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{main}">{styles}</styleSheet>'
        related += f'<Relationship Id="rId3" Type="{relations}/styles" Target="styles.xml"/>'
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{_PACKAGE_RELATIONS}">{related}</Relationships>'
    return parts


def cell_formats(*formats: int | str) -> str:
    """A styles part whose cell format n is the n-th number format: a built-in number, or a code of its own."""
    codes = {code: 164 + index for index, code in enumerate(dict.fromkeys(f for f in formats if isinstance(f, str)))}
    described = "".join(f'<numFmt numFmtId="{number}" formatCode="{_quoted(code)}"/>' for code, number in codes.items())
    used = "".join(f'<xf numFmtId="{codes[f] if isinstance(f, str) else f}"/>' for f in formats)
    return f"<numFmts>{described}</numFmts><cellXfs>{used}</cellXfs>"


def _quoted(code: str) -> str:
    return code.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def write_parts(path: Path, parts: Parts) -> Path:
    """Write parts as a zip package."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, text in parts.items():
            package.writestr(part, text)
    return path


def write_rows(folder: Path, rows: str, **options: Any) -> Path:
    """Write a workbook of one sheet from the XML of its rows."""
    return write_parts(folder / "book.xlsx", ooxml_parts(rows, **options))


def shown(sheet: Sheet) -> dict[str, str]:
    """The texts of a sheet by address."""
    return {address(row, column): cell.text for row, column, cell in sheet.cells()}


def cell_at(sheet: Sheet, place: str) -> Cell:
    """The cell at an address."""
    row, column = parse_address(place)
    return sheet.rows[row][column]
