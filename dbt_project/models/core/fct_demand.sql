with versions as (

    select
        *,
        row_number() over (partition by demand_code order by period_end desc nulls last, submission_id desc) as recency
    from {{ ref('stg_civil_affairs__demand_project') }}

)

select
    versions.demand_code,
    versions.requester as requester_name,
    coalesce(versions.village_code, towns.area_code, versions.unit_code) as area_code,
    coalesce(towns.area_code, left(versions.village_code, 9)) as town_code,
    versions.demand_type,
    versions.project_name,
    versions.content,
    versions.fund_needed_yuan,
    versions.fund_secured_yuan,
    versions.registered_date,
    versions.matched_date,
    versions.completed_date,
    versions.matched_uscc,
    versions.matched_organization_name,
    versions.match_status,
    -- The position in the funnel; null for an abandoned demand.
    case versions.match_status
        when '待对接' then 1
        when '对接中' then 2
        when '已签约' then 3
        when '实施中' then 4
        when '已完成' then 5
    end as funnel_position,
    versions.match_status in ('已签约', '实施中', '已完成') as is_matched,
    versions.match_status in ('待对接', '对接中') and versions.absent_from_date is null as is_open,
    versions.submission_id,
    versions.sheet,
    versions.row_number
from versions
left join {{ ref('named_area') }} as towns
    on versions.town_name = towns.area_name and versions.county_name = towns.within_name
where versions.recency = 1
