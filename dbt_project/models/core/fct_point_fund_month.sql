with snapshots as (

    select
        points.*,
        towns.area_code as town_code
    from {{ ref('stg_charity__demonstration_point') }} as points
    left join {{ ref('named_area') }} as towns on points.town_name = towns.area_name and points.county_name = towns.within_name

)

select
    point_code,
    point_name,
    fund_source,
    concat_ws('|', point_code, fund_source) as point_source_key,
    coalesce(village_code, town_code, unit_code) as area_code,
    build_year,
    period_month as month_code,
    period_end as month_end_date,
    funds_raised_yuan as raised_cumulative_yuan,
    funds_raised_yuan - coalesce(lag(funds_raised_yuan) over series, 0) as raised_yuan,
    spent_cumulative_yuan,
    submission_id,
    sheet,
    row_number
from snapshots
window series as (partition by point_code, fund_source order by period_end)
