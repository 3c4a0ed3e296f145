"""CH11: public fundraising campaigns, in a view of the charity database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sample_city.charity.giving.donations import Gift
from sample_city.charity.giving.donors import ANONYMOUS, PERSON, PLATFORM
from sample_city.charity.spending.brands import BRANDS, FEDERATION_USCC, Brand
from sample_city.city import City
from sample_city.documents.document_writer import complete_records
from sample_city.documents.register import write_view
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, CROSS_REPORT, GREATER, MATCH_REGEX, USCC
from sample_city.faults.fault import Fault, Record
from sample_city.reference.people import corrupt_check_digit
from sample_city.reference.timetable import FULL_SPAN, SHANGHAI

_PUBLIC = frozenset({PERSON, ANONYMOUS, PLATFORM})
_CAUSES = ("乡村振兴", "困境儿童关爱", "长者关怀", "助残扶困", "百千万工程公益行动")
_WRONG_DAY = dt.date(2020, 1, 5)


def _fault(kind: str, number: int, changes: Record, column: str, rule: str) -> Fault:
    """Makes a fault in an additional campaign, under a valid filing number."""
    return Fault(kind, {"filing_code": f"{FEDERATION_USCC}A20{number:03d}", **changes}, [(column, rule)])


_FAULT_PLAN = (
    _fault(fault_kinds.USCC_WRONG, 901, {"uscc": corrupt_check_digit(FEDERATION_USCC)}, "uscc", USCC),
    _fault("ends_before_start", 902, {"end_date": _WRONG_DAY}, "end_date", GREATER),
    fault_kinds.DUPLICATE_ROW,
    _fault(fault_kinds.OUT_OF_RANGE, 903, {"target_yuan": 0}, "target_yuan", BETWEEN),
    _fault("disclosed_before_start", 904, {"last_disclosed_date": _WRONG_DAY}, "last_disclosed_date", GREATER),
    Fault(
        "organization_may_raise_money",
        {"start_date": dt.date(2016, 10, 8)},
        [("uscc", CROSS_REPORT)],
        in_place=True,
        is_warning=True,
    ),
    Fault("filing_number_malformed", {"filing_code": "惠慈募备2022第12号"}, [("filing_code", MATCH_REGEX)]),
)


def build_campaigns(city: City, charities: Sequence[Record], gifts: Sequence[Gift]) -> None:
    """Writes the view of campaigns that began before the span's end: one per brand and year, and those of other charities."""
    report = city.contracts["fundraising"]
    rows = sorted([*_of_brands(city, gifts), *_of_charities(city, charities)], key=lambda row: (row["uscc"], row["start_date"]))
    numbered: dict[tuple[str, int], int] = {}
    for row in rows:
        place = row["uscc"], row["start_date"].year
        numbered[place] = numbered.get(place, 0) + 1
        row["filing_code"] = f"{row['uscc']}A{row['start_date']:%y}{numbered[place]:03d}"
    records = complete_records(report, rows)
    write_view(city, report, records, _FAULT_PLAN, lambda record: _at(record["last_disclosed_date"]))


def _of_brands(city: City, gifts: Sequence[Gift]) -> Iterator[Record]:
    """Yields one campaign per brand and year. It raises what people donated for the brand in that year."""
    for year in FULL_SPAN.years():
        for brand in BRANDS:
            start = max(year.start + dt.timedelta(days=9), brand.founded)
            if start > min(year.end, city.span.last.end):
                continue
            last_disclosed = min(year.end, city.span.last.end)
            mine = (gift for gift in gifts if gift.project_code == brand.project_code and start <= gift.day <= last_disclosed)
            raised = sum((gift.yuan for gift in mine if gift.donor.kind in _PUBLIC), start=0)
            yield _row(brand.organization.uscc, f"“{brand.name}”{year.year}年公开募捐", start, year.end, last_disclosed) | {
                "target_yuan": _target(brand),
                "raised_yuan": raised,
                "is_joint": False,
            }


def _of_charities(city: City, charities: Sequence[Record]) -> Iterator[Record]:
    rng = city.stream("fundraising", "charities")
    for charity in charities:
        leave = charity["fundraising_date"]
        for _ in range(int(rng.integers(1, 4)) if leave is not None and charity["status"] == "正常" else 0):
            start = max(leave, FULL_SPAN.first.start) + dt.timedelta(days=int(rng.integers(15, 900)))
            end = start + dt.timedelta(days=int(rng.integers(60, 365)))
            target = 10_000 * int(rng.integers(5, 80))
            share, cause, is_joint = rng.uniform(0.2, 1.0), int(rng.integers(len(_CAUSES))), bool(rng.random() < 0.2)
            if start <= city.span.last.end and charity["uscc"] not in {brand.organization.uscc for brand in BRANDS}:
                last_disclosed = min(end, city.span.last.end)
                yield _row(charity["uscc"], f"{_CAUSES[cause]}公开募捐", start, end, last_disclosed) | {
                    "target_yuan": target,
                    "raised_yuan": round(target * share),
                    "is_joint": is_joint,
                }


def _row(uscc: str, name: str, start: dt.date, end: dt.date, last_disclosed: dt.date) -> Record:
    return {"uscc": uscc, "campaign_name": name, "start_date": start, "end_date": end, "last_disclosed_date": last_disclosed}


def _target(brand: Brand) -> int:
    return 1_000_000 if brand.earlier_yuan < 5_000_000 else 6_000_000


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(17, 5), SHANGHAI)
