"""CA14: performances, couplets and talks of social organizations in the villages, by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from loaders.period import Period, PeriodKind
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import GREATER, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE, LUZHOU, Town, statutory_towns
from sample_city.reference.known_organizations import known_organizations
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN, day_weights, month_weight

_ACTIVITIES = 396
_COUPLETS = "送春联"
_COUPLET_DAYS = (dt.date(2023, 1, 10), dt.date(2023, 1, 12), dt.date(2023, 1, 16))
_CONGRESS_SINCE = Period.parse("2022-11")
# Kind, name, organizer (a known organization, or the federation of the town), share.
_ACTIVITY_KINDS = (
    ("文艺汇演", "乡村文艺汇演", "zhongde", 0.14),
    ("艺术下乡", "“到人民中去”艺术下乡", "quyi", 0.2),
    ("科普宣传", "农业科技和健康知识科普宣传", None, 0.3),
    ("移风易俗", "抵制高价彩礼、文明节俭办红白事宣传", None, 0.36),
)
_CONGRESS = "学习贯彻党的二十大精神文艺汇演"
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-05"): (
        Fault("couplets_at_a_talk", {"activity_type": "科普宣传", "couplet_pairs": 60}, [("couplet_pairs", NULL)]),
    ),
    (CITY_CODE, "2021-10"): (fault_kinds.FUTURE_DATE, fault_kinds.UNKNOWN_TOWN),
    (CITY_CODE, "2022-01"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-04"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2022-08"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2022-11"): (
        fault_kinds.OUT_OF_RANGE,
        Fault("nobody_came", {"session_count": 5, "attendance_persons": 2}, [("attendance_persons", GREATER)]),
    ),
    (CITY_CODE, "2023-02"): (fault_kinds.MISSING,),
    (CITY_CODE, "2023-08"): (fault_kinds.DUPLICATE_ROW,),
}


def build_cultural_activities(city: City) -> None:
    """Writes a workbook per month. All couplets add up to the number in the facts."""
    template = FormTemplate(
        "惠州市文化惠民活动台账", "文化惠民活动台账", totals=("session_count", "attendance_persons", "couplet_pairs")
    )
    writer = DocumentWriter(city, city.contracts["cultural_activity"], template, _FAULT_PLAN)
    activities = _by_month(city)
    for month in city.span.months():
        rows = sorted(activities[month], key=lambda record: record["held_date"])
        numbered = [
            {"period_month": str(month), "activity_code": f"WH{month.year}{month.ordinal:02d}{number:03d}", **row}
            for number, row in enumerate(rows, start=1)
        ]
        writer.write(Submission(CITY_CODE, month, complete_records(writer.report, numbered)))
    writer.write_truth()


def _by_month(city: City) -> dict[Period, list[Record]]:
    activities: dict[Period, list[Record]] = {month: _drawn(city, month, count) for month, count in _counts().items()}
    for record in _couplets(city):
        activities[Period.containing(record["held_date"], PeriodKind.MONTH)].append(record)
    return activities


def _counts() -> dict[Period, int]:
    months = FULL_SPAN.months()
    return dict(zip(months, apportion([month_weight(month) for month in months], _ACTIVITIES), strict=True))


def _couplets(city: City) -> Iterator[Record]:
    """Returns the activities of the calligraphers in Luzhou before Spring Festival."""
    rng = city.stream("cultural_activity", "couplets")
    town = next(town for town in statutory_towns() if town.code == LUZHOU)
    pairs = apportion([5.0, 3.0, 2.0], city.facts.couplet_pairs)
    for day, count in zip(_COUPLET_DAYS, pairs, strict=True):
        record = _record(rng, _COUPLETS, "迎新春送春联", known_organizations()["calligraphy"].name, day, town)
        yield {**record, "session_count": 1, "attendance_persons": count + int(rng.integers(20, 90)), "couplet_pairs": count}


def _drawn(city: City, month: Period, count: int) -> list[Record]:
    rng = city.stream("cultural_activity", str(month))
    weights = day_weights(month)
    days = rng.choice(len(weights), size=count, p=[weight / sum(weights) for weight in weights]).tolist()
    kinds = rng.choice(len(_ACTIVITY_KINDS), size=count, p=[share for *_, share in _ACTIVITY_KINDS]).tolist()
    towns = statutory_towns()
    records = []
    for day, at in zip(days, kinds, strict=True):
        kind, name, organization, _ = _ACTIVITY_KINDS[at]
        town = towns[int(rng.integers(len(towns)))]
        host = known_organizations()[organization].name if organization else f"{town.name}社区社会组织联合会"
        title = _CONGRESS if kind == "文艺汇演" and month >= _CONGRESS_SINCE else name
        records.append(_record(rng, kind, title, host, month.start + dt.timedelta(days=day), town))
    return records


def _record(rng: Rng, kind: str, name: str, host: str, day: dt.date, town: Town) -> Record:
    sessions = 1 + int(rng.random() < 0.2)
    return {
        "activity_name": name,
        "activity_type": kind,
        "held_date": day,
        "organization_name": host,
        "town_name": town.name,
        "town_code": town.code,
        "village_name": town.villages[int(rng.integers(len(town.villages)))].name if rng.random() < 0.8 else None,
        "session_count": sessions,
        "attendance_persons": sessions * int(rng.integers(30, 260)),
    }
