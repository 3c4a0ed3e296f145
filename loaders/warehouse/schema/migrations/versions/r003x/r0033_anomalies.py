"""Anomalies: accepted values and columns that differ from their history, and when they were last looked for."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0033"
down_revision = "r0032"

_TABLES = """
create table if not exists ops.anomaly (
    anomaly_id bigint generated always as identity primary key,
    report text not null, unit_code text not null, period text not null, kind text not null,
    indicator_code text, area_code text, column_name text,
    value numeric not null, expected numeric not null, low numeric not null, high numeric not null,
    history_months integer not null,
    found_at timestamptz not null default now(), gone_at timestamptz,
    check ((indicator_code is null) <> (column_name is null)), check ((indicator_code is null) = (area_code is null))
);
create unique index if not exists anomaly_open_idx
    on ops.anomaly (report, unit_code, period, kind, indicator_code, area_code, column_name) nulls not distinct
    where gone_at is null;
create table if not exists ops.anomaly_look (
    look_id bigint generated always as identity primary key, looked_at timestamptz not null default now()
);
"""
_COMMENTS = {
    "ops.anomaly": Relation(
        "table",
        "一行＝一处与以往不符、已入库的数值或列；仅为提醒。gone_at 为空的仍然存在。"
        "One row per accepted value or column that differs from its history: a warning, the value counts",
        "loaders.warehouse.anomalies.anomaly_store",
        {
            "anomaly_id": "编号。Its number",
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期。The period",
            "kind": "unusual_value 数值异常，sudden_zero 突然为零，repeated_value 连续相同，share_jump 占比突变，"
            "rounded_values 多为整五整十，empty_column 整列为空。What is odd",
            "indicator_code": "指标代码；列的异常为空。The indicator; null for a column",
            "area_code": "区域代码；列的异常为空。The area; null for a column",
            "column_name": "列名；数值异常为空。The column of the report; null for a value",
            "value": "数值；share_jump、rounded_values、empty_column 为百分比。"
            "The value; percent for shares, and for rounded and filled cells",
            "expected": "预计值。What was expected",
            "low": "预计下限。Lower bound of the expected band",
            "high": "预计上限。Upper bound of the expected band",
            "history_months": "所依据的以往月数或文件数。Months, or documents, of the history used",
            "found_at": "发现时间。When it was found",
            "gone_at": "消除时间：更正后不再异常，或数值已变。When a later look did not find it any more",
        },
    ),
    "ops.anomaly_look": Relation(
        "table",
        "一行＝一次异常检查。One row per look for anomalies",
        "loaders.warehouse.anomalies.series_queries",
        {"look_id": "编号。Its number", "looked_at": "检查时间。When it was"},
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TABLES)
    write_comments(_COMMENTS)
