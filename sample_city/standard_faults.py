"""Faults that any report can carry, made from its contract: what is changed in a sound row, and what must be said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.contract import Column, ColumnType, Report
from loaders.identifiers import resident_id_check_digit
from loaders.period import Period
from sample_city import planting
from sample_city.defects import BETWEEN, IN_PERIOD, KNOWN_CODE, NOT_AFTER_PERIOD, RESIDENT_ID, TYPE, UNIQUE, USCC
from sample_city.people import make_uscc, spoil_check

Record = dict[str, Any]
Reason = tuple[str | None, str]
_UNKNOWN_TOWN, _UNKNOWN_TOWN_ORDER = "龙湖镇", "199"
_FIRST_SPARE_NUMBER = 95_000
_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one row: what is changed in a sound row, and the (column, rule) of each issue that must follow.

    The faulty row is put below the sound one under a key of its own, unless `in_place` puts it in the sound row's place.
    A warning lets the row through.
    """

    kind: str
    changes: Mapping[str, Any]
    reasons: Sequence[Reason]
    in_place: bool = False
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A sound row, and the report and period that it stands in."""

    report: Report
    record: Record
    period: Period


def standard_fault(kind: str, place: Place) -> Fault:
    """The fault of this kind in a row like that at `place`.

    Raises:
        KeyError: no fault of this kind can be made by the contract alone, or not in this report.
    """
    return _MAKERS[kind](place)


def with_fresh_key(report: Report, record: Record, number: int) -> Record:
    """The same row under another key, so that it repeats no other."""
    fresh = dict(record)
    for column in report.columns:
        if not column.key or fresh[column.name] is None:
            continue
        if column.type is ColumnType.USCC:
            prefix = str(fresh[column.name])[:2]
            fresh[column.name] = make_uscc(prefix, "441302", _FIRST_SPARE_NUMBER + number)
        elif column.type is ColumnType.RESIDENT_ID:
            fresh[column.name] = _another_person(str(fresh[column.name]), number)
        elif column.type is ColumnType.TEXT and column.known_in is None:
            fresh[column.name] = f"{fresh[column.name]}X{number}"
    return fresh


def _another_person(resident_id: str, number: int) -> str:
    """Somebody born in the same place on the same day."""
    order = (int(resident_id[14:17]) + number) % 1_000
    body = f"{resident_id[:14]}{order:03d}"
    return body + resident_id_check_digit(body)


def _unknown_town(place: Place) -> Fault:
    changes, reasons = {}, []
    for column in place.report.columns:
        if column.known_in == "divisions.town_name":
            changes[column.name] = _UNKNOWN_TOWN
        elif column.known_in == "divisions.town" and place.record[column.name]:
            changes[column.name] = f"{place.record[column.name][:6]}{_UNKNOWN_TOWN_ORDER}"
        else:
            continue
        reasons.append((column.name, KNOWN_CODE))
    if not reasons:
        raise KeyError(planting.UNKNOWN_TOWN)
    return Fault(planting.UNKNOWN_TOWN, changes, reasons)


def _uscc_wrong(place: Place) -> Fault:
    column = _first(place.report, lambda column: column.type is ColumnType.USCC and bool(place.record[column.name]))
    return Fault(planting.USCC_WRONG, {column.name: spoil_check(place.record[column.name])}, [(column.name, USCC)])


def _resident_id_wrong(place: Place) -> Fault:
    column = _first(place.report, lambda column: column.type is ColumnType.RESIDENT_ID)
    return Fault(planting.RESIDENT_ID_WRONG, {column.name: spoil_check(place.record[column.name])}, [(column.name, RESIDENT_ID)])


def _future_date(place: Place) -> Fault:
    """A day after the period, in the first date that a rule ties to it."""
    for rule in place.report.rules:
        if rule.expect in {IN_PERIOD, NOT_AFTER_PERIOD} and not rule.where:
            column = place.report.column(rule.columns[0])
            if column.type is ColumnType.DATE:
                later = place.period.end + dt.timedelta(days=40)
                return Fault(planting.FUTURE_DATE, {column.name: later}, [(column.name, rule.expect)])
    raise KeyError(planting.FUTURE_DATE)


def _type_fault(place: Place) -> Fault:
    """A day that no calendar has, in the last date of the row that is filled in."""
    column = _last(place.report, lambda column: column.type is ColumnType.DATE and isinstance(place.record[column.name], dt.date))
    return Fault(planting.TYPE_FAULT, {column.name: "2021年2月30日"}, [(column.name, TYPE)])


def _out_of_range(place: Place) -> Fault:
    """One less than the least that a rule allows."""
    for rule in place.report.rules:
        least = rule.arguments.get("min_value")
        if rule.expect == BETWEEN and least is not None and rule.severity == "error" and not rule.where:
            name = rule.columns[0]
            return Fault(planting.OUT_OF_RANGE, {name: least - 1}, [(name, BETWEEN)])
    raise KeyError(planting.OUT_OF_RANGE)


def _duplicate_row(place: Place) -> Fault:
    return Fault(planting.DUPLICATE_ROW, {}, [(unique_column(place.report), UNIQUE)])


def unique_column(report: Report) -> str:
    """The column that an issue about a repeated key names."""
    keys = [column for column in report.columns if column.key]
    return sorted(keys, key=lambda column: column.type in _PERIODS)[0].name


def _first(report: Report, is_wanted: Callable[[Column], bool]) -> Column:
    return _found(report.columns, is_wanted)


def _last(report: Report, is_wanted: Callable[[Column], bool]) -> Column:
    return _found(tuple(reversed(report.columns)), is_wanted)


def _found(columns: Sequence[Column], is_wanted: Callable[[Column], bool]) -> Column:
    found = next((column for column in columns if is_wanted(column)), None)
    if found is None:
        raise KeyError("the contract has no such column")
    return found


_MAKERS: dict[str, Callable[[Place], Fault]] = {
    planting.UNKNOWN_TOWN: _unknown_town,
    planting.USCC_WRONG: _uscc_wrong,
    planting.RESIDENT_ID_WRONG: _resident_id_wrong,
    planting.FUTURE_DATE: _future_date,
    planting.TYPE_FAULT: _type_fault,
    planting.OUT_OF_RANGE: _out_of_range,
    planting.DUPLICATE_ROW: _duplicate_row,
}
