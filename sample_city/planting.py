"""Where the faults stand: which document of which unit and period carries which."""

from __future__ import annotations

from collections.abc import Mapping

CLIENT_WITHOUT_FILE = "client_has_a_file"
CONTROL_TOTAL_OFF = "total_disagrees"
CORRECTED = "corrected_file"
DUPLICATE_ROW = "duplicate_row"
FUTURE_DATE = "future_date"
LATE = "late_file"
MISSING = "missing_submission"
MISSING_COLUMN = "missing_column"
OUT_OF_RANGE = "out_of_range"
RESIDENT_ID_WRONG = "resident_id_checksum"
SAME_FILE_TWICE = "same_file_twice"
TYPE_FAULT = "type_fault"
UNKNOWN_REGISTRAR = "unknown_registrar"
UNKNOWN_TOWN = "unknown_town"
UNREADABLE = "unreadable_document"
UNUSUAL_LENGTH = "unusual_length"
USCC_WRONG = "uscc_checksum"
WORKER_NOT_LISTED = "worker_is_on_the_roster"
WRONG_PREFIX = "uscc_prefix"
WRONG_SUM = "sum_disagrees"
WRONG_UTF16 = "wrong_encoding_utf16"
WRONG_UTF8 = "wrong_encoding_utf8"

Planting = Mapping[tuple[str, str], tuple[str, ...]]

HOME_VISIT: Planting = {
    ("441302", "2021-01"): (RESIDENT_ID_WRONG, UNKNOWN_TOWN),
    ("HZ-DYW", "2021-01"): (LATE,),
    ("441322", "2021-02"): (DUPLICATE_ROW, FUTURE_DATE),
    ("HZ-ZK", "2021-02"): (MISSING,),
    ("441302", "2021-03"): (SAME_FILE_TWICE,),
    ("441303", "2021-03"): (CORRECTED,),
    ("441323", "2021-03"): (WRONG_UTF8,),
    ("441324", "2021-08"): (MISSING,),
    ("441322", "2021-11"): (MISSING_COLUMN,),
    ("441303", "2022-03"): (WORKER_NOT_LISTED,),
    ("441324", "2022-05"): (WRONG_UTF16,),
    ("441323", "2022-09"): (CORRECTED,),
    ("441322", "2022-10"): (SAME_FILE_TWICE,),
    ("441303", "2022-12"): (LATE,),
    ("HZ-ZK", "2023-04"): (UNUSUAL_LENGTH,),
    ("441322", "2023-06"): (TYPE_FAULT, OUT_OF_RANGE),
    ("441324", "2023-09"): (CLIENT_WITHOUT_FILE, WORKER_NOT_LISTED),
    ("441302", "2023-12"): (RESIDENT_ID_WRONG, FUTURE_DATE, UNKNOWN_TOWN, DUPLICATE_ROW),
}

STATION: Planting = {
    ("441302", "2021-01"): (UNKNOWN_TOWN,),
    ("441322", "2021-02"): (CONTROL_TOTAL_OFF,),
    ("441323", "2021-02"): (UNREADABLE,),
    ("441303", "2021-03"): (MISSING_COLUMN,),
    ("441324", "2021-10"): (FUTURE_DATE,),
    ("441302", "2021-09"): (LATE,),
    ("HZ-ZK", "2022-03"): (MISSING,),
    ("441322", "2022-04"): (DUPLICATE_ROW,),
    ("441303", "2022-07"): (SAME_FILE_TWICE,),
    ("441324", "2022-08"): (CORRECTED,),
    ("441323", "2022-11"): (CONTROL_TOTAL_OFF,),
    ("441302", "2023-02"): (TYPE_FAULT,),
    ("441322", "2023-03"): (UNREADABLE,),
    ("441323", "2023-12"): (UNKNOWN_TOWN, DUPLICATE_ROW),
}

TOWN_COVERAGE: Planting = {
    ("441322", "2021Q1"): (UNKNOWN_TOWN,),
    ("441323", "2021Q2"): (LATE,),
    ("441302", "2021Q4"): (DUPLICATE_ROW,),
    ("441324", "2022Q1"): (FUTURE_DATE,),
    ("HZ-DYW", "2022Q2"): (MISSING,),
    ("441303", "2022Q3"): (UNREADABLE,),
    ("441322", "2022Q4"): (CORRECTED,),
    ("441323", "2023Q1"): (MISSING_COLUMN,),
    ("441302", "2023Q2"): (SAME_FILE_TWICE,),
    ("441322", "2023Q4"): (UNKNOWN_TOWN,),
}

COMMUNITY_FUND: Planting = {
    ("4413", "2021-03"): (WRONG_SUM,),
    ("4413", "2022-06"): (LATE,),
    ("4413", "2022-11"): (USCC_WRONG, FUTURE_DATE),
    ("4413", "2023-05"): (UNKNOWN_TOWN, DUPLICATE_ROW),
    ("4413", "2023-12"): (USCC_WRONG, WRONG_SUM),
}

OF_ROWS = frozenset({UNKNOWN_TOWN, USCC_WRONG, RESIDENT_ID_WRONG, FUTURE_DATE, TYPE_FAULT, OUT_OF_RANGE, DUPLICATE_ROW})
"""The kinds of fault of one row that any report can carry."""
