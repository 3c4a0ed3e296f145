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
    measured.value,
    measured.ytd,
    measured.to_date,
    measured.numerator,
    measured.denominator,
    measured.suppression,
    measured.missing_reason
from {{ ref('shown_value') }} as measured
inner join {{ ref('measure') }} as indicators on measured.indicator_code = indicators.measure_code
inner join {{ ref('dim_area') }} as areas on measured.area_code = areas.area_code
inner join {{ ref('dim_period') }} as periods on measured.period_code = periods.period_code
