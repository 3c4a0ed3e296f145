"""Containers of documents (archives, mails): what was unpacked, so that it is not fetched again while it is unchanged."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0015"
down_revision = "r0014"

_CONTAINER = """
create table ops.container (
    container_id bigint generated always as identity primary key,
    pull_id bigint references ops.pull,
    report text not null,
    source_uri text not null,
    source_modified_at timestamptz not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    byte_size bigint not null,
    arrived_at timestamptz not null default clock_timestamp(),
    documents text[] not null,
    unpacked_by text not null
);
create index container_uri_idx on ops.container (report, hashtextextended(source_uri, 0));
"""
_COMMENTS = {
    "ops.container": Relation(
        "table",
        "一行＝一个装有文件的压缩包或邮件的一个版本；其中每份文件各为一份报送（ops.submission），包本身没有数据行。"
        "One row per version of a container (an archive, a mail) at its location; each document inside is a submission of its "
        "own, the container has no rows",
        "loaders.warehouse.ledger.containers",
        {
            "container_id": "编号。The number of the version",
            "pull_id": "取得它的那次查看；台账重建时为重建的那次。The pull that brought it, or the rebuild",
            "report": "报表。The report",
            "source_uri": "位置。The location",
            "source_modified_at": "来源所示的修改时间。The modification time that the source showed",
            "sha256": "字节的 SHA-256，存档文件即以此命名。The SHA-256 of the bytes, which names the landed file",
            "byte_size": "字节数。The size in bytes",
            "arrived_at": "取得的时间。When it arrived",
            "documents": "其中符合约定的文件的位置。The locations of the documents inside whose names the contract knows",
            "unpacked_by": "当时约定中有关部分的指纹；约定改变后重新拆包。"
            "The fingerprint of what the contract said of containers; after a change the container is unpacked again",
        },
    )
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_CONTAINER)
    write_comments(_COMMENTS)
