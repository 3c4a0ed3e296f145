"""Questions that people ask of a warehouse: figures, evidence, fingerprint, account, status. Reads only."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from loaders.contract import load_contracts
from loaders.period import Period
from loaders.settings import Settings
from loaders.warehouse import Warehouse
from loaders.warehouse.queries.indicator_queries import IndicatorQueries

Rows = list[dict[str, Any]]


def figures(settings: Settings, *, area: str | None = None, period: str | None = None) -> Rows:
    """Without area and period: ours against each published figure whose report has a contract. Else: all values there.

    Each row: code, name_zh, area_code, period, value, unit, published, qualifier, low, high, verdict; for an area or a period
    the basis too (`value`: of the period; `to_date`: of all up to its end). A row's value is the one that its verdict compares.
    """
    store = IndicatorQueries(settings.transformer_url)
    if area is None and period is None:
        codes = [report.code for report in load_contracts(settings.expectations).reports.values()]
        return store.published_comparison(codes)
    return store.values(area=area, period=str(Period.parse(period)) if period else None)


def evidence(settings: Settings, indicator: str, *, area: str | None = None, period: str | None = None) -> Rows:
    """The rows that speak for an indicator: quantity, report, unit, period, file, sha256, sheet, row."""
    span = Period.parse(period) if period else None
    return IndicatorQueries(settings.transformer_url).evidence(indicator, area=area, period_bounds=span)


def fingerprint(settings: Settings) -> str:
    """SHA-256 over the sorted lines `indicator area period value` of all values; equal values, equal fingerprint."""
    digest = hashlib.sha256()
    for code, area, period, value in sorted(IndicatorQueries(settings.transformer_url).all_values()):
        digest.update(f"{code}\t{area}\t{period}\t{_plain(value)}\n".encode())
    return digest.hexdigest()


def account(settings: Settings) -> Rows:
    """One row a landed file: rows, loaded, quarantined, furniture, difference."""
    return Warehouse(settings.warehouse_url).account()


def status(settings: Settings) -> Rows:
    """One row a report: submissions by state, watermark, open quarantine rows, missing submissions."""
    return Warehouse(settings.warehouse_url).status()


def issues(settings: Settings, report: str | None, *, unit: str | None = None, period: str | None = None) -> Rows:
    """One row an open issue: report, unit, period, file, sheet, row, cell, severity, rule, both sentences; refusals first."""
    reports = load_contracts(settings.expectations).reports.values()
    return Warehouse(settings.warehouse_url).open_issues(reports, report=report, unit=unit, period=period)


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
