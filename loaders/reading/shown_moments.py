"""Date and time cells: what their format shows of them, against what the column asks for."""

from __future__ import annotations

import datetime as dt

from loaders.contract import Column, ColumnType
from loaders.period import Period, PeriodKind, parse_period
from loaders.reading.number_formats import Parts
from loaders.reading.sheets import Cell, CellKind
from loaders.reading.shown_findings import ShownValue, date_in_code, date_in_number, date_in_text, day_not_shown, no_such_period
from loaders.reading.shown_text import serial_of, shown_text
from loaders.reading.shown_texts import is_code

_WHOLE_DATE = Parts(year=True, month=True, day=True)
_TIME_NAMES = ("_date", "_time", "_at", "_day", "_period", "_month", "_year", "_on")
_PERIODS = {ColumnType.MONTH: PeriodKind.MONTH, ColumnType.QUARTER: PeriodKind.QUARTER, ColumnType.YEAR: PeriodKind.YEAR}
_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
_DAYS = {ColumnType.DATE, ColumnType.DATETIME}


def shown_moment(cell: Cell, column: Column) -> ShownValue | None:
    """What a column takes of a date or time cell; None where it is what its text says."""
    shown = shown_text(cell).strip()
    if column.type in _NUMBERS:
        return ShownValue(cell.text, date_in_number(shown, cell.text))
    if is_code(column):
        return ShownValue(cell.text, date_in_code(shown, cell.text))
    if column.type is ColumnType.TEXT:
        return _in_text(cell, column, shown)
    if cell.kind is CellKind.TIME:
        return None
    moment = dt.datetime.fromisoformat(cell.text)
    return _in_days(cell, shown, moment) if column.type in _DAYS else _in_periods(cell, column, shown, moment)


def parts_shown(cell: Cell) -> Parts:
    """Which parts of a date its format shows; all of it where the document does not say."""
    if cell.number_format is None:
        return _WHOLE_DATE
    return cell.number_format.parts(serial_of(dt.datetime.fromisoformat(cell.text)))


def _in_text(cell: Cell, column: Column, shown: str) -> ShownValue | None:
    is_time = cell.kind is CellKind.TIME
    if column.name.endswith(_TIME_NAMES) and (is_time or _is_whole(parts_shown(cell))):
        return None
    return ShownValue(shown or cell.text, date_in_text(shown, cell.text))


def _is_whole(parts: Parts) -> bool:
    return parts.year and parts.month and parts.day


def _in_days(cell: Cell, shown: str, moment: dt.datetime) -> ShownValue | None:
    """A date whose day or month cannot be seen; the first of a month shown as that month, or of a year, is what it seems."""
    parts = parts_shown(cell)
    if parts.day or parts.weekday or (not parts.is_date and not parts.clock and shown == cell.text):
        return None
    is_first = moment.time() == dt.time() and moment.day == 1 and (parts.month or moment.month == 1)
    return None if is_first and parts.is_date else ShownValue(cell.text, day_not_shown(shown, cell.text))


def _in_periods(cell: Cell, column: Column, shown: str, moment: dt.datetime) -> ShownValue | None:
    """The month, quarter or year that is shown, whatever day lies under it. Whole dates are as they are written."""
    parts, kind = parts_shown(cell), _PERIODS.get(column.type)
    if kind is None or _is_whole(parts):
        return None
    stored = Period.containing(moment.date(), kind)
    named = _named(shown, kind)
    if named is None and kind is PeriodKind.MONTH and parts.month and not parts.day:
        named = stored
    if named is None and kind is PeriodKind.YEAR and parts.year and not (parts.month or parts.quarter or parts.day):
        named = stored
    if named is None and kind is PeriodKind.QUARTER and parts.quarter and parts.year:
        named = stored
    if named == stored:
        return ShownValue(str(named))
    return ShownValue(cell.text, no_such_period(shown, cell.text))


def _named(shown: str, kind: PeriodKind) -> Period | None:
    try:
        found = parse_period(shown)
    except ValueError:
        return None
    return found if isinstance(found, Period) and found.kind is kind else None
