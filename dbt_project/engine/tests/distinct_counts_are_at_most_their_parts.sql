{{ config(tags=['structure']) }}

-- The engine can break this, and no row: tested in whole builds.
-- A person who returns in another month counts once: a distinct count is at most the sum of its months, and at least the largest
-- of its months and of its child areas.
with distinct_flows as (

    select
        measured.measure_code,
        measured.area_code,
        measured.period_code,
        measured.value
    from {{ ref('measure_value') }} as measured
    inner join {{ ref('measure') }} as measures on measured.measure_code = measures.measure_code
    where measures.aggregation = 'count_distinct' and not measures.is_stock

),

bounds_of_periods as (

    select
        parts.measure_code,
        parts.area_code,
        longer.period_code,
        max(parts.value) as largest,
        sum(parts.value) as total
    from distinct_flows as parts
    inner join {{ ref('dim_period') }} as months on parts.period_code = months.period_code and months.period_kind = 'month'
    inner join {{ ref('dim_period') }} as longer
        on longer.period_kind <> 'month' and months.start_date between longer.start_date and longer.end_date
    group by parts.measure_code, parts.area_code, longer.period_code

),

bounds_of_areas as (

    select
        parts.measure_code,
        areas.parent_code as area_code,
        parts.period_code,
        max(parts.value) as largest,
        -- No upper bound: evidence without a town counts for the county only.
        null::numeric as total
    from distinct_flows as parts
    inner join {{ ref('dim_area') }} as areas on parts.area_code = areas.area_code
    where areas.area_level in ('county', 'town')
    group by parts.measure_code, areas.parent_code, parts.period_code

),

bounds as (

    select * from bounds_of_periods

    union all

    select * from bounds_of_areas

)

select
    whole.*,
    bounds.largest,
    bounds.total
from distinct_flows as whole
inner join bounds
    on
        whole.measure_code = bounds.measure_code
        and whole.area_code = bounds.area_code
        and whole.period_code = bounds.period_code
where whole.value < bounds.largest or whole.value > bounds.total
