"""What watches over the product keeps: its last sign of life, the last account, models of a build, runs of which lineage told."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0040"
down_revision = "r0039"

_TABLES = """
create table if not exists ops.heartbeat (
    process text primary key,
    beat_at timestamptz not null
);
create table if not exists ops.account_check (
    report text primary key,
    unaccounted_rows_count bigint not null,
    checked_at timestamptz not null
);
create table if not exists ops.built_model (
    build_id bigint not null references ops.build on delete cascade,
    model text not null,
    status text not null,
    seconds double precision not null,
    rows_count bigint,
    primary key (build_id, model)
);
create table if not exists ops.lineage_run (
    kind text not null check (kind in ('project', 'document', 'build', 'release')),
    ledger_key bigint not null,
    sent_at timestamptz not null default clock_timestamp(),
    primary key (kind, ledger_key)
);
create index if not exists pull_closed_idx on ops.pull (report, closed_at);
create index if not exists outbox_message_queued_idx on ops.outbox_message (queued_at) where state = 'queued';
"""
_COMMENTS = {
    "ops.heartbeat": Relation(
        "table",
        "一行＝一个看守进程最近一次运行的时间。One row per process that watches: when it last ran",
        "loaders.warehouse.monitoring.watch_ledger",
        {"process": "进程，如 watch。The process", "beat_at": "最近一次运行时间。When it last ran"},
    ),
    "ops.account_check": Relation(
        "table",
        "一行＝一张报表最近一次逐行核对账目的结果。One row per report: what the last account of its rows left over",
        "loaders.warehouse.monitoring.watch_ledger",
        {
            "report": "报表。The report",
            "unaccounted_rows_count": "既未入库、也未退回、又非附属行的行数，应为零。"
            "Rows that are neither loaded nor quarantined nor furniture: always zero",
            "checked_at": "核对时间。When it was counted",
        },
    ),
    "ops.built_model": Relation(
        "table",
        "一行＝一次成功的指标计算中执行的一个模型。One row per model that a build which ended well ran",
        "loaders.warehouse.queries.build_log",
        {
            "build_id": "所属的计算。The build",
            "model": "dbt 的节点名，如 model.huimin.home_visit。The node of dbt",
            "status": "结果。What became of it",
            "seconds": "用时（秒）。How long it took, in seconds",
            "rows_count": "写入行数；未知为空。Rows that it wrote; null: not known, as of a view",
        },
    ),
    "ops.lineage_run": Relation(
        "table",
        "一行＝已发出血缘事件的一次运行（文件、计算或发布）或一版模型。"
        "One row per run, or state of the models, of which lineage events were sent",
        "loaders.warehouse.monitoring.lineage_ledger",
        {
            "kind": "project 模型，document 文件，build 计算，release 发布。"
            "The models; the load of a document, a build, a release",
            "ledger_key": "其在台账中的编号；模型为其摘要的前 60 位。"
            "Its number in the ledger; of models, the first 60 bits of their fingerprint",
            "sent_at": "接收方收下的时间。When the receiver took its events",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TABLES)
    write_comments(_COMMENTS)
