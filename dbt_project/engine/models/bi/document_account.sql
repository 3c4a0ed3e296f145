-- Of reports with evidence of sensitive measures, the number of rows is nearly that of the persons.
with accounts as (

    select
        *,
        exists (
            select 1
            from {{ ref('measure_report') }} as measure_reports
            where measure_reports.report = accounts.report and measure_reports.is_report_sensitive
        ) as is_count_hidden
    from {{ ref('stg_ops__account') }} as accounts

)

select
    report,
    unit_code,
    period_code,
    source_uri,
    sha256,
    state,
    case when not is_count_hidden then total_count end as total_count,
    case when not is_count_hidden then loaded_count end as loaded_count,
    quarantined_count,
    furniture_count,
    difference_count,
    places_count
from accounts
