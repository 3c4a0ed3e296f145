"""Spells of reporting units; who was asked; reports that were renamed or purged."""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0016"
down_revision = "r0015"

_TABLES = """
create table ops.reporting_spell (
    report text not null,
    unit_code text not null,
    valid_from_date date,
    valid_until_date date
);
create unique index reporting_spell_key on ops.reporting_spell (report, unit_code, valid_from_date, valid_until_date)
    nulls not distinct;
create table ops.purge (
    purge_id bigint generated always as identity primary key,
    report text not null,
    reason text not null check (reason <> ''),
    decided_by text not null check (decided_by <> ''),
    decided_at timestamptz not null default clock_timestamp(),
    submissions_count bigint not null,
    rows_count bigint not null,
    quarantined_count bigint not null,
    issues_count bigint not null,
    files_count bigint not null
);
create trigger purge_is_append_only before update or delete on ops.purge
    for each row execute function ops.forbid_update();
alter table ops.notification add column recipient_role text;
"""

# Only a rename changes the report's name in a decision, and only a purge deletes it, each within its own transaction.
_DECISION = """
create or replace function ops.forbid_update() returns trigger language plpgsql as
$$
begin
    if current_setting('huimin.lifecycle', true) = 'rename' and tg_op = 'UPDATE' then
        return new;
    end if;
    if current_setting('huimin.lifecycle', true) = 'purge' and tg_op = 'DELETE' and tg_table_name = 'decision' then
        return old;
    end if;
    raise exception '% is append-only', tg_table_name;
end
$$;
"""

# As before; but a unit is expected only for periods on whose last day it existed.
_EXPECTED = """
create or replace view ops.expected_submission as
with received as (
    select
        report,
        period_start,
        case
            when period_end - period_start < 31 then 'month'
            when period_end - period_start < 92 then 'quarter'
            when period_end - period_start < 184 then 'half'
            else 'year'
        end as period_kind
    from ops.submission
    where period_start is not null and state not in ('duplicate', 'withdrawn')
),
spans as (
    select
        report,
        period_kind,
        case period_kind
            when 'month' then interval '1 month'
            when 'quarter' then interval '3 months'
            when 'half' then interval '6 months'
            else interval '1 year'
        end as length,
        min(period_start)::timestamp as first_start,
        max(period_start)::timestamp as last_start
    from received
    group by report, period_kind
),
periods as (
    select
        s.report,
        s.period_kind,
        p.period_start::date as period_start,
        (p.period_start + s.length - interval '1 day')::date as period_end,
        case s.period_kind
            when 'month' then to_char(p.period_start, 'YYYY-MM')
            when 'quarter' then to_char(p.period_start, 'YYYY"Q"Q')
            when 'half' then to_char(p.period_start, 'YYYY"H"') || ((extract(month from p.period_start)::int + 5) / 6)
            else to_char(p.period_start, 'YYYY')
        end as period
    from spans as s
    cross join lateral generate_series(s.first_start, s.last_start, s.length) as p (period_start)
)
select p.report, u.unit_code, p.period, p.period_start
from periods as p
inner join ops.reporting_unit as u on u.report = p.report
where not exists (select from ops.reporting_spell as s where s.report = u.report and s.unit_code = u.unit_code)
   or exists (
       select from ops.reporting_spell as s
       where s.report = u.report and s.unit_code = u.unit_code
         and p.period_end between coalesce(s.valid_from_date, '-infinity') and coalesce(s.valid_until_date, 'infinity')
   );
"""

_COMMENTS = {
    "ops.reporting_unit": Relation(
        "table",
        "一行＝一张报表的一个应报单位，取自报表约定。One row per report and unit that is expected to report",
        "loaders.warehouse.ledger.reporting_units",
        {},
    ),
    "ops.expected_submission": Relation(
        "view",
        "一行＝一张报表、一个应报单位、一个应报期（从最早到最近一期，单位当时存续且报表未停用）。"
        "One row per report, expected unit and period between the first and the last period that any unit sent, while the unit "
        "existed on the last day of the period and the report was not retired",
        "loaders.warehouse.schema.migrations",
        {},
    ),
    "ops.reporting_spell": Relation(
        "table",
        "一行＝一个填报单位对一张报表的一段报送期；没有行的单位始终应报。"
        "One row per spell in which a unit must send a report; a unit without a row must always",
        "loaders.warehouse.ledger.reporting_units",
        {
            "report": "报表。The report",
            "unit_code": "填报单位。The reporting unit",
            "valid_from_date": "首日；为空表示一向如此。The first day; null: from the beginning",
            "valid_until_date": "末日；为空表示至今。The last day; null: until today",
        },
    ),
    "ops.purge": Relation(
        "table",
        "一行＝一张报表的一次清除，及所清除的数量；只增不改。One row per purge of a report, with what it removed; never changed",
        "loaders.warehouse.lifecycle.purge",
        {
            "purge_id": "编号。Its number",
            "report": "报表。The report",
            "reason": "理由。The reason, in the words of the person who decided",
            "decided_by": "决定人。Who decided",
            "decided_at": "决定时间。When",
            "submissions_count": "报送件数。How many submissions were removed",
            "rows_count": "入库行数（含历史版本）。How many rows were removed, with their earlier versions",
            "quarantined_count": "隔离区行数。How many quarantined rows were removed",
            "issues_count": "问题数。How many issues were removed",
            "files_count": "落地文件数（不含与其他报表共用的）。How many landed files no other report shares",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_TABLES, _DECISION, _EXPECTED):
        op.execute(statements)
    write_comments(_COMMENTS)
    op.execute(
        "comment on column ops.notification.recipient_role is "
        "'收件时所任的部门；发给数据工程师的为空。The office that the recipient answered for then; null: the data engineers'"
    )
