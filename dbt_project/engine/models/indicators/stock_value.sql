with grid as (

    select
        measures.measure_code,
        measures.scale,
        areas.series_code as area_code,
        months.start_date as month_date
    from {{ ref('measure') }} as measures
    inner join {{ ref('measure_grid') }} as grids on measures.measure_code = grids.measure_code
    inner join {{ ref('area_series') }} as areas on grids.deepest_level_rank >= areas.area_level_rank
    inner join {{ ref('dim_period') }} as months on months.period_kind = 'month'
    where measures.is_stock

),

-- The stock at the start of the grid's first month.
opening as (

    select
        measure_code,
        area_code,
        sum(change_amount) as amount
    from {{ ref('stock_increment') }}
    where month_date < (select min(periods.start_date) from {{ ref('dim_period') }} as periods)
    group by measure_code, area_code

),

month_ends as (

    select
        grid.*,
        coalesce(opening.amount, 0) + sum(coalesce(increments.change_amount, 0)) over (
            partition by grid.measure_code, grid.area_code order by grid.month_date
        ) as amount
    from grid
    left join {{ ref('stock_increment') }} as increments
        on
            grid.measure_code = increments.measure_code
            and grid.area_code = increments.area_code
            and grid.month_date = increments.month_date
    left join opening on grid.measure_code = opening.measure_code and grid.area_code = opening.area_code

)

-- Of a measure with a list of figures, an area without one is not known; zero would be a number.
select
    month_ends.measure_code,
    month_ends.area_code,
    periods.period_code,
    (case when gaps.measure_code is null then month_ends.amount / month_ends.scale end)::numeric(20, 6) as value
from month_ends
inner join {{ ref('dim_period') }} as periods on month_ends.month_date = periods.last_month_date
left join {{ ref('area_figure_gap') }} as gaps
    on
        month_ends.measure_code = gaps.measure_code
        and month_ends.area_code = gaps.series_code
        and periods.end_date >= gaps.from_date
        and periods.end_date < gaps.until_date
