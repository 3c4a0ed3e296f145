"""CA03: which social organisations have a party branch, by quarter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from loaders.period import Period
from sample_city import planting
from sample_city.city import City, Organization
from sample_city.civil_affairs.standing import NOT_REGISTERED, helpers_named_in_the_account, kind_of
from sample_city.defects import BETWEEN, CROSS_REPORT, EQUAL_SUM, NOT_NULL, NULL
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE
from sample_city.pages import Look
from sample_city.people import draw_mobiles, draw_names, stream
from sample_city.standard_faults import Fault, Record
from sample_city.timetable import WHOLE

_SHARE_WITH_BRANCH = 0.42
_FORMS, _FORM_CHANCES = ("党支部", "联合支部", "临时党支部", "党小组", "党总支", "党委"), (0.55, 0.26, 0.1, 0.06, 0.02, 0.01)
_AFFILIATIONS = ("业务主管部门", "属地管理", "行业党组织", "挂靠单位")
_POLITICS = ("群众", "中共党员", "民主党派", "无党派", "共青团员")
_KEEPS_MEMBERS = frozenset({"党支部", "党总支", "党委"})
_WITHOUT: Record = {
    "has_party_organization": False,
    "party_founded_date": None,
    "party_organization_name": None,
    "party_form": None,
    "party_build_type": None,
    "party_affiliation": None,
    "party_leader": None,
    "party_leader_phone": None,
}
_NO_REASON = Fault("no_branch_without_reason", {**_WITHOUT, "no_party_reason": None}, [("no_party_reason", NOT_NULL)])
_DAY_WITHOUT_BRANCH = Fault(
    "founded_without_branch",
    {**_WITHOUT, "no_party_reason": "无党员", "party_founded_date": dt.date(2019, 7, 1)},
    [("party_founded_date", NULL)],
)
_TWO_MEMBERS = Fault(
    "branch_of_two_members",
    {"has_party_organization": True, "party_founded_date": dt.date(2020, 7, 1), "party_organization_name": "中共某支部委员会"}
    | {"party_form": "党支部", "no_party_reason": None, "party_member_persons": 2, "fulltime_member_persons": 1}
    | {"parttime_member_persons": 1, "new_member_persons": 0},
    [("party_member_persons", BETWEEN)],
)
_SUM = Fault(
    planting.WRONG_SUM,
    {"party_member_persons": 9, "fulltime_member_persons": 4, "parttime_member_persons": 3, "new_member_persons": 0},
    [("party_member_persons", EQUAL_SUM)],
)
_NEGATIVE = Fault(
    planting.OUT_OF_RANGE,
    {"party_member_persons": 5, "fulltime_member_persons": 6, "parttime_member_persons": -1, "new_member_persons": 0},
    [("parttime_member_persons", BETWEEN)],
)
_NOT_REGISTERED = Fault(
    "organization_is_registered",
    {"organization_type": "社会团体", "uscc": NOT_REGISTERED},
    [("uscc", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_PLANTED: Kinds = {
    (CITY_CODE, "2021Q1"): (_NO_REASON, planting.USCC_WRONG),
    (CITY_CODE, "2021Q3"): (planting.LATE,),
    (CITY_CODE, "2022Q1"): (_TWO_MEMBERS, planting.DUPLICATE_ROW),
    (CITY_CODE, "2022Q3"): (planting.MISSING_COLUMN,),
    (CITY_CODE, "2022Q4"): (_NOT_REGISTERED,),
    (CITY_CODE, "2023Q1"): (planting.CORRECTED,),
    (CITY_CODE, "2023Q2"): (_DAY_WITHOUT_BRANCH, _SUM),
    (CITY_CODE, "2023Q4"): (_NEGATIVE, _NO_REASON, planting.DUPLICATE_ROW),
}


@dataclass(frozen=True, slots=True)
class _Surveyed:
    """An organisation, when its branch was founded, if ever, and what its returns say in every quarter."""

    organization: Organization
    branch_founded: dt.date | None
    members: int
    common: Record
    branch: Record


def build_party_returns(city: City) -> None:
    """Send a return for each quarter over all organisations in good standing that are there by its end."""
    report = city.contracts["party_return"]
    look = Look("惠州市社会组织党建情况报表", "社会组织党建情况报表", totals=("party_member_persons",))
    desk = Desk(city, report, look, _PLANTED)
    quarters = city.span.quarters()
    surveyed = _survey(city) if quarters else []
    for quarter in quarters:
        rows = (_row(one, quarter) for one in surveyed if one.organization.founded <= quarter.end)
        desk.send(Sending(CITY_CODE, quarter, records_of(report, rows)))
    desk.close()


def _survey(city: City) -> list[_Surveyed]:
    named = {one.uscc for one in helpers_named_in_the_account(city)}
    there = [one for one in city.organizations if one.status == "正常" and one.kind != "其他"]
    return [_surveyed(city.seed, one, has_branch=one.uscc in named) for one in there]


def _surveyed(seed: int, one: Organization, *, has_branch: bool) -> _Surveyed:
    rng = stream(seed, "party_return", one.uscc)
    chance, age, members, part = rng.random(4).tolist()
    names = draw_names(rng, 3)
    form = str(rng.choice(_FORMS, p=_FORM_CHANCES))
    founded = one.founded + dt.timedelta(days=int((0.1 + 0.85 * age) * (WHOLE.last.end - one.founded).days))
    if has_branch:
        founded, chance = min(founded, dt.date(2020, 12, 1)), 0.0
    will_have = chance < _SHARE_WITH_BRANCH
    count = int(3 + members**2 * 12) if will_have else int(members * 1.6)
    common = {
        "organization_name": one.name,
        "uscc": one.uscc,
        "organization_type": kind_of(one),
        "certificate_code": f"粤惠社证字第{one.uscc[8:16]}号",
        "legal_rep": names[0],
        "legal_rep_politics": _POLITICS[int(part * len(_POLITICS))],
        "party_member_persons": count,
        "fulltime_member_persons": int(part * count),
        "parttime_member_persons": count - int(part * count),
        "new_member_persons": int(chance * 2) if count else 0,
    }
    branch = {
        "has_party_organization": True,
        "party_founded_date": founded,
        "party_organization_name": f"中共{one.name}{'支部委员会' if form in _KEEPS_MEMBERS else form}",
        "party_form": form,
        "party_build_type": "专兼职党员组建" if part < 0.5 else "兼职党员组建",
        "party_affiliation": _AFFILIATIONS[int(age * len(_AFFILIATIONS))],
        "party_leader": names[1],
        "party_leader_phone": draw_mobiles(rng, 1)[0],
    }
    return _Surveyed(one, founded if will_have else None, count, common, branch)


def _row(one: _Surveyed, quarter: Period) -> Record:
    row = {"period_quarter": str(quarter), **one.common}
    if quarter.year > WHOLE.first.year:
        row["mass_organizations"] = "工会" if one.members > 5 else None
    if one.branch_founded is not None and one.branch_founded <= quarter.end:
        return row | one.branch
    reason = "无党员" if one.members == 0 else "不足三名党员" if one.members < 3 else "应建未建"
    return row | {"has_party_organization": False, "no_party_reason": reason}
