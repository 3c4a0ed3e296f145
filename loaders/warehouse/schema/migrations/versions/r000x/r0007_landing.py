"""Arrivals keep their place in the order in which sources showed documents; what people decided; files that wait to be whole."""

from __future__ import annotations

from alembic import op

revision = "r0007"
down_revision = "r0006"

# What an earlier release loaded keeps its order: an arrival is the first judgement of a document in one state of its place.
_ARRIVAL = """
alter table ops.submission
    add column arrived_at timestamptz,
    add column effective_at timestamptz;
update ops.submission as s set
    arrived_at = f.arrived_at, effective_at = least(s.source_modified_at, f.arrived_at)
from (
    select submission_id, min(landed_at) over (partition by report, source_uri, sha256, source_modified_at) as arrived_at
    from ops.submission
) as f
where f.submission_id = s.submission_id;
alter table ops.submission
    alter column arrived_at set default clock_timestamp(), alter column arrived_at set not null,
    alter column effective_at set default clock_timestamp(), alter column effective_at set not null;
"""

_DECISION = """
create table ops.decision (
    decision_id bigint generated always as identity primary key,
    submission_id bigint not null references ops.submission,
    report text not null,
    source_uri text not null,
    sha256 text not null,
    decision text not null check (decision in ('accept')),
    why text not null check (why <> ''),
    decided_by text not null check (decided_by <> ''),
    decided_at timestamptz not null default clock_timestamp()
);
create index decision_document_idx on ops.decision (report, sha256);
create function ops.refuse_change() returns trigger language plpgsql as
$$ begin raise exception '% is append-only', tg_table_name; end $$;
create trigger decision_is_append_only before update or delete on ops.decision
    for each row execute function ops.refuse_change();
"""

_WAITING = """
create table ops.waiting_file (
    report text not null,
    source_uri text not null,
    byte_size bigint,
    source_modified_at timestamptz not null,
    first_seen_at timestamptz not null
);
create index waiting_file_report_idx on ops.waiting_file (report);
"""

# As before; but of the same bytes under several names the current one counts, else the latest, whatever was judged last.
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
                (d.state = 'rejected'), (d.state = 'landed'), (d.state = 'superseded'), d.effective_at desc, d.arrived_at desc,
                d.submission_id desc
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

_COMMENTS = {
    "table ops.decision": "一行＝一次人工决定，只增不改。One row per decision of a person; rows are added and never changed",
    "table ops.waiting_file": "一行＝来源处一份可能仍在上传的文件及其首次以此状态出现的时间。"
    "One row per file that may still be being uploaded, and when it was first seen in its present state",
    "column ops.decision.submission_id": "当时所指的判定。The submission that was named",
    "column ops.decision.sha256": "决定所及的文件内容；同一位置、同一内容今后重新判定时仍然有效。"
    "The bytes that the decision is about; it holds whenever they are judged again",
    "column ops.decision.why": "理由。The reason, in the words of the person who decided",
    "column ops.decision.decided_by": "决定人。Who decided",
    "column ops.submission.arrived_at": "到达时间；重新判定时不变。When it came; kept when the document is judged again",
    "column ops.submission.effective_at": "排序所用时间：来源所示修改时间，不早于同一位置此前各份；未来的时间不作数。"
    "The time that decides which document is current: as its source says, but not before what its place showed earlier; "
    "a time from the future counts as that of what was there when it came",
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_ARRIVAL, _DECISION, _WAITING, _ACCOUNT):
        op.execute(statements)
    for place, text in _COMMENTS.items():
        op.execute("comment on {} is '{}'".format(place, text.replace("'", "''")))
