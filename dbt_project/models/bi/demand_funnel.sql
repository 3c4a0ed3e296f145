with as_of as (

    select max(end_date) as as_of_date from {{ ref('dim_period') }}

)

select
    demands.town_code,
    towns.area_name as town_name,
    towns.parent_code as county_code,
    towns.zone_code,
    demands.demand_type,
    count(*) as demands_count,
    count(*) filter (where demands.funnel_position = 1) as waiting_count,
    count(*) filter (where demands.funnel_position = 2) as in_talks_count,
    count(*) filter (where demands.funnel_position = 3) as signed_count,
    count(*) filter (where demands.funnel_position = 4) as under_way_count,
    count(*) filter (where demands.funnel_position = 5) as completed_count,
    count(*) filter (where demands.funnel_position is null) as given_up_count,
    (100.0 * count(*) filter (where demands.is_matched) / count(*))::numeric(5, 1) as matched_pct,
    (percentile_cont(0.5) within group (order by as_of.as_of_date - demands.registered_date) filter (where demands.is_open))
    ::numeric(10, 1) as median_age_days,
    max(as_of.as_of_date - demands.registered_date) filter (where demands.is_open) as oldest_age_days,
    (
        percentile_cont(0.5) within group (order by demands.matched_date - demands.registered_date) filter (
            where demands.is_matched
        )
    )
    ::numeric(10, 1) as median_days_until_match,
    sum(demands.fund_needed_yuan) as fund_needed_yuan,
    sum(demands.fund_secured_yuan) as fund_secured_yuan
from {{ ref('fct_demand') }} as demands
cross join as_of
left join {{ ref('dim_area') }} as towns on demands.town_code = towns.area_code
group by demands.town_code, towns.area_name, towns.parent_code, towns.zone_code, demands.demand_type
