"""The way from a figure to the cell: where a submission's columns stood, the texts of cells, and the run that loaded it."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0023"
down_revision = "r0022"

_TABLE = """
create table if not exists ops.document_table (
    submission_id bigint not null references ops.submission on delete cascade,
    table_number integer not null,
    sheet text not null,
    first_row integer not null,
    last_row integer not null,
    letters jsonb not null default '{}',
    cells jsonb not null default '{}',
    fields jsonb not null default '{}',
    merged_rows jsonb not null default '{}',
    primary key (submission_id, table_number)
);
alter table ops.submission add column if not exists loaded_by_run text;
comment on column ops.submission.loaded_by_run is
    '装入该文件的运行：Airflow 的 DAG 与运行编号；命令行装入时为空。'
    'The run that loaded it: DAG and run id of Airflow; null when it was loaded by the command line';
"""
# Raw tables follow the contracts; this column is the same in all of them.
_TEXTS = """
do $$
declare
    raw_table regclass;
begin
    for raw_table in
        select a.attrelid from pg_attribute as a
        inner join pg_class as c on a.attrelid = c.oid
        where c.relnamespace = 'raw'::regnamespace and c.relkind in ('r', 'p') and a.attname = '_submission_id'
    loop
        execute format('alter table %s add column if not exists _texts text', raw_table);
    end loop;
end
$$;
"""
# What `loaders.raw_schema.plain_texts` does in Python. Alembic takes a colon before a name for a parameter, unless it is escaped.
_PLAIN_TEXT = """
create or replace function ops.plain_text(value bigint) returns text language sql immutable as $$ select value::text $$;
create or replace function ops.plain_text(value numeric) returns text language sql immutable as
$$ select trim_scale(value)::text $$;
create or replace function ops.plain_text(value date) returns text language sql immutable as
$$ select to_char(value, 'YYYY-MM-DD') $$;
create or replace function ops.plain_text(value timestamp without time zone) returns text language sql immutable as
$$ select rtrim(rtrim(to_char(value, 'YYYY-MM-DD HH24\\:MI\\:SS.US'), '0'), '.') $$;
create or replace function ops.plain_text(value boolean) returns text language sql immutable as
$$ select case value when true then '是' when false then '否' end $$;
create or replace function ops.plain_text(value text) returns text language sql immutable as $$ select value $$;
"""
# `cell_text` has one branch per raw table, so that its plans are kept: it is called once per cell. Whoever may read a view of dbt
# may see the texts that it shows, but not the raw tables, so it runs with its owner's rights; it stands in a schema that
# `bi_reader` cannot use, so that only views call it. The hash of a personal value is no text of a cell.
_REPLACE_CELL_TEXT = """
create or replace function ops.replace_cell_text() returns void language plpgsql as
$outer$
declare
    branches text;
begin
    select string_agg(
        format(
            'when %1$L then return (select coalesce(r._texts\\:\\:jsonb ->> $5, case $5 %2$s end) from raw.%1$I as r '
            'where r._submission_id = $2 and r._row = $4 and r._sheet = $3 limit 1);',
            t.name, t.columns
        ),
        ' '
    )
    into branches
    from (
        select c.relname as name,
            string_agg(format('when %1$L then ops.plain_text(r.%1$I)', a.attname), ' ' order by a.attnum) as columns
        from pg_class as c
        inner join pg_attribute as texts on texts.attrelid = c.oid and texts.attname = '_texts' and not texts.attisdropped
        inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'raw'::regnamespace and c.relkind in ('r', 'p') and not starts_with(a.attname, '_')
          and a.atttypid in (
              'bigint'::regtype, 'numeric'::regtype, 'date'::regtype, 'timestamp'::regtype, 'boolean'::regtype, 'text'::regtype
          )
          and not exists (
              select from pg_attribute as m
              where m.attrelid = c.oid and a.attname like '%\_key' and m.attname = regexp_replace(a.attname, '_key$', '_masked')
          )
        group by c.relname
    ) as t;
    execute format(
        'create or replace function ops.cell_text('
        'report text, submission_id bigint, sheet text, row_number integer, column_name text) '
        'returns text language plpgsql stable security definer set search_path = pg_catalog, pg_temp as '
        '$cell$ begin %s return null; end $cell$',
        'case $1 ' || branches || ' else return null; end case;'
    );
end
$outer$;
select ops.replace_cell_text();
comment on function ops.cell_text(text, bigint, text, integer, text) is
    '单元格原文；个人信息为脱敏值。The text of the cell from which a raw row has a value; of a personal column the masked form';
"""
_COMMENTS = {
    "ops.document_table": Relation(
        "table",
        "一行＝已装入文件中的一张表，列名所在位置按合同列名记。"
        "One row per table found in a loaded submission: where each column of its contract stands",
        "loaders.warehouse.load.document_tables",
        {
            "submission_id": "ops.submission 的主键。The key in ops.submission",
            "table_number": "文件内的序号，从 1 起。Counts the tables of the document from 1",
            "sheet": "工作表；文本文件为空字符串。The sheet; empty for a file without sheets",
            "first_row": "第一行数据的行号。Row of its first data row",
            "last_row": "最后一行数据的行号。Row of its last data row",
            "letters": "列名 → 列标。Column of the contract → letter of the sheet column (of a text file, counted alike)",
            "cells": "列名 → 单元格，用于填表式文件。Column of the contract → cell of its value, for a form",
            "fields": "列名 → 字段，用于接口与数据库记录。Column of the contract → field, for records",
            "merged_rows": "列名 → 纵向合并的行区间，值在其首行。"
            "Column of the contract → spans of rows merged into their first, where the value stands",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_TABLE, _TEXTS, _PLAIN_TEXT, _REPLACE_CELL_TEXT):
        op.execute(statements)
    write_comments(_COMMENTS)
