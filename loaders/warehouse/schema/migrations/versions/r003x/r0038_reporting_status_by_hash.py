"""Who owes what, read sooner: the last judgment of each document is found by hashing its place and bytes, not by sorting them.

With 13,800 documents, the view took 110 ms, a third of them for the sort.
"""

from __future__ import annotations

from alembic import op

revision = "r0038"
down_revision = "r0036"

# As in r0020, but for `judged`. Of a document that was judged again, the last judgment counts.
_STATUS = """
create or replace view ops.reporting_status as
with judged as (
    select
        report, unit_code, period, period_start, period_end, due_date, submission_id, sha256, state, arrived_at,
        (least(source_modified_at, arrived_at) at time zone 'Asia/Shanghai')::date as received_date,
        state in ('accepted', 'accepted_with_rejects') as is_current,
        state = 'accepted_with_rejects' or (state = 'superseded' and rows_quarantined > 0) as has_rejected_rows,
        coalesce(rows_loaded, 0) + coalesce(rows_quarantined, 0) as rows_count
    from ops.submission
    where submission_id in (
        select max(latest.submission_id) from ops.submission as latest
        where latest.state not in ('duplicate', 'withdrawn') group by latest.report, latest.source_uri, latest.sha256
    )
),
ranked as (
    select
        j.*,
        first_value(j.sha256) over newest_first as newest_sha256, first_value(j.state) over newest_first as newest_state,
        bool_or(j.is_current) over whole as is_any_current,
        max(j.submission_id) filter (where j.state = 'superseded') over whole as last_superseded_id
    from judged as j
    window whole as (partition by j.report, j.unit_code, j.period),
        newest_first as (partition by j.report, j.unit_code, j.period order by j.submission_id desc)
),
documents as (
    select r.*, r.is_current or (not r.is_any_current and r.submission_id = r.last_superseded_id) as is_counted
    from ranked as r
),
first_releases as (
    select report, unit_code, period_code, sha256, min(release_number) as release_number
    from release.submission group by 1, 2, 3, 4
),
received as (
    select
        d.report, d.unit_code, d.period, min(d.period_start) as period_start, min(d.period_end) as period_end,
        max(d.due_date) as due_date,
        max(d.submission_id) as submission_id, min(d.newest_state) as state,
        min(d.received_date) as first_received_date, max(d.arrived_at) as last_arrived_at,
        count(*) as documents_count,
        count(distinct d.sha256) filter (
            where d.state in ('superseded', 'rejected') and not d.is_counted and d.sha256 <> d.newest_sha256
        ) as corrections_count,
        coalesce(bool_or(d.is_counted), false) as is_accepted,
        coalesce(bool_or(d.is_counted and d.has_rejected_rows), false) as is_partly_rejected,
        coalesce(sum(d.rows_count) filter (where d.is_counted) = 0, false) as is_zero_declared,
        case when bool_and(f.release_number is not null) filter (where d.is_counted)
            then max(f.release_number) filter (where d.is_counted) end as approved_release_number
    from documents as d
    left join first_releases as f
        on f.report = d.report and f.unit_code = d.unit_code and f.period_code is not distinct from d.period
        and f.sha256 = d.sha256
    group by d.report, d.unit_code, d.period
),
declared as (
    select distinct on (report, unit_code, period) * from ops.declaration
    order by report, unit_code, period, decided_at desc, declaration_id desc
),
facts as (
    select
        coalesce(o.report, r.report) as report, coalesce(o.unit_code, r.unit_code) as unit_code,
        coalesce(o.period, r.period) as period, coalesce(o.period_start, r.period_start) as period_start,
        coalesce(o.period_end, r.period_end) as period_end,
        case when o.report is null then r.due_date else o.due_date end as due_date,
        o.report is not null as is_expected, r.report is not null as has_document,
        coalesce(r.is_accepted, false) as is_accepted,
        coalesce(r.is_partly_rejected, false) as is_partly_rejected,
        coalesce(r.is_zero_declared, false) as is_zero_declared,
        -- Whatever comes after a declaration outranks it, and so does what was accepted.
        d.decision is not distinct from 'nothing_to_report' and not coalesce(r.is_accepted, false)
            and (r.last_arrived_at is null or r.last_arrived_at < d.decided_at) as is_nothing_declared,
        (d.decided_at at time zone 'Asia/Shanghai')::date as declared_date,
        r.state, r.submission_id, r.first_received_date, r.approved_release_number,
        coalesce(r.documents_count, 0) as documents_count, coalesce(r.corrections_count, 0) as corrections_count
    from (select * from ops.obligation where lifted_at is null) as o
    full join received as r on r.report = o.report and r.unit_code = o.unit_code and r.period = o.period
    left join declared as d on d.report = o.report and d.unit_code = o.unit_code and d.period = o.period
),
dated as (
    select
        f.*,
        f.has_document or f.is_nothing_declared as is_received,
        least(f.first_received_date, case when f.is_nothing_declared then f.declared_date end) as received_date,
        f.is_expected and not f.has_document and not f.is_nothing_declared
            and coalesce(f.due_date, f.period_end) < ops.today() as is_missing
    from facts as f
)
select
    report, unit_code, period, period_start, period_end, due_date,
    case
        when is_nothing_declared then 'nothing_declared'
        when is_zero_declared then 'zero_declared'
        when is_partly_rejected then 'partly_rejected'
        when is_accepted then 'accepted'
        when state = 'rejected' then 'refused'
        when has_document then 'waiting'
        when is_missing then 'missing'
        else 'not_yet_due'
    end as status,
    is_expected, is_received, received_date, received_date <= due_date as is_on_time,
    case
        when is_missing then ops.today() - due_date
        when due_date is not null and is_received then greatest(received_date - due_date, 0)
    end as days_late,
    is_accepted, is_partly_rejected, is_zero_declared, is_nothing_declared, is_missing,
    approved_release_number is not null as is_approved, approved_release_number,
    documents_count, corrections_count, submission_id, state as submission_state
from dated;
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_STATUS)
