"""Rules between reports: their issues name the rule that found them, and the ledger keeps what they were last run over."""

from __future__ import annotations

from alembic import op

revision = "r0004"
down_revision = "r0003"

_ISSUE = """
alter table ops.issue add column cross_rule text;
create index issue_cross_rule_idx on ops.issue (submission_id, problem_key) where cross_rule is not null;
comment on column ops.issue.cross_rule is
    '发现该问题的跨报表规则（报表.规则）；为空表示文件本身的问题。Rule between reports that found it; null: in the document';
"""

_CHECK = """
create table ops.cross_check (
    check_id bigint generated always as identity primary key,
    mark text not null,
    checked_at timestamptz not null default now()
);
comment on table ops.cross_check is
    '一行＝一次跨报表核对，及其依据的状态。One row per check of reports against each other, and the state it was made from';
create table ops.cross_rule (
    cross_rule text primary key,
    mark text not null
);
comment on table ops.cross_rule is
    '一行＝一条跨报表规则，及其上次核对所依据的状态。One row per rule between reports, and the state it was last run over';
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_ISSUE, _CHECK):
        op.execute(statements)
