"""CH09: the demonstration points of 2022: funds by source, spending and building progress."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import UNITS, Town, Village, towns_of
from sample_city.reference.people import Rng

_FIRST = Period.parse("2022-01")
_SOURCES = ("福彩公益金", "养老服务资金", "财政", "慈善捐赠", "社会组织")
_SOURCE_WEIGHTS = (10.0, 4.0, 1.2, 1.0, 0.8)
_LARGE_YUAN = 100_000
_FUNCTIONS = ("一老一小", "助餐", "儿童之家", "康复", "社工", "志愿服务")
_SPENT_TOO_MUCH = Fault("spent_above_raised", {"spent_cumulative_yuan": 90_000_000}, [("funds_raised_yuan", GREATER)])
_NO_COMPLETION = Fault("completed_without_date", {"progress": "完工", "completed_date": None}, [("completed_date", NOT_NULL)])
_FALLS = Fault(
    "spent_to_date_never_falls",
    {"spent_cumulative_yuan": 0},
    [("spent_cumulative_yuan", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_FAULT_PLAN: FaultPlan = {
    ("441302", "2022-03"): (fault_kinds.DUPLICATE_ROW,),
    ("441322", "2022-05"): (_SPENT_TOO_MUCH,),
    ("HZ-ZK", "2022-06"): (fault_kinds.LATE,),
    ("441323", "2022-08"): (fault_kinds.UNREADABLE,),
    ("441303", "2022-10"): (fault_kinds.MISSING_COLUMN,),
    ("441302", "2023-01"): (_NO_COMPLETION, fault_kinds.UNKNOWN_TOWN),
    ("HZ-DYW", "2023-04"): (fault_kinds.MISSING,),
    ("441302", "2023-05"): (_FALLS,),
    ("441322", "2023-07"): (fault_kinds.CORRECTED,),
    ("441324", "2023-09"): (fault_kinds.FUTURE_DATE,),
}


@dataclass(frozen=True, slots=True)
class Tranche:
    """A payment from a source, on a day of 2022."""

    source: str
    day: dt.date
    yuan: int


@dataclass(frozen=True, slots=True)
class Point:
    """A demonstration point, completed in 2022."""

    code: str
    name: str
    town: Town
    village: Village
    functions: str
    tranches: tuple[Tranche, ...]
    begun: dt.date
    completed: dt.date
    persons_a_month: int


def plan_points(city: City) -> list[Point]:
    """Plans the number of points in the facts, in each unit in turn. All payments add up to the facts' total."""
    rng = city.stream("demonstration_point", "plan")
    count = city.facts.demonstration_points
    weights = rng.uniform(0.6, 1.5, count * len(_SOURCES)) * (_SOURCE_WEIGHTS * count)
    shares = iter(apportion(weights, city.facts.demonstration_fund_yuan))
    return [_plan_point(rng, number, [next(shares) for _ in _SOURCES]) for number in range(count)]


def _plan_point(rng: Rng, number: int, shares: Sequence[int]) -> Point:
    turn, at = divmod(number, len(UNITS))
    towns = towns_of(UNITS[at])
    town = towns[(3 * turn + at) % len(towns)]
    village = town.villages[(number * 5) % len(town.villages)]
    completed = dt.date(2022, 8, 10) + dt.timedelta(days=int(rng.integers(135)))
    functions = sorted(rng.choice(len(_FUNCTIONS), size=3, replace=False).tolist())
    return Point(
        code=f"SFD2022{number + 1:02d}",
        name=f"{village.label}{'福彩园' if number % 4 == 0 else '惠民综合服务示范点'}",
        town=town,
        village=village,
        functions="、".join(_FUNCTIONS[place] for place in functions),
        tranches=tuple(_tranches(rng, completed, shares)),
        begun=dt.date(2022, 2, 15) + dt.timedelta(days=int(rng.integers(70))),
        completed=completed,
        persons_a_month=int(rng.integers(60, 320)),
    )


def _tranches(rng: Rng, completed: dt.date, shares: Sequence[int]) -> Iterator[Tranche]:
    """Yields the payments of each source before the completion. A large sum comes in two parts."""
    for source, share in zip(_SOURCES, shares, strict=True):
        for yuan in [share // 2, share - share // 2] if share > _LARGE_YUAN else [share]:
            yield Tranche(source, completed - dt.timedelta(days=int(rng.integers(10, 170))), yuan)


def build_points(city: City, points: Sequence[Point]) -> None:
    """Writes a workbook per unit with points and month, from January 2022."""
    report = city.contracts["demonstration_point"]
    money = ("funds_raised_yuan", "spent_cumulative_yuan")
    template = FormTemplate("{unit}惠民综合服务示范点建设进度表（{period}）", "示范点建设进度表", totals=money, unit_line="万元")
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    for month in city.span.months():
        for unit in UNITS if month >= _FIRST else ():
            mine = [point for point in points if point.town.unit == unit]
            if mine:
                rows = (row for point in mine for row in _rows(point, month))
                writer.write(Submission(unit, month, complete_records(report, rows)))
    writer.write_truth()


def _rows(point: Point, month: Period) -> Iterator[Record]:
    """Yields one row per source, with the funds and the spending until the end of the month."""
    is_done = point.completed <= month.end
    days = (point.completed - point.begun).days
    share = min(100, max(0, (month.end - point.begun).days * 100 // days))
    for source in _SOURCES:
        raised = sum(tranche.yuan for tranche in point.tranches if tranche.source == source and tranche.day <= month.end)
        yield {
            "period_month": str(month),
            "point_code": point.code,
            "point_name": point.name,
            "county_name": point.town.county_label,
            "town_name": point.town.name,
            "village_name": point.village.name,
            "village_code": point.village.code,
            "build_year": 2022,
            "fund_source": source,
            "funds_raised_yuan": raised,
            "spent_cumulative_yuan": raised * share // 100,
            "functions": point.functions,
            "progress": _progress(point, month),
            "completed_date": point.completed if is_done else None,
            "sandwich_served_persons": point.persons_a_month if _is_open(point, month) else None,
        }


def _progress(point: Point, month: Period) -> str:
    if point.completed <= month.end:
        return "投入使用" if _is_open(point, month) else "完工"
    return "在建" if point.begun <= month.end else "未开工"


def _is_open(point: Point, month: Period) -> bool:
    """Decides whether the point is open: from the month after its completion."""
    return point.completed < month.start
