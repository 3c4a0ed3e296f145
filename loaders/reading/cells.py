"""Cell values as canonical text: numbers as plain decimals, dates as ISO, text without what cannot be seen.

Nothing is altered silently: a text that cleaning changed keeps its original beside it.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from loaders.reading.sheets import Cell, CellKind

LARGEST_EXACT_INTEGER = 2**53
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffe\uffff]")
_EDGES = " \t\r\n\u00a0\u3000\u2002\u2003\u2007\u2009\u202f"
_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"}
_DAY = dt.timedelta(days=1)
_MICROSECOND = dt.timedelta(microseconds=1)


def clean_text(text: str) -> str:
    """Without NUL, zero-width and control characters, and without any kind of blank at the edges."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    return _INVISIBLE.sub("", text).strip(_EDGES)


def text_cell(text: str, *flags: str) -> Cell | None:
    """The cell of a text, or None when nothing that can be seen is in it."""
    cleaned = clean_text(text)
    if not cleaned:
        return None
    return Cell(cleaned, CellKind.TEXT, flags, text if cleaned != text else None)


def plain_number(number: float) -> str:
    """The shortest exact decimal of a double, never with an exponent.

    Raises:
        ValueError: infinite or not a number.
    """
    if number != number or number in {float("inf"), float("-inf")}:
        raise ValueError(f"{number} is not a number")
    if number == int(number):
        return str(int(number))
    text = repr(number)
    return format(Decimal(text), "f") if "e" in text else text


def number_cell(raw: str, *flags: str) -> Cell:
    """The cell of a number as the file writes it (`198`, `0.5`, `4.41302E+17`).

    Whole numbers from 2^53 on are flagged `precision_lost`: a spreadsheet keeps 15 digits and shows zeros for the rest.
    """
    if raw.isdigit() and raw.isascii() and len(raw) <= 15:
        return Cell(str(int(raw)) if raw[0] == "0" else raw, CellKind.NUMBER, flags)
    try:
        value = float(raw)
        text = plain_number(value)
    except (ValueError, OverflowError):
        return Cell(clean_text(raw), CellKind.TEXT, (*flags, "not_a_number"))
    if abs(value) >= LARGEST_EXACT_INTEGER and value == int(value):
        digits = raw.lstrip("-+")
        return Cell(digits if digits.isdigit() else text, CellKind.NUMBER, (*flags, "precision_lost"), raw)
    return Cell(text, CellKind.NUMBER, flags)


def bool_cell(truth: bool, *flags: str) -> Cell:
    """The cell of a boolean."""
    return Cell("TRUE" if truth else "FALSE", CellKind.BOOL, flags)


def error_cell(text: str, *flags: str) -> Cell:
    """The cell of an error value such as `#REF!`."""
    return Cell(clean_text(text) or "#ERROR!", CellKind.ERROR, flags)


def is_error_text(text: str) -> bool:
    """Whether a text reads as a spreadsheet's error value."""
    return text in _ERRORS


def date_cell(serial: float, kind: CellKind, *, since_1904: bool, flags: tuple[str, ...] = ()) -> Cell:
    """The cell of a serial day under a date, datetime or time format.

    A serial that no calendar holds stays a number and is flagged `date_out_of_range`. Serial 60 in the 1900 system is the
    29 February 1900 that never was (kept by spreadsheets for Lotus 1-2-3's sake).
    """
    try:
        moment = _moment(serial, since_1904=since_1904)
    except (OverflowError, ValueError):
        return Cell(plain_number(serial), CellKind.NUMBER, (*flags, "date_out_of_range"))
    if kind is CellKind.TIME and 0 <= serial < 1:
        return Cell(moment.time().isoformat(), CellKind.TIME, flags)
    if kind is CellKind.DATE and moment.time() == dt.time():
        return Cell(moment.date().isoformat(), CellKind.DATE, flags)
    return Cell(moment.isoformat(sep=" "), CellKind.DATETIME, flags)


def duration_cell(serial: float, *flags: str) -> Cell:
    """The cell of a length of time (`[h]:mm`): hours may pass 24."""
    total = round(abs(serial) * 86_400)
    sign = "-" if serial < 0 else ""
    text = f"{sign}{total // 3600:02d}:{total // 60 % 60:02d}:{total % 60:02d}"
    return Cell(text, CellKind.TIME, (*flags, "duration"))


def _moment(serial: float, *, since_1904: bool) -> dt.datetime:
    if serial < 0 or (not since_1904 and 60 <= serial < 61):
        raise ValueError(f"no date has serial {serial}")
    if since_1904:
        epoch = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - a cell has no time zone
    else:
        epoch = dt.datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001
    days = int(serial)
    milliseconds = round((serial - days) * 86_400_000)
    if milliseconds % 1000 in {1, 999}:
        milliseconds = round(milliseconds, -1)
    return epoch + days * _DAY + milliseconds * 1000 * _MICROSECOND
