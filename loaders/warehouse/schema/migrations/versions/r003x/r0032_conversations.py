"""Conversations with owners and units, digests of warnings, and reminders of what is owed, each sent once."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0032"
down_revision = "r0031"

_TABLES = """
create table if not exists ops.conversation (
    conversation_id bigint generated always as identity primary key,
    report text not null,
    unit_code text not null,
    period text,
    channel text not null,
    address text not null,
    recipient_role text,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    closing_notification_id bigint references ops.notification
);
create unique index if not exists conversation_open_key on ops.conversation (
    report, unit_code, coalesce(period, ''), channel, address
) where closed_at is null;
create table if not exists ops.conversation_issue (
    conversation_id bigint not null references ops.conversation on delete cascade,
    issue_key text not null,
    notification_id bigint not null references ops.notification,
    primary key (conversation_id, issue_key)
);
create index if not exists conversation_issue_key_idx on ops.conversation_issue (issue_key);
create table if not exists ops.digest (
    channel text not null,
    address text not null,
    digest_date date not null,
    notification_id bigint not null references ops.notification,
    primary key (channel, address, digest_date)
);
create table if not exists ops.reminder (
    report text not null,
    unit_code text not null,
    period text not null,
    step text not null check (step in ('before', 'due', 'late', 'county', 'city')),
    channel text not null,
    address text not null,
    reminded_date date not null,
    notification_id bigint not null references ops.notification,
    primary key (report, unit_code, period, step, channel, address)
);
"""
_ADDRESS = {
    "channel": "渠道。The channel",
    "address": "邮箱地址，或机器人的连接名。An address of mail, or the name of a bot's connection",
}
_OWED = {
    "report": "报表。The report",
    "unit_code": "填报单位代码。The reporting unit",
}
_COMMENTS = {
    "ops.conversation": Relation(
        "table",
        "一行＝就一张报表、一个单位、一期与一个地址的往来；全部问题了结后告知一次并关闭，之后的新问题另起一行。"
        "One row per report, unit, period and address that was notified of issues, closed by one message when none is open",
        "loaders.warehouse.issues.conversations",
        {
            "conversation_id": "编号。Its number",
            **_OWED,
            "period": "报告期；为空表示名册。The period; null for a register without one",
            **_ADDRESS,
            "recipient_role": "当时负责的部门。The office that answered when it began",
            "opened_at": "首次告知的时间。When it began",
            "closed_at": "关闭时间；为空表示仍有未了结的问题。When all was settled; null: something is open",
            "closing_notification_id": "告知已了结的消息。The message that closed it",
        },
    ),
    "ops.conversation_issue": Relation(
        "table",
        "一行＝往来中告知过的一个问题。One row per issue of which a conversation told",
        "loaders.warehouse.issues.conversations",
        {
            "conversation_id": "往来。The conversation",
            "issue_key": "问题的身份，同 ops.issue。The identity of the issue, as in ops.issue",
            "notification_id": "告知它的消息。The message",
        },
    ),
    "ops.digest": Relation(
        "table",
        "一行＝某日发往一个地址的提醒汇总；每日至多一次。One row per address and day with a digest of warnings; at most one",
        "loaders.warehouse.issues.conversations",
        {
            **_ADDRESS,
            "digest_date": "日期。The day",
            "notification_id": "消息。The message",
        },
    ),
    "ops.reminder": Relation(
        "table",
        "一行＝就一项报送义务的一步催报，告知一个地址；每步一次。"
        "One row per step of reminding of what a unit owes, and address that was reminded; each once",
        "loaders.warehouse.obligations.reminders",
        {
            **_OWED,
            "period": "报告期。The period",
            "step": "before 截止日前，due 截止日当天，late 逾期，county 逾期后报县区，city 逾期后报市级。"
            "Before the due day, on it, after it, and to whom it was escalated",
            **_ADDRESS,
            "reminded_date": "日期。The day",
            "notification_id": "消息。The message",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TABLES)
    write_comments(_COMMENTS)
