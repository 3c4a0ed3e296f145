"""Looks for anomalies in what is loaded: values by month of the indicators, and columns of the documents. All are warnings.

A unit that did not report a month has no value then, which is a matter of obligations; one that reported nothing has a zero.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from loaders.anomalies import Anomaly, ColumnCounts, Panel, find_column_anomalies, find_value_anomalies, season_of
from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.period import Period, PeriodKind
from loaders.settings import Settings
from loaders.stages.anomaly_notices import record_anomaly_notices
from loaders.warehouse import Warehouse
from loaders.warehouse.anomalies.anomaly_ledger import AnomalyLedger
from loaders.warehouse.anomalies.anomaly_store import FoundAnomaly

Rows = list[dict[str, Any]]
Reported = set[tuple[str, str, str]]


def detect(reports: Mapping[str, Report], settings: Settings, *, again: bool = False) -> dict[str, int]:
    """Judges the reports of which something was loaded since the last look; `again`: all of them.

    Returns:
        The number of anomalies of each report that was checked.
    """
    monthly = [report for report in reports.values() if report.period_kind is PeriodKind.MONTH]
    ledger = AnomalyLedger(settings.warehouse_url, settings.transformer_url)
    names = [report.report for report in monthly]
    changed = names if again else ledger.changed_reports(names)
    checked = {report.code: report for report in monthly if report.report in changed}
    reported, new_years = ledger.reported_periods(changed), _new_years(settings)
    found: list[FoundAnomaly] = []
    values = ledger.month_values(list(checked))
    for (code, indicator), rows in groupby(values, key=lambda row: (row["source_report"], row["indicator_code"])):
        found.extend(_of_indicator(checked[code], indicator, list(rows), reported, new_years))
    for report in checked.values():
        found.extend(_of_columns(report, ledger.column_counts(report)))
    ledger.sync(changed, found)
    warehouse, divisions = Warehouse(settings.warehouse_url), Divisions.load(settings.divisions)
    indicator_names = {row["indicator_code"]: row["name_zh"] for row in values}
    for name in changed:
        record_anomaly_notices(reports[name], warehouse, ledger.open(report=name), indicator_names, divisions)
    counts = Counter(one.report for one in found)
    return {name: counts[name] for name in changed}


def _of_indicator(
    report: Report, indicator: str, rows: Rows, reported: Reported, new_years: Sequence[dt.date]
) -> Iterator[FoundAnomaly]:
    # The city is the sum of the others: beside them it would be checked by itself.
    for areas in (["city"], ["county", "zone"]):
        level = [row for row in rows if row["area_level"] in areas]
        if level:
            yield from _of_panel(report, indicator, level, reported, new_years)


def _of_panel(
    report: Report, indicator: str, rows: Rows, reported: Reported, new_years: Sequence[dt.date]
) -> Iterator[FoundAnomaly]:
    periods = sorted({row["period"] for row in rows})
    areas = sorted({row["area_code"] for row in rows})
    values = np.full((len(areas), len(periods)), np.nan)
    units = {area: _unit_of(report, area) for area in areas}
    for row in rows:
        if _is_reported(report, units[row["area_code"]], row["period"], reported):
            values[areas.index(row["area_code"]), periods.index(row["period"])] = row["value"] or 0.0
    seasons = [season_of(Period.parse(period).start, new_years) for period in periods]
    for anomaly in find_value_anomalies(Panel(values, seasons, rows[0]["scale"])):
        area, period = areas[anomaly.unit], periods[anomaly.month]
        yield _found(anomaly, report, units[area] or report.units[0], period, indicator=indicator, area=area)


def _of_columns(report: Report, rows: Rows) -> Iterator[FoundAnomaly]:
    by_column: dict[tuple[str, str], Rows] = defaultdict(list)
    for row in rows:
        by_column[row["unit_code"], row["column_name"]].append(row)
    for (unit, column), documents in by_column.items():
        counts = [ColumnCounts(one["rows"], one["filled"], one["numbers"], one["rounded"]) for one in documents]
        for anomaly in find_column_anomalies(counts):
            yield _found(anomaly, report, unit, documents[anomaly.month]["period"], column=column)


def _unit_of(report: Report, area: str) -> str | None:
    """The unit that reports an area: itself, else the only unit of the report; None when several add to it."""
    if area in report.units:
        return area
    return report.units[0] if len(report.units) == 1 else None


def _is_reported(report: Report, unit: str | None, period: str, reported: Reported) -> bool:
    units: Iterable[str] = report.units if unit is None else [unit]
    return all((report.report, one, period) in reported for one in units)


def _found(
    anomaly: Anomaly,
    report: Report,
    unit: str,
    period: str,
    *,
    indicator: str | None = None,
    area: str | None = None,
    column: str | None = None,
) -> FoundAnomaly:
    return FoundAnomaly(
        report=report.report,
        unit_code=unit,
        period=period,
        kind=str(anomaly.kind),
        indicator_code=indicator,
        area_code=area,
        column_name=column,
        value=round(anomaly.value, 6),
        expected=round(anomaly.expected, 6),
        low=round(anomaly.low, 6),
        high=round(anomaly.high, 6),
        history_months=anomaly.history_months,
    )


def _new_years(settings: Settings) -> list[dt.date]:
    with settings.holiday_arrangements.with_name("lunar_months.csv").open(encoding="utf-8", newline="") as file:
        return [
            dt.date.fromisoformat(row["start_date"])
            for row in csv.DictReader(file)
            if row["lunar_month_number"] == "1" and row["is_leap_month"] == "0"
        ]
