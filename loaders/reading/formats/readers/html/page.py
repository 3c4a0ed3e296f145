"""Web pages as workbooks: many old systems export an HTML table and name the file .xls.

The whole page becomes one sheet, as a spreadsheet program opens it. The rows of all tables follow each other, and each line of
text outside of tables (a title, a footer) is a row of its own. Cells hold the visible text. Where the page stores the full number
beside it, cells hold the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from lxml import etree

from loaders.reading.formats.corruption import PAGE, corruption_of
from loaders.reading.formats.readers.html.font_styles import MAY_HAVE_FONT_STYLES, FontStyle, StyleSheet
from loaders.reading.formats.readers.html.number_formats import HtmlFormats, cell_of_page
from loaders.reading.formats.text_decoding import decode_markup, read_limited
from loaders.reading.model.cell_builders import text_cell, text_or_error_cell
from loaders.reading.model.refusals import unreadable_document
from loaders.reading.model.rich_text import PART_RAISED, PART_STRUCK, Run, rich_cell
from loaders.reading.model.sheets import MAX_COLUMN, Area, Book, Cell, Sheet

MAX_SPAN = 1000
_PARTS = frozenset({PART_STRUCK, PART_RAISED})
# Runs of whitespace, which a browser shows as one space.
_BLANKS = re.compile(r"[ \t\r\n\f]+")
# `display:none`
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NOT_RENDERED = {"head", "script", "style", "title", "meta", "link", "colgroup", "noscript", "template", "object", "xml"}
_BLOCKS = {
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "center",
    "form",
    "br",
    "hr",
    "body",
    "html",
    "caption",
    "pre",
    "table",
    "tr",
}


def read_html(file: BinaryIO) -> Book:
    """Reads the tables of a page.

    Raises:
        Refusal: the page contains no table, or its text cannot be decoded.
    """
    text, notes = decode_markup(read_limited(file))
    return book_of_html(text, notes)


def book_of_html(text: str, notes: list[str]) -> Book:
    """Returns the sheet of a decoded page as a book.

    Raises:
        Refusal: the page contains no table.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(text.encode("utf-8", errors="replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise corruption_of(error) from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise unreadable_document("page.nesting", PAGE)
    if root is None or next(root.iter("tr"), None) is None:
        raise unreadable_document("page.no_table", PAGE)
    page = _Page(Sheet("Sheet1"), HtmlFormats.of_page(root), StyleSheet(root) if MAY_HAVE_FONT_STYLES.search(text) else None)
    page.walk(root)
    page.end_line()
    return Book("html", [page.sheet], notes)


class _Page:
    """Layout of a page as rows. Without a style sheet, no text is struck out or raised."""

    def __init__(self, sheet: Sheet, formats: HtmlFormats, styles: StyleSheet | None) -> None:
        self.sheet = sheet
        self._formats = formats
        self._styles = styles
        self._row = 0
        self._line: list[str] = []

    def end_line(self) -> None:
        """Writes the text collected outside of tables as one row."""
        cell = text_cell(_BLANKS.sub(" ", "".join(self._line)))
        self._line.clear()
        if cell is not None:
            self._row += 1
            self.sheet.put(self._row, 1, cell)

    def walk(self, root: Any) -> None:
        """Visits everything below an element in document order."""
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            is_block = element.tag in _BLOCKS
            if is_block:
                self.end_line()
            if event == "end":
                self._line.append(element.tail or "")
            elif element.tag == "table" and _is_grid(element):
                self._lay_out(element)
                walker.skip_subtree()
            elif element.tag in _NOT_RENDERED or _is_hidden(element):
                walker.skip_subtree()
            else:
                self._line.append(element.text or "")

    def _lay_out(self, table: Any) -> None:
        """Places the cells of a table. A spanning cell is set in its first position, and its span is recorded as a merge."""
        for caption in table.iterchildren("caption"):
            self._line.append(_visible_text(caption))
            self.end_line()
        rows = list(table.iter("tr"))
        last = self._row + len(rows)
        taken: dict[int, int] = {}
        for element in rows:
            self._row += 1
            if _is_hidden(element) or _is_hidden(table):
                self.sheet.hidden_rows.add(self._row)
            column = 1
            for item in element.iterchildren("td", "th"):
                while taken.get(column, 0) >= self._row:
                    column += 1
                if column > MAX_COLUMN:
                    raise unreadable_document("page.too_wide", PAGE, limit=MAX_COLUMN)
                across = min(_span(item, "colspan"), MAX_SPAN)
                bottom = min(self._row + (_span(item, "rowspan") or last) - 1, last)
                self._place(item, column, Area(self._row, column, bottom, column + max(across, 1) - 1))
                if bottom > self._row:
                    taken |= dict.fromkeys(range(column, column + across), bottom)
                column += max(across, 1)

    def _place(self, item: Any, column: int, area: Area) -> None:
        cell = self._cell(item)
        if cell.text:
            self.sheet.put(self._row, column, cell)
        if (area.first_row, area.first_column) != (area.last_row, area.last_column):
            self.sheet.merges.append(area)

    def _cell(self, item: Any) -> Cell:
        shown = self._shown(item)
        if not _PARTS.isdisjoint(shown.flags):
            return shown
        cell = cell_of_page(item, shown, self._formats.of(item))
        return cell if cell is shown or not shown.flags else replace(cell, flags=(*cell.flags, *shown.flags))

    def _shown(self, item: Any) -> Cell:
        if self._styles is None:
            return text_or_error_cell(_visible_text(item))
        inherited = FontStyle()
        for element in reversed(list(item.iterancestors("tr", "tbody", "table", "s", "strike", "del"))):
            inherited = self._styles.font_style(element, inherited)
        # On a cell, `vertical-align` positions the lines within the cell. It does not make text superscript.
        inherited = FontStyle(self._styles.font_style(item, inherited).is_struck)
        runs = [Run(text, font_style.font) for text, font_style in _visible_pieces(item, self._styles, inherited)]
        is_plain = all(run.font == FontStyle().font for run in runs)
        return text_or_error_cell("".join(run.text for run in runs)) if is_plain else rich_cell(runs)


def _is_grid(table: Any) -> bool:
    """Checks whether a table contains data. A table that contains other tables is only used for layout."""
    return next(table.iterdescendants("table"), None) is None


def _is_hidden(element: Any) -> bool:
    return _HIDDEN.search(element.get("style") or "") is not None


def _span(item: Any, name: str) -> int:
    digits = (item.get(name) or "1").strip()
    return int(digits) if digits.isdigit() and digits.isascii() and len(digits) < 6 else 1


def _visible_text(item: Any) -> str:
    """Returns the text of a cell: runs of whitespace as one space, `<br>` and paragraphs as line breaks."""
    return "".join(text for text, _ in _visible_pieces(item, None, FontStyle()))


def _visible_pieces(item: Any, styles: StyleSheet | None, inherited: FontStyle) -> Iterator[tuple[str, FontStyle]]:
    """Yields the text nodes of a cell with their font styles."""
    is_begun = False
    font_styles = [inherited]
    walker = etree.iterwalk(item, events=("start", "end"))
    for event, element in walker:
        if event == "end":
            if element is not item:
                font_styles.pop()
                text = _BLANKS.sub(" ", element.tail or "")
                is_begun = is_begun or bool(text)
                yield text, font_styles[-1]
            continue
        if element is not item:
            font_styles.append(font_styles[-1] if styles is None else styles.font_style(element, font_styles[-1]))
        if element.tag in _NOT_RENDERED or _is_hidden(element):
            walker.skip_subtree()
            continue
        text = ("\n" if element.tag in _BLOCKS and is_begun else "") + _BLANKS.sub(" ", element.text or "")
        is_begun = is_begun or bool(text)
        yield text, font_styles[-1]
