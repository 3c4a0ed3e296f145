select
    funds.fund_code,
    funds.fund_name,
    funds.fund_level,
    funds.area_code,
    areas.area_name,
    funds.town_code,
    towns.area_name as town_name,
    towns.parent_code as county_code,
    towns.zone_code,
    funds.host_uscc as host_code,
    hosts.organization_name as host_name,
    funds.founded_date,
    funds.ended_date,
    funds.month_code as period_code,
    funds.raised_yuan,
    funds.raised_cumulative_yuan,
    funds.spent_yuan,
    funds.spent_cumulative_yuan,
    funds.balance_yuan,
    funds.month_code = latest.last_month_code as is_latest
from {{ ref('fct_community_fund_month') }} as funds
inner join {{ ref('dim_fund') }} as latest on funds.fund_code = latest.fund_code
left join {{ ref('dim_area') }} as areas on funds.area_code = areas.area_code
left join {{ ref('dim_area') }} as towns on funds.town_code = towns.area_code
left join {{ ref('dim_organization') }} as hosts on funds.host_uscc = hosts.uscc
