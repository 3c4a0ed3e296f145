"""Which key the hashes of personal numbers are made with, since when, and what retention took away.

Only fingerprints of keys are kept; earlier keys are encrypted under the key in force, which the warehouse never sees.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0041"
down_revision = "r0040"

_TABLES = """
create table if not exists ops.pii_key (
    pii_key_id bigint generated always as identity primary key,
    key_fingerprint text not null unique, wrapped_keys text,
    in_force_at timestamptz not null default now(), old_key_until_date date, hashes_count bigint,
    decided_by text, reason text,
    check ((wrapped_keys is null) = (old_key_until_date is null))
);
create table if not exists ops.retention_run (
    retention_run_id bigint generated always as identity primary key,
    rule text not null, kept_days integer not null check (kept_days > 0), removed_count bigint not null,
    decided_by text, occurred_at timestamptz not null default now()
);
alter table quarantine.row add column if not exists content_removed_at timestamptz;
alter table ops.outbox_message add column if not exists content_removed_at timestamptz;
"""
_COMMENTS = {
    "ops.pii_key": Relation(
        "table",
        "一行＝一把个人信息散列密钥，最后一行为现用；密钥本身不在库中。"
        "One row per key of the hashes of personal numbers, the last one in force; no key itself is here",
        "loaders.warehouse.personal_keys.key_ring",
        {
            "pii_key_id": "编号。Its number",
            "key_fingerprint": "密钥指纹。What tells the key apart from others",
            "wrapped_keys": "以现用密钥加密的历任密钥；首把为空。Earlier keys, encrypted under this one; null for the first",
            "in_force_at": "启用时间。Since when hashes are made with it",
            "old_key_until_date": "前一密钥可同时配置至此日。Up to which day a process may hold the key before it, too",
            "hashes_count": "启用时改写的散列数。Different hashes that were rewritten for it",
            "decided_by": "启用人。Who put it in force",
            "reason": "原因。Why",
        },
    ),
    "ops.retention_run": Relation(
        "table",
        "一行＝一次按一条保留规则的清理；只增。One row per rule of retention and run that removed something; append-only",
        "loaders.warehouse.lifecycle.retention",
        {
            "retention_run_id": "编号。Its number",
            "rule": "保留规则。The rule",
            "kept_days": "当时规定保留的天数。Days for which things were kept by it",
            "removed_count": "清理的条数。How many things were removed",
            "decided_by": "执行人；定时运行为其运行编号。Who ran it, or the scheduler's run",
            "occurred_at": "时间。When",
        },
    ),
}
_COLUMN_COMMENTS = """
comment on column quarantine.row.content_removed_at is
    '内容按保留规则清除的时间；行仍计数。When its content was removed by retention; the row still counts';
comment on column ops.outbox_message.content_removed_at is
    '正文与附件按保留规则清除的时间。When its body and attachments were removed by retention';
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TABLES)
    write_comments(_COMMENTS)
    op.execute(_COLUMN_COMMENTS)
