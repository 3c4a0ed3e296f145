"""Documents that have gone from their source: noticed, and withdrawn where the contract says so."""

from __future__ import annotations

from alembic import op

revision = "r0008"
down_revision = "r0007"

_STATES = """
alter table ops.submission drop constraint submission_state_check;
alter table ops.submission add constraint submission_state_check check (
    state in ('landed', 'accepted', 'accepted_with_rejects', 'rejected', 'duplicate', 'superseded', 'withdrawn')
);
comment on column ops.submission.state is
    '状态：landed 待入库，accepted 已入库，accepted_with_rejects 部分入库，rejected 整份退回，duplicate 重复，'
    'superseded 已被替代，withdrawn 来源处已不存在、数据不再计入。'
    'Where it stands; landed waits to be loaded; withdrawn: it has gone from its source';
alter table quarantine.row drop constraint row_state_check;
alter table quarantine.row add constraint row_state_check check (
    state in ('open', 'notified', 'corrected', 'overridden', 'replayed', 'released', 'withdrawn')
);
comment on column quarantine.row.state is
    'open 待告知，notified 已告知，corrected 已由新文件更正，overridden 人工放行，replayed 已重新判定，'
    'released 主键已空出、该行已入库，withdrawn 文件已不在来源处。Where the row stands';
"""

_GONE = """
create table ops.gone_document (
    gone_id bigint generated always as identity primary key,
    report text not null,
    source_uri text not null,
    gone_at timestamptz not null default now(),
    pull_id bigint references ops.pull,
    returned_at timestamptz
);
-- Hashes, because an index entry holds at most 2.7 kB and a path of Chinese names can be longer.
create unique index gone_document_key on ops.gone_document (
    report, hashtextextended(source_uri, 0), hashtextextended(source_uri, 1)
) where returned_at is null;
comment on table ops.gone_document is
    '一行＝一份曾取得的文件（或报告期）从来源处消失的一次，自发现至重新出现。'
    'One row per time that a document which was taken has gone from its source, from when that was noticed until it came back';
comment on column ops.gone_document.gone_at is '发现消失的时间。When it was noticed';
comment on column ops.gone_document.pull_id is '发现消失的查看。The look that noticed it';
comment on column ops.gone_document.returned_at is '重新出现的时间；为空表示仍未出现。When it was back; null: it is still gone';
alter table ops.pull add column is_full boolean not null default false;
comment on column ops.pull.is_full is
    '是否为全量比对：不论来源自称有无变化。Whether all was pulled and compared, whatever the source says of changes';
"""

_RECEIVED = """
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
    select report, period_kind, min(period_start) as first_start, max(period_start) as last_start
    from received
    group by report, period_kind
),
periods as (
    select
        s.report,
        s.period_kind,
        p.period_start::date as period_start,
        case s.period_kind
            when 'month' then to_char(p.period_start, 'YYYY-MM')
            when 'quarter' then to_char(p.period_start, 'YYYY"Q"Q')
            when 'half' then to_char(p.period_start, 'YYYY"H"') || ((extract(month from p.period_start)::int + 5) / 6)
            else to_char(p.period_start, 'YYYY')
        end as period
    from spans as s
    cross join lateral generate_series(
        s.first_start::timestamp,
        s.last_start::timestamp,
        case s.period_kind
            when 'month' then interval '1 month'
            when 'quarter' then interval '3 months'
            when 'half' then interval '6 months'
            else interval '1 year'
        end
    ) as p (period_start)
)
select p.report, u.unit_code, p.period, p.period_start
from periods as p
inner join ops.reporting_unit as u on u.report = p.report;

create or replace view ops.missing_submission as
select e.report, e.unit_code, e.period, e.period_start
from ops.expected_submission as e
where not exists (
    select from ops.submission as s
    where s.report = e.report and s.unit_code = e.unit_code and s.period = e.period
      and s.state not in ('duplicate', 'withdrawn')
);

create or replace view ops.reporting_rate as
with first_arrival as (
    select report, unit_code, period, bool_or(is_on_time) as is_on_time, bool_or(state <> 'rejected') as is_accepted
    from ops.submission
    where state not in ('duplicate', 'withdrawn')
    group by report, unit_code, period
)
select
    e.report,
    e.period,
    e.period_start,
    count(*) as expected_units_count,
    count(f.unit_code) as received_units_count,
    count(*) filter (where f.is_accepted) as accepted_units_count,
    count(*) filter (where f.is_on_time) as on_time_units_count,
    round(100.0 * count(f.unit_code) / count(*), 1) as reporting_rate_pct,
    round(100.0 * count(*) filter (where f.is_on_time) / count(*), 1) as on_time_rate_pct
from ops.expected_submission as e
left join first_arrival as f on f.report = e.report and f.unit_code = e.unit_code and f.period = e.period
group by e.report, e.period, e.period_start;
"""


# As before, but of the same bytes under several names one that has gone counts after one that is there.
_ACCOUNT = """
create or replace view ops.account as
with held as materialized (
    select submission_id, count(*) as rows_count from quarantine.row where state <> 'released' group by submission_id
),
in_raw as materialized (
    select submission_id, rows_count from ops.raw_row_count
),
deliveries as (
    select distinct on (report, source_uri, sha256) *
    from ops.submission
    order by report, source_uri, sha256, (state = 'landed'), submission_id desc
),
documents as (
    select
        d.*,
        row_number() over (
            partition by d.report, d.sha256, d.unit_code, d.period
            order by (d.state = 'rejected'), (d.state = 'landed'), (d.state = 'withdrawn'), d.submission_id desc
        ) as place
    from deliveries as d
    where d.state <> 'duplicate'
),
counted as (
    select
        d.*,
        coalesce(r.rows_count, 0) as raw_rows,
        case when d.state = 'rejected' then d.rows_quarantined else coalesce(h.rows_count, 0) end as held_rows
    from documents as d
    left join in_raw as r on r.submission_id = d.submission_id
    left join held as h on h.submission_id = d.submission_id
    where d.place = 1
)
select
    report,
    unit_code,
    period,
    source_uri,
    array(
        select distinct s.source_uri from ops.submission as s
        where s.report = counted.report and s.sha256 = counted.sha256 order by s.source_uri
    ) as source_uris,
    sha256,
    state,
    state_reason,
    rows_total,
    rows_loaded,
    rows_quarantined,
    rows_furniture,
    raw_rows,
    held_rows,
    rows_total - raw_rows - held_rows - rows_furniture as difference
from counted;
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_STATES)
    op.execute(_GONE)
    op.execute(_RECEIVED)
    op.execute(_ACCOUNT)
