with numbered as (

    select
        *,
        row_number() over (partition by fund_code order by month_code desc) as recency
    from {{ ref('fct_community_fund_month') }}

)

select
    fund_code,
    fund_name,
    fund_level,
    town_code,
    village_code,
    area_code,
    host_uscc,
    founded_date,
    ended_date,
    month_code as last_month_code,
    raised_cumulative_yuan,
    spent_cumulative_yuan,
    balance_yuan,
    submission_id,
    sheet,
    row_number
from numbered
where recency = 1
