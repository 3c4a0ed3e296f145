"""A build keeps what the models were, so that the next one knows whether only rows changed since."""

from __future__ import annotations

from alembic import op

revision = "r0005"
down_revision = "r0004"

_BUILD = """
alter table ops.build add column models text;
comment on column ops.build.models is
    '计算完成时模型文件及库中表、视图的摘要；为空表示旧版本未记录。'
    'Digest of the models, as files and as they stood when it ended; null: an earlier release did not keep it'
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_BUILD)
