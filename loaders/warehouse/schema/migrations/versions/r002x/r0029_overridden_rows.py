"""Rows that were loaded because a person confirmed them, or later than their document because they were replayed."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0029"
down_revision = "r0028"

_TABLE = """
create table if not exists ops.overridden_row (
    submission_id bigint not null references ops.submission on delete cascade,
    sheet text not null,
    row_number integer not null,
    issue_key text not null,
    event_id bigint not null,
    loaded_at timestamptz not null default now(),
    primary key (submission_id, sheet, row_number, issue_key)
);
create table if not exists ops.replayed_row (
    submission_id bigint not null references ops.submission on delete cascade,
    sheet text not null,
    row_number integer not null,
    loaded_at timestamptz not null default now(),
    primary key (submission_id, sheet, row_number)
);
"""
_COMMENTS = {
    "ops.overridden_row": Relation(
        "table",
        "一行＝一行经人工放行而入库的数据及其一个问题。One row per issue of a row that was loaded because a person confirmed it",
        "loaders.warehouse.issues.overrides",
        {
            "submission_id": "所属报送。The submission",
            "sheet": "工作表。The sheet",
            "row_number": "行号。The row",
            "issue_key": "被放行的问题。The issue that was overridden",
            "event_id": "据以放行的决定（ops.issue_event）。The decision, in ops.issue_event",
            "loaded_at": "入库时间。When the row was loaded",
        },
    ),
    "ops.replayed_row": Relation(
        "table",
        "一行＝一行在规则或代码表改变后重新判定通过、补入库的数据。"
        "One row per quarantined row that was loaded later, because a changed rule or code list lets it pass",
        "loaders.warehouse.replay.late_rows",
        {
            "submission_id": "所属报送。The submission",
            "sheet": "工作表。The sheet",
            "row_number": "行号。The row",
            "loaded_at": "入库时间。When the row was loaded",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TABLE)
    write_comments(_COMMENTS)
    op.execute(
        "comment on column quarantine.row.state is "
        "'open 待告知，notified 已告知，corrected 已由新文件更正，reloaded 同一文件重新判定，withdrawn 所在文件已撤回，"
        "released 已入库：主键已空出、人工放行或重新判定通过。"
        "The state; released: it is current after all, because its key is free, a person confirmed it, or it was replayed'"
    )
