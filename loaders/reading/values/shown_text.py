"""Shown text of a cell under its number format."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.number_formats import NumberFormat

_DATE_KINDS = {CellKind.DATE, CellKind.DATETIME}
_DAY = Decimal(86_400)
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no time zone
_LEAP_DAY_THAT_NEVER_WAS = 61


def shown_text(cell: Cell) -> str:
    """Returns the text that a cell shows, or its own text if the format is unknown or shows the same."""
    shown_as = cell.number_format
    if shown_as is None or not cell.text:
        return cell.text
    if cell.kind is CellKind.TEXT:
        return shown_as.show_text(cell.text) if shown_as.adds_to_text else cell.text
    if cell.kind is CellKind.NUMBER:
        return _shown_number(cell, shown_as)
    if cell.kind in _DATE_KINDS:
        timestamp = dt.datetime.fromisoformat(cell.text)
        return shown_as.show_datetime(timestamp, serial_of(timestamp))
    return _shown_time(cell.text, shown_as) if cell.kind is CellKind.TIME else cell.text


def seen_text(cell: Cell) -> str:
    """Returns the text of a cell around a table: the shown text, if it adds to a number or shortens a date."""
    shown_as = cell.number_format
    return cell.text if shown_as is None or shown_as.is_plain else shown_text(cell).strip()


def number_of_cell(cell: Cell) -> Decimal | None:
    """Returns the number of a cell; None if it has none."""
    try:
        number = Decimal(cell.text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def serial_of(timestamp: dt.datetime) -> Decimal:
    """Returns the serial day of a timestamp in the 1900 calendar."""
    since = timestamp - _EPOCH
    days = since.days + (Decimal(since.seconds) + Decimal(since.microseconds).scaleb(-6)) / _DAY
    return days if days >= _LEAP_DAY_THAT_NEVER_WAS else days - 1


def _shown_number(cell: Cell, shown_as: NumberFormat) -> str:
    number = number_of_cell(cell)
    if number is None or "date_out_of_range" in cell.flags:
        return cell.text
    return shown_as.show_number(number)


def _shown_time(text: str, shown_as: NumberFormat) -> str:
    sign, plain = (-1, text[1:]) if text.startswith("-") else (1, text)
    hours, minutes, seconds = plain.split(":")
    length = dt.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    days = sign * (length.days + (Decimal(length.seconds) + Decimal(length.microseconds).scaleb(-6)) / _DAY)
    return shown_as.show_datetime(_EPOCH + length % dt.timedelta(days=1), days)
