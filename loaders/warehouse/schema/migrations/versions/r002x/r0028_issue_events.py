"""Issues have a life: what happened to each as append-only events, and the state that follows from them."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0028"
down_revision = "r0025"

# No reference to submissions: a ledger that is rebuilt has the decisions of people before the documents.
_EVENT = """
create table if not exists ops.issue_event (
    event_id bigint generated always as identity primary key,
    issue_key text not null,
    report text not null,
    event text not null check (
        event in ('opened', 'notified', 'acknowledged', 'corrected', 'overridden', 'replayed', 'reopened', 'expired')
    ),
    occurred_at timestamptz not null default now(),
    decided_by text,
    reason text,
    words text,
    until_date date,
    owner_role text,
    value_digest text,
    source_uri text,
    sha256 text,
    follows_event_id bigint,
    submission_id bigint,
    notification_id bigint,
    constraint decision_is_signed check (
        event not in ('acknowledged', 'overridden')
        or (coalesce(decided_by, '') <> '' and coalesce(words, '') <> '')
    )
);
create index if not exists issue_event_key_idx on ops.issue_event (issue_key, event_id);
create index if not exists issue_event_report_idx on ops.issue_event (report, issue_key, event_id);

create or replace function ops.forbid_event_change() returns trigger language plpgsql as
$$
begin
    if tg_op = 'UPDATE' and current_setting('huimin.lifecycle', true) = 'rename' then
        return new;
    end if;
    if tg_op = 'DELETE' and current_setting('huimin.lifecycle', true) = 'purge' then
        return old;
    end if;
    raise exception '% is append-only', tg_table_name;
end
$$;
create or replace trigger issue_event_is_append_only before update or delete on ops.issue_event
    for each row execute function ops.forbid_event_change();
create or replace trigger issue_event_is_not_truncated before truncate on ops.issue_event
    for each statement execute function ops.forbid_event_change();
"""
# Events of the life of an issue follow each other; a notification or an acknowledgement counts until the issue is open anew.
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
                facts.acknowledged_id > facts.reopened_id
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
    owners.owner_role
from standing
inner join shown on standing.issue_key = shown.issue_key
inner join ops.issue as issues on shown.issue_id = issues.issue_id
inner join ops.submission as submissions on issues.submission_id = submissions.submission_id
left join ops.issue_event as owners on standing.owner_id = owners.event_id;
"""
# What is closed for a reason that only a contract tells is closed by the next load of its report.
_EARLIER = """
insert into ops.issue_event (issue_key, report, event, occurred_at, submission_id)
select i.issue_key, min(i.report), 'opened', min(i.created_at), min(i.submission_id)
from ops.issue as i
where not exists (select from ops.issue_event as e where e.issue_key = i.issue_key)
group by i.issue_key
order by min(i.issue_id);
insert into ops.issue_event (issue_key, report, event, occurred_at, notification_id, owner_role)
select n.issue_key, o.report, 'notified', coalesce(m.sent_at, m.created_at), n.notification_id, m.recipient_role
from ops.notified_issue as n
inner join ops.notification as m on m.notification_id = n.notification_id
inner join ops.issue_event as o on o.issue_key = n.issue_key and o.event = 'opened'
where not exists (select from ops.issue_event as e where e.issue_key = n.issue_key and e.event = 'notified')
order by m.notification_id;
insert into ops.issue_event (issue_key, report, event, occurred_at, submission_id)
select o.issue_key, o.report, 'corrected', coalesce(max(i.resolved_at), max(l.loaded_at), now()), max(l.submission_id)
from ops.issue_event as o
inner join ops.issue as i on i.issue_key = o.issue_key
inner join ops.submission as s on s.submission_id = i.submission_id
left join ops.submission as l on l.submission_id = coalesce(s.superseded_by, s.duplicate_of)
where o.event = 'opened'
  and not exists (
      select from ops.issue_event as e where e.issue_key = o.issue_key and e.event not in ('opened', 'notified')
  )
group by o.issue_key, o.report
having bool_and(i.resolved_at is not null or s.state in ('superseded', 'withdrawn', 'duplicate'));
"""
_PERSON = "；由系统自动产生的为空。null for what the system found by itself"
_COMMENTS = {
    "ops.issue_event": Relation(
        "table",
        "一行＝一个问题的一次变化，只增不改。One row per event in the life of an issue; append-only",
        "loaders.warehouse.issues.issue_events",
        {
            "event_id": "主键，即先后次序。The key, and the order of events",
            "issue_key": "问题的身份，同 ops.issue。The identity of the issue, as in ops.issue",
            "report": "报表。The report",
            "event": "opened 发现，notified 已告知，acknowledged 已知悉，corrected 已由后来文件更正，overridden 由人放行，"
            "replayed 规则或代码表改变后重新判定通过，reopened 再次出现，expired 所在文件已撤回。"
            "What happened; expired: its document counts no more",
            "occurred_at": "时间。When",
            "decided_by": "决定人" + _PERSON,
            "reason": "理由类别：放行时为 confirmed_true、rule_too_strict、source_cannot_correct、approved_exception。"
            "The kind of reason, of an override",
            "words": "理由的文字，个人号码已遮盖。The reason in the words of the person, personal numbers masked",
            "until_date": "有效至该日；为空表示不限。The last day on which it holds; null: for good",
            "owner_role": "当时负责的部门。The office that answered for the report then",
            "value_digest": "放行时该值的摘要：只对同一个值有效。"
            "The digest of the value that was overridden; the override holds for that value only",
            "source_uri": "决定所针对的文件。The document that a person decided about" + _PERSON,
            "sha256": "该文件的校验值。The SHA-256 of that document" + _PERSON,
            "follows_event_id": "后来的报送沿用的那次放行；其余为空。"
            "The override that a later submission follows; null for all others",
            "submission_id": "所涉报送；重建账册时恢复的决定为空。The submission; null for a decision that a rebuild restored",
            "notification_id": "告知所用的消息。The message",
        },
    ),
    "ops.issue_state": Relation(
        "view",
        "一行＝一个问题及其现状，由事件与账册推得。One row per issue, with the state that follows from its events and the ledger",
        "loaders.warehouse.issues.issue_events, which fills ops.issue_event",
        {
            "issue_key": "问题的身份。The identity of the issue",
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期；无报告期的为空。The period; null for a register without one",
            "state": "open 待处理，notified 已告知，acknowledged 已知悉，corrected 已更正，overridden 已放行，"
            "replayed 重新判定通过，reopened 再次出现，expired 所在文件已撤回。"
            "The state; an acknowledgement lapses after its last day",
            "is_open": "是否仍需处理。Whether somebody must still act: open, notified, acknowledged or reopened",
            "severity": "document 整份退回，error 该行退回，warning 提示。What it does",
            "rule": "规则代码。The code of the rule",
            "sheet": "最近一次所在工作表。The sheet where it was last seen",
            "row_number": "最近一次所在行。The row where it was last seen",
            "column_name": "约定的列名。The contract's column",
            "cell": "最近一次所在单元格。The cell where it was last seen",
            "message_zh": "中文说明。The sentence in Chinese",
            "message_en": "英文说明。The sentence in English",
            "source_uri": "最近一次所在文件。The document where it was last seen",
            "first_submission_id": "首次出现的报送。The first submission that showed it",
            "last_submission_id": "最近一次出现的报送，有效的优先。"
            "The last submission that showed it, one that counts if there is any",
            "submissions_count": "出现于几次报送。How many submissions showed it",
            "opened_at": "首次发现时间。When it was found first",
            "notified_at": "最近一次告知时间；未告知的为空。When its owner was last told of it; null: never",
            "acknowledged_until_date": "知悉有效至该日。The last day of its acknowledgement",
            "corrected_at": "更正时间。When it was corrected",
            "closed_at": "不再需要处理的时间（更正、放行、重新判定或撤回）。When it ended, in whichever way",
            "age_days_count": "至今（已了结的，至了结之日）的天数。Days since it was opened, up to its end",
            "owner_role": "负责的部门。The office that answers for it",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_EVENT)
    op.execute(_STATE)
    op.execute(_EARLIER)
    write_comments(_COMMENTS)
