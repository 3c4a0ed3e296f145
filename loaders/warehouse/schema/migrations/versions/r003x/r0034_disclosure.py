"""Disclosures: which numbers of sensitive measures were ever shown, and what the audit remembers of who counts in them."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0034"
down_revision = "r0033"

_TABLES = """
create table if not exists ops.disclosed_value (
    disclosed_value_id bigint generated always as identity primary key,
    measure_code text not null, series_code text not null, period_code text not null,
    basis text not null check (basis in ('value', 'ytd', 'to_date')), value numeric(20, 6) not null,
    opened_build bigint not null, closed_build bigint, disclosed_at timestamptz not null default now(),
    check (closed_build is null or closed_build >= opened_build)
);
create index if not exists disclosed_value_place_idx
    on ops.disclosed_value (measure_code, series_code, period_code, basis);
create unique index if not exists disclosed_value_open_idx
    on ops.disclosed_value (measure_code, series_code, period_code, basis) where closed_build is null;
create table if not exists ops.disclosure_unit (
    measure_code text not null, unit_key text not null, footprint text not null, signature bigint not null, batch bigint not null,
    is_late boolean not null, was_elsewhere boolean not null, is_sole boolean not null,
    primary key (measure_code, unit_key)
);
create table if not exists ops.disclosure_decision (
    measure_code text not null, build_id bigint not null, last_month integer, areas_digest text,
    opened_count integer not null, closed_count integer not null, hidden_count integer not null, is_complete boolean not null,
    decided_at timestamptz not null default now(),
    primary key (measure_code, build_id)
);
"""
_COMMENTS = {
    "ops.disclosed_value": Relation(
        "table",
        "一行＝一个敏感指标的一个曾公开显示的数，及其显示的起止构建；只增，止于 closed_build。"
        "One row per number of a sensitive measure that was ever shown, and from which build until which",
        "loaders.warehouse.disclosure.disclosure_ledger",
        {
            "disclosed_value_id": "编号。Its number",
            "measure_code": "指标或度量代码。The measure",
            "series_code": "区域代码；@then 为按当时区划。The area; with @then under the hierarchy of its time",
            "period_code": "期间。The period",
            "basis": "value 本期、ytd 本年累计、to_date 历史累计。Which number",
            "value": "所显示的数。The number as it was shown",
            "opened_build": "自哪次构建起显示。The build from which on it was shown",
            "closed_build": "自哪次构建起不再显示；仍显示的为空。The build from which on it was not; null while it is shown",
            "disclosed_at": "决定显示的时间。When that was decided",
        },
    ),
    "ops.disclosure_unit": Relation(
        "table",
        "一行＝一个敏感指标计数的一人（或一行），只有散列，没有身份。"
        "One row per person (or row) that a sensitive measure counts, as a hash",
        "loaders.warehouse.disclosure.disclosure_ledger",
        {
            "measure_code": "指标或度量代码。The measure",
            "unit_key": "人（行）的散列。Hash of the person's pseudonym, or of the row",
            "footprint": "计入哪些区域和月份的摘要；空为已不计。Digest of areas and months in which it counts; empty for none",
            "signature": "曾包含它的各显示数之权重和。Sum of the weights of the shown numbers that counted it",
            "batch": "进入或最近更正时的构建。The build with which it came or was corrected",
            "is_late": "是否在所涉月份已可见之后才进入。Whether it came after numbers of its months were visible",
            "was_elsewhere": "是否曾计在别处，或已不计。Whether it was counted in another way before, or is gone",
            "is_sole": "是否曾单独成为某个可见的数或变动。Whether a visible number, or change, once was it alone",
        },
    ),
    "ops.disclosure_decision": Relation(
        "table",
        "一行＝一个敏感指标在一次构建后的决定。One row per sensitive measure and build after which it was decided what is shown",
        "loaders.warehouse.disclosure.disclosure_ledger",
        {
            "measure_code": "指标或度量代码。The measure",
            "build_id": "构建编号。The build",
            "last_month": "已可见的最后一月，自公元起的月数；比率为空。The last visible month, from year zero; null for ratios",
            "areas_digest": "区域组成的摘要。Digest of which areas belong to which",
            "opened_count": "新显示的数。Numbers shown from then on",
            "closed_count": "不再显示的数。Numbers not shown any more",
            "hidden_count": "不显示的非零数。Numbers above zero that are not shown",
            "is_complete": "否＝过大而未审核，没有新增显示。False: too large to be audited, and nothing was added",
            "decided_at": "时间。When",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TABLES)
    write_comments(_COMMENTS)
