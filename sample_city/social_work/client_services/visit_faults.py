"""The faults in the documents of home visits (SW04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, CROSS_REPORT, IN_PERIOD, TYPE
from sample_city.faults.fault import Fault, FaultMaker, FaultPlan, FaultSite
from sample_city.faults.standard_faults import standard_fault_at

# Each fault has a fixed row. A document with fewer rows is divided into as many parts.
_ENOUGH_ROWS = 130


def _at(row: int, site: FaultSite) -> int:
    return row * min(site.sound_count, _ENOUGH_ROWS) // _ENOUGH_ROWS


def _new_code(number: int, site: FaultSite) -> dict[str, str]:
    return {"visit_code": f"TF{site.period.year}{site.period.ordinal:02d}X{number:04d}"}


def _standard(kind: str, row: int, number: int) -> FaultMaker:
    """Returns a maker of a standard fault at a row, under a visit code of its own."""
    return lambda site: standard_fault_at(kind, partial(_at, row), **_new_code(number, site))(site)


def _changed_value(kind: str, row: int, number: int, column: str, value: object, rule: str) -> FaultMaker:
    return lambda site: Fault(kind, {**_new_code(number, site), column: value}, [(column, rule)], at=_at(row, site))


def _warning(kind: str, row: int, column: str, value_of: Callable[[str], object], rule: str) -> FaultMaker:
    """Returns a maker of a warning: a sound row with another value in one column."""

    def make(site: FaultSite) -> Fault:
        at = _at(row, site)
        changes = {column: value_of(str(site.records[at][column]))}
        return Fault(kind, changes, [(column, rule)], in_place=True, is_warning=True, at=at)

    return make


def _future_date(site: FaultSite) -> Fault:
    later = (site.period.end + dt.timedelta(days=20)).isoformat()
    changes = {**_new_code(3, site), "visited_date": later}
    return Fault(fault_kinds.FUTURE_DATE, changes, [("visited_date", IN_PERIOD)], at=_at(60, site))


_RESIDENT_ID = _standard(fault_kinds.RESIDENT_ID_WRONG, 20, 1)
_UNKNOWN_TOWN = _standard(fault_kinds.UNKNOWN_TOWN, 40, 2)
_DUPLICATES = tuple(standard_fault_at(fault_kinds.DUPLICATE_ROW, partial(_at, row)) for row in (80, 120))
_MINUTES_IN_WORDS = _changed_value(fault_kinds.TYPE_FAULT, 90, 4, "visit_minutes", "半小时左右", TYPE)
_TOO_MANY_PERSONS = _changed_value(fault_kinds.OUT_OF_RANGE, 100, 5, "visit_persons", 210, BETWEEN)
_LONG_VISIT = _warning(fault_kinds.UNUSUAL_LENGTH, 30, "visit_minutes", lambda _: 600, BETWEEN)
_WORKER = _warning(fault_kinds.WORKER_NOT_LISTED, 50, "worker_code", lambda code: f"{code[:-2]}97", CROSS_REPORT)
_CLIENT = _warning(fault_kinds.CLIENT_WITHOUT_FILE, 70, "client_code", lambda code: f"{code[:-5]}99999", CROSS_REPORT)

VISIT_FAULTS: FaultPlan = {
    ("441302", "2021-01"): (_RESIDENT_ID, _UNKNOWN_TOWN),
    ("HZ-DYW", "2021-01"): (fault_kinds.LATE,),
    ("441322", "2021-02"): (_future_date, *_DUPLICATES),
    ("HZ-ZK", "2021-02"): (fault_kinds.MISSING,),
    ("441302", "2021-03"): (fault_kinds.SAME_FILE_TWICE,),
    ("441303", "2021-03"): (fault_kinds.CORRECTED,),
    ("441323", "2021-03"): (fault_kinds.WRONG_UTF8,),
    ("441324", "2021-08"): (fault_kinds.MISSING,),
    ("441322", "2021-11"): (fault_kinds.MISSING_COLUMN,),
    ("441303", "2022-03"): (_WORKER,),
    ("441324", "2022-05"): (fault_kinds.WRONG_UTF16,),
    ("441323", "2022-09"): (fault_kinds.CORRECTED,),
    ("441322", "2022-10"): (fault_kinds.SAME_FILE_TWICE,),
    ("441303", "2022-12"): (fault_kinds.LATE,),
    ("HZ-ZK", "2023-04"): (_LONG_VISIT,),
    ("441322", "2023-06"): (_MINUTES_IN_WORDS, _TOO_MANY_PERSONS),
    ("441324", "2023-09"): (_WORKER, _CLIENT),
    ("441302", "2023-12"): (_RESIDENT_ID, _UNKNOWN_TOWN, _future_date, *_DUPLICATES),
}
