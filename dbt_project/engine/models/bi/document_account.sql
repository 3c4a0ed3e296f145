with sensitive_reports as (

    select distinct report
    from {{ ref('measure_report') }}
    where is_report_sensitive

)

-- Of reports with evidence of sensitive measures, the number of rows is nearly that of the persons.
select
    accounts.report,
    accounts.unit_code,
    accounts.period_code,
    accounts.source_uri,
    accounts.sha256,
    accounts.state,
    case when sensitive_reports.report is null then accounts.total_count end as total_count,
    case when sensitive_reports.report is null then accounts.loaded_count end as loaded_count,
    accounts.quarantined_count,
    accounts.furniture_count,
    accounts.difference_count,
    accounts.places_count
from {{ ref('stg_ops__account') }} as accounts
left join sensitive_reports on accounts.report = sensitive_reports.report
