select
    measured.indicator_code,
    indicators.name_zh,
    indicators.name_en,
    indicators.unit,
    measured.area_code,
    areas.area_name,
    areas.area_level,
    measured.period_code,
    periods.period_kind,
    {{ suppress_small_count('measured.value', 'indicators.is_sensitive') }} as value,
    {{ suppress_small_count('measured.ytd', 'indicators.is_sensitive') }} as ytd,
    {{ suppress_small_count('measured.to_date', 'indicators.is_sensitive') }} as to_date,
    measured.numerator,
    measured.denominator
from {{ ref('indicator_area_period') }} as measured
inner join {{ ref('measure') }} as indicators on measured.indicator_code = indicators.measure_code
inner join {{ ref('dim_area') }} as areas on measured.area_code = areas.area_code
inner join {{ ref('dim_period') }} as periods on measured.period_code = periods.period_code
