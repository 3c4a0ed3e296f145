select
    ratios.measure_code,
    denominators.area_code,
    denominators.period_code,
    (ratios.factor * numerators.value / nullif(denominators.value, 0))::numeric(20, 6) as value,
    (ratios.factor * numerators.ytd / nullif(denominators.ytd, 0))::numeric(20, 6) as ytd,
    (ratios.factor * numerators.to_date / nullif(denominators.to_date, 0))::numeric(20, 6) as to_date,
    numerators.value as numerator,
    denominators.value as denominator
from {{ ref('measure') }} as ratios
inner join {{ ref('measure_value') }} as denominators on ratios.denominator_code = denominators.measure_code
inner join {{ ref('measure_value') }} as numerators
    on
        ratios.numerator_code = numerators.measure_code
        and denominators.area_code = numerators.area_code
        and denominators.period_code = numerators.period_code
where ratios.is_ratio
