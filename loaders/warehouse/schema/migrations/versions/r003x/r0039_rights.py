"""What is append-only belongs to a role that nobody logs in as, and what people decide is written down by triggers.

`schema/append_only.py` names the tables and what the loader may do with them; `privileges.py` sets owners and grants. Code that
has to change such rows calls one of the functions below, which run with their owner's rights and change nothing else.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0039"
down_revision = "r0038"

_TABLE = """
create table if not exists ops.audit_event (
    audit_event_id bigint generated always as identity primary key,
    occurred_at timestamptz not null default clock_timestamp(),
    database_role text not null,
    action text not null check (action <> ''),
    subject text not null,
    decided_by text,
    reason text,
    details jsonb not null default '{}',
    event_number bigint unique,
    previous_hash text unique,
    event_hash text unique
);
create index if not exists audit_event_occurred_idx on ops.audit_event (occurred_at);
"""
# Cascades and the functions below run as the owner of the table; a setting that anybody may change is no key.
_REFUSE = """
create or replace function ops.refuse_change_of_rows() returns trigger language plpgsql as
$$
begin
    if current_user <> (select pg_get_userbyid(c.relowner) from pg_class as c where c.oid = tg_relid) then
        raise exception '%.% is append-only: rows are added and never changed', tg_table_schema, tg_table_name;
    end if;
    return null;
end
$$;
drop trigger if exists decision_is_append_only on ops.decision;
drop trigger if exists release_decision_is_append_only on ops.release_decision;
drop trigger if exists declaration_is_append_only on ops.declaration;
drop trigger if exists purge_is_append_only on ops.purge;
drop trigger if exists issue_event_is_append_only on ops.issue_event;
drop trigger if exists issue_event_is_not_truncated on ops.issue_event;
drop function if exists ops.refuse_change();
drop function if exists ops.forbid_update();
drop function if exists ops.forbid_change_of_declaration();
drop function if exists ops.forbid_event_change();
"""
_FROZEN = (
    *("decision", "release_decision", "declaration", "purge", "issue_event", "overridden_row", "replayed_row"),
    *("disclosure_decision", "outbox_attempt", "container", "audit_event"),
)
# Of a number that was shown, only the build is added from which on it was not.
_GROWING = "disclosed_value"
_TRIGGER = """
create or replace trigger append_only before {events} on ops.{table}
    for each statement execute function ops.refuse_change_of_rows();
"""

# An event gets its number and hash as its transaction commits: the lock of the chain is the last that is taken, so that no two
# transactions can wait for each other.
_CHAIN = """
create or replace function ops.seal_audit_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
declare
    last record;
begin
    perform pg_advisory_xact_lock(hashtextextended('huimin.audit', 0));
    select e.event_number, e.event_hash into last
    from ops.audit_event as e where e.event_number is not null order by e.event_number desc limit 1;
    update ops.audit_event as e
    set event_number = coalesce(last.event_number, 0) + 1, previous_hash = coalesce(last.event_hash, ''),
        event_hash = encode(sha256(convert_to(json_build_array(
            coalesce(last.event_number, 0) + 1, coalesce(last.event_hash, ''),
            to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            e.database_role, e.action, e.subject, e.decided_by, e.reason, e.details
        )::text, 'UTF8')), 'hex')
    where e.audit_event_id = new.audit_event_id;
    return null;
end
$$;
drop trigger if exists sealed on ops.audit_event;
create constraint trigger sealed after insert on ops.audit_event
    deferrable initially deferred for each row execute function ops.seal_audit_event();
"""

# The session's role is who logged in: inside of a function with its owner's rights, and after `set role`, too.
_RECORD = """
create or replace function ops.record_audit_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
declare
    written constant jsonb := to_jsonb(new);
    kept text[];
    named text;
    what text;
begin
    case tg_table_schema || '.' || tg_table_name
        when 'ops.decision' then
            what := 'document.' || new.decision;
            named := new.source_uri;
            kept := array['report', 'submission_id', 'sha256', 'decided_at'];
        when 'ops.issue_event' then
            what := 'issue.' || new.event;
            named := new.issue_key;
            kept := array['report', 'submission_id', 'reason', 'until_date', 'occurred_at'];
        when 'ops.declaration' then
            what := 'declaration.' || new.decision;
            named := concat_ws(' ', new.report, new.unit_code, new.period);
            kept := array['report', 'unit_code', 'period', 'decided_at'];
        when 'ops.release_decision' then
            what := case new.decision when 'publish' then 'release.approved' else 'release.returned' end;
            named := 'draft ' || new.draft_id;
            kept := array['draft_id', 'period_code', 'values_digest', 'release_number', 'decided_at'];
        when 'ops.purge' then
            what := 'report.purged';
            named := new.report;
            kept := array['submissions_count', 'rows_count', 'quarantined_count', 'issues_count', 'files_count'];
        when 'release.draft' then
            what := 'release.proposed';
            named := 'draft ' || new.draft_id;
            kept := array['draft_id', 'period_code', 'values_digest'];
        when 'release.release' then
            what := 'release.published';
            named := 'release ' || new.release_number;
            kept := array['draft_id', 'period_code', 'release_hash', 'values_digest'];
        when 'release.note' then
            what := 'release.noted';
            named := concat_ws(' ', 'release', new.release_number, new.indicator_code, new.area_code, new.period_code);
            kept := array['release_number'];
    end case;
    insert into ops.audit_event (database_role, action, subject, decided_by, reason, details)
    select session_user, what, named,
        coalesce(written ->> 'decided_by', written ->> 'approved_by', written ->> 'noted_by'),
        coalesce(written ->> 'words', written ->> 'reason'),
        coalesce(jsonb_object_agg(k.name, written -> k.name) filter (where written -> k.name <> 'null'), '{}')
    from unnest(kept) as k (name);
    return null;
end
$$;
create or replace trigger audited after insert on ops.decision
    for each row execute function ops.record_audit_event();
create or replace trigger audited after insert on ops.declaration
    for each row execute function ops.record_audit_event();
create or replace trigger audited after insert on ops.release_decision
    for each row execute function ops.record_audit_event();
create or replace trigger audited after insert on ops.purge
    for each row execute function ops.record_audit_event();
create or replace trigger audited after insert on ops.issue_event
    for each row when (new.decided_by is not null and new.follows_event_id is null)
    execute function ops.record_audit_event();
create or replace trigger audited after insert on release.draft
    for each row execute function ops.record_audit_event();
create or replace trigger audited after insert on release.release
    for each row execute function ops.record_audit_event();
create or replace trigger audited after insert on release.note
    for each row execute function ops.record_audit_event();
"""

# The life of a report, planner statistics, and rights: what has to be done to these tables, and nothing besides.
_FUNCTIONS = """
create or replace function ops.purge_append_only(
    purged text, reason text, decided_by text,
    submissions_count bigint, rows_count bigint, quarantined_count bigint, issues_count bigint, files_count bigint
) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
begin
    delete from ops.issue_event where report = purged;
    delete from ops.decision where report = purged;
    delete from ops.declaration where report = purged;
    delete from ops.container where report = purged;
    insert into ops.purge (
        report, reason, decided_by, submissions_count, rows_count, quarantined_count, issues_count, files_count
    ) values ($1, $2, $3, $4, $5, $6, $7, $8);
end
$$;

create or replace function ops.rename_append_only(former text, present text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
declare
    name text;
    changed bigint;
    counts jsonb := '{}';
begin
    if coalesce(former, '') = '' or coalesce(present, '') = '' then
        raise exception 'a report has a name before and after it is renamed';
    end if;
    for name in
        select c.relname from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid and a.attname = 'report' and not a.attisdropped
        where c.relnamespace = 'ops'::regnamespace and c.relkind = 'r' and pg_get_userbyid(c.relowner) = current_user
        order by c.relname
    loop
        execute format('update ops.%I set report = $1 where report = $2', name) using present, former;
        get diagnostics changed = row_count;
        counts := counts || jsonb_build_object(name, changed);
    end loop;
    insert into ops.audit_event (database_role, action, subject, details)
    values (session_user, 'report.renamed', former || ' -> ' || present, counts);
end
$$;

create or replace function ops.analyze_append_only(name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as
$$
begin
    execute format('analyze ops.%I', name);
end
$$;

create or replace function ops.record_rights_change(statement text) returns void
language sql security definer set search_path = pg_catalog, pg_temp as
$$
    insert into ops.audit_event (database_role, action, subject) values (session_user, 'rights.changed', statement)
$$;
revoke execute on function ops.purge_append_only(text, text, text, bigint, bigint, bigint, bigint, bigint) from public;
revoke execute on function ops.rename_append_only(text, text) from public;
revoke execute on function ops.analyze_append_only(text) from public;
revoke execute on function ops.record_rights_change(text) from public;
revoke execute on function ops.record_audit_event() from public;
revoke execute on function ops.seal_audit_event() from public;
"""
_COMMENTS = {
    "ops.audit_event": Relation(
        "table",
        "一行＝谁在何时做了什么：放行、改判、撤回、恢复、发布、申报、清除、改名、权限变更；只增不改，逐条以散列相连。"
        "One row per act of a person or change of rights; append-only, each row chained to the one before by its hash",
        "triggers of the tables that it names; loaders.warehouse.lifecycle; loaders.warehouse.schema.migrations",
        {
            "audit_event_id": "主键。The key",
            "occurred_at": "记下的时间。When it was written",
            "database_role": "登录数据库所用的角色。The role that was logged in to the database",
            "action": "做了什么，如 document.accept、issue.overridden、release.published。What was done",
            "subject": "对什么：文件位置、问题、发布稿、报表、SQL 语句。What it was done to",
            "decided_by": "所称的决定人；程序所为的为空。The person named; null for what no person decided",
            "reason": "理由。The reason, in the words of that person",
            "details": "其余事实。Further facts, by the name of the column that they come from",
            "event_number": "序号，从 1 连续，提交时写入。From 1 on without a gap, written as the transaction commits",
            "previous_hash": "上一条的散列；第一条为空字符串。The hash of the event before; empty for the first",
            "event_hash": "本条的散列。SHA-256 over number, previous hash and what the row says",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_TABLE, _REFUSE, _CHAIN, _RECORD, _FUNCTIONS):
        op.execute(statements)
    for table in _FROZEN:
        op.execute(_TRIGGER.format(table=table, events="update or delete or truncate"))
    op.execute(_TRIGGER.format(table=_GROWING, events="delete or truncate"))
    write_comments(_COMMENTS)
