"""When and where a person decided on a release: Airflow deletes its own record of it with the run.

The columns are null for decisions from before this revision, whose hash does not cover them.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0022"
down_revision = "r0021"

_COLUMNS = """
alter table release.release add column if not exists decided_at timestamptz;
alter table release.release add column if not exists decided_in text;
alter table release.returned_draft add column if not exists decided_in text;
"""
_WRITER = "loaders.warehouse.releases.release_log"
_PLACE = "作出决定之处：命令行，或 Airflow 的一次运行及用户编号。Where: the command line, or a run of Airflow and the user's id"
_COMMENTS = {
    "release.release": Relation(
        "table",
        "一行＝一次发布，冻结后不可更改。One row per release; frozen",
        _WRITER,
        {
            "decided_at": "作出决定的时间；为空表示旧版本未记录。When the person decided; null: not kept by an earlier revision",
            "decided_in": _PLACE,
            "release_hash": "本次发布的散列，含其余各项。The hash over all other columns but the draft",
        },
    ),
    "release.returned_draft": Relation(
        "table", "一行＝一份被退回的发布稿。One row per draft that was returned", _WRITER, {"decided_in": _PLACE}
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_COLUMNS)
    write_comments(_COMMENTS)
