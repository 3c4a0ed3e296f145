"""The outbox: each message is a row of the transaction that decides that somebody is told, and is sent after it."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0031"
down_revision = "r0029"

_TABLES = """
create table if not exists ops.outbox_message (
    message_id bigint generated always as identity primary key,
    idempotency_key text not null unique,
    topic text not null,
    channel text not null,
    server text not null,
    address text not null,
    conversation_key text not null default '',
    notification_id bigint references ops.notification,
    header_id text not null unique,
    subject text not null,
    body_text text not null,
    body_html text not null default '',
    state text not null default 'queued' check (state in ('queued', 'sent', 'dead')),
    attempts_count integer not null default 0,
    queued_at timestamptz not null default now(),
    next_attempt_at timestamptz not null default now(),
    sent_at timestamptz,
    last_error text,
    check ((state = 'sent') = (sent_at is not null))
);
create index if not exists outbox_message_due_idx on ops.outbox_message (next_attempt_at, message_id) where state = 'queued';
create index if not exists outbox_message_dead_idx on ops.outbox_message (message_id) where state = 'dead';
create index if not exists outbox_message_notification_idx on ops.outbox_message (notification_id);

create table if not exists ops.outbox_attachment (
    message_id bigint not null references ops.outbox_message on delete cascade,
    position integer not null,
    name text not null,
    media_type text not null,
    sha256 text not null,
    bytes_count bigint not null,
    content bytea,
    primary key (message_id, position)
);

create table if not exists ops.outbox_attempt (
    attempt_id bigint generated always as identity primary key,
    message_id bigint not null references ops.outbox_message on delete cascade,
    channel text not null,
    server text not null,
    attempted_at timestamptz not null default clock_timestamp(),
    outcome text not null check (outcome in ('sent', 'refused', 'unavailable')),
    error text
);
create index if not exists outbox_attempt_message_idx on ops.outbox_attempt (message_id);
create index if not exists outbox_attempt_rate_idx on ops.outbox_attempt (channel, server, attempted_at);

create table if not exists ops.outbox_server (
    channel text not null,
    server text not null,
    failures_count integer not null default 0,
    failing_since timestamptz,
    retry_at timestamptz,
    primary key (channel, server)
);

create table if not exists ops.outbox_alarm (
    alarm_id bigint generated always as identity primary key,
    cause text not null,
    detail text not null,
    opened_at timestamptz not null default clock_timestamp(),
    closed_at timestamptz
);
create unique index if not exists outbox_alarm_open_key on ops.outbox_alarm (cause) where closed_at is null;
"""
_SERVER = {
    "channel": "渠道：mail、wecom、dingtalk、feishu、apprise。The channel",
    "server": "服务端：邮件为空，机器人为其连接名。Empty for the mail server; for a bot, the name of its connection",
}
_COMMENTS = {
    "ops.outbox_message": Relation(
        "table",
        "一行＝经一个渠道发往一个地址的一条消息；与“须告知”的决定同事务写入，之后发送。"
        "One row per message to one address of one channel, written in the transaction that decides that somebody is told",
        "loaders.warehouse.outbox.message_queue",
        {
            "message_id": "编号。Its number",
            "idempotency_key": "幂等键：同一件事只写入一次。The same matter is written once",
            "topic": "事由，如 issues、notice、task、reminder。What it is about",
            **_SERVER,
            "address": "邮箱地址，或机器人的连接名；不含密钥。An address of mail, or the name of a bot's connection; no secret",
            "conversation_key": "所属往来；为空表示单独一条。The conversation that it belongs to; empty: none",
            "notification_id": "所记录的通知；为空表示没有。The notification that it carries; null: none",
            "header_id": "Message-ID，写入时确定，重发不变。The Message-ID: fixed when written, the same when sent again",
            "subject": "标题。The subject",
            "body_text": "正文。The text",
            "body_html": "HTML 正文；为空表示没有。The text as HTML; empty: none",
            "state": "queued 待发，sent 已发，dead 多次失败后停发（huimin outbox retry 可再发）。"
            "Waiting, sent, or given up until an operator retries it",
            "attempts_count": "失败的尝试次数。Failed attempts",
            "queued_at": "写入时间。When it was written",
            "next_attempt_at": "最早的下次发送时间。Not to be sent before",
            "sent_at": "渠道收下的时间。When the channel took it",
            "last_error": "最近一次失败的原因。Why the last attempt failed",
        },
    ),
    "ops.outbox_attachment": Relation(
        "table",
        "一行＝消息的一个附件；发出后内容即删除。One row per attachment of a message; its content is deleted once it was sent",
        "loaders.warehouse.outbox.message_queue",
        {
            "message_id": "消息。The message",
            "position": "次序，自 1 起。Its place, from 1 on",
            "name": "文件名。The name of the file",
            "media_type": "媒体类型。The media type",
            "sha256": "内容的 SHA-256。SHA-256 of the content",
            "bytes_count": "字节数。Its size in bytes",
            "content": "内容；为空表示已发出。The content; null: it was sent",
        },
    ),
    "ops.outbox_attempt": Relation(
        "table",
        "一行＝一次发送的结果。One row per attempt to send a message and what became of it",
        "loaders.warehouse.outbox.deliveries",
        {
            "attempt_id": "编号。Its number",
            "message_id": "消息。The message",
            **_SERVER,
            "attempted_at": "时间。When",
            "outcome": "sent 已收下，refused 拒收此消息，unavailable 服务端此时不可用。"
            "Taken, this message was refused, or the server takes none now",
            "error": "原因（代码，不含正文）。Why: codes, no words of the message",
        },
    ),
    "ops.outbox_server": Relation(
        "table",
        "一行＝一个服务端近来的可用情况。One row per server of a channel: whether it takes messages",
        "loaders.warehouse.outbox.deliveries",
        {
            **_SERVER,
            "failures_count": "连续失败次数。Failures in a row",
            "failing_since": "自何时起失败；为空表示正常。Since when it fails; null: it works",
            "retry_at": "在此之前不再尝试。Not to be asked before; null: at once",
        },
    ),
    "ops.outbox_alarm": Relation(
        "table",
        "一行＝一次发送故障，告知运维人员一次，消除后再告知一次。"
        "One row per cause for which messages do not go out, from when operators were alarmed until it was over",
        "loaders.warehouse.outbox.alarms",
        {
            "alarm_id": "编号。Its number",
            "cause": "原因：渠道、服务端，或其中一个地址。The channel and server, or one address there",
            "detail": "说明（代码，不含正文）。What it answered: codes, no words of a message",
            "opened_at": "发生时间。When it began",
            "closed_at": "消除时间；为空表示仍在。When it was over; null: it lasts",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TABLES)
    write_comments(_COMMENTS)
