"""Date and time cells: which value a column takes if the format shows less or more than the stored date."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from loaders.contract import Column, ColumnType
from loaders.period import Period, PeriodKind, parse_date, parse_period
from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.number_formats import DateParts, NumberFormat
from loaders.reading.values.shown_issues import (
    ShownValue,
    date_in_code,
    date_in_number,
    date_in_text,
    day_not_shown,
    no_such_period,
    two_days,
)
from loaders.reading.values.shown_text import serial_of, shown_text
from loaders.reading.values.text_columns import is_code

_WHOLE_DATE = DateParts(year=True, month=True, day=True)
_TIME_NAMES = ("_date", "_time", "_at", "_day", "_period", "_month", "_year", "_on")
_PERIODS = {ColumnType.MONTH: PeriodKind.MONTH, ColumnType.QUARTER: PeriodKind.QUARTER, ColumnType.YEAR: PeriodKind.YEAR}
_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
_DAYS = {ColumnType.DATE, ColumnType.DATETIME}


def shown_datetime(cell: Cell, column: Column) -> ShownValue | None:
    """Returns the value that a column takes of a date or time cell; None if it is the cell's text."""
    if column.type in _PERIODS and cell.kind is not CellKind.TIME:
        return _in_periods(cell.text, cell.kind, cell.number_format, _PERIODS[column.type])
    shown = shown_text(cell).strip()
    if column.type in _NUMBERS:
        return ShownValue(cell.text, date_in_number(shown, cell.text))
    if is_code(column):
        return ShownValue(cell.text, date_in_code(shown, cell.text))
    if column.type is ColumnType.TEXT:
        return _in_text(cell, column, shown)
    return None if cell.kind is CellKind.TIME else _in_days(cell, shown)


def parts_shown(cell: Cell) -> DateParts:
    """Returns the date parts that the format of a cell shows. Without a format, all parts are shown."""
    if cell.number_format is None:
        return _WHOLE_DATE
    return cell.number_format.parts(serial_of(dt.datetime.fromisoformat(cell.text)))


def _in_text(cell: Cell, column: Column, shown: str) -> ShownValue | None:
    is_time = cell.kind is CellKind.TIME
    if column.name.endswith(_TIME_NAMES) and (is_time or _is_whole(parts_shown(cell))):
        return None
    return ShownValue(shown or cell.text, date_in_text(shown, cell.text))


def _is_whole(parts: DateParts) -> bool:
    return parts.year and parts.month and parts.day


def _in_days(cell: Cell, shown: str) -> ShownValue | None:
    """Handles a date whose day or month is not shown. The first day of a month or year counts as that month or year."""
    parts, timestamp = parts_shown(cell), dt.datetime.fromisoformat(cell.text)
    named = _day_named(shown)
    if named is not None and named != timestamp.date():
        return ShownValue(cell.text, two_days(shown, cell.text))
    if parts.day or parts.weekday or (not parts.is_date and not parts.clock and shown == cell.text):
        return None
    is_first = timestamp.time() == dt.time() and timestamp.day == 1 and (parts.month or timestamp.month == 1)
    return None if is_first and parts.is_date else ShownValue(cell.text, day_not_shown(shown, cell.text))


@lru_cache(maxsize=4096)
def _in_periods(text: str, stored_kind: CellKind, shown_as: NumberFormat | None, kind: PeriodKind) -> ShownValue | None:
    """Returns the shown month, quarter or year of a stored date; None for a date that is shown in full.

    The cache serves columns of periods, which repeat few dates many times.
    """
    cell = Cell(text, stored_kind, number_format=shown_as)
    parts, shown = parts_shown(cell), shown_text(cell).strip()
    if _is_whole(parts):
        return None
    stored = Period.containing(dt.date.fromisoformat(text[:10]), kind)
    named = _named(shown, kind) or (stored if _shows(parts, kind) else None)
    return ShownValue(str(named)) if named == stored else ShownValue(text, no_such_period(shown, text))


@lru_cache(maxsize=4096)
def _day_named(shown: str) -> dt.date | None:
    """Returns the full date that a cell shows, including literal years and days (`"2023年"m"月"d"日"`)."""
    try:
        return parse_date(shown)
    except ValueError:
        return None


def _shows(parts: DateParts, kind: PeriodKind) -> bool:
    """Checks whether the shown parts name a period of this kind. A month without a year belongs to the stored year."""
    match kind:
        case PeriodKind.MONTH:
            return parts.month and not parts.day
        case PeriodKind.QUARTER:
            return parts.quarter and parts.year
        case PeriodKind.YEAR:
            return parts.year and not (parts.month or parts.quarter or parts.day)
    return False


def _named(shown: str, kind: PeriodKind) -> Period | None:
    try:
        found = parse_period(shown)
    except ValueError:
        return None
    return found if isinstance(found, Period) and found.kind is kind else None
