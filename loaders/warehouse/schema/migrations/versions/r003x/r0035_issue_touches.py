"""Issues: acknowledgements are taken back, rules have titles, messages name a day, and only what was touched is compared.

A load compared all issues of its report with their events. Triggers record the submissions whose issues may have changed, as
those of raw tables do for builds: no change is forgotten, those by hand included.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0035"
down_revision = "r0034"

_EVENTS = """
alter table ops.issue_event drop constraint if exists issue_event_event_check;
alter table ops.issue_event add constraint issue_event_event_check check (
    event in (
        'opened', 'notified', 'acknowledged', 'acknowledgement_revoked', 'corrected', 'overridden', 'replayed', 'reopened',
        'expired'
    )
);
alter table ops.issue_event drop constraint if exists decision_is_signed;
alter table ops.issue_event add constraint decision_is_signed check (
    event not in ('acknowledged', 'acknowledgement_revoked', 'overridden')
    or (coalesce(decided_by, '') <> '' and coalesce(words, '') <> '')
);
alter table ops.notification add column if not exists fix_by_date date;
"""
_TABLES = """
create table if not exists ops.rule_title (
    rule text primary key,
    title_zh text not null,
    title_en text not null
);
create table if not exists ops.uncompared_submission (submission_id bigint not null);
create table if not exists ops.issue_comparison (
    report text primary key,
    is_one_document boolean not null
);
"""
# A document that waits to be loaded shows nothing, and what a claim or a count changes of one decides nothing.
_FUNCTIONS = """
create or replace function ops.record_changed_submissions() returns trigger language plpgsql as
$$
begin
    if tg_op = 'INSERT' then
        insert into ops.uncompared_submission (submission_id)
        select n.submission_id from new_rows as n where n.state <> 'landed';
    else
        insert into ops.uncompared_submission (submission_id)
        select n.submission_id from new_rows as n
        inner join old_rows as o on o.submission_id = n.submission_id
        where (n.state <> 'landed' or o.state <> 'landed')
          and (n.state, n.unit_code, n.period, n.period_end, n.source_uri, n.sha256, n.revision_number, n.stamped_on,
               n.effective_at, n.arrived_at)
              is distinct from
              (o.state, o.unit_code, o.period, o.period_end, o.source_uri, o.sha256, o.revision_number, o.stamped_on,
               o.effective_at, o.arrived_at);
    end if;
    return null;
end
$$;
create or replace function ops.record_changed_issues() returns trigger language plpgsql as
$$
begin
    if tg_op = 'INSERT' then
        insert into ops.uncompared_submission (submission_id) select distinct n.submission_id from new_rows as n;
    else
        insert into ops.uncompared_submission (submission_id)
        select distinct n.submission_id from new_rows as n
        inner join old_rows as o on o.issue_id = n.issue_id
        where (n.resolved_at is null) <> (o.resolved_at is null) or n.issue_key is distinct from o.issue_key;
    end if;
    return null;
end
$$;
"""
_TRIGGERS = """
create or replace trigger changed_by_insert after insert on ops.submission referencing new table as new_rows
    for each statement execute function ops.record_changed_submissions();
create or replace trigger changed_by_update after update on ops.submission
    referencing old table as old_rows new table as new_rows
    for each statement execute function ops.record_changed_submissions();
create or replace trigger changed_by_insert after insert on ops.issue referencing new table as new_rows
    for each statement execute function ops.record_changed_issues();
create or replace trigger changed_by_update after update on ops.issue referencing old table as old_rows new table as new_rows
    for each statement execute function ops.record_changed_issues();
"""
_STATE = """
create or replace view ops.issue_state as
with shown as (
    select
        i.issue_key,
        count(distinct i.submission_id) as submissions_count,
        min(i.submission_id) as first_submission_id,
        min(i.created_at) as first_shown_at,
        -- The last one in a document that counts, if there is any.
        (
            array_agg(
                i.issue_id
                order by
                    (i.resolved_at is null and s.state in ('accepted', 'accepted_with_rejects', 'rejected')) desc,
                    i.issue_id desc
            )
        )[1] as issue_id
    from ops.issue as i
    inner join ops.submission as s on i.submission_id = s.submission_id
    group by i.issue_key
),
facts as (
    select
        issue_key,
        min(occurred_at) filter (where event = 'opened') as opened_at,
        max(occurred_at) filter (where event = 'notified') as notified_at,
        max(event_id) filter (where event in ('opened', 'corrected', 'overridden', 'replayed', 'reopened', 'expired')) as life_id,
        coalesce(max(event_id) filter (where event = 'reopened'), 0) as reopened_id,
        max(event_id) filter (where event = 'notified') as notified_id,
        max(event_id) filter (where event = 'acknowledged') as acknowledged_id,
        coalesce(max(event_id) filter (where event = 'acknowledgement_revoked'), 0) as revoked_id,
        max(event_id) filter (where owner_role is not null) as owner_id
    from ops.issue_event
    group by issue_key
),
standing as (
    select
        facts.*,
        life.event as life_event,
        life.occurred_at as life_at,
        acknowledged.until_date as acknowledged_until_date,
        case
            when life.event in ('corrected', 'overridden', 'replayed', 'expired') then life.event
            when
                facts.acknowledged_id > greatest(facts.reopened_id, facts.revoked_id)
                and coalesce(acknowledged.until_date, 'infinity') >= ops.today() then 'acknowledged'
            when facts.notified_id > facts.reopened_id then 'notified'
            when life.event = 'reopened' then 'reopened'
            else 'open'
        end as state
    from facts
    left join ops.issue_event as life on facts.life_id = life.event_id
    left join ops.issue_event as acknowledged on facts.acknowledged_id = acknowledged.event_id
)
select
    issues.issue_key,
    issues.report,
    issues.unit_code,
    issues.period,
    standing.state,
    standing.state in ('open', 'notified', 'acknowledged', 'reopened') as is_open,
    issues.severity,
    issues.rule,
    issues.sheet,
    issues.row_number,
    issues.column_name,
    issues.cell,
    issues.message_zh,
    issues.message_en,
    submissions.source_uri,
    shown.first_submission_id,
    issues.submission_id as last_submission_id,
    shown.submissions_count,
    coalesce(standing.opened_at, shown.first_shown_at) as opened_at,
    standing.notified_at,
    case when standing.state = 'acknowledged' then standing.acknowledged_until_date end as acknowledged_until_date,
    case when standing.state = 'corrected' then standing.life_at end as corrected_at,
    case when standing.state in ('corrected', 'overridden', 'replayed', 'expired') then standing.life_at end as closed_at,
    case
        when standing.state in ('corrected', 'overridden', 'replayed', 'expired')
            then (standing.life_at at time zone 'Asia/Shanghai')::date
        else ops.today()
    end - (coalesce(standing.opened_at, shown.first_shown_at) at time zone 'Asia/Shanghai')::date as age_days_count,
    owners.owner_role,
    case when standing.notified_id > standing.reopened_id then messages.fix_by_date end as fix_by_date
from standing
inner join shown on standing.issue_key = shown.issue_key
inner join ops.issue as issues on shown.issue_id = issues.issue_id
inner join ops.submission as submissions on issues.submission_id = submissions.submission_id
left join ops.issue_event as owners on standing.owner_id = owners.event_id
left join ops.issue_event as told on standing.notified_id = told.event_id
left join ops.notification as messages on told.notification_id = messages.notification_id;
"""
_COMMENTS = {
    "ops.rule_title": Relation(
        "table",
        "一行＝一条规则的名称，取自消息目录，每次计算前更新。"
        "One row per rule of issues, with its title as the catalogue of messages has it; written before each build",
        "loaders.warehouse.issues.rule_titles",
        {
            "rule": "规则代码，同 ops.issue。The code of the rule, as in ops.issue",
            "title_zh": "中文名称。The title in Chinese",
            "title_en": "英文名称。The title in English",
        },
    ),
    "ops.uncompared_submission": Relation(
        "table",
        "一行＝一份问题可能已变、尚未与事件比对的报送（可重复）；由触发器写入，比对后删除。"
        "One row per change of a submission or its issues that was not compared with the events yet",
        "triggers of ops.submission and ops.issue; loaders.warehouse.issues.issue_events takes them out",
        {"submission_id": "报送。The submission"},
    ),
    "ops.issue_comparison": Relation(
        "table",
        "一行＝一个已全部比对过的报表。One row per report all of whose issues were compared with their events",
        "loaders.warehouse.issues.issue_events",
        {
            "report": "报表。The report",
            "is_one_document": "当时的约定是否以同单位同期的后来文件替代先前文件；改变时全部重新比对。"
            "Whether by its contract a later document of a unit and period took the place of an earlier one; "
            "when that changes, all are compared again",
        },
    ),
    "ops.outbox_alarm": Relation(
        "table",
        "一行＝一次故障，告知运维人员一次，消除后再告知一次。"
        "One row per cause of which operators were alarmed, until it was over",
        "loaders.warehouse.outbox.alarms",
        {
            "cause": "原因：渠道、服务端，或其中一个地址；stuck_run: 加 DAG 为运行未结束。"
            "The channel and server, or one address there; stuck_run: and a DAG for runs that do not end",
            "detail": "说明（代码，不含正文）；未结束的运行，一行一个。"
            "What it answered: codes, no words of a message; runs, one per line",
        },
    ),
}

_COLUMN_COMMENTS = {
    "ops.issue_event.event": "opened 发现，notified 已告知，acknowledged 已知悉，acknowledgement_revoked 撤销知悉，"
    "corrected 已由后来文件更正，overridden 由人放行，replayed 规则或代码表改变后重新判定通过，reopened 再次出现，"
    "expired 所在文件已撤回。What happened; expired: its document counts no more",
    "ops.notification.fix_by_date": "要求更正的最后日期；不要求更正的消息为空。"
    "The day by which it asks to correct; null: it asks for nothing",
    "ops.issue_state.fix_by_date": "最近一次告知中要求更正的最后日期；未告知的为空。"
    "The day by which its owner was last asked to correct it; null: not asked",
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_EVENTS)
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)
    op.execute(_TRIGGERS)
    op.execute(_STATE)
    write_comments(_COMMENTS)
    for column, comment in _COLUMN_COMMENTS.items():
        op.execute(f"comment on column {column} is '{comment}'")
