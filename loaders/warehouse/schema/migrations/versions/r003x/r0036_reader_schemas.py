"""The schemas of BI's other readers: Chinese names of columns, and the rows of a county's own areas. dbt fills them."""

from __future__ import annotations

from alembic import op

revision = "r0036"
down_revision = "r0035"

_SCHEMAS = """
create schema if not exists bi_zh;
create schema if not exists bi_county;
create schema if not exists bi_county_zh;
comment on schema bi_zh is '同 bi，列名为中文。As bi, with Chinese names of columns';
comment on schema bi_county is '同 bi，只含本县（区）、功能区的数据。As bi, with the rows of the reader''s own areas';
comment on schema bi_county_zh is '同 bi_county，列名为中文。As bi_county, with Chinese names of columns';
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_SCHEMAS)
