"""A document that was made of several answers names the file in which they are kept as they came."""

from __future__ import annotations

from alembic import op

revision = "r0017"
down_revision = "r0016"

_UPGRADE = """
alter table ops.submission add column answers_sha256 text check (answers_sha256 ~ '^[0-9a-f]{64}$');
comment on column ops.submission.answers_sha256 is
    '组成该文件的接口应答原文（zip）的 SHA-256，也是落地文件的名称；文件本身就是原文时为空。'
    'SHA-256 of the landed zip of the answers that the document was made of; null where the document is what came';
"""


def upgrade() -> None:
    """Add the column."""
    op.execute(_UPGRADE)
