"""Documents with the same rows are duplicates by content; revision marks and as-of stamps decide which submission is current.

Submissions from before this revision keep no digest, and count as without mark and stamp until they are validated once more.
"""

from __future__ import annotations

from alembic import op

revision = "r0026"
down_revision = "r0025"

_COLUMNS = """
alter table ops.submission add column if not exists revision_number integer not null default 0;
alter table ops.submission add column if not exists stamped_on date;
alter table ops.submission add column if not exists content_sha256 text;
create index if not exists submission_content_idx on ops.submission (report, content_sha256) where content_sha256 is not null;
create index if not exists submission_same_content_idx on ops.submission (report, unit_code)
    where state = 'duplicate' and state_reason = 'same_content';
create index if not exists submission_duplicate_of_idx on ops.submission (duplicate_of) where duplicate_of is not null;
comment on column ops.submission.revision_number is
    '更正标记所示的第几次更正（文件名或标题中的“修订2”“第3版”等），没有标记的为 0。'
    'How many corrections its revision mark counts (修订2, 第3版 in its name or title); 0: it has no mark';
comment on column ops.submission.stamped_on is
    '文件内写明的填报日期或数据截至日期；未写明、晚于收到日或早于报告期的为空。'
    'The day on which the document says that it was filled in, or its data were taken; null: it states none, or one after it '
    'arrived or before its period';
comment on column ops.submission.content_sha256 is
    '内容摘要：各行取值的 SHA-256，与文件名、版式、行列次序无关。尚未入库或整份退回的为空。'
    'SHA-256 of the values of all rows, whatever the file, its layout and the order of rows and columns; null before it is '
    'loaded, and of a refused document';
comment on column ops.submission.duplicate_of is
    '内容相同而计入的那一份：字节相同，或各行相同。The original with the same bytes, or with the same rows';
comment on column ops.submission.state_reason is
    '状态的原因；duplicate 时 same_content 表示各行相同而文件不同；'
    'withdrawn 时为 gone_from_source（来源处已不存在）或 withdrawn_by_decision（由人撤回）。'
    'The reason of the state; of a duplicate, same_content: the same rows in another file; of withdrawn: gone_from_source or '
    'withdrawn_by_decision';
"""
_REGISTERS = """
create or replace view ops.register_span as
with documents as (
    select s.*, coalesce(s.period_start, (s.effective_at at time zone 'Asia/Shanghai')::date) as valid_from_date
    from ops.submission as s
    where s.state in ('accepted', 'accepted_with_rejects', 'superseded')
      and not exists (
          select from ops.submission as newer
          where newer.report = s.report and newer.source_uri = s.source_uri and newer.sha256 = s.sha256
            and newer.submission_id > s.submission_id and newer.state <> 'landed'
      )
),
-- Of several registers of one unit and date, the one of the greatest precedence is valid.
valid as (
    select distinct on (report, unit_code, valid_from_date) report, unit_code, period, submission_id, valid_from_date
    from documents
    order by
        report, unit_code, valid_from_date,
        coalesce(period_end, '-infinity') desc, revision_number desc,
        coalesce(stamped_on, (effective_at at time zone 'Asia/Shanghai')::date) desc,
        effective_at desc, arrived_at desc, submission_id desc
)
select
    report,
    unit_code,
    period,
    submission_id,
    valid_from_date,
    lead(valid_from_date) over (partition by report, unit_code order by valid_from_date) as valid_until_date
from valid;
"""
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
                d.revision_number desc, coalesce(d.stamped_on, (d.effective_at at time zone 'Asia/Shanghai')::date) desc,
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
        select s.source_uri from ops.submission as s
        where s.report = counted.report and s.sha256 = counted.sha256
        union
        select s.source_uri from ops.submission as s
        where s.duplicate_of = counted.submission_id and s.state = 'duplicate'
        order by 1
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
    rows_total - raw_rows - held_rows - rows_furniture as difference,
    revision_number,
    stamped_on
from counted;
comment on column ops.account.revision_number is
    '更正标记所示的第几次更正，没有标记的为 0。The correction that its revision mark counts; 0: no mark';
comment on column ops.account.stamped_on is
    '文件内写明的填报日期。The day on which the document says that it was filled in';
comment on column ops.account.source_uris is
    '相同内容（字节相同或各行相同）的所有位置。All locations of the same bytes or the same rows';
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_COLUMNS)
    op.execute(_REGISTERS)
    op.execute(_ACCOUNT)
