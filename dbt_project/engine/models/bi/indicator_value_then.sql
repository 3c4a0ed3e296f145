select
    measured.indicator_code,
    indicators.name_zh,
    indicators.name_en,
    indicators.unit,
    series.area_code,
    coalesce(spells.area_name, areas.area_name) as area_name,
    areas.area_level,
    measured.period_code,
    periods.period_kind,
    measured.value,
    measured.ytd,
    measured.to_date,
    measured.numerator,
    measured.denominator,
    measured.suppression,
    measured.missing_reason,
    spells.area_code is not null as is_existing_at_end,
    series.hierarchy = 'then' as is_area_changed
from {{ ref('area_series') }} as series
inner join {{ ref('shown_value') }} as measured on series.series_code = measured.area_code
inner join {{ ref('measure') }} as indicators on measured.indicator_code = indicators.measure_code
inner join {{ ref('dim_area') }} as areas on series.area_code = areas.area_code
inner join {{ ref('dim_period') }} as periods on measured.period_code = periods.period_code
left join {{ ref('area_spell') }} as spells
    on
        series.area_code = spells.area_code
        and periods.end_date between spells.valid_from_date and spells.valid_until_date
where series.hierarchy in ('then', 'both')
