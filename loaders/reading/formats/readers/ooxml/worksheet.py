"""Worksheet part of Office Open XML, read cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from loaders.characters.cleaning import clean_text
from loaders.reading.formats.opc_package import OpcPackage, parse_part
from loaders.reading.formats.readers.ooxml.fonts import runs_of
from loaders.reading.formats.readers.ooxml.plain_parts import NotPlain, PlainRow, PlainSheet, without_escapes
from loaders.reading.model.cell_builders import bool_cell, error_cell, number_cell, stored_text
from loaders.reading.model.cell_styles import PLAIN, CellStyle
from loaders.reading.model.datetimes import formatted_cell, iso_cell, with_date_format
from loaders.reading.model.rich_text import Run, StoredString, rich_cell, styled
from loaders.reading.model.sheets import MAX_COLUMN, MAX_ROW, Area, Cell, CellKind, Sheet, column_number, parse_address
from loaders.reading.number_formats import GENERAL, NumberFormat

# `_x000D_`
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUE = {"1", "true", "TRUE", "True", "on", "t"}


def is_true(text: str | None) -> bool:
    """Parses an XML boolean."""
    return text in _TRUE


def string_of(item: Any) -> StoredString:
    """Returns the text of a string item without phonetic guides, or its runs if it has several fonts."""
    if next(item.iterchildren("{*}r"), None) is None:
        return resolved("".join(text.text or "" for text in item.iterchildren("{*}t")))
    return tuple(Run(resolved(run.text), run.font) for run in runs_of(item))


def _stored(string: StoredString) -> Cell:
    return stored_text(string) if isinstance(string, str) else rich_cell(string)


def resolved(text: str) -> str:
    """Decodes `_x000D_`, the escape for characters that XML cannot represent (ECMA-376 Part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    characters = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return characters.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


class SheetReader:
    """Reader of sheets that share the strings, formats and date system of one workbook."""

    def __init__(
        self,
        package: OpcPackage,
        strings: Sequence[StoredString],
        styles: Sequence[CellStyle],
        *,
        since_1904: bool,
        is_calculated: bool = True,
    ) -> None:
        self._package = package
        self._strings = strings
        self._styles = styles
        self._has_marks = any(style.is_struck or style.is_raised for style in styles)
        self._since_1904 = since_1904
        self._formula_flags = ("formula",) if is_calculated else ("formula", "not_calculated")
        self._string_cells: dict[int, Cell] = {}
        # Cells that are written alike, but for their place, are one object.
        self._plain_cells: dict[tuple[str, ...], Cell | None] = {}
        self._text_formats = {
            str(index): style.number_format for index, style in enumerate(styles) if style.number_format.adds_to_text
        }

    def fill(self, sheet: Sheet, part: str) -> None:
        """Reads the part of one sheet into `sheet`.

        Raises:
            KeyError: the package has no such part.
            ValueError: a cell address or a number is malformed.
        """
        row = 0
        for element in self._rest_of(sheet, part):
            tag = element.tag.rpartition("}")[2]
            if tag == "row":
                row = int(element.get("r") or row + 1)
                self._fill_row(sheet, row, element)
            elif tag == "mergeCell":
                _add_merge(sheet, Area.parse(element.get("ref", "")))
            elif is_true(element.get("hidden")) or _is_zero(element.get("width")):
                sheet.hidden_columns.update(
                    range(int(element.get("min", "1")), min(int(element.get("max", "1")), MAX_COLUMN) + 1)
                )

    def _rest_of(self, sheet: Sheet, part: str) -> Iterator[Any]:
        """Yields the rows, columns and merges of a part; only columns and merges if its rows are in the plain form."""
        tags = ("{*}row", "{*}mergeCell", "{*}col")
        rows = Sheet(sheet.name)
        try:
            if self._has_marks:
                raise NotPlain
            plain = PlainSheet(self._package.bytes(part))
            self._fill_plain_rows(rows, plain)
        except NotPlain:
            yield from self._package.stream(part, tags)
        else:
            sheet.rows, sheet.hidden_rows = rows.rows, rows.hidden_rows
            yield from parse_part(plain.rest, part).iter(*tags[1:])

    def _fill_plain_rows(self, sheet: Sheet, plain: PlainSheet) -> None:
        number = 0
        for row in plain.rows():
            number = int(row.attributes.get("r") or number + 1)
            _note_hidden(sheet, number, row.attributes)
            self._fill_plain_row(sheet, number, row)

    def _fill_plain_row(self, sheet: Sheet, number: int, row: PlainRow) -> None:
        digits, known = str(number), self._plain_cells
        cells: dict[int, Cell] = sheet.rows.get(number, {})
        column = 0
        for letters, row_digits, *written in row.cells:
            if row_digits != digits:
                raise NotPlain
            column = column_number(letters)
            form = tuple(written)
            if form in known:
                cell = known[form]
            else:
                cell = known[form] = self._plain_cell(*written)
            if cell is not None:
                cells[column] = cell if column not in cells else _last_duplicate(cells[column], cell)
        if cells:
            sheet.rows[number] = cells
            if column > MAX_COLUMN:
                raise ValueError(f"there is no column {column}")

    def _plain_cell(self, style: str, kind: str, formula: str, value: str, inline: str) -> Cell | None:
        """Builds a cell of a plain part. Its texts are shared: no font of this workbook marks them."""
        if inline:
            cell: Cell | None = _stored(resolved(without_escapes(inline)))
        else:
            cell = self._valued(style or None, kind or None, without_escapes(value) or None, has_formula=bool(formula))
        if cell is not None and self._text_formats and cell.kind is CellKind.TEXT:
            cell = self._with_format(cell, style)
        return cell

    def _fill_row(self, sheet: Sheet, row: int, element: Any) -> None:
        _note_hidden(sheet, row, element)
        digits = str(row)
        cells: dict[int, Cell] = sheet.rows.get(row, {})
        column = 0
        for item in element:
            place = item.get("r")
            if not place:
                column += 1
            elif place.endswith(digits) and place[: -len(digits)].isalpha():
                column = column_number(place[: -len(digits)])
            else:
                column = self._addressed_place(sheet, item, place)
                continue
            cell = self._cell(item)
            if cell is not None and self._text_formats and cell.kind is CellKind.TEXT:
                cell = self._with_format(cell, item.get("s"))
            if cell is not None:
                cells[column] = cell if column not in cells else _last_duplicate(cells[column], cell)
        if cells:
            sheet.rows[row] = cells
            if column > MAX_COLUMN:
                raise ValueError(f"there is no column {column}")

    def _with_format(self, cell: Cell, style: str | None) -> Cell:
        """Returns a copy of a text cell with its number format if that adds to the text.

        Cells of shared strings must not change.
        """
        shown_as = self._text_formats.get(style or "0")
        return cell if shown_as is None else replace(cell, number_format=shown_as)

    def _addressed_place(self, sheet: Sheet, item: Any, place: str) -> int:
        """Sets a cell whose address names another row than its row element, by its address. Returns its column."""
        row, column = parse_address(place.replace("$", ""))
        if not 1 <= row <= MAX_ROW:
            raise ValueError(f"there is no row {row}")
        cell = self._cell(item)
        if cell is not None:
            sheet.put(row, column, cell)
        return column

    def _cell(self, item: Any) -> Cell | None:
        cell = self._unstyled(item)
        return self._styled(item, cell) if self._has_marks and cell is not None else cell

    def _styled(self, item: Any, cell: Cell) -> Cell:
        """Applies the font of a cell's style. Runs without a font of their own take it, too."""
        index = int(item.get("s") or "0")
        style = self._styles[index] if 0 <= index < len(self._styles) else PLAIN
        if not (style.is_struck or style.is_raised):
            return cell
        string: StoredString = ""
        for child in item.iterchildren("{*}v", "{*}is"):
            if child.tag.endswith("is"):
                string = string_of(child)
            elif item.get("t") == "s":
                string = self._strings[int(child.text or "0")]
        return styled(cell, style) if isinstance(string, str) else rich_cell(string, style)

    def _unstyled(self, item: Any) -> Cell | None:
        raw: str | None = None
        formula = False
        for child in item:
            tag = child.tag
            if tag.endswith("v"):
                raw = child.text or ""
            elif tag.endswith("is"):
                return _stored(string_of(child))
            elif tag.endswith("f"):
                formula = True
        return self._valued(item.get("s"), item.get("t"), raw, has_formula=formula)

    def _valued(self, style: str | None, kind: str | None, raw: str | None, *, has_formula: bool) -> Cell | None:
        """Builds the cell of a value as it is written; of a formula, its saved result.

        A text may be empty. A missing number was never calculated.
        """
        if has_formula and not raw and kind != "str":
            return Cell("", CellKind.TEXT, ("formula", "formula_without_value"))
        if has_formula:
            return self._typed(style, kind, raw or "", self._formula_flags)
        return self._typed(style, kind, raw, ()) if raw or (raw is not None and kind == "str") else None

    def _typed(self, style: str | None, kind: str | None, raw: str, flags: tuple[str, ...]) -> Cell | None:
        if kind == "s":
            return self._shared(int(raw))
        if kind is None or kind == "n":
            return self._number(raw.strip(), style, flags)
        if kind == "b":
            return bool_cell(is_true(raw.strip()), *flags)
        if kind == "e":
            return error_cell(raw, *flags)
        if kind == "d":
            shown_as = self._format(style) or GENERAL
            return with_date_format(iso_cell(clean_text(raw), shown_as.kind, flags), shown_as)
        return stored_text(resolved(raw), *flags)

    def _shared(self, index: int) -> Cell:
        """Returns the cell of a shared string. Cells with the same string are one object."""
        if not 0 <= index < len(self._strings):
            raise ValueError(f"a cell takes string {index} of {len(self._strings)}")
        cell = self._string_cells.get(index)
        if cell is None:
            cell = self._string_cells[index] = _stored(self._strings[index])
        return cell

    def _number(self, raw: str, style: str | None, flags: tuple[str, ...]) -> Cell | None:
        if style is None:
            return number_cell(raw, *flags) if raw else None
        shown_as = self._format(style)
        if shown_as is None:
            return formatted_cell(raw, GENERAL, since_1904=False, flags=(*flags, "unknown_format"))
        return formatted_cell(raw, shown_as, since_1904=self._since_1904, flags=flags)

    def _format(self, style: str | None) -> NumberFormat | None:
        """Returns a cell's number format; None if the workbook does not define it."""
        index = int(style or "0")
        return self._styles[index].number_format if 0 <= index < len(self._styles) else None


def _note_hidden(sheet: Sheet, row: int, attributes: Any) -> None:
    """Notes a row that is hidden.

    Raises:
        ValueError: no sheet has such a row.
    """
    if is_true(attributes.get("hidden")) or _is_zero(attributes.get("ht")):
        sheet.hidden_rows.add(row)
    if not 1 <= row <= MAX_ROW:
        raise ValueError(f"there is no row {row}")


def _last_duplicate(first: Cell, second: Cell) -> Cell:
    """Resolves a cell that is written twice: the last value counts, and a different first value is flagged."""
    if (first.text, first.kind) == (second.text, second.kind):
        return first
    return replace(second, flags=(*second.flags, "duplicate_cell"))


def _add_merge(sheet: Sheet, area: Area) -> None:
    if (area.first_row, area.first_column) != (area.last_row, area.last_column):
        sheet.merges.append(area)


def _is_zero(size: str | None) -> bool:
    """Checks whether a height or width is zero, which hides as `hidden` does."""
    return size is not None and not size.strip("0.")
