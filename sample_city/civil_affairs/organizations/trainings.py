"""CA09: trainings for social organizations, by month."""

from __future__ import annotations

import datetime as dt

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.fault import FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.timetable import FULL_SPAN

_TOPICS = (
    ("百千万工程", "社会组织助力“百千万工程”专题培训"),
    ("法规政策", "社会组织登记管理法规培训"),
    ("党建", "社会组织党务工作者培训"),
    ("财务", "社会组织财务管理培训"),
    ("公益创投", "公益创投项目设计工作坊"),
    ("安全", "社会组织安全生产培训"),
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-04"): (fault_kinds.DUPLICATE_ROW,),
    (CITY_CODE, "2022-03"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-09"): (fault_kinds.FUTURE_DATE, fault_kinds.OUT_OF_RANGE),
    (CITY_CODE, "2023-06"): (fault_kinds.CORRECTED,),
}


def build_trainings(city: City) -> None:
    """Writes a workbook per month. The sessions and attendances of the three years are the numbers in the facts."""
    report = city.contracts["training"]
    template = FormTemplate("惠州市社会组织能力提升培训台账", "社会组织培训台账", totals=("session_count", "attendance_persons"))
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    trainings = _plan(city)
    for month in city.span.months():
        writer.write(
            Submission(
                CITY_CODE, month, complete_records(report, (row for at, row in trainings if month.start <= at <= month.end))
            )
        )
    writer.write_truth()


def _plan(city: City) -> list[tuple[dt.date, Record]]:
    """Plans one training per session, at least two per month."""
    rng = city.stream("training", "plan")
    months = FULL_SPAN.months()
    count = city.facts.training_sessions
    attendances = apportion(rng.uniform(0.6, 1.4, count), city.facts.training_attendance_persons)
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
