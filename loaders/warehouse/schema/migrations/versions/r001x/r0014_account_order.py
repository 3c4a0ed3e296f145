"""The account shows, of the same bytes under several names, the current one again; r0008 had lost that order of r0007."""

from __future__ import annotations

from alembic import op

revision = "r0014"
down_revision = "r0013"

_ACCOUNT = """
create or replace view ops.account as
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
            order by
                (d.state = 'rejected'), (d.state = 'landed'), (d.state = 'withdrawn'), (d.state = 'superseded'),
                d.effective_at desc, d.arrived_at desc, d.submission_id desc
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
    op.execute(_ACCOUNT)
