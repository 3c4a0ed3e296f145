"""Builders of cells with canonical text: numbers as plain decimals, text without invisible characters. Dates: see `datetimes`.

No change is silent: a text that cleaning changed keeps its original beside it.
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
    """Builds the cell of a text; None if the text has no visible character."""
    cell = stored_text(text, *flags)
    return cell if cell.text else None


def stored_text(text: str, *flags: str) -> Cell:
    """Builds the cell of a text that the file stores. Its text is empty if it has no visible character."""
    cleaned = clean_text(text)
    return Cell(cleaned, CellKind.TEXT, flags, text if cleaned != text else None)


def text_or_error_cell(text: str, *flags: str) -> Cell:
    """Builds the cell of a text in a format that writes error values as text: `#REF!` becomes an error."""
    cell = stored_text(text, *flags)
    return error_cell(text, *flags) if is_error_text(cell.text) else cell


def plain_number(number: float) -> str:
    """Returns the shortest exact decimal of a double, without an exponent.

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
    """Formats a double as a file would write it, whole numbers without a decimal point."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def number_cell(raw: str, *flags: str) -> Cell:
    """Builds the cell of a number as the file writes it (`198`, `0.5`, `4.41302E+17`).

    Whole numbers that may have lost digits are flagged `precision_lost`: a spreadsheet keeps 15 digits and replaces the rest by
    zeros, and doubles do not represent every whole number from 2^53 on.
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
    """Builds the cell of a boolean."""
    return Cell("TRUE" if truth else "FALSE", CellKind.BOOL, flags)


def error_cell(text: str, *flags: str) -> Cell:
    """Builds the cell of an error value such as `#REF!`."""
    return Cell(clean_text(text) or "#ERROR!", CellKind.ERROR, flags)


def error_of_code(code: int) -> Cell:
    """Builds the cell of an error value from its code in binary workbooks: 23 is `#REF!`."""
    return error_cell(_ERROR_CODES.get(code, f"#ERROR {code}!"))


def is_error_text(text: str) -> bool:
    """Checks whether a text is an error value of a spreadsheet."""
    return text in _ERRORS
