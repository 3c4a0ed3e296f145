select
    held.indicator_code as code,
    indicators.name_zh,
    indicators.name_en,
    indicators.unit,
    held.area_code,
    areas.area_name,
    areas.area_level,
    held.period_code as period,
    periods.period_kind,
    {{ suppress_small_count('held.value', 'indicators.is_sensitive') }} as value,
    {{ suppress_small_count('held.ytd', 'indicators.is_sensitive') }} as ytd,
    {{ suppress_small_count('held.to_date', 'indicators.is_sensitive') }} as to_date,
    held.numerator,
    held.denominator
from {{ ref('indicator_area_period') }} as held
inner join {{ ref('measure') }} as indicators on held.indicator_code = indicators.measure_code
inner join {{ ref('dim_area') }} as areas on held.area_code = areas.area_code
inner join {{ ref('dim_period') }} as periods on held.period_code = periods.period_code
