"""Workbooks of Office Open XML (xlsx, xlsm; transitional and strict), read from their XML directly.

All facts that a table needs are taken in one pass: values, error cells, number formats, merges, hidden rows, columns and
sheets. Element names are matched without their namespace prefix, so strict files and prefixed files read the same.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from loaders.reading.cells import bool_cell, clean_text, date_cell, duration_cell, error_cell, number_cell, text_cell
from loaders.reading.number_formats import FormatKind, kind_of_format
from loaders.reading.package import Package
from loaders.reading.refusals import unreadable_document
from loaders.reading.sheets import Area, Book, Cell, CellKind, Sheet, column_number

_CLOCK_KINDS = {FormatKind.DATE: CellKind.DATE, FormatKind.DATETIME: CellKind.DATETIME, FormatKind.TIME: CellKind.TIME}


def read_ooxml(path: Path) -> Book:
    """Read every sheet of a workbook.

    Raises:
        Refusal: the package is damaged, too large or holds no workbook.
    """
    try:
        with Package(path) as package:
            return _read_book(package)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, KeyError, ValueError, NotImplementedError, zipfile.zlib.error) as error:
        raise unreadable_document(f"{type(error).__name__}: {error}") from error


def _read_book(package: Package) -> Book:
    workbook_part = _main_part(package)
    root = package.tree(workbook_part)
    parts = _related(package, workbook_part)
    strings = _shared_strings(package, _part_of_type(parts, "sharedStrings"))
    formats = _cell_formats(package, _part_of_type(parts, "styles"))
    since_1904 = any(_truth(pr.get("date1904")) for pr in root.iter("{*}workbookPr"))
    reader = _SheetReader(package, strings, formats, since_1904=since_1904)
    book = Book("xlsx")
    for entry in root.iter("{*}sheet"):
        identity = next((value for key, value in entry.attrib.items() if key.endswith("}id")), "")
        kind, part = parts.get(identity, ("", ""))
        if kind in {"worksheet", ""} and part and package.has(part):
            sheet = Sheet(entry.get("name", ""), hidden=entry.get("state", "visible") != "visible")
            reader.fill(sheet, part)
            book.sheets.append(sheet)
    if not book.sheets:
        raise unreadable_document("the workbook lists no sheet")
    return book


def _main_part(package: Package) -> str:
    for kind, target in _related(package, "").values():
        if kind == "officeDocument" and package.has(target):
            return target
    for name in ("xl/workbook.xml", "xl/workbook2.xml"):
        if package.has(name):
            return name
    raise unreadable_document("no workbook inside the package")


def _related(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relationship id -> (kind, target part)."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if not package.has(rels):
        return {}
    found = {}
    for relation in package.tree(rels).iter("{*}Relationship"):
        if relation.get("TargetMode") != "External":
            target = relation.get("Target", "").replace("\\", "/")
            path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], path)
    return found


def _part_of_type(parts: dict[str, tuple[str, str]], kind: str) -> str | None:
    return next((target for found, target in parts.values() if found == kind), None)


def _truth(text: str | None) -> bool:
    return text in {"1", "true", "on"}


def _shared_strings(package: Package, part: str | None) -> list[str]:
    if part is None or not package.has(part):
        return []
    return [_rich_text(item) for item in package.stream(part, ("{*}si",))]


def _rich_text(item: Any) -> str:
    """The text of a string item: its runs, without phonetic guides."""
    pieces = []
    for child in item:
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if name == "t":
            pieces.append(child.text or "")
        elif name == "r":
            pieces.extend(text.text or "" for text in child.iterchildren("{*}t"))
    return _unescape("".join(pieces))


def _unescape(text: str) -> str:
    """Resolve `_x000D_`, the way in which the format writes characters that XML cannot hold (ECMA-376 Part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    import re

    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def _cell_formats(package: Package, part: str | None) -> list[FormatKind]:
    if part is None or not package.has(part):
        return []
    root = package.tree(part)
    codes = {int(item.get("numFmtId", "0")): item.get("formatCode") for item in root.iter("{*}numFmt")}
    formats = []
    for block in root.iterchildren("{*}cellXfs"):
        for item in block.iterchildren("{*}xf"):
            number = int(item.get("numFmtId", "0"))
            formats.append(kind_of_format(number, codes.get(number)))
    return formats


class _SheetReader:
    """Reads sheets that share strings, formats and the date system of one workbook."""

    def __init__(self, package: Package, strings: list[str], formats: list[FormatKind], *, since_1904: bool) -> None:
        self._package = package
        self._strings = strings
        self._formats = formats
        self._since_1904 = since_1904

    def fill(self, sheet: Sheet, part: str) -> None:
        """Read one sheet's part into `sheet`."""
        row_number = 0
        for element in self._package.stream(part, ("{*}row", "{*}mergeCell", "{*}col")):
            tag = element.tag.rpartition("}")[2]
            if tag == "row":
                row_number = int(element.get("r") or row_number + 1)
                self._fill_row(sheet, row_number, element)
            elif tag == "mergeCell":
                sheet.merges.append(Area.parse(element.get("ref", "")))
            elif _truth(element.get("hidden")):
                sheet.hidden_columns.update(range(int(element.get("min", "1")), min(int(element.get("max", "1")), 16_384) + 1))

    def _fill_row(self, sheet: Sheet, row_number: int, element: Any) -> None:
        if _truth(element.get("hidden")):
            sheet.hidden_rows.add(row_number)
        cells: dict[int, Cell] = {}
        column = 0
        for item in element:
            reference = item.get("r")
            column = column_number(reference.rstrip("0123456789")) if reference else column + 1
            cell = self._cell(item)
            if cell is not None:
                cells[column] = cell
        if cells:
            sheet.rows[row_number] = cells

    def _cell(self, item: Any) -> Cell | None:
        raw: str | None = None
        flags: tuple[str, ...] = ()
        for child in item:
            tag = child.tag
            if tag.endswith("}v"):
                raw = child.text
            elif tag.endswith("}is"):
                return text_cell(_rich_text(child))
            elif tag.endswith("}f"):
                flags = ("formula",)
        if raw is None or raw == "":
            return Cell("", CellKind.TEXT, ("formula_without_value",)) if flags and item.get("t") != "str" else None
        return self._typed(item.get("t"), raw, item.get("s"), flags)

    def _typed(self, kind: str | None, raw: str, style: str | None, flags: tuple[str, ...]) -> Cell | None:
        if kind == "s":
            return text_cell(self._strings[int(raw)], *flags)
        if kind is None or kind == "n":
            return self._number(raw.strip(), self._formats[int(style)] if style and int(style) < len(self._formats) else None, flags)
        if kind == "b":
            return bool_cell(_truth(raw.strip()), *flags)
        if kind == "e":
            return error_cell(raw, *flags)
        if kind == "d":
            return _iso_cell(clean_text(raw), flags)
        return text_cell(_unescape(raw), *flags)

    def _number(self, raw: str, style: FormatKind | None, flags: tuple[str, ...]) -> Cell | None:
        if not raw:
            return None
        if style is None or style is FormatKind.NUMBER:
            return number_cell(raw, *flags)
        if style in _CLOCK_KINDS:
            return date_cell(float(raw), _CLOCK_KINDS[style], since_1904=self._since_1904, flags=flags)
        if style is FormatKind.DURATION:
            return duration_cell(float(raw), *flags)
        return number_cell(raw, *flags, style.value)


def _iso_cell(raw: str, flags: tuple[str, ...]) -> Cell | None:
    """A cell of type `d`, which strict workbooks use for dates."""
    day, _, clock = raw.rstrip("Z").partition("T")
    if not clock or clock.strip("0:.") == "":
        return Cell(day, CellKind.DATE, flags)
    return Cell(f"{day} {clock}", CellKind.DATETIME, flags)


