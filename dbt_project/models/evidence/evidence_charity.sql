select
    'CH-CF-01' as indicator_code,
    area_code,
    founded_date as event_date,
    ended_date as end_date,
    1::numeric as quantity,
    fund_code as subject_key,
    submission_id,
    sheet,
    row_number
from {{ ref('dim_fund') }}

union all

select
    'CH-CF-02' as indicator_code,
    area_code,
    month_end_date as event_date,
    null::date as end_date,
    raised_yuan as quantity,
    fund_code as subject_key,
    submission_id,
    sheet,
    row_number
from {{ ref('fct_community_fund_month') }}
