"""Questions that people ask of a warehouse: figures, fingerprint, account, status. Reads only."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from loaders.contract import load_contracts
from loaders.period import Period, end_of_day, local_minute
from loaders.settings import Settings
from loaders.warehouse import Warehouse, WarehouseError
from loaders.warehouse.queries import build_queries
from loaders.warehouse.queries.indicator_queries import IndicatorQueries

Rows = list[dict[str, Any]]


class NotKnown(WarehouseError):
    """What was known then cannot be told; the message says why."""


def figures(settings: Settings, *, area: str | None = None, period: str | None = None, indicator: str | None = None) -> Rows:
    """Without a choice: ours against each published figure whose report has a contract. Else: all values there.

    Each row: code, name_zh, area_code, period, value, unit, published, qualifier, low, high, verdict; with a choice
    the basis too (`value`: of the period; `to_date`: of all up to its end), without one value_at_print and verdict_at_print.
    A row's value is the one that its verdict compares.
    """
    store = IndicatorQueries(settings.transformer_url)
    if area is None and period is None and indicator is None:
        codes = [report.code for report in load_contracts(settings.expectations).reports.values()]
        return store.published_comparison(codes)
    return store.values(area=area, period=str(Period.parse(period)) if period else None, indicator=indicator)


def figures_then(settings: Settings, *, area: str | None = None, period: str | None = None, indicator: str | None = None) -> Rows:
    """Returns values under the hierarchy of their time. Each row as of `figures_as_of`, and area_name."""
    store = IndicatorQueries(settings.transformer_url)
    return store.values_then(area=area, period=str(Period.parse(period)) if period else None, indicator=indicator)


def figures_as_of(
    settings: Settings,
    day: dt.date,
    *,
    area: str | None = None,
    period: str | None = None,
    indicator: str | None = None,
    is_then: bool = False,
) -> Rows:
    """Returns values as they were known at the end of a day in China.

    Each row: code, name_zh, area_code, period, value, ytd, to_date, unit. With `is_then` under the hierarchy of their time.

    Raises:
        NotKnown: no build that keeps its values had ended then.
    """
    store = IndicatorQueries(settings.transformer_url)
    as_of = end_of_day(day)
    first = store.first_known_at()
    if first is None or first > as_of:
        since = local_minute(first) if first else "none yet"
        raise NotKnown(f"no build had ended by the end of {day}: what was known then cannot be told (the first one: {since})")
    code = str(Period.parse(period)) if period else None
    return store.values_as_of(as_of, area=area, period=code, indicator=indicator, is_then=is_then)


def figures_of_release(
    settings: Settings, number: int, *, area: str | None = None, period: str | None = None, indicator: str | None = None
) -> Rows:
    """Returns values as they were published when a release was made. Each row as of `figures_as_of`.

    Raises:
        NotKnown: there is no such release.
    """
    store = IndicatorQueries(settings.transformer_url)
    last = store.last_release()
    if not 1 <= number <= last:
        raise NotKnown(f"there is no release {number}; the newest is {last or 'none'}: huimin release list shows them")
    return store.values_of_release(number, area=area, period=str(Period.parse(period)) if period else None, indicator=indicator)


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


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def changes_of_last_build(settings: Settings) -> dict[str, int | list[str]]:
    """Returns the build's number, the reports that loads had touched, and how many rows of evidence and values came and went.

    Reads as the role of dbt: the loader's role does not see what dbt makes.
    """
    return build_queries.changes_of_last_build(settings.transformer_url)


def batch_counts(settings: Settings, submission_ids: Sequence[int]) -> dict[str, int]:
    """Returns what became of a batch: `documents`, `rows_loaded`, `rows_quarantined` and `rows_furniture`."""
    return Warehouse(settings.warehouse_url).batch_counts(submission_ids)
