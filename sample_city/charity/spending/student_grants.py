"""CH05: grants for students in their first year, by county and year, as encrypted workbooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.period import Period
from sample_city.charity.spending import brands
from sample_city.charity.spending.beneficiaries import draw_bank_accounts, draw_choices, draw_homes, draw_unique_resident_ids
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import IN_PERIOD
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import UNITS, Town
from sample_city.reference.people import Rng, draw_names
from sample_city.reference.timetable import FULL_SPAN

_YEAR_WEIGHTS = (0.30, 0.33, 0.37)
_ENROLLED_AGAIN = 0.005
_HARDSHIPS = ("低保", "低保边缘", "特困", "孤儿", "残疾", "突发困难", "其他")
_HARDSHIP_WEIGHTS = (0.45, 0.2, 0.05, 0.02, 0.1, 0.13, 0.05)
_LEVEL_WEIGHTS = {"本科": 4.0, "专科": 3.2}
_ALONE = frozenset({"特困", "孤儿"})
_UNIVERSITIES = {
    "本科": ("惠州学院", "华南师范大学", "广东工业大学", "华南农业大学", "深圳大学", "广州大学", "韩山师范学院", "岭南师范学院"),
    "专科": ("惠州城市职业学院", "惠州卫生职业技术学院", "深圳职业技术大学", "广东轻工职业技术大学", "惠州经济职业技术学院"),
}
_NO_FRESHMAN = Fault("not_a_freshman", {"enrolment_year": 2020}, [("enrolment_year", IN_PERIOD)])
_FAULT_PLAN: FaultPlan = {
    ("441302", "2021"): (fault_kinds.RESIDENT_ID_WRONG, _NO_FRESHMAN),
    ("441323", "2021"): (fault_kinds.LATE,),
    ("441322", "2022"): (fault_kinds.DUPLICATE_ROW, fault_kinds.OUT_OF_RANGE, fault_kinds.UNKNOWN_TOWN),
    ("HZ-ZK", "2022"): (fault_kinds.UNREADABLE,),
    ("441324", "2023"): (fault_kinds.CORRECTED,),
    ("441303", "2023"): (fault_kinds.FUTURE_DATE, _NO_FRESHMAN),
}


@dataclass(frozen=True, slots=True)
class Student:
    """A new student from a family in need."""

    name: str
    resident_id: str
    guardian: str
    home: Town
    hardship: str
    university: str
    level: str
    account: str
    year: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant to a student in a year. A student who enrolls again in another year may receive a second one."""

    student: Student
    year: int
    paid: dt.date
    yuan: int


def plan_grants(city: City, taken: set[str]) -> list[Grant]:
    """Plans grants to the number of students in the facts. They add up to the facts' sum."""
    rng = city.stream("student_grant", "plan")
    years = FULL_SPAN.years()
    students = [
        student
        for year, count in zip(years, apportion(_YEAR_WEIGHTS, city.facts.student_grant_persons), strict=True)
        for student in _freshmen(rng, year.year, count, taken)
    ]
    again = [student for student in students if student.year < years[-1].year and rng.random() < _ENROLLED_AGAIN]
    planned = [*((student, student.year) for student in students), *((student, student.year + 1) for student in again)]
    amounts = _amounts([student for student, _ in planned], city.facts.student_grant_yuan)
    grants = [
        Grant(student, year, dt.date(year, 8, 18) + dt.timedelta(days=int(rng.integers(70))), yuan)
        for (student, year), yuan in zip(planned, amounts, strict=True)
    ]
    return sorted(grants, key=lambda grant: (grant.paid, grant.student.resident_id))


def _amounts(students: Sequence[Student], total: int) -> list[int]:
    """Computes amounts in whole hundreds of yuan: higher for bachelor's courses and for students without support."""
    hundreds, rest = divmod(total, 100)
    weights = [_LEVEL_WEIGHTS[student.level] * (1.2 if student.hardship in _ALONE else 1.0) for student in students]
    amounts = [100 * share for share in apportion(weights, hundreds)]
    amounts[0] += rest
    return amounts


def build_student_grants(city: City, grants: Sequence[Grant]) -> None:
    """Writes a workbook per unit and year."""
    report = city.contracts["student_grant"]
    template = FormTemplate("{unit}困难大学新生助学金发放名册（{period}）", "助学金发放名册", totals=("amount_yuan",))
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    for year in city.span.years():
        of_year = list(enumerate((grant for grant in grants if grant.year == year.year), start=1))
        for unit in UNITS:
            rows = (_row(grant, year, number) for number, grant in of_year if grant.student.home.unit == unit)
            writer.write(Submission(unit, year, complete_records(report, rows)))
    writer.write_truth()


def _row(grant: Grant, year: Period, number: int) -> Record:
    student = grant.student
    return {
        "year": year.year,
        "grant_code": f"ZX{year.year}-{number:05d}",
        "student_name": student.name,
        "resident_id": student.resident_id,
        "guardian": student.guardian,
        "county_name": student.home.county_label,
        "town_name": student.home.name,
        "hardship_type": student.hardship,
        "university": student.university,
        "enrolment_year": year.year,
        "level": student.level,
        "amount_yuan": grant.yuan,
        "paid_date": grant.paid,
        "bank_account": student.account,
        "brand": brands.STUDENTS.name,
    }


def _freshmen(rng: Rng, year: int, count: int, taken: set[str]) -> list[Student]:
    levels = draw_choices(rng, tuple(_UNIVERSITIES), (0.58, 0.42), count)
    facts = zip(
        draw_names(rng, count),
        draw_unique_resident_ids(rng, count, (year - 19, year - 17), taken),
        draw_names(rng, count),
        draw_homes(rng, count),
        draw_choices(rng, _HARDSHIPS, _HARDSHIP_WEIGHTS, count),
        levels,
        draw_bank_accounts(rng, count),
        rng.integers(1_000, size=count).tolist(),
        strict=True,
    )
    return [
        Student(
            name, number, guardian, home, hardship, _UNIVERSITIES[level][draw % len(_UNIVERSITIES[level])], level, account, year
        )
        for name, number, guardian, home, hardship, level, account, draw in facts
    ]
