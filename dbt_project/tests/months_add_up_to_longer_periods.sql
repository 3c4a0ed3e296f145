-- Sums and counts of a quarter, half-year or year are those of its months together. Distinct counts are not.
with months as (

    select
        held.measure_code,
        held.area_code,
        longer.period_code,
        sum(held.value) as value
    from {{ ref('measure_value') }} as held
    inner join {{ ref('dim_period') }} as months on held.period_code = months.period_code and months.period_kind = 'month'
    inner join {{ ref('dim_period') }} as longer
        on longer.period_kind <> 'month' and months.start_date between longer.start_date and longer.end_date
    group by held.measure_code, held.area_code, longer.period_code

)

select
    held.measure_code,
    held.area_code,
    held.period_code,
    held.value,
    months.value as value_of_months
from {{ ref('measure_value') }} as held
inner join {{ ref('measure') }} as measures on held.measure_code = measures.measure_code
inner join months
    on
        held.measure_code = months.measure_code
        and held.area_code = months.area_code
        and held.period_code = months.period_code
where not measures.is_stock and measures.aggregation in ('sum', 'count') and abs(held.value - months.value) > 0.0001
