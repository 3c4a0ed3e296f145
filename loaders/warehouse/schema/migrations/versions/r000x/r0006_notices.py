"""What people are told once besides the issues of rows: documents that cannot be had, contracts that cannot be used, …"""

from __future__ import annotations

from alembic import op

revision = "r0006"
down_revision = "r0005"

_NOTICE = """
alter table ops.notification alter column report drop not null;
comment on column ops.notification.report is
    '消息所涉报表；发给数据工程师、不限于一张报表的消息为空。'
    'The report it speaks of; null in messages to the data engineers that speak of none';
create table ops.notice (
    notice_id bigint generated always as identity primary key,
    topic text not null,
    notice_key text not null,
    reason text not null,
    message text not null,
    noted_at timestamptz not null default now(),
    resolved_at timestamptz,
    notification_id bigint references ops.notification
);
-- Hashes, because an index entry holds at most 2.7 kB and a path of Chinese names can be longer.
create unique index notice_open_key on ops.notice (
    topic, hashtextextended(notice_key, 0), hashtextextended(notice_key, 1), hashtextextended(reason, 0)
) where resolved_at is null;
comment on table ops.notice is
    '一行＝一件需告知一次的事（行、文件的问题之外），自出现至消失。'
    'One row per matter that somebody is told once besides the issues of rows, from when it was noted until it was gone';
comment on column ops.notice.topic is
    '同一次查看所见的一类事项。'
    'The kind of matter that one look finds all of, e.g. fetch:station';
comment on column ops.notice.notice_key is
    '所涉对象，如文件位置。'
    'What it is about: the place of a document, the name of a file';
comment on column ops.notice.reason is
    '原因；原因改变即再次告知。'
    'Why; when it changes, it is told again';
comment on column ops.notice.message is
    '告知的文字。'
    'The words in which it is told';
comment on column ops.notice.resolved_at is
    '消失的时间；再次出现即再次告知。'
    'When it was gone; when it comes back, it is told again';
comment on column ops.notice.notification_id is
    '告知它的消息；为空表示尚未告知。'
    'The message that told it; null: nobody was told yet';
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_NOTICE)
