with numbered as (

    select
        *,
        row_number() over (partition by report, unit_code, period_code order by submission_id desc) as recency,
        bool_or(is_on_time) over (partition by report, unit_code, period_code) as was_on_time,
        count(*) over (partition by report, unit_code, period_code) as submissions_count
    from {{ ref('stg_ops__submission') }}
    where state not in ('duplicate', 'withdrawn')

),

newest as (

    select *
    from numbered
    where recency = 1

),

issues as (

    select
        submission_id,
        count(*) filter (where severity <> 'warning') as errors_count,
        count(*) filter (where severity = 'warning') as warnings_count
    from {{ ref('stg_ops__issue') }}
    where not is_resolved
    group by submission_id

)

select
    coalesce(expected.report, newest.report) as report,
    coalesce(expected.unit_code, newest.unit_code) as unit_code,
    areas.area_name as unit_name,
    coalesce(expected.period_code, newest.period_code) as period_code,
    coalesce(newest.state, 'missing') as state,
    expected.report is not null as is_expected,
    newest.report is not null as is_received,
    coalesce(newest.is_accepted, false) as is_accepted,
    newest.due_date,
    newest.was_on_time as is_on_time,
    coalesce(newest.submissions_count, 0) as submissions_count,
    newest.total_count,
    newest.loaded_count,
    newest.quarantined_count,
    coalesce(issues.errors_count, 0) as errors_count,
    coalesce(issues.warnings_count, 0) as warnings_count
from {{ ref('stg_ops__expected_submission') }} as expected
full join newest
    on
        expected.report = newest.report
        and expected.unit_code = newest.unit_code
        and expected.period_code = newest.period_code
left join issues on newest.submission_id = issues.submission_id
left join {{ ref('dim_area') }} as areas on coalesce(expected.unit_code, newest.unit_code) = areas.area_code
