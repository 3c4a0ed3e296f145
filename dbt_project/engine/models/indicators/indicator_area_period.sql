select
    measured.measure_code as indicator_code,
    measured.area_code,
    measured.period_code,
    measured.value,
    measured.ytd,
    measured.to_date,
    null::numeric(20, 6) as numerator,
    null::numeric(20, 6) as denominator
from {{ ref('measure_value') }} as measured
inner join {{ ref('measure') }} as measures on measured.measure_code = measures.measure_code
where measures.is_indicator

union all

select
    ratios.measure_code as indicator_code,
    ratios.area_code,
    ratios.period_code,
    ratios.value,
    ratios.ytd,
    ratios.to_date,
    ratios.numerator,
    ratios.denominator
from {{ ref('ratio_value') }} as ratios
