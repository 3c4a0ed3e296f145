with stocks as (

    select
        measures.measure_code,
        measures.aggregation,
        measures.scale,
        marks.deepest_level_rank
    from {{ ref('measure') }} as measures
    inner join {{ ref('measure_mark') }} as marks on measures.measure_code = marks.measure_code
    where measures.is_stock

),

month_ends as (

    select end_date
    from {{ ref('dim_period') }}
    where period_kind = 'month'

),

-- A subject is there at the end of a month from its event date on and until, not including, its end date.
alive as (

    select
        stocks.measure_code,
        ancestors.ancestor_code as area_code,
        month_ends.end_date,
        case stocks.aggregation
            when 'count_distinct' then count(distinct evidence.subject_key)
            when 'count' then count(*)
            else sum(evidence.quantity)
        end as amount
    from {{ ref('evidence') }} as evidence
    inner join stocks on evidence.indicator_code = stocks.measure_code
    inner join {{ ref('area_ancestor') }} as ancestors
        on evidence.area_code = ancestors.area_code and ancestors.ancestor_has_values
    inner join month_ends
        on
            evidence.event_date <= month_ends.end_date
            and (evidence.end_date is null or evidence.end_date > month_ends.end_date)
    group by stocks.measure_code, stocks.aggregation, ancestors.ancestor_code, month_ends.end_date

),

grid as (

    select
        stocks.measure_code,
        stocks.scale,
        areas.area_code,
        periods.period_code,
        periods.end_date
    from stocks
    inner join {{ ref('dim_area') }} as areas on areas.has_values and stocks.deepest_level_rank >= areas.area_level_rank
    cross join {{ ref('dim_period') }} as periods

)

select
    grid.measure_code,
    grid.area_code,
    grid.period_code,
    (coalesce(alive.amount, 0) / grid.scale)::numeric(20, 6) as value
from grid
left join alive
    on
        grid.measure_code = alive.measure_code
        and grid.area_code = alive.area_code
        and grid.end_date = alive.end_date
