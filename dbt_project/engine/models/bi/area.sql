select
    areas.area_code,
    areas.area_name,
    areas.short_name,
    areas.area_level,
    areas.area_kind,
    areas.parent_code,
    parents.area_name as parent_name,
    areas.zone_code,
    zones.area_name as zone_name,
    areas.is_statutory,
    areas.has_values
from {{ ref('dim_area') }} as areas
left join {{ ref('dim_area') }} as parents on areas.parent_code = parents.area_code
left join {{ ref('dim_area') }} as zones on areas.zone_code = zones.area_code
