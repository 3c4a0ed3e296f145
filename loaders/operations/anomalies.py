"""Accepted values that are unlike those before, as they stand."""

from __future__ import annotations

from typing import Any

from loaders.settings import Settings
from loaders.warehouse.anomalies.anomaly_ledger import AnomalyLedger

Rows = list[dict[str, Any]]


def anomalies(settings: Settings, *, report: str | None = None, unit: str | None = None, period: str | None = None) -> Rows:
    """Returns one row per anomaly that stands, the newest period first: place, kind, value, and the band that was expected."""
    return AnomalyLedger(settings.warehouse_url, settings.transformer_url).open(report=report, unit=unit, period=period)
