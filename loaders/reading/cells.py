"""Cell values as canonical text: numbers as plain decimals, dates as ISO, text without what cannot be seen.

Nothing is altered silently: a text that cleaning changed keeps its original beside it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

from loaders.reading.number_formats import FormatKind
from loaders.reading.sheets import Cell, CellKind

LARGEST_EXACT_INTEGER = 2**53
SMALLEST_CUT_INTEGER = 10**15
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffe\uffff]")
_EDGES = " \t\r\n\u00a0\u3000\u2002\u2003\u2007\u2009\u202f"
_ERROR_CODES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#GETTING_DATA"}
_ERRORS = {*_ERROR_CODES.values(), "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"}
_ISO_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")
_CLOCK_KINDS = {FormatKind.DATE: CellKind.DATE, FormatKind.DATETIME: CellKind.DATETIME, FormatKind.TIME: CellKind.TIME}
_DAYS_ZERO = {dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1904, 1, 1)}
_LARGEST_SERIAL = 1e7
_EPOCH_1900 = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no time zone
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001
_DAY = dt.timedelta(days=1)
_MICROSECOND = dt.timedelta(microseconds=1)


def clean_text(text: str) -> str:
    """Without NUL, zero-width and control characters, and without any kind of blank at the edges."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    return _INVISIBLE.sub("", text).strip(_EDGES)


def text_cell(text: str, *flags: str) -> Cell | None:
    """The cell of a text, or None when nothing that can be seen is in it."""
    cell = stored_text(text, *flags)
    return cell if cell.text else None


def stored_text(text: str, *flags: str) -> Cell:
    """The cell of a text that the file keeps, even when nothing in it can be seen: then its text is empty."""
    cleaned = clean_text(text)
    return Cell(cleaned, CellKind.TEXT, flags, text if cleaned != text else None)


def shown_text(text: str, *flags: str) -> Cell:
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
    if number == int(number):
        return str(int(number))
    text = repr(number)
    return format(Decimal(text), "f") if "e" in text else text


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


def date_cell(serial: float, kind: CellKind, *, since_1904: bool, flags: tuple[str, ...] = ()) -> Cell:
    """The cell of a serial day under a date, datetime or time format.

    A serial below 1 is a time of day. One that no calendar holds stays a number and is flagged `date_out_of_range`: day 0 of
    the 1900 system, and its day 60, the 29 February 1900 that never was (kept by spreadsheets for Lotus 1-2-3's sake).
    """
    try:
        moment = _moment(serial, since_1904=since_1904)
    except (OverflowError, ValueError):
        return Cell(plain_number(serial), CellKind.NUMBER, (*flags, "date_out_of_range"))
    if serial < 1 and (kind is CellKind.TIME or not since_1904):
        if serial == 0 and kind is not CellKind.TIME:
            return Cell("0", CellKind.NUMBER, (*flags, "date_out_of_range"))
        return Cell(moment.time().isoformat(), CellKind.TIME, flags)
    if kind is CellKind.DATE and moment.time() == dt.time():
        return Cell(moment.date().isoformat(), CellKind.DATE, flags)
    return Cell(moment.isoformat(sep=" "), CellKind.DATETIME, flags)


def iso_cell(raw: str, style: FormatKind, flags: tuple[str, ...] = ()) -> Cell:
    """The cell of a date that the file writes out (`2023-06-01T00:00:00.000`), under its number format.

    A time of day is written as a time on day zero of the calendar (30 or 31 December 1899, 1 January 1904).
    """
    try:
        moment = dt.datetime.fromisoformat(raw).replace(tzinfo=None)
    except ValueError:
        return _iso_time(raw, flags)
    if style is FormatKind.TIME and moment.date() in _DAYS_ZERO:
        return Cell(moment.time().isoformat(), CellKind.TIME, flags)
    if moment.time() == dt.time() and style is not FormatKind.DATETIME:
        return Cell(moment.date().isoformat(), CellKind.DATE, flags)
    return Cell(moment.isoformat(sep=" "), CellKind.DATETIME, flags)


def _iso_time(raw: str, flags: tuple[str, ...]) -> Cell:
    try:
        return Cell(dt.time.fromisoformat(raw).replace(tzinfo=None).isoformat(), CellKind.TIME, flags)
    except ValueError:
        return Cell(raw, CellKind.TEXT, (*flags, "not_a_date"))


def iso_duration_days(raw: str) -> float | None:
    """`PT08H30M00S` in days; None when it is no such thing."""
    match = _ISO_DURATION.fullmatch(raw)
    if match is None:
        return None
    days, hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in match.groups()[1:])
    total = days + (hours * 3600 + minutes * 60 + seconds) / 86_400
    return -total if match[1] else total


def formatted_cell(raw: str, style: FormatKind, *, since_1904: bool, flags: tuple[str, ...] = ()) -> Cell | None:
    """The cell of a number as the file writes it, read as its number format says; None for an empty one."""
    if not raw:
        return None
    if style is FormatKind.NUMBER:
        return number_cell(raw, *flags)
    if style in {FormatKind.PERCENT, FormatKind.ZERO_PADDED}:
        return number_cell(raw, *flags, style.value)
    try:
        serial = float(raw)
    except ValueError:
        return number_cell(raw, *flags)
    if abs(serial) > _LARGEST_SERIAL or math.isnan(serial):
        return number_cell(raw, *flags, "date_out_of_range")
    if style is FormatKind.DURATION:
        return duration_cell(serial, *flags)
    return date_cell(serial, _CLOCK_KINDS[style], since_1904=since_1904, flags=flags)


def duration_cell(serial: float, *flags: str) -> Cell:
    """The cell of a length of time in days (`[h]:mm`): hours may pass 24."""
    sign = "-" if serial < 0 else ""
    seconds, milliseconds = divmod(round(abs(serial) * 86_400_000), 1000)
    fraction = f".{milliseconds:03d}" if milliseconds else ""
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"
    return Cell(text, CellKind.TIME, (*flags, "duration"))


def _moment(serial: float, *, since_1904: bool) -> dt.datetime:
    if serial < 0 or (not since_1904 and 60 <= serial < 61):
        raise ValueError(f"no date has serial {serial}")
    epoch = _EPOCH_1904 if since_1904 else _EPOCH_1900 if serial >= 60 else _EPOCH_1900 + _DAY
    days = int(serial)
    milliseconds = round((serial - days) * 86_400_000)
    if milliseconds % 1000 in {1, 999}:
        milliseconds = round(milliseconds, -1)
    return epoch + days * _DAY + milliseconds * 1000 * _MICROSECOND
