with base as (

    select
        measure_code,
        area_code,
        period_code,
        value,
        ytd,
        to_date
    from {{ ref('flow_value') }}

    union all

    select
        measure_code,
        area_code,
        period_code,
        value,
        value as ytd,
        value as to_date
    from {{ ref('stock_value') }}

)

select
    ratios.measure_code,
    denominators.area_code,
    denominators.period_code,
    round(ratios.factor * numerators.value / nullif(denominators.value, 0), 6) as value,
    round(ratios.factor * numerators.ytd / nullif(denominators.ytd, 0), 6) as ytd,
    round(ratios.factor * numerators.to_date / nullif(denominators.to_date, 0), 6) as to_date,
    numerators.value as numerator,
    denominators.value as denominator
from {{ ref('measure') }} as ratios
inner join base as denominators on ratios.denominator_code = denominators.measure_code
inner join base as numerators
    on
        ratios.numerator_code = numerators.measure_code
        and denominators.area_code = numerators.area_code
        and denominators.period_code = numerators.period_code
where ratios.is_ratio
