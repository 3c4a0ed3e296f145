"""CA15: the full register of community organizations, by unit and quarter."""

from __future__ import annotations

import datetime as dt

from loaders.period import Period
from sample_city.city import City
from sample_city.civil_affairs.organizations.community_plan import CommunityOrganization, plan_community_organizations
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import GREATER, IN_SET, MATCH_REGEX, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import UNITS

_FAULT_PLAN: FaultPlan = {
    ("441302", "2021Q2"): (fault_kinds.CORRECTED,),
    ("441322", "2021Q3"): (fault_kinds.UNKNOWN_TOWN, fault_kinds.DUPLICATE_ROW),
    ("441323", "2021Q4"): (
        Fault(
            "hub_neither_registered_nor_filed", {"is_hub": True, "registration_mode": "纳入管理"}, [("registration_mode", IN_SET)]
        ),
    ),
    ("HZ-ZK", "2022Q1"): (fault_kinds.MISSING,),
    ("441324", "2022Q2"): (fault_kinds.LATE,),
    ("441303", "2022Q3"): (fault_kinds.WRONG_UTF8,),
    ("441302", "2022Q4"): (Fault("town_of_another_county", {"county_name": "龙门县"}, [("town_code", MATCH_REGEX)]),),
    ("441323", "2023Q1"): (fault_kinds.SAME_FILE_TWICE,),
    ("441322", "2023Q2"): (
        Fault(
            "council_of_another_kind",
            {"is_wedding_council": True, "organization_category": "文体活动类"},
            [("organization_category", IN_SET)],
        ),
        fault_kinds.OUT_OF_RANGE,
    ),
    ("441324", "2023Q3"): (fault_kinds.MISSING_COLUMN,),
    ("HZ-DYW", "2023Q4"): (fault_kinds.LATE,),
    ("441302", "2023Q4"): (
        Fault(
            "ended_before_it_was_founded",
            {"founded_date": dt.date(2022, 6, 1), "ended_date": dt.date(2021, 6, 1)},
            [("ended_date", GREATER)],
        ),
        Fault("filed_without_number", {"registration_mode": "备案", "filing_code": None}, [("filing_code", NOT_NULL)]),
        fault_kinds.FUTURE_DATE,
    ),
}


def build_community_organizations(city: City) -> None:
    """Writes the register per unit and quarter, as of the end of the quarter."""
    template = FormTemplate("{unit}社区社会组织名册", "社区社会组织名册")
    writer = DocumentWriter(city, city.contracts["community_organization"], template, _FAULT_PLAN)
    everyone = plan_community_organizations(city)
    for unit in UNITS:
        of_unit = [(one, _record(one)) for one in everyone if one.town.unit == unit]
        for quarter in city.span.quarters():
            rows = [_as_of(one, record, quarter) for one, record in of_unit if one.founded <= quarter.end]
            writer.write(Submission(unit, quarter, complete_records(writer.report, rows)))
    writer.write_truth()


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
