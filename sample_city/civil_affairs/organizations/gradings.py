"""CA02: gradings of social organizations by year. The weight of the program increases over the years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from loaders.period import Period
from sample_city.city import City, Organization
from sample_city.civil_affairs.organizations.good_standing import NOT_REGISTERED, organizations_in_good_standing
from sample_city.civil_affairs.villages.pairing_plan import Pairing
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, CROSS_REPORT, EQUAL_SUM, GREATER
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN

_PER_YEAR = 120
_FULL_SCORES = {2021: 20, 2022: 30, 2023: 50}
_BANDS = {"5A": (950, 985), "4A": (900, 949), "3A": (800, 899), "2A": (700, 799), "1A": (600, 699), "无": (480, 599)}
_CHANCES = (0.08, 0.17, 0.42, 0.15, 0.10, 0.08)
_PARTS = ("basic_score", "governance_score", "performance_score", "reputation_score", "party_score")
_PART_WEIGHTS = np.array((90, 290, 400, 100, 120))
_PARTS_OF_720 = dict(zip(_PARTS, map(Decimal, (70, 230, 260, 80, 80)), strict=True))
_BAND = Fault(
    "grade_outside_its_band",
    {**_PARTS_OF_720, "total_score": Decimal(720), "grade": "5A", "programme_score": Decimal(5), "is_recommended": False},
    [("total_score", BETWEEN)],
)
_SUM = Fault(
    fault_kinds.WRONG_SUM,
    {**_PARTS_OF_720, "total_score": Decimal(730), "grade": "2A", "programme_score": Decimal(5), "is_recommended": False},
    [("total_score", EQUAL_SUM)],
)
_ABOVE_FULL = Fault(
    "scored_above_full",
    {"programme_full_score": Decimal(20), "programme_score": Decimal(28)},
    [("programme_full_score", GREATER)],
)
_NOT_REGISTERED = Fault(
    "organization_is_registered", {"uscc": NOT_REGISTERED}, [("uscc", CROSS_REPORT)], in_place=True, is_warning=True
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021"): (_BAND, _ABOVE_FULL, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2022"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023"): (fault_kinds.USCC_WRONG, _SUM, fault_kinds.TYPE_FAULT, _BAND, _NOT_REGISTERED),
}


def build_gradings(city: City, pairings: Sequence[Pairing]) -> None:
    """Writes the results of each year."""
    report = city.contracts["organization_grading"]
    template = FormTemplate(
        "惠州市社会组织等级评估结果表",
        "社会组织等级评估结果表",
        groups=(("basic_score", "party_score", "分项得分"),),
        unit_line="分",
    )
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    for year in city.span.years():
        writer.write(Submission(CITY_CODE, year, complete_records(report, _rows(city, year, pairings))))
    writer.write_truth()


def _rows(city: City, year: Period, pairings: Sequence[Pairing]) -> list[Record]:
    """Grades another part of the register each year. Organizations that are paired with a village score for the program."""
    rng = city.stream("organization_grading", str(year))
    candidates = organizations_in_good_standing(city, "grading")
    paired = {one.organization.uscc for one in pairings if one.paired <= year.end}
    first = _PER_YEAR * (year.year - FULL_SPAN.first.year)
    graded = candidates[first : first + _PER_YEAR]
    helpers = [one for one in candidates if one.uscc in paired and one not in graded]
    chosen = [*graded, *helpers[(year.year - FULL_SPAN.first.year) % 3 :: 3]]
    return [_row(rng, year, one, is_helper=one.uscc in paired) for one in chosen]


def _row(rng: Rng, year: Period, organization: Organization, *, is_helper: bool) -> Record:
    grade = str(rng.choice(list(_BANDS), p=_CHANCES))
    total = int(rng.integers(_BANDS[grade][0], _BANDS[grade][1] + 1))
    parts = apportion(_PART_WEIGHTS * rng.uniform(0.97, 1.03, len(_PARTS)), total * 2)
    full = _FULL_SCORES[year.year]
    scored = int(rng.integers(full // 2, full + 1)) if is_helper else int(rng.integers(0, 3)) if rng.random() < 0.2 else 0
    given = dt.date(year.year, 12, 15)
    return {
        "year": year.year,
        "uscc": organization.uscc,
        "organization_name": organization.name,
        "assess_type": str(rng.choice(("初评", "复评", "晋级"), p=(0.5, 0.35, 0.15))),
        "total_score": Decimal(total),
        **{name: Decimal(part) / 2 for name, part in zip(_PARTS, parts, strict=True)},
        "programme_full_score": Decimal(full),
        "programme_score": Decimal(scored),
        "grade": grade,
        "valid_from_date": given,
        "valid_to_date": given.replace(year=given.year + 5) - dt.timedelta(days=1),
        "is_recommended": grade in {"5A", "4A", "3A"} and rng.random() < (0.7 if is_helper else 0.15),
    }
