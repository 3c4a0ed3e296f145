with snapshots as (

    select
        projects.*,
        towns.area_code as town_code
    from {{ ref('stg_civil_affairs__village_project') }} as projects
    left join {{ ref('named_area') }} as towns
        on projects.town_name = towns.area_name and projects.county_name = towns.within_name

)

select
    project_code,
    project_name,
    project_type,
    coalesce(village_code, town_code, unit_code) as area_code,
    village_code,
    period_month as month_code,
    period_end as as_of_date,
    lead(period_end) over series as next_as_of_date,
    funds_raised_yuan as raised_cumulative_yuan,
    funds_raised_yuan - coalesce(lag(funds_raised_yuan) over series, 0) as raised_yuan,
    progress,
    submission_id,
    sheet,
    row_number
from snapshots
window series as (partition by project_code order by period_end)
