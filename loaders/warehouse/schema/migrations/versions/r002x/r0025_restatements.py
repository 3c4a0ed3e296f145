"""Restatements: the build that a release froze, and the words that people attach to a value that changed since.

The build is null for releases from before this revision, whose hash does not cover it.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0025"
down_revision = "r0023"

_STATEMENTS = """
alter table release.release add column if not exists build_id bigint;

create table if not exists release.note (
    note_id bigint generated always as identity primary key,
    release_number integer not null references release.release,
    indicator_code text not null,
    area_code text not null,
    period_code text not null,
    reason text not null check (reason <> ''),
    noted_by text not null check (noted_by <> ''),
    noted_at timestamptz not null default now()
);
create index if not exists note_value_idx on release.note (indicator_code, area_code, period_code);
create or replace trigger frozen before update or delete or truncate on release.note
    for each statement execute function release.refuse_change();
"""
_COMMENTS = {
    "release.release": Relation(
        "table",
        "一行＝一次发布，冻结后不可更改。One row per release; frozen",
        "loaders.warehouse.releases.release_log",
        {
            "build_id": "所冻结的那次计算；为空表示旧版本未记录。"
            "The build whose values it froze; null: not kept by an earlier revision",
        },
    ),
    "release.note": Relation(
        "table",
        "一行＝一条对已发布数值变动的人工说明，只增不改。"
        "One row per note of a person about a released value; rows are added and never changed",
        "loaders.warehouse.releases.restatements",
        {
            "note_id": "主键。The key",
            "release_number": "作出说明时的最近一次发布。The newest release when it was written",
            "indicator_code": "指标代码。Code of the indicator",
            "area_code": "区划代码。Code of the area",
            "period_code": "期间。The period",
            "reason": "说明，个人号码已遮盖。The words, personal numbers masked",
            "noted_by": "说明人。Who wrote it",
            "noted_at": "说明时间。When",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_STATEMENTS)
    write_comments(_COMMENTS)
