with as_of as (

    select max(end_date) as as_of_date from {{ ref('dim_period') }}

)

select
    demands.demand_code,
    demands.project_name,
    demands.demand_type,
    demands.requester_name,
    demands.area_code,
    areas.area_name,
    demands.town_code,
    towns.area_name as town_name,
    towns.parent_code as county_code,
    towns.zone_code,
    demands.registered_date,
    demands.match_status,
    demands.funnel_position,
    demands.is_open,
    demands.is_matched,
    as_of.as_of_date,
    case when demands.is_open then as_of.as_of_date - demands.registered_date end as age_days,
    demands.matched_date - demands.registered_date as days_until_match,
    demands.matched_date,
    demands.completed_date,
    demands.matched_uscc as matched_organization_code,
    coalesce(matched.organization_name, demands.matched_organization_name) as matched_organization_name,
    demands.fund_needed_yuan,
    demands.fund_secured_yuan,
    case
        when demands.fund_needed_yuan > coalesce(demands.fund_secured_yuan, 0)
            then demands.fund_needed_yuan - coalesce(demands.fund_secured_yuan, 0)
        when demands.fund_needed_yuan is not null then 0
    end as fund_missing_yuan,
    candidates.uscc as best_candidate_code,
    candidates.organization_name as best_candidate_name,
    candidates.score as best_candidate_score
from {{ ref('fct_demand') }} as demands
cross join as_of
left join {{ ref('dim_area') }} as areas on demands.area_code = areas.area_code
left join {{ ref('dim_area') }} as towns on demands.town_code = towns.area_code
left join {{ ref('dim_organization') }} as matched on demands.matched_uscc = matched.uscc
left join {{ ref('demand_candidate') }} as candidates
    on demands.demand_code = candidates.demand_code and candidates.candidate_rank = 1
