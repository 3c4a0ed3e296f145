"""CA04: rotations, joint activities and visits of party branches, by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from loaders.period import Period
from sample_city.city import City, Organization
from sample_city.civil_affairs.villages.pairing_plan import Pairing
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN, day_weights, month_weight

_ACTIVITIES = 650
_TYPES, _CHANCES = ("党建轮值", "联建共建", "主题党日", "结对走访"), (0.16, 0.32, 0.22, 0.30)
_IN_VILLAGES = frozenset({"联建共建", "结对走访"})
_CHECKLIST = (
    "引导社会组织党员走进结对村（社区）",
    "党组织轮值主持会员企业对接会",
    "与结对村党组织联建共建",
    "组织会员企业到村考察产业项目",
    "开展困难党员和群众走访慰问",
    "推动撂荒地复耕复种",
    "参与乡村环境卫生整治",
    "助销镇村农特产品",
    "支持“一老一小”服务点建设",
    "组织文艺下乡和移风易俗宣传",
    "开展“百千万工程”政策宣讲",
    "设立党员示范岗和责任区",
)
_PUBLICIZED = ((dt.date(2022, 9, 1), "民政部官网"), (dt.date(2023, 5, 1), "《中国社会报》"), (dt.date(2023, 10, 1), "民政部官网"))
_NO_VILLAGE = Fault(
    "joint_activity_without_village",
    {"activity_type": "联建共建", "partner_village_name": None, "partner_village_code": None},
    [("partner_village_code", NOT_NULL)],
)
_NOT_PAIRED = Fault(
    "village_is_paired",
    {"activity_type": "联建共建", "partner_village_name": "东湖社区", "partner_village_code": "441302001001"},
    [("uscc", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-02"): (fault_kinds.LATE,),
    (CITY_CODE, "2021-06"): (_NO_VILLAGE, fault_kinds.FUTURE_DATE),
    (CITY_CODE, "2021-12"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2022-04"): (fault_kinds.UNREADABLE,),
    (CITY_CODE, "2022-07"): (_NOT_PAIRED,),
    (CITY_CODE, "2022-10"): (fault_kinds.OUT_OF_RANGE, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2023-02"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-07"): (fault_kinds.USCC_WRONG, _NO_VILLAGE),
    (CITY_CODE, "2023-11"): (fault_kinds.TYPE_FAULT,),
}


def build_party_activities(city: City, pairings: Sequence[Pairing]) -> None:
    """Writes the log of each month."""
    report = city.contracts["party_activity"]
    template = FormTemplate("惠州市社会组织党建轮值和联建共建活动台账", "党建活动台账", totals=("party_attendance_persons",))
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    activities = _plan(city, pairings)
    for month in city.span.months():
        rows = (row for row in activities if row["period_month"] == str(month))
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


def _plan(city: City, pairings: Sequence[Pairing]) -> list[Record]:
    """Plans the activities: fewer around Spring Festival. The first one of some months was publicized."""
    rng = city.stream("party_activity", "plan")
    counts = apportion([month_weight(month) for month in FULL_SPAN.months()], _ACTIVITIES)
    activities = []
    for month, count in zip(FULL_SPAN.months(), counts, strict=True):
        channel = next((name for start, name in _PUBLICIZED if start == month.start), None)
        for number, day in enumerate(_days(rng, month, max(count, 1)), start=1):
            row = _row(rng, month, number, day, [one for one in pairings if one.is_active(day)])
            activities.append(row | {"publicity_channel": channel if number == 1 else None})
    return activities


def _days(rng: Rng, month: Period, count: int) -> list[dt.date]:
    """Draws working days from the fourth of the month, in order."""
    weights = np.array(day_weights(month)[3:])
    drawn = rng.choice(len(weights), size=count, p=weights / weights.sum())
    return [month.start + dt.timedelta(days=3 + int(offset)) for offset in np.sort(drawn)]


def _row(rng: Rng, month: Period, number: int, day: dt.date, pairings: Sequence[Pairing]) -> Record:
    pairing = pairings[int(rng.integers(len(pairings)))]
    organization: Organization = pairing.organization
    kind = str(rng.choice(_TYPES, p=_CHANCES))
    item = str(rng.choice(_CHECKLIST))
    is_out = kind in _IN_VILLAGES
    return {
        "period_month": str(month),
        "activity_code": f"DJ{month.year}{month.ordinal:02d}{number:03d}",
        "activity_date": day,
        "activity_type": kind,
        "host_party_organization": f"中共{organization.name}支部委员会",
        "organization_name": organization.name,
        "uscc": organization.uscc,
        "partner_village_name": pairing.village.label if is_out else None,
        "partner_village_code": pairing.village.code if is_out else None,
        "party_attendance_persons": int(rng.integers(5, 40)),
        "checklist_item": item if is_out or rng.random() < 0.3 else None,
        "issue_solved_count": int(rng.integers(0, 4)) if is_out else None,
    }
