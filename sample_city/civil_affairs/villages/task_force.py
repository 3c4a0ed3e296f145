"""CA08: the departments that help in Luzhou, and the visits to it, by month."""

from __future__ import annotations

import datetime as dt

import numpy as np

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import NOT_NULL, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN, day_weights

_BUREAU = "惠州市民政局"
_DEPARTMENTS = (
    "惠州市农业农村局",
    "惠州市财政局",
    "惠州市文化广电旅游体育局",
    "惠州市残疾人联合会",
    "惠州市交通运输局",
    "惠州市自然资源局",
    "惠州市工商业联合会",
    "惠州市乡村振兴局",
    "惠州市水利局",
    "惠州市卫生健康局",
)
_TOWN, _OTHER_TOWN = "芦洲镇", "杨村镇"
_TOPICS = (
    "撂荒地复耕复种推进情况",
    "“新芦悠品”品牌销路",
    "芦村村惠民综合服务中心建设",
    "东胜村村道安全护栏",
    "“踏歌寻绿·醉幽芦洲”徒步环线",
    "帮扶需求项目对接",
    "“一老一小”服务",
)
_VISIT_WITHOUT_DAY = Fault(
    "visit_without_date",
    {"record_type": "调研", "visit_date": None, "leader_post": "分管领导", "topic": _TOPICS[0]},
    [("visit_date", NOT_NULL)],
)
_DEPARTMENT_WITH_VISIT = Fault(
    "department_with_visit", {"record_type": "派驻部门", "visit_date": dt.date(2022, 9, 14)}, [("visit_date", NULL)]
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-01"): (fault_kinds.UNKNOWN_TOWN,),
    (CITY_CODE, "2021-08"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-02"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2022-05"): (_VISIT_WITHOUT_DAY,),
    (CITY_CODE, "2022-09"): (_DEPARTMENT_WITH_VISIT,),
    (CITY_CODE, "2023-01"): (fault_kinds.UNREADABLE,),
    (CITY_CODE, "2023-04"): (fault_kinds.DUPLICATE_ROW, fault_kinds.OUT_OF_RANGE),
    (CITY_CODE, "2023-12"): (fault_kinds.FUTURE_DATE,),
}


def build_task_force(city: City) -> None:
    """Writes the records of each month. The departments and the principal's visits are the numbers in the facts."""
    report = city.contracts["task_force"]
    writer = DocumentWriter(city, report, FormTemplate("驻镇帮扶工作队及调研记录表", "驻镇帮扶工作队及调研记录表"), _FAULT_PLAN)
    planned = _plan(city)
    for month in city.span.months():
        rows = [{**row, "record_code": f"TF{month.year}{month.ordinal:02d}{at:02d}"} for at, row in enumerate(planned[month], 1)]
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


def _plan(city: City) -> dict[Period, list[Record]]:
    """Plans the records. The bureau and the departments join in the first months; there are visits in each month."""
    rng = city.stream("task_force", "plan")
    months = FULL_SPAN.months()
    planned: dict[Period, list[Record]] = {month: [] for month in months}
    for number, name in enumerate([_BUREAU, *_named(city.facts.task_force_departments)]):
        planned[months[min(number // 5, 2)]].append(_department(months[min(number // 5, 2)], name))
    count = city.facts.principal_visits
    for number in range(count):
        month = months[number * len(months) // count]
        planned[month].append(_visit(rng, month, "主要负责同志", _BUREAU, _TOWN))
    planned[months[9]].append(_visit(rng, months[9], "主要负责同志", _BUREAU, _OTHER_TOWN))
    for month in months:
        post, who = ("分管领导", _BUREAU) if rng.random() < 0.5 else ("科室负责人", f"{_BUREAU}社会组织管理科")
        planned[month].append(_visit(rng, month, post, who, _TOWN))
    return planned


def _named(count: int) -> list[str]:
    return [*_DEPARTMENTS, *(f"惠州市第{number}帮扶单位" for number in range(1, count + 1))][:count]


def _department(month: Period, name: str) -> Record:
    return {"period_month": str(month), "record_type": "派驻部门", "dept_name": name, "town_name": _TOWN}


def _visit(rng: Rng, month: Period, post: str, who: str, town: str) -> Record:
    weights = np.array(day_weights(month))
    return {
        "period_month": str(month),
        "record_type": "调研",
        "dept_name": who,
        "town_name": town,
        "visit_date": month.start + dt.timedelta(days=int(rng.choice(len(weights), p=weights / weights.sum()))),
        "leader_post": post,
        "topic": str(rng.choice(_TOPICS)),
        "issue_count": int(rng.integers(0, 6)),
    }
