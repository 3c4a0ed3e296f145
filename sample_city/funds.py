"""CH07: income and expenditure of community funds, by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loaders.contract import load_report
from loaders.period import Period, PeriodKind
from sample_city import planting
from sample_city.defects import EQUAL_SUM, KNOWN_CODE, NOT_AFTER_PERIOD, USCC, DefectLog, Grid, Row
from sample_city.facts import Facts
from sample_city.geography import CITY_CODE, Town, Village, statutory_towns, unknown_town
from sample_city.people import Rng, spoil_check, stream
from sample_city.timetable import SHANGHAI, WHOLE, Span

REPORT = "community_fund"
UNIT = CITY_CODE
_ENDED = (5, 9)
"""The numbers of those funds that were ended meanwhile."""
_LATE_DAY, _USUAL_DAY = 15, 3
_CONTRACT = load_report(Path(__file__).resolve().parent.parent / "expectations" / "charity" / f"{REPORT}.yml")
COLUMNS = tuple(column.field or column.name for column in _CONTRACT.columns)


@dataclass(frozen=True, slots=True)
class Fund:
    """A community fund of a town, or of a village (`village` set)."""

    code: str
    town: Town
    village: Village | None
    host_uscc: str
    founded: dt.date
    ended: dt.date | None
    level: str

    @property
    def name(self) -> str:
        """Its full name."""
        return f"{self.town.name if self.village is None else self.village.label}社区基金"


def plan_funds(seed: int, alive: int, hosts: Sequence[str]) -> tuple[Fund, ...]:
    """As many funds as are alive at the end of 2023 and two that were ended, hosted by charities with these credit codes."""
    rng = stream(seed, REPORT, "plan")
    places = rng.permutation(len(statutory_towns())).tolist()
    offsets = np.sort(rng.integers(20, 1040, size=alive + len(_ENDED)))
    offsets[:3] = (4, 9, 16)
    return tuple(_plan_fund(rng, number, places, offset, hosts) for number, offset in enumerate(offsets.tolist(), start=1))


def _plan_fund(rng: Rng, number: int, places: Sequence[int], offset: int, hosts: Sequence[str]) -> Fund:
    """A town has one fund of its own at most; what comes on top is a village's."""
    turn, place = divmod(number - 1, len(places))
    town = statutory_towns()[places[place]]
    village = town.villages[int(rng.integers(len(town.villages)))] if rng.random() < 0.4 or turn > 0 else None
    founded = WHOLE.first.start + dt.timedelta(days=offset)
    ended = founded + dt.timedelta(days=400) if number in _ENDED else None
    host = hosts[int(rng.integers(len(hosts)))]
    level = "镇街" if village is None else "村社区"
    return Fund(f"HZSQ{number:04d}", town, village, host, founded, ended, level)


def build_funds(seed: int, span: Span, facts: Facts, hosts: Sequence[str], log: DefectLog) -> tuple[list[Row], list[Row]]:
    """The rows of the front-end table and what should be accepted of them.

    Returns:
        Rows in the order of `COLUMNS` with the update time appended, and the accepted rows likewise without it.
    """
    funds = plan_funds(seed, facts.community_funds, hosts)
    ledger = _ledger(seed, funds, facts.community_fund_raised_yuan * 100)
    rows: list[Row] = []
    truth: list[Row] = []
    for month in span.months():
        kinds = planting.COMMUNITY_FUND.get((UNIT, str(month)), ())
        grid = _plant(Grid(COLUMNS, ledger[month]), month, kinds)
        grid.rows.sort(key=lambda row: str(row[1]))
        grid.record(log, REPORT, UNIT, month, 1)
        updated = _updated_at(month, kinds)
        if planting.LATE in kinds:
            log.add(planting.LATE, REPORT, UNIT, month, expected_rule="late", expected_state="accepted")
        rows.extend([*row, updated] for row in grid.rows)
        truth.extend(grid.accepted())
    return rows, truth


def _updated_at(month: Period, kinds: Sequence[str]) -> dt.datetime:
    following = month.end + dt.timedelta(days=1)
    day = _LATE_DAY if planting.LATE in kinds else _USUAL_DAY
    return dt.datetime(following.year, following.month, day, 9, 30, tzinfo=SHANGHAI)


def _ledger(seed: int, funds: Sequence[Fund], raised_fen: int) -> dict[Period, list[Row]]:
    """A row for each fund and month it lived in; the money raised in all of them is exactly `raised_fen`."""
    rng = stream(seed, REPORT, "money")
    lives = [(fund, month) for fund in funds for month in WHOLE.months() if _lives(fund, month)]
    weights = rng.lognormal(0.0, 1.0, len(lives)) * [3.0 if _is_first(f, m) else 1.0 for f, m in lives]
    exact = weights * (raised_fen / weights.sum())
    raised = np.floor(exact / 100).astype(np.int64) * 100
    raised[0] += raised_fen - int(raised.sum())
    spending = rng.beta(2, 3, len(lives))
    rows: dict[Period, list[Row]] = {month: [] for month in WHOLE.months()}
    raised_so_far: dict[str, int] = {}
    spent_so_far: dict[str, int] = {}
    for (fund, month), income, share in zip(lives, raised.tolist(), spending.tolist(), strict=True):
        code = fund.code
        total = raised_so_far[code] = raised_so_far.get(code, 0) + income
        spent = round((total - spent_so_far.get(code, 0)) * share * 0.5)
        gone = spent_so_far[code] = spent_so_far.get(code, 0) + spent
        rows[month].append(_row(fund, month, (income, total, spent, gone, total - gone)))
    return rows


def _row(fund: Fund, month: Period, money: Sequence[int]) -> Row:
    ended = fund.ended if fund.ended is not None and fund.ended <= month.end else None
    place = [fund.town.county_label, fund.town.name, fund.town.code]
    village: Row = [None, None] if fund.village is None else [fund.village.name, fund.village.code]
    yuan = [f"{fen // 100}.{fen % 100:02d}" for fen in money]
    return [str(month), fund.code, fund.name, fund.level, *place, *village, fund.host_uscc, fund.founded, ended, *yuan, None]


def _lives(fund: Fund, month: Period) -> bool:
    return fund.founded <= month.end and (fund.ended is None or fund.ended >= month.start)


def _is_first(fund: Fund, month: Period) -> bool:
    return Period.containing(fund.founded, PeriodKind.MONTH) == month


def _plant(grid: Grid, month: Period, kinds: Sequence[str]) -> Grid:
    def extra(number: int, kind: str, reasons: list[tuple[str | None, str]], **changes: Any) -> None:
        code = f"HZSQ9{month.ordinal:02d}{number}"
        row = grid.variant(grid.rows[number], fund_no=code, fund_name=f"试填社区基金{number}", **changes)
        grid.insert(len(grid.rows), row, kind, reasons)

    host = grid.rows[0][COLUMNS.index("host_uscc")]
    if planting.USCC_WRONG in kinds:
        extra(1, planting.USCC_WRONG, [("host_uscc", USCC)], host_uscc=spoil_check(host))
    if planting.FUTURE_DATE in kinds:
        later = month.end + dt.timedelta(days=45)
        extra(2, planting.FUTURE_DATE, [("founded_date", NOT_AFTER_PERIOD)], founded_on=later)
    if planting.UNKNOWN_TOWN in kinds:
        reasons: list[tuple[str | None, str]] = [("town_name", KNOWN_CODE), ("town_code", KNOWN_CODE)]
        extra(3, planting.UNKNOWN_TOWN, reasons, **unknown_town(grid.rows[3][COLUMNS.index("town_code")]))
    if planting.DUPLICATE_ROW in kinds:
        grid.duplicate(4, "fund_code")
    if planting.WRONG_SUM in kinds:
        row = grid.variant(grid.rows[1], balance=f"{float(grid.rows[1][COLUMNS.index('balance')]) + 500:.2f}")
        grid.replace(1, row, planting.WRONG_SUM, "raised_cumulative_yuan", EQUAL_SUM, is_warning=True)
    return grid
