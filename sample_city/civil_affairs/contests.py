"""CA10: the projects of the innovation contest, by year."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from loaders.period import Period
from sample_city import planting
from sample_city.city import City, Organization
from sample_city.civil_affairs.standing import helpers_named_in_the_account, standing_organizations
from sample_city.defects import CROSS_REPORT, NOT_NULL, NULL
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE
from sample_city.pages import Look
from sample_city.people import Rng
from sample_city.standard_faults import Fault, Record

_PROJECTS = {2021: 48, 2022: 60, 2023: 72}
_SHARES_OF_THE_PROGRAMME = {2021: 0.2, 2022: 0.35, 2023: 0.5}
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
_PLANTED: Kinds = {
    (CITY_CODE, "2021"): (_PRIZE_WITHOUT_GRANT, planting.DUPLICATE_ROW, _OTHER_NAME),
    (CITY_CODE, "2022"): (planting.LATE,),
    (CITY_CODE, "2023"): (_GRANT_WITHOUT_PRIZE, planting.USCC_WRONG, planting.DUPLICATE_ROW),
}


def build_contests(city: City) -> None:
    """Send the projects of each year's contest."""
    report = city.contracts["contest_project"]
    look = Look("惠州市社会组织创新创业大赛项目表", "社会组织创新创业大赛项目表", unit_line="万元")
    desk = Desk(city, report, look, _PLANTED)
    contestants = [*helpers_named_in_the_account(city), *standing_organizations(city, "contest")]
    for year in city.span.years():
        desk.send(Sending(CITY_CODE, year, records_of(report, _rows(city, year, contestants))))
    desk.close()


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
    """One first prize, two second, three third, a third of the others shortlisted."""
    prizes = ["一等奖", "二等奖", "二等奖", "三等奖", "三等奖", "三等奖"]
    rest = count - len(prizes)
    return [*prizes, *["入围"] * (rest // 3), *["未入围"] * (rest - rest // 3)]


def _row(rng: Rng, year: Period, number: int, organization: Organization, result: str) -> Record:
    is_programme = bool(rng.random() < _SHARES_OF_THE_PROGRAMME[year.year])
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
