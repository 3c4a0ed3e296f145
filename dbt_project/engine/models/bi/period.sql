select
    period_code,
    period_kind,
    start_date,
    end_date,
    year_number
from {{ ref('dim_period') }}
