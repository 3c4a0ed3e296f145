"""CH07: income and expenditure of community funds, by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders.period import Period, PeriodKind
from sample_city.city import City
from sample_city.documents.form_sheet import FormSheet, expected_state
from sample_city.documents.register import write_view_table
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import EQUAL_SUM, NOT_AFTER_PERIOD, USCC
from sample_city.faults.fault import Fault, FaultPlan, FaultSite, PlannedFault, Record
from sample_city.faults.injection import inject_faults
from sample_city.faults.standard_faults import standard_fault_at
from sample_city.reference.geography import CITY_CODE, Town, Village, statutory_towns
from sample_city.reference.people import Rng, corrupt_check_digit, stream
from sample_city.reference.timetable import FULL_SPAN, SHANGHAI

REPORT = "community_fund"
_ENDED = (5, 9)
"""The numbers of the funds that end within the three years."""
_LATE_DAY, _USUAL_DAY = 15, 3


def _new_fund(number: int, site: FaultSite) -> Record:
    return {"fund_code": f"HZSQ9{site.period.ordinal:02d}{number}", "fund_name": f"试填社区基金{number}"}


def _wrong_uscc(site: FaultSite) -> Fault:
    changes = {**_new_fund(1, site), "host_uscc": corrupt_check_digit(site.records[0]["host_uscc"])}
    return Fault(fault_kinds.USCC_WRONG, changes, [("host_uscc", USCC)], at=1)


def _future_date(site: FaultSite) -> Fault:
    changes = {**_new_fund(2, site), "founded_date": site.period.end + dt.timedelta(days=45)}
    return Fault(fault_kinds.FUTURE_DATE, changes, [("founded_date", NOT_AFTER_PERIOD)], at=2)


def _unknown_town(site: FaultSite) -> Fault:
    return standard_fault_at(fault_kinds.UNKNOWN_TOWN, 3, **_new_fund(3, site))(site)


def _wrong_balance(site: FaultSite) -> Fault:
    changes = {"balance_yuan": f"{float(site.records[1]['balance_yuan']) + 500:.2f}"}
    reasons = [("raised_cumulative_yuan", EQUAL_SUM)]
    return Fault(fault_kinds.WRONG_SUM, changes, reasons, in_place=True, is_warning=True, at=1)


# Faults with a higher row come first: a row that is inserted moves those below it.
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-03"): (_wrong_balance,),
    (CITY_CODE, "2022-06"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-11"): (_future_date, _wrong_uscc),
    (CITY_CODE, "2023-05"): (standard_fault_at(fault_kinds.DUPLICATE_ROW, 4), _unknown_town),
    (CITY_CODE, "2023-12"): (_wrong_uscc, _wrong_balance),
}


@dataclass(frozen=True, slots=True)
class Fund:
    """A community fund of a town, or of a village if `village` is set."""

    code: str
    town: Town
    village: Village | None
    host_uscc: str
    founded: dt.date
    ended: dt.date | None
    level: str

    @property
    def name(self) -> str:
        """The full name."""
        return f"{self.town.name if self.village is None else self.village.label}社区基金"


def plan_funds(seed: int, count: int, hosts: Sequence[str]) -> tuple[Fund, ...]:
    """Plans the funds that exist at the end of 2023, and two that ended before. The hosts are charities by credit code."""
    rng = stream(seed, REPORT, "plan")
    places = rng.permutation(len(statutory_towns())).tolist()
    offsets = np.sort(rng.integers(20, 1040, size=count + len(_ENDED)))
    offsets[:3] = (4, 9, 16)
    return tuple(_plan_fund(rng, number, places, offset, hosts) for number, offset in enumerate(offsets.tolist(), start=1))


def _plan_fund(rng: Rng, number: int, places: Sequence[int], offset: int, hosts: Sequence[str]) -> Fund:
    """Plans one fund. Each town has at most one of its own; further funds belong to villages."""
    turn, place = divmod(number - 1, len(places))
    town = statutory_towns()[places[place]]
    village = town.villages[int(rng.integers(len(town.villages)))] if rng.random() < 0.4 or turn > 0 else None
    founded = FULL_SPAN.first.start + dt.timedelta(days=offset)
    ended = founded + dt.timedelta(days=400) if number in _ENDED else None
    host = hosts[int(rng.integers(len(hosts)))]
    level = "镇街" if village is None else "村社区"
    return Fund(f"HZSQ{number:04d}", town, village, host, founded, ended, level)


def build_community_funds(city: City) -> None:
    """Writes the table behind the view: a row per fund and month. The truth has the rows that must be accepted."""
    report = city.contracts[REPORT]
    hosts = [organization.uscc for organization in city.organizations if organization.is_charity]
    funds = plan_funds(city.seed, city.facts.community_funds, hosts)
    ledger = _ledger(city.seed, funds, city.facts.community_fund_raised_yuan * 100)
    rows: list[tuple[Record, dt.datetime]] = []
    truth: list[Sequence[object]] = []
    for month in city.span.months():
        planned = _FAULT_PLAN.get((CITY_CODE, str(month)), ())
        sheet = FormSheet("", *inject_faults(report, ledger[month], planned, month))
        sheet.records.sort(key=lambda record: str(record["fund_code"]))
        sheet.log_faults(city.log, REPORT, CITY_CODE, month, expected_state=expected_state([sheet]))
        if fault_kinds.LATE in planned:
            city.log.add(fault_kinds.LATE, REPORT, CITY_CODE, month, expected_rule="late", expected_state="accepted")
        rows.extend((record, _updated_at(month, planned)) for record in sheet.records)
        truth.extend(list(record.values()) for _, record in sheet.accepted())
    write_view_table(city, report, rows)
    city.write_truth("funds", [column.field or column.name for column in report.columns], truth)


def _updated_at(month: Period, planned: Sequence[PlannedFault]) -> dt.datetime:
    following = month.end + dt.timedelta(days=1)
    day = _LATE_DAY if fault_kinds.LATE in planned else _USUAL_DAY
    return dt.datetime(following.year, following.month, day, 9, 30, tzinfo=SHANGHAI)


def _ledger(seed: int, funds: Sequence[Fund], raised_fen: int) -> dict[Period, list[Record]]:
    """Makes a record per active fund and month. The money raised in all of them is exactly `raised_fen`."""
    rng = stream(seed, REPORT, "money")
    active_months = [(fund, month) for fund in funds for month in FULL_SPAN.months() if _is_active(fund, month)]
    weights = rng.lognormal(0.0, 1.0, len(active_months)) * [3.0 if _is_first(f, m) else 1.0 for f, m in active_months]
    exact = weights * (raised_fen / weights.sum())
    raised = np.floor(exact / 100).astype(np.int64) * 100
    raised[0] += raised_fen - int(raised.sum())
    spending = rng.beta(2, 3, len(active_months))
    rows: dict[Period, list[Record]] = {month: [] for month in FULL_SPAN.months()}
    raised_so_far: dict[str, int] = {}
    spent_so_far: dict[str, int] = {}
    for (fund, month), income, share in zip(active_months, raised.tolist(), spending.tolist(), strict=True):
        code = fund.code
        total = raised_so_far[code] = raised_so_far.get(code, 0) + income
        spent = round((total - spent_so_far.get(code, 0)) * share * 0.5)
        spent_to_date = spent_so_far[code] = spent_so_far.get(code, 0) + spent
        rows[month].append(_record(fund, month, (income, total, spent, spent_to_date, total - spent_to_date)))
    return rows


def _record(fund: Fund, month: Period, money: Sequence[int]) -> Record:
    raised, raised_so_far, spent, spent_so_far, balance = (f"{fen // 100}.{fen % 100:02d}" for fen in money)
    return {
        "period_month": str(month),
        "fund_code": fund.code,
        "fund_name": fund.name,
        "fund_level": fund.level,
        "county_name": fund.town.county_label,
        "town_name": fund.town.name,
        "town_code": fund.town.code,
        "village_name": None if fund.village is None else fund.village.name,
        "village_code": None if fund.village is None else fund.village.code,
        "host_uscc": fund.host_uscc,
        "founded_date": fund.founded,
        "ended_date": fund.ended if fund.ended is not None and fund.ended <= month.end else None,
        "raised_yuan": raised,
        "raised_cumulative_yuan": raised_so_far,
        "spent_yuan": spent,
        "spent_cumulative_yuan": spent_so_far,
        "balance_yuan": balance,
        "remark": None,
    }


def _is_active(fund: Fund, month: Period) -> bool:
    return fund.founded <= month.end and (fund.ended is None or fund.ended >= month.start)


def _is_first(fund: Fund, month: Period) -> bool:
    return Period.containing(fund.founded, PeriodKind.MONTH) == month
