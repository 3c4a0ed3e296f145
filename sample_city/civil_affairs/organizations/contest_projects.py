"""CA10: the projects of the innovation contest, by year."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from loaders.period import Period
from sample_city.city import City, Organization
from sample_city.civil_affairs.organizations.good_standing import known_partners, organizations_in_good_standing
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, NOT_NULL, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import Rng

_PROJECTS = {2021: 48, 2022: 60, 2023: 72}
_PROGRAM_SHARES = {2021: 0.2, 2022: 0.35, 2023: 0.5}
_FOR_VILLAGES = ("乡村振兴电商助农", "撂荒地复耕合伙人", "乡村长者饭堂", "客家文化进村", "村医能力提升", "新芦悠品推广")
_FOR_TOWNS = ("社区长者认知症友好", "青少年成长陪伴", "社工+志愿者联动", "残疾人就业支持", "社区微更新")
_PRIZES = {"一等奖": 100_000, "二等奖": 60_000, "三等奖": 30_000}
_PRIZE_WITHOUT_GRANT = Fault(
    "prize_without_grant", {"result": "二等奖", "grant_amount_yuan": None}, [("grant_amount_yuan", NOT_NULL)]
)
_GRANT_WITHOUT_PRIZE = Fault(
    "grant_without_result", {"result": "未入围", "grant_amount_yuan": Decimal(30_000)}, [("grant_amount_yuan", NULL)]
)
_OTHER_NAME = Fault(
    "organization_name_as_registered",
    {"organization_name": "惠州市惠民商会（筹）"},
    [("organization_name", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021"): (_PRIZE_WITHOUT_GRANT, fault_kinds.DUPLICATE_ROW, _OTHER_NAME),
    (CITY_CODE, "2022"): (fault_kinds.LATE,),
    (CITY_CODE, "2023"): (_GRANT_WITHOUT_PRIZE, fault_kinds.USCC_WRONG, fault_kinds.DUPLICATE_ROW),
}


def build_contest_projects(city: City) -> None:
    """Writes the projects of each year's contest."""
    report = city.contracts["contest_project"]
    template = FormTemplate("惠州市社会组织创新创业大赛项目表", "社会组织创新创业大赛项目表", unit_line="万元")
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    contestants = [*known_partners(city), *organizations_in_good_standing(city, "contest")]
    for year in city.span.years():
        writer.write(Submission(CITY_CODE, year, complete_records(report, _rows(city, year, contestants))))
    writer.write_truth()


def _rows(city: City, year: Period, contestants: Sequence[Organization]) -> list[Record]:
    rng = city.stream("contest_project", str(year))
    count = _PROJECTS[year.year]
    first = sum(count for earlier, count in _PROJECTS.items() if earlier < year.year)
    results = _results(count)
    order = rng.permutation(count).tolist()
    return [
        _row(rng, year, number, contestants[(first + number) % len(contestants)], results[order[number]])
        for number in range(count)
    ]


def _results(count: int) -> list[str]:
    """Returns one first prize, two second, three third, and a third of the others shortlisted."""
    prizes = ["一等奖", "二等奖", "二等奖", "三等奖", "三等奖", "三等奖"]
    rest = count - len(prizes)
    return [*prizes, *["入围"] * (rest // 3), *["未入围"] * (rest - rest // 3)]


def _row(rng: Rng, year: Period, number: int, organization: Organization, result: str) -> Record:
    is_programme = bool(rng.random() < _PROGRAM_SHARES[year.year])
    name = str(rng.choice(_FOR_VILLAGES if is_programme else _FOR_TOWNS))
    prize = _PRIZES.get(result)
    return {
        "year": year.year,
        "project_code": f"DS{year.year}{number + 1:03d}",
        "project_name": f"“{name}”项目",
        "organization_name": organization.name,
        "uscc": organization.uscc,
        "is_programme_project": is_programme,
        "result": result,
        "grant_amount_yuan": None if prize is None else Decimal(prize),
    }
