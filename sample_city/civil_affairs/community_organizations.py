"""CA15: the register of community organisations, whole, by unit and quarter."""

from __future__ import annotations

import datetime as dt

from loaders.period import Period
from sample_city import planting
from sample_city.city import City
from sample_city.civil_affairs.community_plan import CommunityOrganization, plan_community_organizations
from sample_city.defects import GREATER, IN_SET, MATCH_REGEX, NOT_NULL
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import UNITS
from sample_city.pages import Look
from sample_city.standard_faults import Fault, Record

_PLANTED: Kinds = {
    ("441302", "2021Q2"): (planting.CORRECTED,),
    ("441322", "2021Q3"): (planting.UNKNOWN_TOWN, planting.DUPLICATE_ROW),
    ("441323", "2021Q4"): (
        Fault(
            "hub_neither_registered_nor_filed", {"is_hub": True, "registration_mode": "纳入管理"}, [("registration_mode", IN_SET)]
        ),
    ),
    ("HZ-ZK", "2022Q1"): (planting.MISSING,),
    ("441324", "2022Q2"): (planting.LATE,),
    ("441303", "2022Q3"): (planting.WRONG_UTF8,),
    ("441302", "2022Q4"): (Fault("town_of_another_county", {"county_name": "龙门县"}, [("town_code", MATCH_REGEX)]),),
    ("441323", "2023Q1"): (planting.SAME_FILE_TWICE,),
    ("441322", "2023Q2"): (
        Fault(
            "council_of_another_kind",
            {"is_wedding_council": True, "organization_category": "文体活动类"},
            [("organization_category", IN_SET)],
        ),
        planting.OUT_OF_RANGE,
    ),
    ("441324", "2023Q3"): (planting.MISSING_COLUMN,),
    ("HZ-DYW", "2023Q4"): (planting.LATE,),
    ("441302", "2023Q4"): (
        Fault(
            "ended_before_it_was_founded",
            {"founded_date": dt.date(2022, 6, 1), "ended_date": dt.date(2021, 6, 1)},
            [("ended_date", GREATER)],
        ),
        Fault("filed_without_number", {"registration_mode": "备案", "filing_code": None}, [("filing_code", NOT_NULL)]),
        planting.FUTURE_DATE,
    ),
}


def build_community_organizations(city: City) -> None:
    """Send the register of each unit as it stands at each quarter's end."""
    look = Look("{unit}社区社会组织名册", "社区社会组织名册")
    desk = Desk(city, city.contracts["community_organization"], look, _PLANTED)
    everyone = plan_community_organizations(city)
    for unit in UNITS:
        of_unit = [(one, _record(one)) for one in everyone if one.town.unit == unit]
        for quarter in city.span.quarters():
            rows = [_as_of(one, record, quarter) for one, record in of_unit if one.founded <= quarter.end]
            desk.send(Sending(unit, quarter, records_of(desk.report, rows)))
    desk.close()


def _record(one: CommunityOrganization) -> Record:
    return {
        "county_name": one.town.county_label,
        "town_name": one.town.name,
        "town_code": one.town.code,
        "village_name": one.village.name if one.village else None,
        "village_code": one.village.code if one.village else None,
        "organization_name": one.name,
        "registration_mode": one.mode,
        "uscc": one.uscc,
        "filing_code": one.filing_code,
        "organization_category": one.category,
        "is_hub": one.is_hub,
        "is_wedding_council": one.is_wedding_council,
        "founded_date": one.founded,
        "member_persons": one.members,
        "leader": one.leader,
        "leader_phone": one.phone,
    }


def _as_of(one: CommunityOrganization, record: Record, quarter: Period) -> Record:
    has_ended = one.ended is not None and one.ended <= quarter.end
    return {**record, "period_quarter": str(quarter), "ended_date": one.ended if has_ended else None}
