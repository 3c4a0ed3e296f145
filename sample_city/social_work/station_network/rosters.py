"""SW02: the roster of social workers, by county and month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import UNITS
from sample_city.social_work.station_network.staff_plan import Worker
from sample_city.social_work.station_network.station_plan import Station

REPORT = "social_worker"
_LEFT_BEFORE_HIRED = Fault(
    "left_before_hired", {"hired_date": dt.date(2021, 5, 10), "left_date": dt.date(2021, 3, 31)}, [("left_date", GREATER)]
)
_NOT_REGISTERED = Fault(
    "station_is_open",
    {"worker_code": "SG4413030019901", "station_code": "SZ44130300199"},
    [("station_code", CROSS_REPORT)],
    is_warning=True,
)
_FAULT_PLAN: FaultPlan = {
    ("441302", "2021-05"): (fault_kinds.RESIDENT_ID_WRONG, fault_kinds.FUTURE_DATE),
    ("441322", "2021-08"): (fault_kinds.DUPLICATE_ROW, _LEFT_BEFORE_HIRED),
    ("HZ-DYW", "2021-12"): (fault_kinds.MISSING,),
    ("441323", "2022-03"): (fault_kinds.UNREADABLE,),
    ("441303", "2022-06"): (fault_kinds.LATE,),
    ("441324", "2022-09"): (fault_kinds.MISSING_COLUMN,),
    ("HZ-ZK", "2023-01"): (fault_kinds.CORRECTED,),
    ("441322", "2023-04"): (fault_kinds.SAME_FILE_TWICE,),
    ("441302", "2023-10"): (fault_kinds.TYPE_FAULT, _LEFT_BEFORE_HIRED),
    ("441303", "2023-12"): (_NOT_REGISTERED,),
    ("441323", "2023-12"): (fault_kinds.RESIDENT_ID_WRONG, fault_kinds.DUPLICATE_ROW),
}
_TEMPLATE = FormTemplate("惠州市{unit}双百社工花名册", "双百社工花名册")


def build_rosters(city: City, workers: Sequence[Worker], stations: Sequence[Station]) -> None:
    """Writes a workbook per unit and month: everyone hired so far, with the day of leaving."""
    report = city.contracts[REPORT]
    writer = DocumentWriter(city, report, _TEMPLATE, _FAULT_PLAN)
    unit_of: Mapping[str, str] = {station.code: station.town.unit for station in stations}
    for unit in UNITS:
        mine = [worker for worker in workers if unit_of[worker.post.station_code] == unit]
        for month in city.span.months():
            rows = (_record(worker, month) for worker in mine if worker.post.hired <= month.end)
            writer.write(Submission(unit, month, complete_records(report, rows)))
    writer.write_truth()


def _record(worker: Worker, month: Period) -> Record:
    post = worker.post
    return {
        "period_month": str(month),
        "worker_code": post.worker_code,
        "person_name": worker.name,
        "resident_id": worker.resident_id,
        "station_code": post.station_code,
        "post": post.title,
        "qualification": worker.qualification,
        "hired_date": post.hired,
        "left_date": post.left if post.left is not None and post.left <= month.end else None,
        "phone": worker.phone,
    }
