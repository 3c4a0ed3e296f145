select
    period_code as period,
    period_kind,
    start_date,
    end_date,
    year_number
from {{ ref('dim_period') }}
