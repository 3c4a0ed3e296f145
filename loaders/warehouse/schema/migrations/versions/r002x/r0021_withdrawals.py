"""People withdraw and reinstate documents, and each register is valid from its date on.

The transitions of a submission stay as they are.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0021"
down_revision = "r0020"

_DECISIONS = """
alter table ops.decision drop constraint if exists decision_decision_check;
alter table ops.decision add constraint decision_decision_check check (decision in ('accept', 'withdraw', 'reinstate'));
comment on column ops.decision.decision is
    'accept 放行，withdraw 撤回（不再计入），reinstate 恢复；后两者以最后一次为准。'
    'accept: the document may be loaded; withdraw: it counts no more; reinstate: it counts again (the latest holds)';
comment on column ops.submission.state is
    '状态：landed 待入库，accepted 已入库，accepted_with_rejects 部分入库，rejected 整份退回，duplicate 重复，'
    'superseded 已被替代，withdrawn 来源处已不存在或由人撤回、数据不再计入。'
    'The state; landed waits to be loaded; withdrawn has gone from its source, or a person withdrew it';
comment on column ops.submission.state_reason is
    '状态的原因；withdrawn 时为 gone_from_source（来源处已不存在）或 withdrawn_by_decision（由人撤回）。'
    'The reason of the state; of withdrawn: gone_from_source or withdrawn_by_decision';
"""
_REGISTERS = """
create or replace view ops.register_span as
with documents as (
    select s.*, coalesce(s.period_start, (s.effective_at at time zone 'Asia/Shanghai')::date) as valid_from_date
    from ops.submission as s
    where s.state in ('accepted', 'accepted_with_rejects', 'superseded')
      and not exists (
          select from ops.submission as newer
          where newer.report = s.report and newer.source_uri = s.source_uri and newer.sha256 = s.sha256
            and newer.submission_id > s.submission_id and newer.state <> 'landed'
      )
),
-- Of several registers of one unit and date, the one of the greatest precedence is valid.
valid as (
    select distinct on (report, unit_code, valid_from_date) report, unit_code, period, submission_id, valid_from_date
    from documents
    order by
        report, unit_code, valid_from_date,
        coalesce(period_end, '-infinity') desc, effective_at desc, arrived_at desc, submission_id desc
)
select
    report,
    unit_code,
    period,
    submission_id,
    valid_from_date,
    lead(valid_from_date) over (partition by report, unit_code order by valid_from_date) as valid_until_date
from valid;

create or replace view ops.rejected_record as
select submission_id, record from quarantine.row where state <> 'released';
"""
# A decision about a release was in the schema release only.
_RELEASE_DECISIONS = """
create table if not exists ops.release_decision (
    release_decision_id bigint generated always as identity primary key,
    draft_id bigint not null,
    period_code text not null,
    values_digest text not null,
    decision text not null check (decision in ('publish', 'return')),
    reason text not null,
    decided_by text not null check (decided_by <> ''),
    decided_at timestamptz not null,
    release_number integer,
    release_hash text,
    unique (draft_id, decided_at)
);
create or replace trigger release_decision_is_append_only before update or delete on ops.release_decision
    for each row execute function ops.forbid_update();
insert into ops.release_decision (
    draft_id, period_code, values_digest, decision, reason, decided_by, decided_at, release_number, release_hash
)
select draft_id, period_code, values_digest, 'publish', reason, approved_by, released_at, release_number, release_hash
from release.release
union all
select d.draft_id, d.period_code, d.values_digest, 'return', t.reason, t.returned_by, t.returned_at, null, null
from release.returned_draft as t
inner join release.draft as d on d.draft_id = t.draft_id
order by 7
on conflict do nothing;
"""
_RELATIONS = {
    "ops.release_decision": Relation(
        "table",
        "一行＝对一份发布草稿的一次人工决定，只增不改。One row per decision of a person about a draft of a release; append-only",
        "loaders.warehouse.releases.release_decisions",
        {
            "release_decision_id": "主键。The key",
            "draft_id": "草稿序号。The draft",
            "period_code": "报告期。The period",
            "values_digest": "草稿数值的摘要。The digest of the draft's values",
            "decision": "publish 批准发布，return 退回。publish or return",
            "reason": "理由。The reason, in the words of the person",
            "decided_by": "决定人。The person",
            "decided_at": "决定时间。When it was made",
            "release_number": "发布序号；退回时为空。The release; null for a returned draft",
            "release_hash": "该次发布的校验值。The hash of the release",
        },
    ),
    "ops.register_span": Relation(
        "view",
        "一行＝一个填报单位自某日起有效的一份名册（replaces: register），此后的名册不改变它当时的内容。"
        "One row per register (replaces: register), reporting unit and date from which the register is valid",
        "loaders.warehouse.ledger.submissions, which fills ops.submission",
        {
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期；接口、数据库取得的名册为空。The period; null for a register without one",
            "submission_id": "该名册的报送。The submission of the register",
            "valid_from_date": "有效起日：报告期首日；无报告期的，为其在来源处的日期。"
            "The first day: that of its period; without a period, the day of effective_at in local time",
            "valid_until_date": "同一单位下一份名册的起日；最新一份为空。That of the unit's next register; null for the newest",
        },
    ),
    "ops.rejected_record": Relation(
        "view",
        "一行＝一行被退回或暂存的记录，个人信息已脱敏。One row per rejected row, as it was read, personal values masked",
        "loaders.warehouse.rows.quarantine, which fills quarantine.row",
        {
            "submission_id": "所属报送。The submission",
            "record": "该行原文，按约定的列名。The row as it was read, by the contract's column names",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_DECISIONS)
    op.execute(_REGISTERS)
    op.execute(_RELEASE_DECISIONS)
    write_comments(_RELATIONS)
