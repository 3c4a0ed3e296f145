"""A driver that loads typed rows of several reports into one warehouse, without sources, readers and validation."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa

from loaders.contract import Report
from loaders.model import TEXTS, LandedFile, Reading, RemoteDocument, ValidationResult
from loaders.period import Period
from loaders.raw_schema import raw_schema
from loaders.warehouse import LoadItem, Warehouse

SHEET = "表1"
_START = dt.datetime(2023, 7, 1, 8, tzinfo=dt.UTC)
_PLACE = pa.schema([pa.field("_sheet", pa.string()), pa.field("_row", pa.int32())])
_REJECTS = _PLACE.append(pa.field("record", pa.string()))

STATION: dict[str, Any] = {
    "name": "station",
    "code": "SW01",
    "replaces": "register",
    "columns": [
        {"name": "station_code", "header": "站点编号", "required": True, "key": True},
        {"name": "station_name", "header": "站点名称"},
        {"name": "opened_date", "header": "启用日期", "type": "date"},
        {"name": "closed_date", "header": "停用日期", "type": "date"},
        {"name": "client_id", "header": "负责人证号", "type": "resident_id", "pii": "personal"},
    ],
}
VISIT: dict[str, Any] = {
    "name": "visit",
    "code": "SW04",
    "columns": [
        {"name": "visit_code", "header": "探访编号", "required": True, "key": True},
        {"name": "visited_date", "header": "探访日期", "type": "date"},
        {"name": "station_code", "header": "站点编号"},
        {"name": "station_name", "header": "站名"},
        {"name": "client_id", "header": "身份证号", "type": "resident_id", "pii": "personal"},
        {"name": "persons", "header": "人次", "type": "integer"},
        {"name": "mode", "header": "方式", "type": "choice", "choices": ["入户", "电话"]},
        {"name": "is_first", "header": "首次", "type": "boolean"},
        {"name": "arrived_at", "header": "到达时间", "type": "datetime"},
    ],
}
MONTHLY: dict[str, Any] = {
    "name": "station_month",
    "code": "SW02",
    "columns": [
        {"name": "period_month", "header": "月份", "type": "month", "key": True},
        {"name": "station_code", "header": "站点编号", "required": True, "key": True},
        {"name": "visit_persons", "header": "探访人次", "type": "integer"},
        {"name": "total_persons", "header": "累计人次", "type": "integer"},
    ],
}


def make_report(contract: dict[str, Any], *rules: dict[str, Any], **changes: Any) -> Report:
    """Makes a report of two counties, with rules between reports."""
    defaults = {
        "system": "social_work",
        "title": {"zh": f"{contract['name']}表", "en": contract["name"]},
        "grain": {"zh": "一行", "en": "one row"},
        "owner": {"role": {"zh": "科", "en": "section"}, "email": f"{contract['name']}@example.org"},
        "cadence": "monthly",
        "unit_level": "county",
        "units": ["A", "B"],
        "period_kind": "month",
        "source": {"kind": "file_drop", "connection": "drop", "pattern": ".*"},
        "format": {"kind": "delimited"},
        "replaces": "period",
    }
    meaning = {"zh": "应当相符", "en": "they agree"}
    return Report.model_validate(defaults | contract | {"cross_rules": [{"meaning": meaning} | rule for rule in rules]} | changes)


class CrossReportDriver:
    """Driver of several reports in one warehouse."""

    def __init__(self, url: str, *reports: Report) -> None:
        self.reports = {report.report: report for report in reports}
        self.warehouse = Warehouse(url)
        for report in reports:
            self.warehouse.prepare(report)
        self._connection = psycopg.connect(url, autocommit=True)

    def __del__(self) -> None:
        self._connection.close()

    def send(
        self, name: str, *rows: dict[str, Any], unit: str = "A", period: str = "2023-01", minute: int = 0, sheet: str = SHEET
    ) -> int:
        """Lands and loads a document, and returns the submission's number. A later `minute` is a correction."""
        report = self.reports[name]
        sha256 = hashlib.sha256(repr((name, rows, unit, period)).encode()).hexdigest()
        uri, at = f"drop:/{name}/{period}/{unit}.csv", _START + dt.timedelta(minutes=minute)
        remote_document = RemoteDocument(name, uri, at, 100, unit, Period.parse(period))
        pull = self.warehouse.open_pull(report, None, None)
        submission = self.warehouse.register(pull, remote_document, LandedFile(sha256, Path("/nowhere"), 100), report)
        assert submission is not None
        self.warehouse.close_pull(report, pull)
        token, claimed = self.warehouse.claim(report, [submission.submission_id])
        outcomes = self.warehouse.load_batch(report, token, [_item(report, one, rows, sheet) for one in claimed])
        assert [outcome.reason for outcome in outcomes] == [None]
        return submission.submission_id

    def check(self) -> dict[str, int]:
        """Open issues by report; what was touched since the last check comes to the same as all."""
        touched = self.warehouse.cross_check(self.reports)
        mark = self.warehouse.ledger_fingerprint()
        assert self.warehouse.cross_check(self.reports, again=True) == touched
        assert self.warehouse.ledger_fingerprint() == mark
        return touched

    def query(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(text, parameters or None).fetchall()

    def found(self) -> list[tuple[Any, ...]]:
        """(report, unit, period, row, column, rule, found, expected) of each open issue of a rule between reports."""
        return self.query(
            "select report, unit_code, period, row_number, column_name, rule, found, expected from ops.issue "
            "where cross_rule is not null and resolved_at is null order by 1, 2, 3, 4, 5, 6, 7"
        )


def _item(report: Report, submission: Any, rows: Sequence[dict[str, Any]], sheet: str) -> LoadItem:
    schema = pa.schema([*raw_schema(report), *_PLACE, pa.field(TEXTS, pa.string())])
    placed = [dict.fromkeys(schema.names) | row | {"_sheet": sheet, "_row": number} for number, row in enumerate(rows, start=2)]
    accepted = pa.Table.from_pylist(placed, schema)
    names = [column.name for column in report.columns]
    read = pa.Table.from_pylist(
        [{"_sheet": row["_sheet"], "_row": row["_row"]} for row in placed],
        pa.schema([*_PLACE, *(pa.field(name, pa.string()) for name in names)]),
    )
    return LoadItem(
        submission, Reading(read, len(rows) + 1, {"header": 1}), [ValidationResult(accepted, pa.Table.from_pylist([], _REJECTS))]
    )
