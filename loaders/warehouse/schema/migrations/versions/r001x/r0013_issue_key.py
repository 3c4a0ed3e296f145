"""The key of an issue is named after it, and so are its index and its comments."""

from __future__ import annotations

from alembic import op

revision = "r0013"
down_revision = "r0012"

_UPGRADE = """
alter table ops.issue rename column problem_key to issue_key;
alter table ops.notified_issue rename column problem_key to issue_key;
alter index ops.issue_problem_idx rename to issue_key_idx;
comment on column ops.issue.issue_key is
    '问题的身份：报表、单位、报告期、规则代码和所在行的主键（无主键则为工作表和行号）；同一身份只告知一次。'
    'The identity of the issue: report, unit, period, code, and the key of its row, else its sheet and row';
"""


def upgrade() -> None:
    """Rename the columns."""
    op.execute(_UPGRADE)
