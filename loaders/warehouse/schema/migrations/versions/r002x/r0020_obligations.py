"""Obligations: which unit owes which report by when, declarations that there is nothing to report, and what became of each.

Expected reports were derived from what had arrived; they follow the calendar now. Views of dbt on the earlier views go with them,
and the next build creates them anew.
"""

from __future__ import annotations

from alembic import op

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0020"
down_revision = "r0019"

# One clock for loads, views and commands. A test, or a city whose documents are of another year, sets it for its database.
_TODAY = """
create or replace function ops.today() returns date language sql stable as
$$
    select coalesce(nullif(current_setting('huimin.today', true), '')::date, (now() at time zone 'Asia/Shanghai')::date)
$$;
comment on function ops.today() is
    '今天（北京时间）；huimin.today 可另行设定。Today in China; the setting huimin.today overrides it';
"""

_TABLES = """
create table if not exists ops.obligation (
    report text not null, unit_code text not null, period text not null,
    period_start date not null, period_end date not null, due_date date,
    is_calendar_announced boolean not null, recorded_at timestamptz not null default now(),
    lifted_at timestamptz,
    lifted_reason text check (lifted_reason in ('report_retired', 'unit_closed', 'before_first_period', 'contract_changed')),
    primary key (report, unit_code, period),
    check ((lifted_at is null) = (lifted_reason is null))
);
create table if not exists ops.declaration (
    declaration_id bigint generated always as identity primary key,
    report text not null, unit_code text not null, period text not null,
    decision text not null check (decision in ('nothing_to_report', 'revoke')),
    reason text not null check (reason <> ''), decided_by text not null check (decided_by <> ''),
    decided_at timestamptz not null default clock_timestamp()
);
create index if not exists declaration_obligation_idx on ops.declaration (report, unit_code, period);
"""

# Only a rename changes the report's name, and only a purge deletes a declaration, each within its own transaction.
_APPEND_ONLY = """
create or replace function ops.forbid_change_of_declaration() returns trigger language plpgsql as
$$
begin
    if current_setting('huimin.lifecycle', true) = 'rename' and tg_op = 'UPDATE' then
        return new;
    end if;
    if current_setting('huimin.lifecycle', true) = 'purge' and tg_op = 'DELETE' then
        return old;
    end if;
    raise exception '% is append-only', tg_table_name;
end
$$;
create or replace trigger declaration_is_append_only before update or delete on ops.declaration
    for each row execute function ops.forbid_change_of_declaration();
"""

_DROP_FORMER = "drop view if exists ops.expected_submission, ops.missing_submission, ops.reporting_rate cascade"

# Of a document that was judged again, the last judgment counts. A register of an earlier month is superseded and was accepted.
_STATUS = """
create or replace view ops.reporting_status as
with judged as (
    select distinct on (report, source_uri, sha256)
        report, unit_code, period, period_start, period_end, due_date, submission_id, sha256, state, arrived_at,
        (least(source_modified_at, arrived_at) at time zone 'Asia/Shanghai')::date as received_date,
        state in ('accepted', 'accepted_with_rejects') as is_current,
        state = 'accepted_with_rejects' or (state = 'superseded' and rows_quarantined > 0) as has_rejected_rows,
        coalesce(rows_loaded, 0) + coalesce(rows_quarantined, 0) as rows_count
    from ops.submission
    where state not in ('duplicate', 'withdrawn')
    order by report, source_uri, sha256, submission_id desc
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

create or replace view ops.missing_submission as
select report, unit_code, period, period_start, due_date, days_late as days_overdue from ops.reporting_status where is_missing;

create or replace view ops.reporting_rate as
select
    report, period, period_start,
    count(*) as expected_units_count,
    count(*) filter (where is_received) as received_units_count, count(*) filter (where is_accepted) as accepted_units_count,
    count(*) filter (where is_on_time) as on_time_units_count,
    count(*) filter (where is_missing) as missing_units_count,
    count(*) filter (where is_nothing_declared) as nothing_declared_units_count,
    round(100.0 * count(*) filter (where is_received) / count(*), 1) as reporting_rate_pct,
    round(100.0 * count(*) filter (where is_on_time) / count(*), 1) as on_time_rate_pct
from ops.reporting_status
where is_expected
group by report, period, period_start;
"""
_KEY = {
    "report": "报表。The report",
    "unit_code": "填报单位代码。The reporting unit",
    "period": "报告期。The period",
    "period_start": "报告期首日。The first day of the period",
}
_COMMENTS = {
    "ops.obligation": Relation(
        "table",
        "一行＝一个填报单位就一张报表、一个已开始的报告期负有的报送义务；按日历产生，与是否收到无关。"
        "One row per unit, report and period that has begun: who owes what by when. By the calendar, not by what arrived",
        "loaders.warehouse.obligations.obligation_store",
        {
            **_KEY,
            "period_end": "报告期末日。The last day of the period",
            "due_date": "截止日；为空表示约定未定截止日。截止日一过，约定再改也不变。"
            "The last day on which it is on time; null: none is set. Once it has passed, nothing moves it",
            "is_calendar_announced": "截止日所涉年份的节假日安排是否已公布；否则只按周一至周五计。"
            "Whether the holidays of the years up to the due day were known; if not, Monday to Friday were counted",
            "recorded_at": "记录时间。When it was recorded",
            "lifted_at": "解除时间；为空表示有效。When it was lifted; null: it stands",
            "lifted_reason": "解除原因：report_retired 报表停用，unit_closed 单位当时不存续，before_first_period 早于首期，"
            "contract_changed 约定改变（只解除截止日未过的）。"
            "Why: the report was retired or had not begun, the unit did not exist, or the contract changed in time",
        },
    ),
    "ops.declaration": Relation(
        "table",
        "一行＝一次“本期无可报”的申报或其撤回；只增不改。"
        "One row per declaration that a unit has nothing to report for a period, or its reverse; never changed",
        "loaders.warehouse.obligations.declarations",
        {
            "declaration_id": "编号。Its number",
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期。The period",
            "decision": "nothing_to_report 无可报，revoke 撤回。Nothing to report, or the reverse",
            "reason": "理由。The reason, in the words of the person who declared it",
            "decided_by": "申报人。Who declared it",
            "decided_at": "申报时间。When",
        },
    ),
    "ops.reporting_status": Relation(
        "view",
        "一行＝一项报送义务的现状；另有义务之外的文件（is_expected 为假）。收到、通过、批准是三件事。"
        "One row per obligation and what became of it, and per unit, report and period of documents that nobody owed "
        "(is_expected false). Received, accepted and approved are three facts",
        "loaders.warehouse.schema.migrations",
        {
            **_KEY,
            "period_end": "报告期末日。The last day of the period",
            "due_date": "截止日。The last day on which it is on time",
            "status": "not_yet_due 未到期，missing 缺报，waiting 待处理，refused 整份退回，accepted 已通过，"
            "partly_rejected 部分行退回，"
            "zero_declared 零申报，nothing_declared 申报无可报。Where it stands",
            "is_expected": "是否应报。Whether the unit owes it",
            "is_received": "是否收到文件或无可报申报。Whether a document or a declaration came",
            "received_date": "首次收到之日。The day on which the first of them came",
            "is_on_time": "是否按时；未收到或无截止日为空。Whether that was by the due day; null: nothing came, or no day is set",
            "days_late": "迟报天数；缺报的计至今日。Days after the due day; for what is missing, up to today",
            "is_accepted": "是否有文件通过。Whether a document was taken in",
            "is_partly_rejected": "通过的文件是否有行被退回。Whether rows of what was taken in were rejected",
            "is_zero_declared": "通过的文件是否没有数据行。Whether what was taken in has no row",
            "is_nothing_declared": "是否申报无可报，且其后没有文件。"
            "Whether nothing to report was declared, and no document came since",
            "is_missing": "是否缺报：截止日已过而未收到。Whether nothing came and the due day has passed",
            "is_approved": "现行文件是否都已随发布批准。Whether a release approved every document that counts",
            "approved_release_number": "批准现行文件的发布。The release by which all of them were approved",
            "documents_count": "文件份数（同一文件重新校验只计一次）。"
            "Documents that came; one that was validated again counts once",
            "corrections_count": "被更正的次数：被后来文件替代或退回后重报的文件数。How many documents a later one replaced",
            "submission_id": "最近一份文件。The newest document, in ops.submission",
            "submission_state": "其状态。The state of that document",
        },
    ),
    "ops.missing_submission": Relation(
        "view",
        "一行＝一项缺报的报送义务。One row per obligation of which the due day has passed, without a document or a declaration",
        "loaders.warehouse.schema.migrations",
        {
            **_KEY,
            "due_date": "截止日。The last day on which it was on time",
            "days_overdue": "逾期天数。Days since then",
        },
    ),
    "ops.reporting_rate": Relation(
        "view",
        "一行＝一张报表的一期：应报、实报、按时的单位数。One row per report and period: units that owe it, and that reported",
        "loaders.warehouse.schema.migrations",
        {
            **{name: _KEY[name] for name in ("report", "period", "period_start")},
            "expected_units_count": "应报单位数（含尚未到期的）。Units that owe it, due or not",
            "received_units_count": "实报单位数（含申报无可报的）。Units that sent a document, or declared that there is nothing",
            "accepted_units_count": "通过的单位数。Units with a document that was taken in",
            "on_time_units_count": "按时上报的单位数。Units that reported on time",
            "missing_units_count": "缺报单位数。Units of which nothing came by the due day, nor since",
            "nothing_declared_units_count": "申报无可报的单位数。Units that declared that there is nothing to report",
            "reporting_rate_pct": "实报率（%）＝实报／应报。DHIS2's reporting rate: actual reports / expected reports",
            "on_time_rate_pct": "按时上报率（%）＝按时／应报。DHIS2's reporting rate on time: actual reports on time / expected",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for statements in (_TODAY, _TABLES, _APPEND_ONLY, _DROP_FORMER, _STATUS):
        op.execute(statements)
    write_comments(_COMMENTS)
