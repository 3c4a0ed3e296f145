select
    report,
    period_code,
    period_start as period_start_date,
    expected_units_count,
    received_units_count,
    accepted_units_count,
    on_time_units_count,
    reporting_rate_pct,
    on_time_rate_pct
from {{ ref('stg_ops__reporting_rate') }}
