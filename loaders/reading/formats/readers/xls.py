"""BIFF workbooks of Excel 5 to 2003 and of WPS (.et, the same format), read by xlrd with all formatting.

xlrd returns error cells as numbers (23 for `#REF!`). This module turns them into errors. xlrd does not report which cells are
formulas.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import xlrd
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XL_CELL_TEXT

from loaders.characters.gb18030 import modernize
from loaders.reading.formats.corruption import corruption_of
from loaders.reading.formats.encryption import PasswordProtected
from loaders.reading.model.cell_builders import bool_cell, error_of_code, raw_number, stored_text
from loaders.reading.model.cell_styles import PLAIN, CellStyle
from loaders.reading.model.datetimes import formatted_cell, with_text_format
from loaders.reading.model.refusals import Refusal, unreadable_document
from loaders.reading.model.rich_text import Font, VerticalAlign, cell_style, rich_cell, runs_at, styled
from loaders.reading.model.sheets import Area, Book, Cell, Sheet
from loaders.reading.number_formats import GENERAL, NumberFormat, number_format

BIFF8 = 80
_CHINESE_OR_UNDECLARED = {None, 0, 936}
_VERTICAL_ALIGNS = {1: VerticalAlign.RAISED, 2: VerticalAlign.LOWERED}
_ATTEMPTS: tuple[tuple[dict[str, bool], str], ...] = (
    ({"formatting_info": True}, ""),
    (
        {"formatting_info": True, "ignore_workbook_corruption": True},
        "the file's table of sectors is faulty, as some export programs write it; its cells were read all the same",
    ),
    (
        {"formatting_info": False, "ignore_workbook_corruption": True},
        "the file's formats are damaged: its cells were read, what is merged or hidden is not known",
    ),
)


def read_xls(file: BinaryIO) -> Book:
    """Reads every sheet of a BIFF workbook.

    Raises:
        PasswordProtected: the workbook must be decrypted first.
        Refusal: the workbook is corrupted or has no sheet.
    """
    content = file.read()
    errors: list[Exception] = []
    for options, note in _ATTEMPTS:
        try:
            book = _book_of(_open(content, **options))
        except (Refusal, PasswordProtected, MemoryError):
            raise
        except Exception as error:
            # xlrd reads untrusted bytes with few checks of its own: a corrupted file may raise any exception.
            errors.append(error)
        else:
            book.notes.extend([note] if errors else [])
            return book
    raise corruption_of(errors[0]) from errors[0]


def _open(content: bytes, **options: Any) -> Any:
    try:
        workbook = _workbook(content, **options)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise PasswordProtected from error
        raise
    except UnicodeDecodeError as error:
        if error.encoding != "gbk":
            raise
        return _workbook(content, encoding_override="gb18030", **options)  # Python's GBK lacks characters of the code page
    if workbook.biff_version < BIFF8 and workbook.codepage in _CHINESE_OR_UNDECLARED:
        # Without a declared code page xlrd assumes Latin-1. Undeclared Excel 5 files in this domain are Chinese.
        return _workbook(content, encoding_override="gb18030", **options)
    return workbook


def _workbook(content: bytes, **options: Any) -> Any:
    return xlrd.open_workbook(file_contents=content, ragged_rows=True, logfile=io.StringIO(), **options)


def _book_of(workbook: Any) -> Book:
    codes = {item.format_key: item.format_str for item in workbook.format_list}
    fonts = [
        Font(bool(font.struck_out), _VERTICAL_ALIGNS.get(font.escapement, VerticalAlign.BASELINE)) for font in workbook.font_list
    ]
    # Positions of font changes count UTF-16 units, before BIFF8 bytes.
    codec = "utf-16-le" if workbook.biff_version >= BIFF8 else workbook.encoding
    formatting = _Formatting([_style_of(xf, codes, fonts) for xf in workbook.xf_list], fonts, codec)
    sheets = [_sheet_of(sheet, formatting, since_1904=workbook.datemode == 1) for sheet in workbook.sheets()]
    if not sheets:
        raise unreadable_document("no_sheet.workbook")
    if workbook.biff_version < BIFF8:
        for sheet in sheets:
            _modernize(sheet)
    return Book("xls", sheets)


def _modernize(sheet: Sheet) -> None:
    """Replaces private-use characters of the old code page by their Unicode characters."""
    for cells in sheet.rows.values():
        cells |= {
            column: replace(cell, text=text) for column, cell in cells.items() if (text := modernize(cell.text)) != cell.text
        }


@dataclass(frozen=True, slots=True)
class _Formatting:
    """Styles and fonts of a workbook, and the codec whose units count positions in its texts."""

    styles: Sequence[CellStyle]
    fonts: Sequence[Font]
    codec: str

    def style(self, item: Any) -> CellStyle:
        """Returns the style of a cell. It is plain in a file that was read without its formats."""
        is_known = item.xf_index is not None and 0 <= item.xf_index < len(self.styles)
        return self.styles[item.xf_index] if is_known else PLAIN


def _style_of(xf: Any, codes: Mapping[int, str | None], fonts: Sequence[Font]) -> CellStyle:
    font = fonts[xf.font_index] if 0 <= xf.font_index < len(fonts) else Font()
    return cell_style(number_format(xf.format_key, codes.get(xf.format_key)), font)


def _sheet_of(source: Any, formatting: _Formatting, *, since_1904: bool) -> Sheet:
    sheet = Sheet(source.name, hidden=source.visibility != 0)
    sheet.merges = [Area(top + 1, left + 1, bottom, right) for top, bottom, left, right in source.merged_cells]
    sheet.hidden_rows = {index + 1 for index, info in source.rowinfo_map.items() if info.hidden}
    sheet.hidden_columns = {index + 1 for index, info in source.colinfo_map.items() if info.hidden and index < source.ncols}
    rich = source.rich_text_runlist_map
    has_marks = any(style.is_struck or style.is_raised for style in formatting.styles)
    for index in range(source.nrows):
        cells: dict[int, Cell] = {}
        for column, item in enumerate(source.row(index), start=1):
            cell = _cell_of(item, formatting, since_1904=since_1904)
            if cell is not None and (has_marks or rich):
                cell = _apply_fonts(cell, item, formatting, rich.get((index, column - 1)))
            if cell is not None:
                cells[column] = cell
        if cells:
            sheet.rows[index + 1] = cells
    return sheet


def _cell_of(item: Any, formatting: _Formatting, *, since_1904: bool) -> Cell | None:
    kind = item.ctype
    if kind == XL_CELL_TEXT:
        return with_text_format(stored_text(item.value), _format_of(item, formatting))
    if kind in {XL_CELL_NUMBER, XL_CELL_DATE}:
        return formatted_cell(raw_number(item.value), _format_of(item, formatting), since_1904=since_1904)
    if kind == XL_CELL_BOOLEAN:
        return bool_cell(bool(item.value))
    if kind == XL_CELL_ERROR:
        return error_of_code(item.value)
    return None


def _apply_fonts(cell: Cell, item: Any, formatting: _Formatting, changes: Sequence[tuple[int, int]] | None) -> Cell:
    """Applies fonts to a cell. `changes` lists the positions in its text at which a font begins."""
    if not changes or item.ctype != XL_CELL_TEXT:
        return styled(cell, formatting.style(item))
    cell = rich_cell(runs_at(item.value, changes, formatting.fonts, codec=formatting.codec), formatting.style(item))
    return with_text_format(cell, _format_of(item, formatting))


def _format_of(item: Any, formatting: _Formatting) -> NumberFormat:
    """Returns a cell's number format. In a file read without formats, only dates are distinguished from numbers."""
    if item.xf_index is None:
        return number_format(22, None) if item.ctype == XL_CELL_DATE else GENERAL
    return formatting.style(item).number_format
