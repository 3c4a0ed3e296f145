select
    figures.measure_code,
    measures.name_zh,
    measures.name_en,
    measures.unit,
    figures.area_code,
    areas.area_name,
    areas.area_level,
    figures.as_of_date,
    figures.until_date,
    figures.quantity,
    figures.tolerance,
    figures.basis,
    figures.source,
    figures.note
from {{ ref('area_figure') }} as figures
inner join {{ ref('dim_area') }} as areas on figures.area_code = areas.area_code
left join {{ ref('measure') }} as measures on figures.measure_code = measures.measure_code
