-- Of reports with evidence of sensitive measures, the number of rows is nearly that of the persons.
with sensitive_reports as (

    select distinct report
    from {{ ref('measure_report') }}
    where is_report_sensitive

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
    owed.report,
    owed.unit_code,
    areas.area_name as unit_name,
    owed.period_code,
    owed.period_start_date,
    owed.due_date,
    owed.status,
    owed.is_expected,
    owed.is_received,
    owed.received_date,
    owed.is_on_time,
    owed.days_late_count,
    owed.is_accepted,
    owed.is_partly_rejected,
    owed.is_zero_declared,
    owed.is_nothing_declared,
    owed.is_missing,
    owed.is_approved,
    owed.approved_release_number,
    owed.documents_count,
    owed.corrections_count,
    case when sensitive_reports.report is null then newest.total_count end as total_count,
    case when sensitive_reports.report is null then newest.loaded_count end as loaded_count,
    newest.quarantined_count,
    coalesce(issues.errors_count, 0) as errors_count,
    coalesce(issues.warnings_count, 0) as warnings_count
from {{ ref('stg_ops__reporting_status') }} as owed
left join {{ ref('stg_ops__submission') }} as newest on owed.submission_id = newest.submission_id
left join issues on owed.submission_id = issues.submission_id
left join {{ ref('dim_area') }} as areas on owed.unit_code = areas.area_code
left join sensitive_reports on owed.report = sensitive_reports.report
