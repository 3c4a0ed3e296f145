{{ config(tags=['structure']) }}

-- The engine can break this, and no row: tested in whole builds.
-- Sums and counts of a quarter, half-year or year equal the total of its months. Distinct counts do not.
with months as (

    select
        measured.measure_code,
        measured.area_code,
        longer.period_code,
        sum(measured.value) as value
    from {{ ref('measure_value') }} as measured
    inner join {{ ref('dim_period') }} as months on measured.period_code = months.period_code and months.period_kind = 'month'
    inner join {{ ref('dim_period') }} as longer
        on longer.period_kind <> 'month' and months.start_date between longer.start_date and longer.end_date
    group by measured.measure_code, measured.area_code, longer.period_code

)

select
    measured.measure_code,
    measured.area_code,
    measured.period_code,
    measured.value,
    months.value as value_of_months
from {{ ref('measure_value') }} as measured
inner join {{ ref('measure') }} as measures on measured.measure_code = measures.measure_code
inner join months
    on
        measured.measure_code = months.measure_code
        and measured.area_code = months.area_code
        and measured.period_code = months.period_code
where not measures.is_stock and measures.aggregation in ('sum', 'count') and abs(measured.value - months.value) > 0.0001
