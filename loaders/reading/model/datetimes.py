"""Cells of dates, times of day and durations: serial numbers under a number format, or ISO 8601 texts."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

from loaders.reading.model.cell_builders import number_cell, plain_number
from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.number_formats import GENERAL, FormatKind, NumberFormat

_TEMPORAL_KINDS = {FormatKind.DATE: CellKind.DATE, FormatKind.DATETIME: CellKind.DATETIME, FormatKind.TIME: CellKind.TIME}
_EPOCH_DAYS = {dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1904, 1, 1)}
_LARGEST_SERIAL = 1e7
_EPOCH_1900 = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no time zone
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001
_DAY = dt.timedelta(days=1)
_MICROSECOND = dt.timedelta(microseconds=1)
# `PT08H30M00S`, `-P1DT2H`
_ISO_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")


def date_cell(serial: float, kind: CellKind, *, since_1904: bool, flags: tuple[str, ...] = ()) -> Cell:
    """Builds the cell of a serial day under a date, datetime or time format.

    A serial below 1 is a time of day. Days 0 and 60 of the 1900 system do not exist: day 60 is 29 February 1900, which
    spreadsheets keep for compatibility with Lotus 1-2-3. They stay numbers and are flagged `date_out_of_range`.
    """
    try:
        timestamp = _to_datetime(serial, since_1904=since_1904)
    except (OverflowError, ValueError):
        return Cell(plain_number(serial), CellKind.NUMBER, (*flags, "date_out_of_range"))
    if serial < 1 and (kind is CellKind.TIME or not since_1904):
        if serial == 0 and kind is not CellKind.TIME:
            return Cell("0", CellKind.NUMBER, (*flags, "date_out_of_range"))
        return Cell(timestamp.time().isoformat(), CellKind.TIME, flags)
    if kind is CellKind.DATE and timestamp.time() == dt.time():
        return Cell(timestamp.date().isoformat(), CellKind.DATE, flags)
    return Cell(timestamp.isoformat(sep=" "), CellKind.DATETIME, flags)


def iso_cell(raw: str, style: FormatKind, flags: tuple[str, ...] = ()) -> Cell:
    """Builds the cell of a date in ISO 8601 (`2023-06-01T00:00:00.000`) under its number format.

    Some programs write a time of day as a time on day zero of the calendar (30 or 31 December 1899, 1 January 1904).
    """
    try:
        timestamp = dt.datetime.fromisoformat(raw).replace(tzinfo=None)
    except ValueError:
        return _iso_time(raw, flags)
    if style is FormatKind.TIME and timestamp.date() in _EPOCH_DAYS:
        return Cell(timestamp.time().isoformat(), CellKind.TIME, flags)
    if timestamp.time() == dt.time() and style is not FormatKind.DATETIME:
        return Cell(timestamp.date().isoformat(), CellKind.DATE, flags)
    return Cell(timestamp.isoformat(sep=" "), CellKind.DATETIME, flags)


def with_date_format(cell: Cell, shown_as: NumberFormat) -> Cell:
    """Returns a copy of a date cell with its number format, if the format shows dates."""
    if shown_as.kind not in {FormatKind.NUMBER, FormatKind.PERCENT} and cell.kind is not CellKind.TEXT:
        cell.number_format = shown_as
    return cell


def with_text_format(cell: Cell, shown_as: NumberFormat) -> Cell:
    """Returns a copy of a text cell with its number format, if the format adds to the text."""
    if shown_as.adds_to_text:
        cell.number_format = shown_as
    return cell


def _iso_time(raw: str, flags: tuple[str, ...]) -> Cell:
    try:
        return Cell(dt.time.fromisoformat(raw).replace(tzinfo=None).isoformat(), CellKind.TIME, flags)
    except ValueError:
        return Cell(raw, CellKind.TEXT, (*flags, "not_a_date"))


def iso_duration_days(raw: str) -> float | None:
    """Parses `PT08H30M00S` into days; None if the text is no duration."""
    match = _ISO_DURATION.fullmatch(raw)
    if match is None:
        return None
    days, hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in match.groups()[1:])
    total = days + (hours * 3600 + minutes * 60 + seconds) / 86_400
    return -total if match[1] else total


def formatted_cell(raw: str, shown_as: NumberFormat, *, since_1904: bool, flags: tuple[str, ...] = ()) -> Cell | None:
    """Builds the cell of a number as the file writes it, interpreted by its number format; None for an empty text."""
    if not raw:
        return None
    if shown_as is GENERAL:
        return number_cell(raw, *flags)
    kind = _kind(raw, shown_as) if shown_as.is_mixed else shown_as.kind
    cell = _cell_of_kind(raw, kind, since_1904=since_1904, flags=flags)
    cell.number_format = shown_as
    return cell


def _kind(raw: str, shown_as: NumberFormat) -> FormatKind:
    """Returns the kind of the format section that applies to a number."""
    try:
        return shown_as.kind_of(Decimal(raw))
    except ArithmeticError:
        return FormatKind.NUMBER


def _cell_of_kind(raw: str, style: FormatKind, *, since_1904: bool, flags: tuple[str, ...]) -> Cell:
    if style is FormatKind.NUMBER:
        return number_cell(raw, *flags)
    if style is FormatKind.PERCENT:
        return number_cell(raw, *flags, style.value)
    try:
        serial = float(raw)
    except ValueError:
        return number_cell(raw, *flags)
    if abs(serial) > _LARGEST_SERIAL or math.isnan(serial):
        return number_cell(raw, *flags, "date_out_of_range")
    if style is FormatKind.DURATION:
        return duration_cell(serial, *flags)
    return date_cell(serial, _TEMPORAL_KINDS[style], since_1904=since_1904, flags=flags)


def duration_cell(serial: float, *flags: str) -> Cell:
    """Builds the cell of a duration in days (`[h]:mm`). Hours may exceed 24."""
    sign = "-" if serial < 0 else ""
    seconds, milliseconds = divmod(round(abs(serial) * 86_400_000), 1000)
    fraction = f".{milliseconds:03d}" if milliseconds else ""
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"
    return Cell(text, CellKind.TIME, (*flags, "duration"))


def _to_datetime(serial: float, *, since_1904: bool) -> dt.datetime:
    if serial < 0 or (not since_1904 and 60 <= serial < 61):
        raise ValueError(f"no date has serial {serial}")
    epoch = _EPOCH_1904 if since_1904 else _EPOCH_1900 if serial >= 60 else _EPOCH_1900 + _DAY
    days = int(serial)
    milliseconds = round((serial - days) * 86_400_000)
    if milliseconds % 1000 in {1, 999}:
        milliseconds = round(milliseconds, -1)
    return epoch + days * _DAY + milliseconds * 1000 * _MICROSECOND
