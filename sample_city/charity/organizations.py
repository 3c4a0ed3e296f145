"""CH01: the organisations that are recognised as charities, on the front-end machine."""

from __future__ import annotations

import datetime as dt

from sample_city import planting
from sample_city.charity.brands import BRANDS
from sample_city.charity.front_end import publish
from sample_city.city import City, Organization
from sample_city.defects import CROSS_REPORT, GREATER, MATCH_REGEX
from sample_city.desk import records_of
from sample_city.geography import COUNTY_LABELS
from sample_city.people import Rng, make_uscc
from sample_city.standard_faults import Fault, Record
from sample_city.timetable import SHANGHAI

_LAW = dt.date(2016, 9, 1)
"""The Charity Law came into force: since then organisations are recognised, and new ones founded, as charities."""
_MAY_ASK_AFTER_DAYS = 730
_OF_BRANDS = frozenset(brand.organization.uscc for brand in BRANDS)
_LEAVE_TOO_EARLY = Fault(
    "leave_before_recognition",
    {"charity_date": dt.date(2020, 5, 6), "fundraising_date": dt.date(2019, 5, 6)},
    [("fundraising_date", GREATER)],
)
_NO_CHARITY = Fault(planting.WRONG_PREFIX, {"uscc": make_uscc("59", "441302", 95_501)}, [("uscc", MATCH_REGEX)])
_OTHER_NAME = Fault(
    "organization_name_as_registered",
    {"organization_name": "惠州市同心公益互助促进会"},
    [("organization_name", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_PLANTED = (planting.USCC_WRONG, _LEAVE_TOO_EARLY, planting.DUPLICATE_ROW, _NO_CHARITY, planting.USCC_WRONG, _OTHER_NAME)


def plan_charities(city: City) -> list[Record]:
    """The charities of the register, as the charity section knows them."""
    rng = city.stream("charity_organization", "plan")
    charities = [organization for organization in city.organizations if organization.is_charity]
    rows = [_row(city, rng, number, organization) for number, organization in enumerate(charities, start=1)]
    return records_of(city.contracts["charity_organization"], rows)


def build_charities(city: City, charities: list[Record]) -> None:
    """Put the register into its view."""
    report = city.contracts["charity_organization"]
    publish(city, report, charities, _PLANTED, lambda record: _updated(city, record))


def _row(city: City, rng: Rng, number: int, organization: Organization) -> Record:
    last = city.span.last.end
    # The organisations behind the brands have called for money since before 2021.
    wait = int(rng.integers(200 if organization.uscc in _OF_BRANDS else 1_200))
    recognised = max(organization.founded, min(last, _LAW + dt.timedelta(days=wait)))
    asked = recognised + dt.timedelta(days=_MAY_ASK_AFTER_DAYS + wait // 10)
    may_ask = asked <= last and (organization.kind == "基金会" or "慈善" in organization.name)
    code = organization.registrar_code
    return {
        "uscc": organization.uscc,
        "organization_name": organization.name,
        "charity_date": recognised,
        "fundraising_certificate_code": f"GMZG{asked.year}{number:04d}" if may_ask else None,
        "fundraising_date": asked if may_ask else None,
        "registrar": f"{COUNTY_LABELS[code]}民政局" if code in COUNTY_LABELS else "惠州市民政局",
        "has_tax_deduction": bool(rng.random() < 0.6),
        "status": organization.status if organization.status in {"注销", "撤销"} else "正常",
    }


def _updated(city: City, record: Record) -> dt.datetime:
    """When the section last touched a row: the last thing that it tells of, or the last change of form before the span's end."""
    day = max(record["charity_date"], record["fundraising_date"] or record["charity_date"], city.span.first.start)
    return dt.datetime.combine(day, dt.time(16, 20), SHANGHAI)
