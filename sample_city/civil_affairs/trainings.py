"""CA09: trainings for social organisations, by month."""

from __future__ import annotations

import datetime as dt

from loaders.period import Period
from sample_city import planting
from sample_city.city import City
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE
from sample_city.pages import Look
from sample_city.shares import shared_out
from sample_city.standard_faults import Record
from sample_city.timetable import WHOLE

_TOPICS = (
    ("百千万工程", "社会组织助力“百千万工程”专题培训"),
    ("法规政策", "社会组织登记管理法规培训"),
    ("党建", "社会组织党务工作者培训"),
    ("财务", "社会组织财务管理培训"),
    ("公益创投", "公益创投项目设计工作坊"),
    ("安全", "社会组织安全生产培训"),
)
_PLANTED: Kinds = {
    (CITY_CODE, "2021-04"): (planting.DUPLICATE_ROW,),
    (CITY_CODE, "2022-03"): (planting.LATE,),
    (CITY_CODE, "2022-09"): (planting.FUTURE_DATE, planting.OUT_OF_RANGE),
    (CITY_CODE, "2023-06"): (planting.CORRECTED,),
}


def build_trainings(city: City) -> None:
    """Send a workbook for each month; the sessions and attendances of the whole three years are the city's facts."""
    report = city.contracts["training"]
    look = Look("惠州市社会组织能力提升培训台账", "社会组织培训台账", totals=("session_count", "attendance_persons"))
    desk = Desk(city, report, look, _PLANTED)
    held = _plan(city)
    for month in city.span.months():
        desk.send(Sending(CITY_CODE, month, records_of(report, (row for at, row in held if month.start <= at <= month.end))))
    desk.close()


def _plan(city: City) -> list[tuple[dt.date, Record]]:
    """One training a session, spread over the months; at least two in each month."""
    rng = city.stream("training", "plan")
    months = WHOLE.months()
    count = city.facts.training_sessions
    attendances = shared_out(rng.uniform(0.6, 1.4, count), city.facts.training_attendance_persons)
    trainings = []
    for number, persons in enumerate(attendances):
        month: Period = months[number * len(months) // count]
        day = month.start + dt.timedelta(days=int(rng.integers(4, 26)))
        topic, name = _TOPICS[int(rng.integers(len(_TOPICS)))]
        trainings.append(
            (
                day,
                {
                    "period_month": str(month),
                    "training_code": f"PX{month.year}{month.ordinal:02d}{number + 1:03d}",
                    "training_name": name,
                    "held_date": day,
                    "host": "惠州市社会组织孵化基地" if rng.random() < 0.6 else "惠州市民政局社会组织管理科",
                    "topic_type": topic,
                    "session_count": 1,
                    "attendance_persons": persons,
                    "organization_count": max(1, persons // 3),
                },
            )
        )
    return trainings
