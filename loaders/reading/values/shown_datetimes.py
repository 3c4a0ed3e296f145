"""Date and time cells: what their format shows of them, against what the column asks for."""

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
    """What a column takes of a date or time cell; None where it is what its text says."""
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
    """Which parts of a date its format shows; all of it where the document does not say."""
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
    """A date whose day or month cannot be seen; the first of a month shown as that month, or of a year, is what it seems."""
    parts, timestamp = parts_shown(cell), dt.datetime.fromisoformat(cell.text)
    named = _day_named(shown)
    if named is not None and named != timestamp.date():
        return ShownValue(cell.text, two_days(shown, cell.text))
    if parts.day or parts.weekday or (not parts.is_date and not parts.clock and shown == cell.text):
        return None
    is_first = timestamp.time() == dt.time() and timestamp.day == 1 and (parts.month or timestamp.month == 1)
    return None if is_first and parts.is_date else ShownValue(cell.text, day_not_shown(shown, cell.text))


@lru_cache(maxsize=4096)
def _in_periods(text: str, written_as: CellKind, shown_as: NumberFormat | None, kind: PeriodKind) -> ShownValue | None:
    """The month, quarter or year that is shown, whatever day lies under it. Whole dates are as they are written.

    A column of periods repeats few dates many times.
    """
    cell = Cell(text, written_as, number_format=shown_as)
    parts, shown = parts_shown(cell), shown_text(cell).strip()
    if _is_whole(parts):
        return None
    stored = Period.containing(dt.date.fromisoformat(text[:10]), kind)
    named = _named(shown, kind) or (stored if _shows(parts, kind) else None)
    return ShownValue(str(named)) if named == stored else ShownValue(text, no_such_period(shown, text))


@lru_cache(maxsize=4096)
def _day_named(shown: str) -> dt.date | None:
    """The whole date that a cell shows, literal years and days (`"2023年"m"月"d"日"`) included."""
    try:
        return parse_date(shown)
    except ValueError:
        return None


def _shows(parts: DateParts, kind: PeriodKind) -> bool:
    """Whether the parts that are shown name a period of this kind; a month without its year is of the year that lies under it."""
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
