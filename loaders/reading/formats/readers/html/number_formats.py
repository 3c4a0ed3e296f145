"""Number formats of web pages that are opened as workbooks: `mso-number-format` in styles, `sdnum` of LibreOffice.

A spreadsheet program shows the number under the format. A browser shows the text of the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from loaders.reading.model.cell_builders import number_cell
from loaders.reading.model.datetimes import formatted_cell
from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.number_formats import GENERAL, FormatKind, NumberFormat, format_of_name
from loaders.reading.values.shown_text import shown_text
from loaders.reading.values.shown_value import STORED_OTHERWISE

_VALUE = r"""mso-number-format\s*:\s*(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:[^;}"'\\]|\\.)+)"""
# `mso-number-format:"0\.00"`
_DECLARED = re.compile(_VALUE, re.IGNORECASE)
# `.xl65 {mso-number-format:"0\.00";}`
_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>(?:\"(?:[^\"\\]|\\.)*\"|[^{}\"])*)\}")
# `<!--` and `-->` around a style sheet, `/* … */`
_COMMENTS = re.compile(r"<!--|-->|/\*.*?\*/", re.DOTALL)
# `.xl65`, `td.xl65`
_CLASS = re.compile(r"^\s*(?:td|th)?\.([\w-]+)\s*$", re.IGNORECASE)
# `\5E74` is 年, `\@` is @
_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{4})|\\(.)", re.DOTALL)
# `-1234.5`
_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")
# `(1,234.50)`, `12%`
_PRINTED_NUMBER = re.compile(r"[-+(]*[\d,]+(?:\.\d+)?\)?%?")
_NUMBERS = {FormatKind.NUMBER, FormatKind.PERCENT}


@dataclass(slots=True)
class HtmlFormats:
    """Number formats of a page, by the classes of its style sheet and by cell."""

    _by_class: dict[str, NumberFormat] = field(default_factory=dict)

    @classmethod
    def of_page(cls, root: Any) -> HtmlFormats:
        """Reads the style sheets of the page."""
        found: dict[str, NumberFormat] = {}
        for sheet in root.iter("style"):
            for rule in _RULE.finditer(_COMMENTS.sub("", "".join(sheet.itertext()))):
                shown_as = _declared(rule["body"])
                names = (_CLASS.match(selector) for selector in rule["selectors"].split(","))
                found |= {name[1]: shown_as for name in names if name is not None and shown_as is not None}
        return cls(found)

    def of(self, item: Any) -> NumberFormat | None:
        """Returns the number format of a cell; None if the page declares none."""
        sdnum = item.get("sdnum")
        if sdnum and sdnum.count(";") >= 2:
            return format_of_name(sdnum.split(";", 2)[2])
        own = _declared(item.get("style") or "")
        if own is not None or not self._by_class:
            return own
        return next((self._by_class[name] for name in (item.get("class") or "").split() if name in self._by_class), None)


def _declared(style: str) -> NumberFormat | None:
    if "mso-number-format" not in style.lower():
        return None
    match = _DECLARED.search(style)
    if match is None:
        return None
    value = match["value"].strip()
    if value[:1] in {'"', "'"}:
        value = value[1:-1]
    return format_of_name(_ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)) if escaped[1] else escaped[2], value))


def cell_of_page(item: Any, shown: Cell, shown_as: NumberFormat | None) -> Cell:
    """Builds the cell of a shown text and of the number beside it (`<td x:num="0.1234">12%</td>`).

    Flags a number that does not match the shown text, unless its format explains the difference.
    """
    raw = item.get("x:num") or item.get("sdval")
    if raw and shown_as is not None and shown_as is not GENERAL:
        cell = formatted_cell(raw, shown_as, since_1904=False)
        if cell is not None and shown_text(cell).split() == shown.text.split():
            return cell
    if raw and _PRINTED_NUMBER.fullmatch(shown.text):
        return _stored(raw, shown)
    if raw is None and shown_as is not None and _is_shown_differently(shown, shown_as):
        return formatted_cell(shown.text, shown_as, since_1904=False) or shown
    if shown_as is not None and shown_as.adds_to_text:
        shown.number_format = shown_as
    return shown


def _is_shown_differently(shown: Cell, shown_as: NumberFormat) -> bool:
    """Checks whether a spreadsheet program shows the plain number of a page differently from the page."""
    is_special = shown_as.kind in _NUMBERS and not (shown_as.is_plain and shown_as.is_plain_text)
    return is_special and shown.kind is CellKind.TEXT and _PLAIN.fullmatch(shown.text) is not None


def _stored(raw: str, shown: Cell) -> Cell:
    stored = number_cell(raw, *(["percent"] if shown.text.endswith("%") else []))
    if stored.kind is not CellKind.NUMBER:
        return shown
    if not _agree(stored.text, shown.text):
        return Cell(shown.text, CellKind.TEXT, (STORED_OTHERWISE,), raw)
    stored.original = stored.original or shown.text
    return stored


def _agree(stored: str, shown: str) -> bool:
    """Checks whether a shown number is the stored number, rounded to the shown decimal places."""
    digits = shown.strip("()+-%").replace(",", "")
    try:
        number, printed = abs(Decimal(stored)), Decimal(digits)
    except InvalidOperation:
        return False
    exponent = printed.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    number = number * 100 if shown.endswith("%") else number
    is_negative = shown.startswith(("-", "("))
    half = Decimal("0.5").scaleb(-places)
    return abs(number - printed) <= half * Decimal("1.001") and (is_negative == (Decimal(stored) < 0) or not printed)
