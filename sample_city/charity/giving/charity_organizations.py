"""CH01: the organizations that are recognized as charities, in a view of the charity database."""

from __future__ import annotations

import datetime as dt

from sample_city.charity.spending.brands import BRANDS
from sample_city.city import City, Organization
from sample_city.documents.document_writer import complete_records
from sample_city.documents.register import write_view
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, MATCH_REGEX
from sample_city.faults.fault import Fault, Record
from sample_city.reference.geography import COUNTY_LABELS
from sample_city.reference.people import Rng, make_uscc
from sample_city.reference.timetable import SHANGHAI

_LAW = dt.date(2016, 9, 1)
"""The day on which the Charity Law came into force. No organization is recognized or founded as a charity before it."""
_MAY_ASK_AFTER_DAYS = 730
_OF_BRANDS = frozenset(brand.organization.uscc for brand in BRANDS)
_LEAVE_TOO_EARLY = Fault(
    "leave_before_recognition",
    {"charity_date": dt.date(2020, 5, 6), "fundraising_date": dt.date(2019, 5, 6)},
    [("fundraising_date", GREATER)],
)
_NO_CHARITY = Fault(fault_kinds.WRONG_PREFIX, {"uscc": make_uscc("59", "441302", 95_501)}, [("uscc", MATCH_REGEX)])
_OTHER_NAME = Fault(
    "organization_name_as_registered",
    {"organization_name": "惠州市同心公益互助促进会"},
    [("organization_name", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_FAULT_PLAN = (
    fault_kinds.USCC_WRONG,
    _LEAVE_TOO_EARLY,
    fault_kinds.DUPLICATE_ROW,
    _NO_CHARITY,
    fault_kinds.USCC_WRONG,
    _OTHER_NAME,
)


def plan_charities(city: City) -> list[Record]:
    """Plans the records of the charities in the register of organizations."""
    rng = city.stream("charity_organization", "plan")
    charities = [organization for organization in city.organizations if organization.is_charity]
    rows = [_row(city, rng, number, organization) for number, organization in enumerate(charities, start=1)]
    return complete_records(city.contracts["charity_organization"], rows)


def build_charities(city: City, charities: list[Record]) -> None:
    """Writes the register into its view."""
    report = city.contracts["charity_organization"]
    write_view(city, report, charities, _FAULT_PLAN, lambda record: _updated(city, record))


def _row(city: City, rng: Rng, number: int, organization: Organization) -> Record:
    last = city.span.last.end
    # The organizations behind the brands raised money in public before 2021.
    wait = int(rng.integers(200 if organization.uscc in _OF_BRANDS else 1_200))
    recognized = max(organization.founded, min(last, _LAW + dt.timedelta(days=wait)))
    asked = recognized + dt.timedelta(days=_MAY_ASK_AFTER_DAYS + wait // 10)
    may_ask = asked <= last and (organization.kind == "基金会" or "慈善" in organization.name)
    code = organization.registrar_code
    return {
        "uscc": organization.uscc,
        "organization_name": organization.name,
        "charity_date": recognized,
        "fundraising_certificate_code": f"GMZG{asked.year}{number:04d}" if may_ask else None,
        "fundraising_date": asked if may_ask else None,
        "registrar": f"{COUNTY_LABELS[code]}民政局" if code in COUNTY_LABELS else "惠州市民政局",
        "has_tax_deduction": bool(rng.random() < 0.6),
        "status": organization.status if organization.status in {"注销", "撤销"} else "正常",
    }


def _updated(city: City, record: Record) -> dt.datetime:
    """Returns the last update of a row: its latest date, or the last change of form before the span's end."""
    day = max(record["charity_date"], record["fundraising_date"] or record["charity_date"], city.span.first.start)
    return dt.datetime.combine(day, dt.time(16, 20), SHANGHAI)
