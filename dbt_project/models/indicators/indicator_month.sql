with months as (

    select
        held.*,
        lag(held.value) over series as previous_value,
        lag(held.value, 12) over series as last_year_value,
        rank() over siblings as sibling_rank,
        count(held.value) over (
            partition by held.indicator_code, held.period_code, areas.area_level, areas.parent_code, areas.is_statutory
        ) as siblings_count
    from {{ ref('indicator_area_period') }} as held
    inner join {{ ref('dim_period') }} as periods on held.period_code = periods.period_code and periods.period_kind = 'month'
    inner join {{ ref('dim_area') }} as areas on held.area_code = areas.area_code
    window
        series as (partition by held.indicator_code, held.area_code order by held.period_code),
        siblings as (
            partition by held.indicator_code, held.period_code, areas.area_level, areas.parent_code, areas.is_statutory
            order by held.value desc nulls last
        )

)

select
    indicator_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    previous_value,
    last_year_value,
    case when value is not null and siblings_count > 1 then sibling_rank end as sibling_rank,
    siblings_count
from months
