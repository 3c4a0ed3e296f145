"""The views that answer for every row, every missing report and every unit's punctuality."""

from __future__ import annotations

from alembic import op

revision = "r0002"
down_revision = "r0001"

# Remade over all raw tables whenever one is created (raw_tables.py); columns and types stay these.
_RAW_ROW_COUNT = """
create view ops.raw_row_count as
select null::bigint as submission_id, 0::bigint as rows_count, 0::bigint as current_rows_count where false;
"""

_ACCOUNT = """
create view ops.account as
-- Counted once each: right after the first loads the planner knows nothing of the tables and would count anew for every document.
with held as materialized (
    select submission_id, count(*) as rows_count from quarantine.row where state <> 'released' group by submission_id
),
in_raw as materialized (
    select submission_id, rows_count from ops.raw_row_count
),
-- Of each delivery (a place and its bytes) the last judgement; one that waits to be judged again stands by the one before.
deliveries as (
    select distinct on (report, source_uri, sha256) *
    from ops.submission
    order by report, source_uri, sha256, (state = 'landed'), submission_id desc
),
-- Of the same bytes under several names for one unit and period, the one that counts.
documents as (
    select
        d.*,
        row_number() over (
            partition by d.report, d.sha256, d.unit_code, d.period
            order by (d.state = 'rejected'), (d.state = 'landed'), d.submission_id desc
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

_EXPECTED = """
create view ops.expected_submission as
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
    where period_start is not null and state <> 'duplicate'
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
"""

_MISSING = """
create view ops.missing_submission as
select e.report, e.unit_code, e.period, e.period_start
from ops.expected_submission as e
where not exists (
    select from ops.submission as s
    where s.report = e.report and s.unit_code = e.unit_code and s.period = e.period and s.state <> 'duplicate'
);
"""

_RATE = """
create view ops.reporting_rate as
with first_arrival as (
    select report, unit_code, period, bool_or(is_on_time) as is_on_time, bool_or(state <> 'rejected') as is_accepted
    from ops.submission
    where state <> 'duplicate'
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


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_RAW_ROW_COUNT, _ACCOUNT, _EXPECTED, _MISSING, _RATE):
        op.execute(statements)
