"""Who reported what: reports by periods as a heat map, and one report and period by unit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from loaders.contract import ReportSystem
from loaders.pages.page import NothingThere, Page, UnitPage
from loaders.period import Period
from loaders.warehouse.queries.completeness_queries import (
    reporting_by_unit,
    reporting_states,
    warehouse_today,
)

router = APIRouter()
_MONTHS = 12
# The state that somebody must see first comes first: it is the one that a cell of several units shows.
STATES = (
    "missing",
    "refused",
    "waiting",
    "partly_rejected",
    "late",
    "not_yet_due",
    "zero_declared",
    "nothing_declared",
    "accepted",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Units of one report and period by state. It spans the `months` of its period that are in the window."""

    months: int
    period: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The state that the cell shows."""
        return next((state for state in STATES if self.counts.get(state)), "")

    @property
    def units_count(self) -> int:
        """How many units are in the state that the cell shows."""
        return self.counts.get(self.state, 0)

    @property
    def is_whole(self) -> bool:
        """Whether all units are in that state."""
        return len(self.counts) <= 1


@dataclass(frozen=True, slots=True)
class Row:
    """One report of the heat map; `register_date` is when a document without a period came last."""

    report: str
    code: str
    title: str
    cells: tuple[Cell, ...]
    register_date: dt.date | None = None


@router.get("/", name="completeness")
def show_completeness(page: UnitPage, until: str | None = None) -> Response:
    """Shows twelve months; `until` is the last of them, by default the month of today."""
    with page.reading() as connection:
        today = warehouse_today(connection)
        months = _months_until(_last_month(until, today))
        rows = reporting_states(connection, _day(months[0]), _last_day(months[-1]), page.viewer.unit_codes)
    counts = Counter[str]()
    for row in (row for row in rows if row["period"] is not None):
        counts[row["state"]] += row["units_count"]
    systems = [(page.localized(one.title), list(_rows(page, name, rows, months))) for name, one in _systems(page).items()]
    return page.render(
        "completeness.html.j2",
        systems=[(title, found) for title, found in systems if found],
        months=months,
        years=list(Counter(month[:4] for month in months).items()),
        counts=counts,
        states=STATES,
        today=today,
        earlier=_month(*_shifted(months[0], -1)),
        later=_month(*_shifted(months[-1], _MONTHS)) if months[-1] < f"{today:%Y-%m}" else None,
    )


@router.get("/completeness/{report}", name="completeness_by_unit")
def show_units(page: UnitPage, report: str, period: str | None = None) -> Response:
    """Shows one report and period by unit."""
    contract = page.files.reports.get(report)
    if contract is None:
        raise NothingThere
    with page.reading() as connection:
        rows = reporting_by_unit(connection, report, period, page.viewer.unit_codes)
    if not rows:
        raise NothingThere
    return page.render("completeness_by_unit.html.j2", contract=contract, period=period, rows=rows)


def _systems(page: Page) -> Mapping[str, ReportSystem]:
    return page.files.deployment.systems


def _rows(page: Page, system: str, states: Sequence[Mapping[str, Any]], months: Sequence[str]) -> Iterator[Row]:
    """Yields the reports of one system that the viewer's units send."""
    for name, report in page.files.reports.items():
        if report.system != system or not (page.viewer.units is None or page.viewer.units & set(report.units)):
            continue
        own = [row for row in states if row["report"] == name]
        dates = [row["received_date"] for row in own if row["period"] is None and row["received_date"]]
        cells = _cells([row for row in own if row["period"] is not None], months)
        yield Row(name, report.code, page.localized(report.title), cells, max(dates, default=None))


def _cells(rows: Sequence[Mapping[str, Any]], months: Sequence[str]) -> tuple[Cell, ...]:
    """Returns the cells of one report from the first month to the last, with an empty one for each month without a period."""
    spans: dict[tuple[int, int], dict[str, Counter[str]]] = {}
    for row in rows:
        first = max(_place(row["period_start"], months), 0)
        last = min(_place(row["period_end"], months), len(months) - 1)
        counts = spans.setdefault((first, last), {}).setdefault(row["period"], Counter())
        counts[row["state"]] += row["units_count"]
    return tuple(_filled(spans, len(months)))


def _filled(spans: Mapping[tuple[int, int], Mapping[str, Counter[str]]], length: int) -> Iterator[Cell]:
    place = 0
    for (first, last), periods in sorted(spans.items()):
        if first < place:
            # A period of another length, from before the contract changed its cadence.
            continue
        yield from (Cell(1) for _ in range(first - place))
        period, counts = next(iter(periods.items()))
        yield Cell(last - first + 1, period, counts)
        place = last + 1
    yield from (Cell(1) for _ in range(length - place))


def _place(day: dt.date, months: Sequence[str]) -> int:
    first = _day(months[0])
    return (day.year - first.year) * 12 + day.month - first.month


def _last_month(until: str | None, today: dt.date) -> str:
    try:
        period = Period.parse(until) if until else None
    except ValueError:
        period = None
    return f"{period.end:%Y-%m}" if period is not None else f"{today:%Y-%m}"


def _months_until(last: str) -> list[str]:
    return [_month(*_shifted(last, back)) for back in range(1 - _MONTHS, 1)]


def _shifted(month: str, by: int) -> tuple[int, int]:
    first = _day(month)
    count = first.year * 12 + first.month - 1 + by
    return count // 12, count % 12 + 1


def _month(year: int, month: int) -> str:
    return f"{year:04}-{month:02}"


def _day(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")


def _last_day(month: str) -> dt.date:
    return _day(_month(*_shifted(month, 1))) - dt.timedelta(days=1)
