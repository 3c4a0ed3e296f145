select
    brand_name,
    organization_name,
    uscc,
    unit_code as area_code,
    period_quarter as quarter_code,
    period_end as as_of_date,
    lead(period_end) over (partition by brand_name order by period_end) as next_as_of_date,
    founded_date,
    spent_yuan,
    spent_cumulative_yuan,
    beneficiary_cumulative_persons,
    status,
    submission_id,
    sheet,
    row_number
from {{ ref('stg_charity__charity_brand') }}
