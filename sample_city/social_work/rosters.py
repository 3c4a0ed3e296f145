"""SW02: the roster of social workers, by county and month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from loaders.period import Period
from sample_city import planting
from sample_city.city import City
from sample_city.defects import CROSS_REPORT, GREATER
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import UNITS
from sample_city.pages import Look
from sample_city.social_work.staff_plan import Worker
from sample_city.social_work.station_plan import Station
from sample_city.standard_faults import Fault, Record

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
_PLANTED: Kinds = {
    ("441302", "2021-05"): (planting.RESIDENT_ID_WRONG, planting.FUTURE_DATE),
    ("441322", "2021-08"): (planting.DUPLICATE_ROW, _LEFT_BEFORE_HIRED),
    ("HZ-DYW", "2021-12"): (planting.MISSING,),
    ("441323", "2022-03"): (planting.UNREADABLE,),
    ("441303", "2022-06"): (planting.LATE,),
    ("441324", "2022-09"): (planting.MISSING_COLUMN,),
    ("HZ-ZK", "2023-01"): (planting.CORRECTED,),
    ("441322", "2023-04"): (planting.SAME_FILE_TWICE,),
    ("441302", "2023-10"): (planting.TYPE_FAULT, _LEFT_BEFORE_HIRED),
    ("441303", "2023-12"): (_NOT_REGISTERED,),
    ("441323", "2023-12"): (planting.RESIDENT_ID_WRONG, planting.DUPLICATE_ROW),
}
_LOOK = Look("惠州市{unit}双百社工花名册", "双百社工花名册")


def build_rosters(city: City, workers: Sequence[Worker], stations: Sequence[Station]) -> None:
    """Send a workbook for each unit and month: everyone hired so far, with the day on which they left."""
    report = city.contracts[REPORT]
    desk = Desk(city, report, _LOOK, _PLANTED)
    unit_of: Mapping[str, str] = {station.code: station.town.unit for station in stations}
    for unit in UNITS:
        mine = [worker for worker in workers if unit_of[worker.post.station_code] == unit]
        for month in city.span.months():
            rows = (_record(worker, month) for worker in mine if worker.post.hired <= month.end)
            desk.send(Sending(unit, month, records_of(report, rows)))
    desk.close()


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
