"""Releases: frozen values, the submissions behind them, the drafts that a person decides on, and their hashes.

The tables stay with the role that migrates. The loader may add rows and change none; triggers refuse every change, so that only
an administrator who drops them can make one, which `huimin verify releases` then finds.
Releases outlive a ledger that is lost and rebuilt: what is there already stays.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0018"
down_revision = "r0017"

_TABLES = """
create schema if not exists release;

create table if not exists release.draft (
    draft_id bigint generated always as identity primary key,
    period_code text not null,
    prepared_at timestamptz not null default now(),
    values_digest text not null,
    summary jsonb not null
);

create table if not exists release.release (
    release_number integer primary key check (release_number > 0),
    draft_id bigint not null unique references release.draft,
    period_code text not null,
    released_at timestamptz not null,
    approved_by text not null check (approved_by <> ''),
    reason text not null,
    git_revision text not null,
    models_digest text not null,
    contracts_digest text not null,
    values_digest text not null,
    submissions_digest text not null,
    previous_hash text not null,
    release_hash text not null unique
);

create table if not exists release.returned_draft (
    draft_id bigint primary key references release.draft,
    returned_by text not null check (returned_by <> ''),
    reason text not null,
    returned_at timestamptz not null default now()
);

create table if not exists release.value (
    release_number integer not null references release.release,
    indicator_code text not null,
    area_code text not null,
    period_code text not null,
    value numeric(20, 6),
    ytd numeric(20, 6),
    to_date numeric(20, 6),
    numerator numeric(20, 6),
    denominator numeric(20, 6),
    primary key (indicator_code, area_code, period_code, release_number)
);
create index if not exists value_release_idx on release.value (release_number);

create table if not exists release.submission (
    release_number integer not null references release.release,
    submission_id bigint not null,
    report text not null,
    unit_code text not null,
    period_code text,
    source_uri text not null,
    sha256 text not null,
    primary key (release_number, submission_id)
);
"""

_FROZEN = """
create or replace function release.refuse_change() returns trigger language plpgsql as
$$
begin
    raise exception 'release.% is frozen: rows are added and never changed', tg_table_name
        using errcode = 'insufficient_privilege', hint = 'huimin release prepare makes a new release that restates it';
end
$$;
"""
_TRIGGER = """
create or replace trigger frozen before update or delete or truncate on release.{table}
    for each statement execute function release.refuse_change();
"""
_WRITER = "loaders.warehouse.releases.release_log"
_COMMENTS = {
    "release.draft": Relation(
        "table",
        "一行＝一份待批准的发布稿。One row per draft of a release that a person decides on",
        _WRITER,
        {
            "draft_id": "主键。The key",
            "period_code": "发布的期间，如 2023-12。The period that it would publish",
            "prepared_at": "编制时间。When it was prepared",
            "values_digest": "拟冻结数值的 SHA-256。The digest of the values that it would freeze",
            "summary": "新增、变动、缺报、未解决问题、目标完成情况。What is new, changed, missing or unresolved; targets reached",
        },
    ),
    "release.returned_draft": Relation(
        "table",
        "一行＝一份被退回的发布稿。One row per draft that was returned",
        _WRITER,
        {
            "draft_id": "发布稿。The draft",
            "returned_by": "退回人。Who returned it",
            "reason": "理由。Why, in the words of that person",
            "returned_at": "退回时间。When",
        },
    ),
    "release.release": Relation(
        "table",
        "一行＝一次发布，冻结后不可更改。One row per release; frozen",
        _WRITER,
        {
            "release_number": "发布序号，从 1 连续。The number, from 1 on without a gap",
            "draft_id": "所批准的发布稿。The draft that was approved",
            "period_code": "发布的期间。The period that it publishes",
            "released_at": "批准并冻结的时间。When it was approved and frozen",
            "approved_by": "批准人。Who approved it",
            "reason": "批准意见。The words of that person",
            "git_revision": "程序的版本。The revision of the program",
            "models_digest": "指标模型的摘要。The digest of the models of the indicators",
            "contracts_digest": "报表约定的摘要。The digest of the contracts of the reports",
            "values_digest": "所冻结数值的摘要。The digest of the frozen values",
            "submissions_digest": "数据来源文件清单的摘要。The digest of the list of submissions",
            "previous_hash": "上一次发布的散列。The hash of the release before; empty for the first",
            "release_hash": "本次发布的散列，含以上各项。The hash over all of these",
        },
    ),
    "release.value": Relation(
        "table",
        "一行＝一次发布中新增或变动的一个数值；未列出的沿用此前的发布。"
        "One row per value that a release adds or changes; all others are those of the releases before",
        _WRITER,
        {
            "release_number": "发布序号。The release",
            "indicator_code": "指标代码。Code of the indicator",
            "area_code": "区划代码。Code of the area",
            "period_code": "期间。The period",
            "value": "本期数。The value of the period",
            "ytd": "本年累计。From 1 January to the end of the period",
            "to_date": "历史累计。From the first record to the end of the period",
            "numerator": "比率的分子。Numerator of a ratio",
            "denominator": "比率的分母。Denominator of a ratio",
        },
    ),
    "release.submission": Relation(
        "table",
        "一行＝一次发布时计入的一份报表文件。One row per release and submission whose rows were current",
        _WRITER,
        {
            "release_number": "发布序号。The release",
            "submission_id": "ops.submission 的主键。The key in ops.submission",
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period_code": "报告期。The period",
            "source_uri": "文件在来源处的位置。The location of the document at its source",
            "sha256": "文件内容的 SHA-256，也是落地文件的名称。The hash of its bytes, and the name of the landed file",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_TABLES, _FROZEN, *(_TRIGGER.format(table=name.partition(".")[2]) for name in _COMMENTS)):
        op.execute(statements)
    op.execute("comment on schema release is '发布：冻结的数值。Releases: frozen values.'")
    write_comments(_COMMENTS)
