"""CA13: encrypted rolls of vocational trainees, one per month in which courses ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.period import Period, PeriodKind
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import GREATER, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE, LUZHOU, Town, statutory_towns
from sample_city.reference.known_organizations import known_organizations
from sample_city.reference.people import Rng, draw_mobiles, draw_names, draw_resident_ids

_DISABILITIES = ("肢体", "听力", "视力", "智力", "言语", "精神", "多重")
_DISABILITY_SHARES = (0.52, 0.16, 0.12, 0.08, 0.05, 0.04, 0.03)
_LEVELS = ("一级", "二级", "三级", "四级")
_FARMING = ("红薯种植技术", "家禽养殖技术", "板栗南瓜种植技术", "水产养殖技术")
_OTHER = ("家政服务", "电子商务", "养老护理", "中式烹调", "粤菜师傅")
_LUZHOU_ENDS = ("2022-03-25", "2022-09-23", "2023-04-21", "2023-10-20")
_OTHER_ENDS = ("2021-06-18", "2021-11-19", "2022-05-20", "2022-09-16", "2023-03-17", "2023-06-30", "2023-10-27", "2023-11-24")
_OTHER_PERSONS = 34
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-11"): (
        fault_kinds.RESIDENT_ID_WRONG,
        Fault("course_ends_first", {"start_date": dt.date(2021, 12, 3)}, [("end_date", GREATER)]),
    ),
    (CITY_CODE, "2022-05"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-09"): (
        Fault("disability_not_said", {"disability_type": None}, [("disability_type", NOT_NULL)]),
        fault_kinds.DUPLICATE_ROW,
    ),
    (CITY_CODE, "2023-04"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-11"): (fault_kinds.UNKNOWN_TOWN,),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person who may become a trainee."""

    name: str
    resident_id: str
    phone: str
    disability: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A course in a town, with those who completed it."""

    batch_code: str
    town: Town
    course: str
    provider: str
    ended: dt.date
    persons: Sequence[Person]


def build_trainees(city: City) -> None:
    """Writes a roll per month of the span in which a course ended."""
    template = FormTemplate("惠州市技能培训学员名册", "技能培训学员名册")
    writer = DocumentWriter(city, city.contracts["skills_trainee"], template, _FAULT_PLAN)
    courses = [*_luzhou_courses(city), *_other_courses(city)]
    for month in city.span.months():
        rows = [row for course in courses if month.start <= course.ended <= month.end for row in _rows(city, course)]
        if rows:
            writer.write(Submission(CITY_CODE, month, complete_records(writer.report, rows)))
    writer.write_truth()


def _luzhou_courses(city: City) -> Iterator[Course]:
    """Yields courses in farming for people with disabilities in Luzhou. The facts count people; some came twice.

    Relatives without a disability who took part are on the roll too.
    """
    rng = city.stream("skills_trainee", "luzhou")
    town = next(town for town in statutory_towns() if town.code == LUZHOU)
    provider = known_organizations()["citizen_partner"].name
    count, courses = city.facts.disabled_trainees, len(_LUZHOU_ENDS)
    people = _draw_people(rng, count, are_disabled=True)
    for number, ended in enumerate(_LUZHOU_ENDS):
        own = people[number * count // courses : (number + 1) * count // courses]
        again = people[: number * count // courses : 3]
        yield _course(f"LZ{number + 1:02d}", town, _FARMING[number], provider, ended, [*own, *again, *_draw_people(rng, 4)])


def _other_courses(city: City) -> Iterator[Course]:
    """Yields courses in other trades, in other towns."""
    rng = city.stream("skills_trainee", "elsewhere")
    towns = [town for town in statutory_towns() if town.code != LUZHOU]
    for number, ended in enumerate(_OTHER_ENDS):
        town = towns[int(rng.integers(len(towns)))]
        persons = _draw_people(rng, _OTHER_PERSONS)
        yield _course(f"QT{number + 1:02d}", town, _OTHER[number % len(_OTHER)], "惠州市惠民职业培训学校", ended, persons)


def _course(code: str, town: Town, course: str, provider: str, ended: str, persons: Sequence[Person]) -> Course:
    day = dt.date.fromisoformat(ended)
    return Course(f"{code}-{Period.containing(day, PeriodKind.MONTH)}", town, course, provider, day, persons)


def _draw_people(rng: Rng, count: int, *, are_disabled: bool = False) -> list[Person]:
    names, numbers = draw_names(rng, count), draw_resident_ids(rng, count, (1962, 1999))
    kinds = rng.choice(len(_DISABILITIES), size=count, p=_DISABILITY_SHARES).tolist()
    levels = rng.integers(len(_LEVELS), size=count).tolist()
    return [
        Person(name, number, phone, (_DISABILITIES[kind], _LEVELS[level]) if are_disabled else None)
        for name, number, phone, kind, level in zip(names, numbers, draw_mobiles(rng, count), kinds, levels, strict=True)
    ]


def _rows(city: City, course: Course) -> Iterator[Record]:
    rng = city.stream("skills_trainee", course.batch_code)
    for person in course.persons:
        kind, level = person.disability or (None, None)
        yield {
            "batch_code": course.batch_code,
            "town_name": course.town.name,
            "town_code": course.town.code,
            "person_name": person.name,
            "resident_id": person.resident_id,
            "is_disabled": person.disability is not None,
            "disability_type": kind,
            "disability_level": level,
            "phone": person.phone if rng.random() < 0.9 else None,
            "course": course.course,
            "provider": course.provider,
            "start_date": course.ended - dt.timedelta(days=11),
            "end_date": course.ended,
            "is_employed": bool(rng.random() < 0.35) if rng.random() < 0.6 else None,
        }
