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
    where not measures.is_stock

),

-- Amounts before the first month of the grid; they count to date.
opening as (

    select
        measure_code,
        area_code,
        sum(ever_amount) as amount
    from {{ ref('flow_increment') }}
    where month_date < (select min(periods.start_date) from {{ ref('dim_period') }} as periods)
    group by measure_code, area_code

),

monthly as (

    select
        grid.*,
        extract(year from grid.month_date) as year_number,
        extract(month from grid.month_date) > 6 as is_second_half,
        date_trunc('quarter', grid.month_date) as quarter_date,
        coalesce(opening.amount, 0) as opening_amount,
        coalesce(increments.month_amount, 0) as month_amount,
        coalesce(increments.quarter_amount, 0) as quarter_amount,
        coalesce(increments.half_amount, 0) as half_amount,
        coalesce(increments.year_amount, 0) as year_amount,
        coalesce(increments.ever_amount, 0) as ever_amount
    from grid
    left join {{ ref('flow_increment') }} as increments
        on
            grid.measure_code = increments.measure_code
            and grid.area_code = increments.area_code
            and grid.month_date = increments.month_date
    left join opening on grid.measure_code = opening.measure_code and grid.area_code = opening.area_code

),

running as (

    select
        *,
        sum(quarter_amount) over (partition by measure_code, area_code, quarter_date order by month_date) as quarter_to_month,
        sum(half_amount)
            over (partition by measure_code, area_code, year_number, is_second_half order by month_date)
            as half_to_month,
        sum(year_amount) over (partition by measure_code, area_code, year_number order by month_date) as year_to_month,
        opening_amount + sum(ever_amount) over (partition by measure_code, area_code order by month_date) as ever_to_month
    from monthly

)

select
    running.measure_code,
    running.area_code,
    periods.period_code,
    (case periods.period_kind
        when 'month' then running.month_amount
        when 'quarter' then running.quarter_to_month
        when 'half' then running.half_to_month
        else running.year_to_month
    end / running.scale)::numeric(20, 6) as value,
    (running.year_to_month / running.scale)::numeric(20, 6) as ytd,
    (running.ever_to_month / running.scale)::numeric(20, 6) as to_date
from running
inner join {{ ref('dim_period') }} as periods on running.month_date = periods.last_month_date
