"""Cell values as canonical text: numbers as plain decimals, text without what cannot be seen; for dates see `moments`.

Nothing is altered silently: a text that cleaning changed keeps its original beside it.
"""

from __future__ import annotations

import math
from decimal import Decimal

from loaders.characters.cleaning import clean_text
from loaders.reading.model.sheets import Cell, CellKind

LARGEST_EXACT_INTEGER = 2**53
SMALLEST_CUT_INTEGER = 10**15
_ERROR_CODES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#GETTING_DATA"}
_ERRORS = {*_ERROR_CODES.values(), "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"}


def text_cell(text: str, *flags: str) -> Cell | None:
    """The cell of a text, or None when nothing that can be seen is in it."""
    cell = stored_text(text, *flags)
    return cell if cell.text else None


def stored_text(text: str, *flags: str) -> Cell:
    """The cell of a text that the file keeps, even when nothing in it can be seen: then its text is empty."""
    cleaned = clean_text(text)
    return Cell(cleaned, CellKind.TEXT, flags, text if cleaned != text else None)


def text_or_error_cell(text: str, *flags: str) -> Cell:
    """The cell of a text in a format that writes error values as they are shown: `#REF!` is an error there."""
    cell = stored_text(text, *flags)
    return error_cell(text, *flags) if is_error_text(cell.text) else cell


def plain_number(number: float) -> str:
    """The shortest exact decimal of a double, never with an exponent.

    Raises:
        ValueError: infinite or not a number.
    """
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a number")
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    whole = text.removesuffix(".0")
    return "0" if whole == "-0" else whole


def raw_number(number: float) -> str:
    """A double as a file would write it; whole numbers without a point."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def number_cell(raw: str, *flags: str) -> Cell:
    """The cell of a number as the file writes it (`198`, `0.5`, `4.41302E+17`).

    Whole numbers that may have lost digits are flagged `precision_lost`: a spreadsheet keeps 15 digits and writes zeros for the
    rest, and no double holds every whole number from 2^53 on.
    """
    if raw.isdigit() and raw.isascii() and len(raw) <= 15:
        return Cell(str(int(raw)) if raw[0] == "0" else raw, CellKind.NUMBER, flags)
    try:
        value = float(raw)
        text = plain_number(value)
    except (ValueError, OverflowError):
        return Cell(clean_text(raw), CellKind.TEXT, (*flags, "not_a_number"))
    if abs(value) >= SMALLEST_CUT_INTEGER and value == int(value) and (abs(value) >= LARGEST_EXACT_INTEGER or text[-1] == "0"):
        digits = raw.lstrip("-+")
        return Cell(raw.lstrip("+") if digits.isdigit() else text, CellKind.NUMBER, (*flags, "precision_lost"), raw)
    return Cell(text, CellKind.NUMBER, flags)


def bool_cell(truth: bool, *flags: str) -> Cell:
    """The cell of a boolean."""
    return Cell("TRUE" if truth else "FALSE", CellKind.BOOL, flags)


def error_cell(text: str, *flags: str) -> Cell:
    """The cell of an error value such as `#REF!`."""
    return Cell(clean_text(text) or "#ERROR!", CellKind.ERROR, flags)


def error_of_code(code: int) -> Cell:
    """The cell of an error value as binary workbooks number them: 23 is `#REF!`."""
    return error_cell(_ERROR_CODES.get(code, f"#ERROR {code}!"))


def is_error_text(text: str) -> bool:
    """Whether a text reads as a spreadsheet's error value."""
    return text in _ERRORS
