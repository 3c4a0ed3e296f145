"""Styles of OpenDocument cells: converts number formats from XML elements to the format codes of other workbooks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from loaders.reading.formats.readers.ods.elements import attribute, local_name
from loaders.reading.model.cell_styles import PLAIN, CellStyle
from loaders.reading.model.sheets import MAX_COLUMN
from loaders.reading.number_formats import format_of_code

DATA_STYLES = ("number", "currency", "percentage", "date", "time", "text", "boolean")
STYLE_ELEMENTS = ("{*}style", *(f"{{*}}{kind}-style" for kind in DATA_STYLES))
# `value()>=10000`
_CONDITION = re.compile(r"\s*value\(\)\s*(<=|>=|!=|<|>|=)\s*([-+\d.eE]+)\s*")
_NUMERALS = {"一": "[DBNum1]", "壹": "[DBNum2]", "１": "[DBNum3]"}
_LONG_SHORT = {
    "day": ("dd", "d"),
    "year": ("yyyy", "yy"),
    "hours": ("hh", "h"),
    "minutes": ("mm", "m"),
    "seconds": ("ss", "s"),
    "day-of-week": ("dddd", "ddd"),
    "quarter": ("qq", "q"),
    "week-of-year": ("ww", "ww"),
    "era": ("gg", "g"),
}
_MAX_PLACES = 30


@dataclass(frozen=True, slots=True)
class _DataStyle:
    """Number format element: the code of its own section, and conditional references to the sections of others."""

    code: str
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class OdsStyles:
    """Styles of a document, collected in document order and looked up by name."""

    _data: dict[str, _DataStyle] = field(default_factory=dict)
    _named: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    _found: dict[str, CellStyle] = field(default_factory=dict)

    def collect(self, element: Any) -> None:
        """Stores a cell style or a number format."""
        name = attribute(element, "name") or ""
        self._found.clear()
        if local_name(element) != "style":
            self._data[name] = _data_style(element)
        elif attribute(element, "family") == "table-cell":
            self._named[name] = (attribute(element, "data-style-name"), attribute(element, "parent-style-name"))

    def of(self, name: str | None) -> CellStyle:
        """Returns the style with this name. A cell without a style name has the default style."""
        key = name or "Default"
        style = self._found.get(key)
        if style is None:
            code = self._code_of(key)
            style = self._found[key] = PLAIN if code is None else CellStyle(format_of_code(code))
        return style

    def _code_of(self, name: str) -> str | None:
        """Returns the format code of a style, which may be inherited from its parents."""
        seen: set[str] = set()
        current: str | None = name
        while current is not None and current not in seen:
            seen.add(current)
            data, parent = self._named.get(current, (None, None))
            if data is not None:
                return self._whole_code(data)
            current = parent if parent is not None or current == "Default" else "Default"
        return None

    def _whole_code(self, name: str) -> str | None:
        style = self._data.get(name)
        if style is None:
            return None
        sections = [condition + self._data[part].code for condition, part in style.parts if part in self._data]
        return ";".join([*sections, style.code])


def _data_style(element: Any) -> _DataStyle:
    parts = []
    for child in element.iterchildren("{*}map"):
        condition = _CONDITION.fullmatch(attribute(child, "condition") or "")
        if condition is not None:
            sign = condition[1].replace("!=", "<>")
            parts.append((f"[{sign}{condition[2]}]", attribute(child, "apply-style-name") or ""))
    return _DataStyle(_own_code(element), tuple(parts))


def _own_code(element: Any) -> str:
    is_percent = local_name(element) == "percentage-style"
    opened = attribute(element, "truncate-on-overflow") == "false"
    codes = [_NUMERALS.get(attribute(element, "transliteration-format") or "", ""), _locale(element)]
    for child in element:
        name = local_name(child)
        if name == "text-properties":
            codes.append("[Red]" if attribute(child, "color") else "")
        elif name in {"hours", "minutes", "seconds"} and opened:
            codes.append(re.sub(r"^(\w+)", r"[\1]", _code(child, name)))
            opened = False
        else:
            codes.append(_literal(child.text or "", is_percent=is_percent) if name == "text" else _code(child, name))
    return "".join(codes)


def _locale(element: Any) -> str:
    return {"zh": "[$-804]", "en": "[$-409]"}.get(attribute(element, "language") or "", "")


def _literal(text: str, *, is_percent: bool = False) -> str:
    """Quotes a literal text. The percent sign of a percentage format is no literal."""
    if is_percent and "%" in text:
        before, _, after = text.partition("%")
        return _literal(before) + "%" + _literal(after)
    return "".join('\\"' if piece == '"' else f'"{piece}"' for piece in re.split(r'(")', text) if piece)


def _code(child: Any, name: str) -> str:
    match name:
        case "number":
            return _number(child)
        case "scientific-number":
            return _scientific(child)
        case "fraction":
            return _fraction(child)
        case "currency-symbol":
            return _literal(child.text or "")
        case "fill-character":
            return f"*{child.text}" if child.text else ""
        case "text-content":
            return "@"
        case "boolean":
            return "General"
        case "am-pm":
            return "AM/PM"
        case "month":
            return _month(child)
    long, short = _LONG_SHORT.get(name, ("", ""))
    letters = long if attribute(child, "style") == "long" else short
    return letters + ("." + "0" * _count(child, "decimal-places", 0) if _count(child, "decimal-places", 0) else "")


def _month(child: Any) -> str:
    is_long = attribute(child, "style") == "long"
    return ("mm" if is_long else "m") * (2 if attribute(child, "textual") == "true" else 1) + (
        "m" if attribute(child, "textual") == "true" and not is_long else ""
    )


def _number(child: Any) -> str:
    if attribute(child, "decimal-places") is None and attribute(child, "display-factor") is None:
        return "General" if _count(child, "min-integer-digits", 1) <= 1 else "0" * _count(child, "min-integer-digits", 1)
    embedded = {_count(text, "position", 0): text.text or "" for text in child.iterchildren("{*}embedded-text")}
    factor = _count_of_thousands(attribute(child, "display-factor"))
    return _whole(child, embedded) + _decimals(child) + "," * factor


def _whole(child: Any, embedded: dict[int, str]) -> str:
    """Returns the placeholders before the decimal point with embedded texts. A position counts the digits to its right."""
    least = _count(child, "min-integer-digits", 0)
    has_thousands = attribute(child, "grouping") == "true"
    width = max(least, 4 if has_thousands else 1, *(place + 1 for place in embedded))
    pieces = [_literal(embedded[0])] if 0 in embedded else []
    for place in range(width):
        if place in embedded and place:
            pieces.append(_literal(embedded[place]))
        if has_thousands and place and place % 3 == 0:
            pieces.append(",")
        pieces.append("0" if place < least else "#")
    return "".join(reversed(pieces))


def _decimals(child: Any) -> str:
    places = _count(child, "decimal-places", 0)
    least = min(_count(child, "min-decimal-places", places), places)
    if attribute(child, "decimal-replacement") is not None and attribute(child, "min-decimal-places") is None:
        least = 0
    filler = "?" if attribute(child, "decimal-replacement") == " " else "#"
    return "." + "0" * least + filler * (places - least) if places else ""


def _scientific(child: Any) -> str:
    least, step = _count(child, "min-integer-digits", 1), _count(child, "exponent-interval", 1)
    sign = "-" if attribute(child, "forced-exponent-sign") == "false" else "+"
    whole = "#" * max(step - least, 0) + "0" * least
    return whole + _decimals(child) + "E" + sign + "0" * max(_count(child, "min-exponent-digits", 1), 1)


def _fraction(child: Any) -> str:
    whole = "" if attribute(child, "min-integer-digits") is None else "0" * _count(child, "min-integer-digits", 0) or "#"
    above = max(_count(child, "max-numerator-digits", 0), _count(child, "min-numerator-digits", 1), 1)
    fixed = attribute(child, "denominator-value")
    below = len(attribute(child, "max-denominator-value") or "") or max(_count(child, "min-denominator-digits", 1), 1)
    return (f"{whole} " if whole else "") + "?" * above + "/" + (fixed or "?" * min(below, _MAX_PLACES))


def _count(element: Any, name: str, default: int) -> int:
    text = attribute(element, name)
    return default if text is None or not text.isdecimal() else min(int(text), _MAX_PLACES)


def _count_of_thousands(factor: str | None) -> int:
    """Returns how often 1000 divides a factor: two for 1000000."""
    digits = (factor or "1").partition(".")[0]
    return (len(digits) - 1) // 3 if digits.strip("0") == "1" else 0


@dataclass(slots=True)
class ColumnStyles:
    """Default cell styles of a table's columns."""

    _ends: list[tuple[int, str]] = field(default_factory=list)

    def add(self, last: int, name: str | None) -> None:
        """Records the style of the columns up to and including `last`."""
        self._ends.append((min(last, MAX_COLUMN), name or "Default"))

    def of(self, column: int) -> str | None:
        """Returns the style of a column's cells that declare none themselves."""
        return next((name for last, name in self._ends if column <= last), None)
