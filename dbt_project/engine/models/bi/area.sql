with spells as (

    select
        area_code,
        nullif(min(valid_from_date), '-infinity') as valid_from_date,
        nullif(max(valid_until_date), 'infinity') as valid_until_date
    from {{ ref('area_spell') }}
    group by area_code

),

successors as (

    select distinct on (area_code)
        area_code,
        successor_code
    from {{ ref('area_spell') }}
    order by area_code asc, valid_until_date desc

)

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
    areas.has_values,
    spells.valid_from_date,
    spells.valid_until_date,
    successors.successor_code
from {{ ref('dim_area') }} as areas
left join {{ ref('dim_area') }} as parents on areas.parent_code = parents.area_code
left join {{ ref('dim_area') }} as zones on areas.zone_code = zones.area_code
left join spells on areas.area_code = spells.area_code
left join successors on areas.area_code = successors.area_code
