"""People withdraw and reinstate documents: two more kinds of decisions. The transitions of a submission stay as they are."""

from __future__ import annotations

from alembic import op

revision = "r0021"
down_revision = "r0018"

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


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_DECISIONS)
