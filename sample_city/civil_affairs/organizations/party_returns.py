"""CA03: which social organizations have a party branch, by quarter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from loaders.period import Period
from sample_city.city import City, Organization
from sample_city.civil_affairs.organizations.good_standing import NOT_REGISTERED, kind_of, known_partners
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, CROSS_REPORT, EQUAL_SUM, NOT_NULL, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import draw_mobiles, draw_names, stream
from sample_city.reference.timetable import FULL_SPAN

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
    fault_kinds.WRONG_SUM,
    {"party_member_persons": 9, "fulltime_member_persons": 4, "parttime_member_persons": 3, "new_member_persons": 0},
    [("party_member_persons", EQUAL_SUM)],
)
_NEGATIVE = Fault(
    fault_kinds.OUT_OF_RANGE,
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
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021Q1"): (_NO_REASON, fault_kinds.USCC_WRONG),
    (CITY_CODE, "2021Q3"): (fault_kinds.LATE,),
    (CITY_CODE, "2022Q1"): (_TWO_MEMBERS, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2022Q3"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2022Q4"): (_NOT_REGISTERED,),
    (CITY_CODE, "2023Q1"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023Q2"): (_DAY_WITHOUT_BRANCH, _SUM),
    (CITY_CODE, "2023Q4"): (_NEGATIVE, _NO_REASON, fault_kinds.DUPLICATE_ROW),
}


@dataclass(frozen=True, slots=True)
class _PartyProfile:
    """An organization, the founding date of its branch (or None), and the values that its returns have in every quarter."""

    organization: Organization
    branch_founded: dt.date | None
    members: int
    common: Record
    branch: Record


def build_party_returns(city: City) -> None:
    """Writes a return per quarter, with all organizations in good standing that were founded by its end."""
    report = city.contracts["party_return"]
    template = FormTemplate("惠州市社会组织党建情况报表", "社会组织党建情况报表", totals=("party_member_persons",))
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    quarters = city.span.quarters()
    profiles = _profiles(city) if quarters else []
    for quarter in quarters:
        rows = (_row(one, quarter) for one in profiles if one.organization.founded <= quarter.end)
        writer.write(Submission(CITY_CODE, quarter, complete_records(report, rows)))
    writer.write_truth()


def _profiles(city: City) -> list[_PartyProfile]:
    named = {one.uscc for one in known_partners(city)}
    there = [one for one in city.organizations if one.status == "正常" and one.kind != "其他"]
    return [_profile(city.seed, one, has_branch=one.uscc in named) for one in there]


def _profile(seed: int, one: Organization, *, has_branch: bool) -> _PartyProfile:
    rng = stream(seed, "party_return", one.uscc)
    chance, age, members, part = rng.random(4).tolist()
    names = draw_names(rng, 3)
    form = str(rng.choice(_FORMS, p=_FORM_CHANCES))
    founded = one.founded + dt.timedelta(days=int((0.1 + 0.85 * age) * (FULL_SPAN.last.end - one.founded).days))
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
    return _PartyProfile(one, founded if will_have else None, count, common, branch)


def _row(one: _PartyProfile, quarter: Period) -> Record:
    row = {"period_quarter": str(quarter), **one.common}
    if quarter.year > FULL_SPAN.first.year:
        row["mass_organizations"] = "工会" if one.members > 5 else None
    if one.branch_founded is not None and one.branch_founded <= quarter.end:
        return row | one.branch
    reason = "无党员" if one.members == 0 else "不足三名党员" if one.members < 3 else "应建未建"
    return row | {"has_party_organization": False, "no_party_reason": reason}
