select
    input_code,
    occurred_date,
    uscc,
    coalesce(village_code, unit_code) as area_code,
    project_name,
    input_type,
    input_type = '资金' as is_money,
    fund_source,
    amount_yuan,
    is_duplicated_in_charity,
    submission_id,
    sheet,
    row_number
from {{ ref('stg_civil_affairs__pairing_input') }}
