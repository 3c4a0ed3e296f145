"""Standard row faults: made from a report's contract alone, so that any report can carry them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from loaders.contract import Column, ColumnType, Report
from loaders.identifiers import resident_id_check_digit
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, IN_PERIOD, KNOWN_CODE, NOT_AFTER_PERIOD, RESIDENT_ID, TYPE, UNIQUE, USCC
from sample_city.faults.fault import Fault, FaultMaker, FaultSite, Record
from sample_city.reference.people import corrupt_check_digit, make_uscc

_UNKNOWN_TOWN, _UNKNOWN_TOWN_ORDER = "龙湖镇", "199"
_FIRST_SPARE_NUMBER = 95_000
_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})


def standard_fault(kind: str, site: FaultSite) -> Fault:
    """Makes the fault of this kind for the sound row of the site.

    Raises:
        KeyError: no fault of this kind can be made from the contract alone, or not in this report.
    """
    return _MAKERS[kind](site)


def standard_fault_at(kind: str, at: int | Callable[[FaultSite], int], **changes: Any) -> FaultMaker:
    """Returns a maker of a standard fault at a fixed row, or at a row that depends on the site, with further changes."""

    def make(site: FaultSite) -> Fault:
        index = at if isinstance(at, int) else at(site)
        fault = standard_fault(kind, replace(site, at=index))
        return replace(fault, at=index, changes={**fault.changes, **changes})

    return make


def with_new_key(report: Report, record: Record, number: int) -> Record:
    """Copies a row under a key that no other row has."""
    copy = dict(record)
    for column in report.columns:
        if not column.key or copy[column.name] is None:
            continue
        if column.type is ColumnType.USCC:
            prefix = str(copy[column.name])[:2]
            copy[column.name] = make_uscc(prefix, "441302", _FIRST_SPARE_NUMBER + number)
        elif column.type is ColumnType.RESIDENT_ID:
            copy[column.name] = _next_resident_id(str(copy[column.name]), number)
        elif column.type is ColumnType.TEXT and column.known_in is None:
            copy[column.name] = f"{copy[column.name]}X{number}"
    return copy


def _next_resident_id(resident_id: str, number: int) -> str:
    """Returns the number of another person, born in the same place on the same day."""
    order = (int(resident_id[14:17]) + number) % 1_000
    body = f"{resident_id[:14]}{order:03d}"
    return body + resident_id_check_digit(body)


def _unknown_town(site: FaultSite) -> Fault:
    changes, reasons = {}, []
    for column in site.report.columns:
        if column.known_in == "divisions.town_name":
            changes[column.name] = _UNKNOWN_TOWN
        elif column.known_in == "divisions.town" and site.record[column.name]:
            changes[column.name] = f"{site.record[column.name][:6]}{_UNKNOWN_TOWN_ORDER}"
        else:
            continue
        reasons.append((column.name, KNOWN_CODE))
    if not reasons:
        raise KeyError(fault_kinds.UNKNOWN_TOWN)
    return Fault(fault_kinds.UNKNOWN_TOWN, changes, reasons)


def _uscc_wrong(site: FaultSite) -> Fault:
    column = _first(site.report, lambda column: column.type is ColumnType.USCC and bool(site.record[column.name]))
    return Fault(fault_kinds.USCC_WRONG, {column.name: corrupt_check_digit(site.record[column.name])}, [(column.name, USCC)])


def _resident_id_wrong(site: FaultSite) -> Fault:
    column = _first(site.report, lambda column: column.type is ColumnType.RESIDENT_ID)
    return Fault(
        fault_kinds.RESIDENT_ID_WRONG, {column.name: corrupt_check_digit(site.record[column.name])}, [(column.name, RESIDENT_ID)]
    )


def _future_date(site: FaultSite) -> Fault:
    """Puts a day after the period into the first date column that a rule limits to the period."""
    for rule in site.report.rules:
        if rule.expect in {IN_PERIOD, NOT_AFTER_PERIOD} and not rule.where:
            column = site.report.column(rule.columns[0])
            if column.type is ColumnType.DATE:
                later = site.period.end + dt.timedelta(days=40)
                return Fault(fault_kinds.FUTURE_DATE, {column.name: later}, [(column.name, rule.expect)])
    raise KeyError(fault_kinds.FUTURE_DATE)


def _type_fault(site: FaultSite) -> Fault:
    """Puts a day that no calendar has into the last date of the row that is not null."""
    column = _last(site.report, lambda column: column.type is ColumnType.DATE and isinstance(site.record[column.name], dt.date))
    return Fault(fault_kinds.TYPE_FAULT, {column.name: "2021年2月30日"}, [(column.name, TYPE)])


def _out_of_range(site: FaultSite) -> Fault:
    """Puts a number below the minimum of a rule."""
    for rule in site.report.rules:
        least = rule.arguments.get("min_value")
        if rule.expect == BETWEEN and least is not None and rule.severity == "error" and not rule.where:
            name = rule.columns[0]
            return Fault(fault_kinds.OUT_OF_RANGE, {name: least - 1}, [(name, BETWEEN)])
    raise KeyError(fault_kinds.OUT_OF_RANGE)


def _duplicate_row(site: FaultSite) -> Fault:
    return Fault(fault_kinds.DUPLICATE_ROW, {}, [(unique_column(site.report), UNIQUE)])


def unique_column(report: Report) -> str:
    """Returns the column that an issue about a duplicate key names."""
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


_MAKERS: dict[str, Callable[[FaultSite], Fault]] = {
    fault_kinds.UNKNOWN_TOWN: _unknown_town,
    fault_kinds.USCC_WRONG: _uscc_wrong,
    fault_kinds.RESIDENT_ID_WRONG: _resident_id_wrong,
    fault_kinds.FUTURE_DATE: _future_date,
    fault_kinds.TYPE_FAULT: _type_fault,
    fault_kinds.OUT_OF_RANGE: _out_of_range,
    fault_kinds.DUPLICATE_ROW: _duplicate_row,
}
