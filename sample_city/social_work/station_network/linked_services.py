"""SW09: joint activities of community, residents, social workers, organizations, volunteers and funds (六社联动)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, CROSS_REPORT, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN, day_weights, month_weight
from sample_city.social_work.station_network.station_plan import Station

REPORT = "linked_service"
_PER_STATION_AND_YEAR = 6
_NAMES = ("邻里节", "长者关爱日", "四点半课堂", "环境整治志愿行", "困境儿童陪伴计划", "健康义诊", "反诈宣传", "微心愿认领")
_FLAGS = ("has_community", "has_residents", "has_social_worker", "has_organization", "has_volunteer", "has_fund")
# The share of activities in which each of the six takes part, at first and three years later.
_SHARES = (np.array([0.85, 0.9, 1.0, 0.5, 0.92, 0.3]), np.array([0.97, 0.97, 1.0, 0.8, 0.98, 0.65]))
_MONEY_WITHOUT_FUND = Fault("money_without_fund", {"has_fund": False, "spent_yuan": 800}, [("spent_yuan", BETWEEN)])
_VOLUNTEERS_NOT_COUNTED = Fault(
    "volunteers_not_counted",
    {"has_volunteer": True, "volunteer_persons": None},
    [("volunteer_persons", NOT_NULL)],
)
_NOT_REGISTERED = Fault(
    "station_is_open", {"station_code": "SZ44130200199"}, [("station_code", CROSS_REPORT)], in_place=True, is_warning=True
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-04"): (fault_kinds.FUTURE_DATE, _MONEY_WITHOUT_FUND),
    (CITY_CODE, "2021-09"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2022-02"): (fault_kinds.MISSING,),
    (CITY_CODE, "2022-07"): (_VOLUNTEERS_NOT_COUNTED, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2023-01"): (fault_kinds.LATE, _NOT_REGISTERED),
    (CITY_CODE, "2023-05"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2023-09"): (fault_kinds.OUT_OF_RANGE, _MONEY_WITHOUT_FUND, fault_kinds.TYPE_FAULT),
}
_TEMPLATE = FormTemplate(
    "惠州市社工+志愿者联动服务台账", "联动服务台账", totals=("volunteer_persons", "service_persons", "spent_yuan")
)


def build_linked_services(city: City, stations: Sequence[Station]) -> None:
    """Writes a workbook per month."""
    report = city.contracts[REPORT]
    writer = DocumentWriter(city, report, _TEMPLATE, _FAULT_PLAN)
    for month in city.span.months():
        rng = city.stream(REPORT, str(month))
        working = [station for station in stations if station.is_open_throughout(month)]
        writer.write(Submission(CITY_CODE, month, complete_records(report, _activities(rng, month, working))))
    writer.write_truth()


def _activities(rng: Rng, month: Period, working: Sequence[Station]) -> list[Record]:
    """Yields one activity for some stations, for fewer around Spring Festival."""
    usual = _PER_STATION_AND_YEAR / 12 * month_weight(month) / 22
    chosen = [station for station in working if rng.random() < usual]
    weights = np.array(day_weights(month))
    days = np.sort(rng.choice(len(weights), size=len(chosen), p=weights / weights.sum())).tolist()
    progress = FULL_SPAN.months().index(month) / (len(FULL_SPAN.months()) - 1)
    shares = _SHARES[0] + (_SHARES[1] - _SHARES[0]) * progress
    return [
        _activity(rng, f"LD{month.year}{month.ordinal:02d}{number:04d}", station, month.start + dt.timedelta(days=day), shares)
        for number, (station, day) in enumerate(zip(chosen, days, strict=True), start=1)
    ]


def _activity(rng: Rng, code: str, station: Station, day: dt.date, shares: Sequence[float]) -> Record:
    flags = dict(zip(_FLAGS, (rng.random(len(_FLAGS)) < shares).tolist(), strict=True))
    name = _NAMES[int(rng.integers(len(_NAMES)))]
    return {
        "period_month": f"{day:%Y-%m}",
        "activity_code": code,
        "activity_name": f"{station.town.name if station.village is None else station.village.label}{name}",
        "station_code": station.code,
        "held_date": day,
        **flags,
        "volunteer_persons": int(rng.integers(2, 20)) if flags["has_volunteer"] else None,
        "service_persons": int(rng.integers(20, 160)),
        "spent_yuan": 50 * int(rng.integers(4, 60)) if flags["has_fund"] else None,
    }
