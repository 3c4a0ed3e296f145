-- A part is no larger than the whole it is a share of.
select
    held.*,
    indicators.name_zh
from {{ ref('indicator_area_period') }} as held
inner join {{ ref('measure') }} as indicators on held.indicator_code = indicators.measure_code
where indicators.is_ratio and indicators.unit = '%' and held.value not between 0 and 100
