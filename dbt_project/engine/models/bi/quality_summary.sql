with sensitive_reports as (

    select distinct report
    from {{ ref('measure_report') }}
    where is_report_sensitive

),

validated as not materialized (

    select
        report,
        unit_code,
        period_code,
        min(period_start) as period_start_date,
        sum(total_count - furniture_count) as validated_count
    from {{ ref('stg_ops__submission') }}
    where state in ('accepted', 'accepted_with_rejects')
    group by report, unit_code, period_code

),

rules as (

    select distinct
        report,
        unit_code,
        rule
    from {{ ref('stg_ops__issue_state') }}

),

failed as (

    select
        issues.report,
        issues.unit_code,
        issues.period_code,
        issues.rule,
        count(distinct concat_ws('|', issues.submission_id, issues.row_number, issues.sheet)) as failed_count
    from {{ ref('stg_ops__issue') }} as issues
    inner join {{ ref('stg_ops__submission') }} as submissions on issues.submission_id = submissions.submission_id
    where
        submissions.state in ('accepted', 'accepted_with_rejects')
        and issues.row_number is not null
        and not issues.is_resolved
    group by issues.report, issues.unit_code, issues.period_code, issues.rule

),

standing as not materialized (

    select
        report,
        unit_code,
        period_code,
        rule,
        count(*) filter (where is_open) as open_issues_count,
        max(age_days_count) filter (where is_open) as oldest_age_days_count
    from {{ ref('stg_ops__issue_state') }}
    group by report, unit_code, period_code, rule

),

-- A period in which nothing failed is there too, so that a rate is compared with the one before.
counted as (

    select
        rules.report,
        rules.unit_code,
        validated.period_code,
        validated.period_start_date,
        rules.rule,
        validated.validated_count,
        coalesce(failed.failed_count, 0) as failed_count,
        case
            when validated.validated_count > 0
                then round(100.0 * (validated.validated_count - coalesce(failed.failed_count, 0)) / validated.validated_count, 2)
        end::numeric(5, 2) as pass_rate_pct
    from rules
    inner join validated on rules.report = validated.report and rules.unit_code = validated.unit_code
    left join failed
        on
            rules.report = failed.report
            and rules.unit_code = failed.unit_code
            and rules.rule = failed.rule
            and validated.period_code is not distinct from failed.period_code

),

compared as (

    select
        *,
        lag(pass_rate_pct) over (partition by report, unit_code, rule order by period_start_date) as previous_pass_rate_pct
    from counted

),

-- Of a period of which nothing was loaded, only the issues are known.
refused as (

    select
        standing.report,
        standing.unit_code,
        standing.period_code,
        null::date as period_start_date,
        standing.rule,
        0::numeric as validated_count,
        0::bigint as failed_count,
        null::numeric(5, 2) as pass_rate_pct,
        null::numeric(5, 2) as previous_pass_rate_pct
    from standing
    left join validated
        on
            standing.report = validated.report
            and standing.unit_code = validated.unit_code
            and standing.period_code is not distinct from validated.period_code
    where validated.report is null

),

summaries as (

    select * from compared

    union all

    select * from refused

)

-- Of reports with evidence of sensitive measures, the number of rows is nearly that of the persons.
select
    summaries.report,
    summaries.unit_code,
    areas.area_name as unit_name,
    summaries.period_code,
    summaries.rule,
    case when sensitive_reports.report is null then summaries.validated_count end::bigint as validated_count,
    summaries.failed_count,
    case when sensitive_reports.report is null then summaries.pass_rate_pct end::numeric(5, 2) as pass_rate_pct,
    (case
        when sensitive_reports.report is null then summaries.pass_rate_pct - summaries.previous_pass_rate_pct
    end)::numeric(5, 2) as pass_rate_change_pct,
    coalesce(standing.open_issues_count, 0) as open_issues_count,
    standing.oldest_age_days_count
from summaries
left join standing
    on
        summaries.report = standing.report
        and summaries.unit_code = standing.unit_code
        and summaries.rule = standing.rule
        and summaries.period_code is not distinct from standing.period_code
left join {{ ref('dim_area') }} as areas on summaries.unit_code = areas.area_code
left join sensitive_reports on summaries.report = sensitive_reports.report
