"""What loads touched, and what builds were made from: the basis of builds that recompute only what a load reached.

Each raw table gets triggers, so that no way of changing a row is forgotten, changes by hand included. A build keeps the snapshot
of transactions that it covers: a load that began before it and ended after it is not taken for covered.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0019"
down_revision = "r0018"

_TOUCHED = """
create table if not exists ops.touched_submission (
    report text not null,
    submission_id bigint not null,
    transaction_id xid8 not null default pg_current_xact_id(),
    touched_at timestamptz not null default now(),
    primary key (transaction_id, report, submission_id)
);
create index if not exists touched_submission_idx on ops.touched_submission (submission_id);
"""
# A trigger of a statement sees the rows that changed as a table: one insert per statement, however many rows.
_FUNCTION = """
create or replace function ops.record_touched_submissions() returns trigger language plpgsql as
$$
begin
    if tg_op = 'INSERT' then
        insert into ops.touched_submission (report, submission_id)
        select distinct tg_table_name, _submission_id from new_rows on conflict do nothing;
    elsif tg_op = 'DELETE' then
        insert into ops.touched_submission (report, submission_id)
        select distinct tg_table_name, _submission_id from old_rows on conflict do nothing;
    elsif tg_op = 'UPDATE' then
        insert into ops.touched_submission (report, submission_id)
        select tg_table_name, _submission_id from old_rows
        union select tg_table_name, _submission_id from new_rows on conflict do nothing;
    else
        execute format(
            'insert into ops.touched_submission (report, submission_id)
             select distinct %L, _submission_id from %I.%I on conflict do nothing',
            tg_table_name, tg_table_schema, tg_table_name
        );
    end if;
    return null;
end
$$;
"""
_TRIGGERS = """
do $$
declare raw_table record;
begin
    for raw_table in
        select c.relname as name from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid and a.attname = '_submission_id' and not a.attisdropped
        where c.relnamespace = 'raw'::regnamespace and c.relkind = 'r'
    loop
        execute format('create or replace trigger touched_by_insert after insert on raw.%I
            referencing new table as new_rows for each statement 
            execute function ops.record_touched_submissions()', raw_table.name);
        execute format('create or replace trigger touched_by_update after update on raw.%I
            referencing old table as old_rows new table as new_rows
            for each statement 
            execute function ops.record_touched_submissions()', raw_table.name);
        execute format('create or replace trigger touched_by_delete after delete on raw.%I
            referencing old table as old_rows for each statement 
            execute function ops.record_touched_submissions()', raw_table.name);
        execute format('create or replace trigger touched_by_truncate before truncate on raw.%I
            for each statement 
            execute function ops.record_touched_submissions()', raw_table.name);
    end loop;
end
$$;
"""
_BUILD = """
do $$
begin
    if exists (
        select from pg_attribute
        where attrelid = 'ops.build'::regclass and attname = 'built_at' and not attisdropped
    ) then
        alter table ops.build rename column built_at to ended_at;
    end if;
end
$$;
alter table ops.build alter column ended_at drop not null;
alter table ops.build alter column ended_at drop default;
alter table ops.build add column if not exists started_at timestamptz not null default now();
alter table ops.build add column if not exists snapshot pg_snapshot;
alter table ops.build add column if not exists cluster_id bigint;
alter table ops.build add column if not exists is_whole boolean;
alter table ops.build add column if not exists git_revision text;
alter table ops.build add column if not exists dictionary_fingerprint text;
alter table ops.build add column if not exists hierarchy_fingerprint text;
alter table ops.build add column if not exists rules_fingerprint text;
alter table ops.build add column if not exists engine_fingerprint text;
update ops.build set started_at = ended_at where snapshot is null and ended_at is not null;
"""
# dbt makes the indexes of a table only with the table.
_EVIDENCE = """
do $$
begin
    if to_regclass('evidence.evidence') is not null then
        alter table evidence.evidence add column if not exists model_name text, add column if not exists since_build bigint;
        create index if not exists evidence_event_idx on evidence.evidence (indicator_code, event_date);
        create index if not exists evidence_end_idx on evidence.evidence (indicator_code, end_date);
        create index if not exists evidence_subject_idx on evidence.evidence (indicator_code, subject_key);
        create index if not exists evidence_submission_idx on evidence.evidence (submission_id);
        create index if not exists evidence_since_idx on evidence.evidence (since_build);
    end if;
end
$$;
"""
_COMMENTS = {
    "ops.touched_submission": Relation(
        "table",
        "一行＝一个事务中行有增减或开闭的一份报送件。"
        "One row per transaction and submission whose rows it added, closed, reopened or deleted",
        "loaders.warehouse.schema.touch_triggers",
        {
            "report": "报表。The report",
            "submission_id": "ops.submission 的主键；清除后仍保留。The key in ops.submission; it stays when the report is purged",
            "transaction_id": "事务编号，与快照比较，迟到的提交不会遗漏。"
            "The transaction, compared with a build's snapshot, so that no late commit is missed",
            "touched_at": "事务开始时间。When the transaction began",
        },
    ),
    "ops.build": Relation(
        "table",
        "一行＝一次指标计算，及其依据的状态。One row per build of the indicators, and what it was made from",
        "loaders.warehouse.queries.build_log",
        {
            "build_id": "主键，即各数值的 since_build。The key; since_build of the values that it made",
            "data_fingerprint": "所依据的台账状态的摘要。Fingerprint of the ledger that it was built from",
            "models_fingerprint": "计算完成时模型文件及库中表、视图的摘要；为空表示旧版本未记录。"
            "Fingerprint of the models, as files and in the database, when it ended; null: an earlier release did not keep it",
            "started_at": "开始时间。When it began",
            "ended_at": "成功完成时间；为空表示正在进行或失败。When it ended well; null while it runs, or when it failed",
            "snapshot": "开始时可见的事务；此后的改动属于下一次计算。"
            "The transactions that it covers; what others changed is for the next build",
            "cluster_id": "数据库实例编号；还原到别处后事务编号不可比。"
            "The server's own number: in a copy on another server, transactions cannot be compared",
            "is_whole": "是否全部重算。Whether everything was computed anew",
            "git_revision": "程序的版本。The revision of the program",
            "dictionary_fingerprint": "指标字典的摘要。Fingerprint of the dictionary of indicators and measures",
            "hierarchy_fingerprint": "区划表的摘要。Fingerprint of the list of divisions",
            "rules_fingerprint": "本单位模型（何行计入何指标）的摘要。"
            "Fingerprint of the deployment's models: which row counts for what",
            "engine_fingerprint": "计算引擎的摘要。Fingerprint of the engine's models and macros",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_TOUCHED, _FUNCTION, _TRIGGERS, _BUILD, _EVIDENCE):
        op.execute(statements)
    write_comments(_COMMENTS)
