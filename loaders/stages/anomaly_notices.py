"""Tells the owner of a report which of its accepted values are unlike those before. Each is told once, as a warning."""

from __future__ import annotations

from typing import Any

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.feedback import printed_header
from loaders.messages import phrase
from loaders.model import Notice
from loaders.period import local_today
from loaders.stages.notifications import queue_notices
from loaders.warehouse import Warehouse


def record_anomaly_notices(
    report: Report, warehouse: Warehouse, anomalies: list[dict[str, Any]], names: dict[str, str], divisions: Divisions
) -> None:
    """Keeps the open anomalies of a report, to be told by `queue_anomaly_notices`. `names` has the indicators' names."""
    warehouse.sync_notices(_topic(report), [_notice(report, one, names, divisions) for one in anomalies])


def queue_anomaly_notices(report: Report, warehouse: Warehouse) -> int:
    """Queues a message to the owner about the anomalies that were not reported yet; the number of messages."""
    owner = report.owner_on(local_today())
    opening = phrase("notice.anomalies.opening")
    return queue_notices(
        _topic(report),
        warehouse,
        recipient=owner.email,
        recipient_role=owner.role.zh,
        subject=phrase("notice.anomalies.subject", title=report.title).zh,
        opening=f"{owner.role.zh}：\n{opening.zh}\n{opening.en}",
        report=report.report,
    )


def _notice(report: Report, anomaly: dict[str, Any], names: dict[str, str], divisions: Divisions) -> Notice:
    code = anomaly["area"] or anomaly["unit"]
    area = divisions.by_code.get(code)
    place = phrase(
        "anomaly.place",
        period=anomaly["period"],
        area=area.name if area else code,
        what=names.get(anomaly["indicator"], anomaly["indicator"] or "") or printed_header(report, anomaly["column"]),
    )
    numbers = {name: _shown(anomaly[name]) for name in ("value", "expected", "low", "high")}
    text = phrase(f"anomaly.{anomaly['kind']}", place=place, history=anomaly["history_months"], **numbers)
    parts = (anomaly["unit"], anomaly["period"], anomaly["indicator"] or anomaly["column"], anomaly["area"], anomaly["kind"])
    return Notice("/".join(part or "" for part in parts), f"{text.zh}\n{text.en}", reason=numbers["value"])


def _shown(number: Any) -> str:
    return f"{round(float(number), 1):,.1f}".removesuffix(".0")


def _topic(report: Report) -> str:
    return f"anomalies:{report.report}"
