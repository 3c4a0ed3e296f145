-- A part is at most its whole. Tests only what is new.
select
    measured.*,
    indicators.name_zh
from {{ ref('indicator_area_period') }} as measured
inner join {{ ref('measure') }} as indicators on measured.indicator_code = indicators.measure_code
where
    indicators.is_ratio
    and indicators.unit = '%'
    and measured.value not between 0 and 100
    and {{ is_new('measured') }}
