"""CA11: enterprises that social organizations brought to Luzhou, and the fallow land that they cultivate, by quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from loaders.period import Period, PeriodKind
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, MATCH_REGEX
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE, LUZHOU, statutory_towns
from sample_city.reference.known_organizations import known_organizations
from sample_city.reference.people import make_uscc
from sample_city.reference.timetable import FULL_SPAN

_FIRST_NUMBER = 96_001
# Name, day of the contract, introducing organization, crop, share of the investment and of the land, index of the village.
_ENTERPRISES = (
    ("瑞和农业发展有限公司", "2021-05-18", "private_entrepreneurs", "红薯", 42, 45, 12),
    ("惠州市鸿茂科技有限公司", "2021-11-09", "commerce", "板栗南瓜", 31, 28, 5),
    ("惠州市芦洲丰禾农业科技有限公司", "2022-04-26", "private_entrepreneurs", "玉米", 15, 16, 7),
    ("惠州市东江绿田种植有限公司", "2022-08-15", "commerce", "其他", 8, 7, 9),
    ("惠州市惠农薯业有限公司", "2023-02-20", "private_entrepreneurs", "红薯", 4, 4, 3),
)
_BRAND, _BRANDED_SINCE, _BRANDED = "新芦悠品", Period.parse("2023Q1"), ("红薯", "板栗南瓜", "玉米")
_BUILDING_QUARTERS = 6
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021Q4"): (fault_kinds.LATE,),
    (CITY_CODE, "2022Q2"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2022Q3"): (fault_kinds.USCC_WRONG, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2023Q1"): (fault_kinds.FUTURE_DATE,),
    (CITY_CODE, "2023Q2"): (
        Fault(
            "association_as_enterprise",
            {"enterprise_uscc": known_organizations()["commerce"].uscc},
            [("enterprise_uscc", MATCH_REGEX)],
        ),
        Fault(
            "area_falls",
            {"area_cumulative_mu": Decimal(1)},
            [("area_cumulative_mu", CROSS_REPORT)],
            in_place=True,
            is_warning=True,
        ),
    ),
    (CITY_CODE, "2023Q3"): (
        Fault(
            "invested_more_than_agreed",
            {"agreed_investment_yuan": Decimal(1_000_000)},
            [("agreed_investment_yuan", GREATER)],
            in_place=True,
            is_warning=True,
        ),
        fault_kinds.TYPE_FAULT,
    ),
}


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise, with its investment and its land when everything is built."""

    name: str
    uscc: str
    signed: dt.date
    organization: str
    crop: str
    village: str
    invested_yuan: int
    area_mu: int

    def share_done(self, quarter: Period) -> Decimal:
        """Returns the share that is done by the end of a quarter: in equal steps, complete by the end of the three years."""
        first, last = (
            Period.containing(self.signed, PeriodKind.QUARTER),
            Period.containing(FULL_SPAN.last.end, PeriodKind.QUARTER),
        )
        steps = min(_BUILDING_QUARTERS, _quarters_between(first, last) + 1)
        return min(Decimal(1), Decimal(_quarters_between(first, quarter) + 1) / steps)


def build_enterprises(city: City) -> None:
    """Writes a workbook per quarter. The sums of the last one are the numbers in the facts."""
    template = FormTemplate("惠州市惠城区芦洲镇引进企业及撂荒地复耕复种情况表", "引进企业及复耕复种情况表", unit_line="万元、亩")
    writer = DocumentWriter(city, city.contracts["enterprise"], template, _FAULT_PLAN)
    enterprises = list(_plan(city))
    for quarter in city.span.quarters():
        rows = [_row(enterprise, quarter) for enterprise in enterprises if enterprise.signed <= quarter.end]
        writer.write(Submission(CITY_CODE, quarter, complete_records(writer.report, rows)))
    writer.write_truth()


def _plan(city: City) -> Iterator[Enterprise]:
    organizations = known_organizations()
    town = next(town for town in statutory_towns() if town.code == LUZHOU)
    amounts = apportion([float(row[4]) for row in _ENTERPRISES], city.facts.farm_investment_yuan // 100)
    areas = apportion([float(row[5]) for row in _ENTERPRISES], city.facts.reclaimed_area_mu)
    for number, (name, signed, organization, crop, _, _, village) in enumerate(_ENTERPRISES):
        yield Enterprise(
            name,
            make_uscc("91", "441302", _FIRST_NUMBER + number),
            dt.date.fromisoformat(signed),
            organizations[organization].name,
            crop,
            town.villages[village].name,
            amounts[number] * 100,
            areas[number],
        )


def _row(enterprise: Enterprise, quarter: Period) -> Record:
    done = enterprise.share_done(quarter)
    is_branded = quarter >= _BRANDED_SINCE and enterprise.crop in _BRANDED
    return {
        "period_quarter": str(quarter),
        "town_name": "芦洲镇",
        "village_name": enterprise.village,
        "organization_name": enterprise.organization,
        "enterprise_name": enterprise.name,
        "enterprise_uscc": enterprise.uscc,
        "signed_date": enterprise.signed,
        "agreed_investment_yuan": Decimal(-(-enterprise.invested_yuan * 11 // 10 // 100_000) * 100_000),
        "invested_cumulative_yuan": (enterprise.invested_yuan * done).quantize(Decimal(1)),
        "area_cumulative_mu": (enterprise.area_mu * done).quantize(Decimal(1)),
        "crop": enterprise.crop,
        "brand": _BRAND if is_branded else None,
        "household_count": int(enterprise.area_mu * done / 9) + 1,
    }


def _quarters_between(first: Period, last: Period) -> int:
    return (last.year - first.year) * 4 + last.ordinal - first.ordinal
