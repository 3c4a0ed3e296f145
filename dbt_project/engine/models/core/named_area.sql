{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['area_name', 'within_name']}]
) }}

with names as (

    -- Documents call a zone by its short name and 区.
    select
        areas.area_code,
        areas.area_level,
        areas.parent_code,
        areas.zone_code,
        spellings.area_name
    from {{ ref('dim_area') }} as areas
    cross join
        lateral (
            select areas.area_name
            union
            select areas.short_name
            union
            select areas.short_name || '区'
            where areas.area_level = 'zone'
            union
            select replace(areas.area_name, zones.short_name, '')
            from {{ ref('dim_area') }} as zones
            where zones.area_code = areas.zone_code
        ) as spellings (area_name)
    where areas.has_values and spellings.area_name <> ''

),

pairs as (

    select
        above.area_name as within_name,
        names.area_name,
        names.area_code
    from names
    inner join names as above on above.area_code in (names.parent_code, names.zone_code)
    where names.area_level = 'town'

    union all

    -- A name without its county is resolved only if it is unique.
    select
        '' as within_name,
        area_name,
        min(area_code) as area_code
    from names
    group by area_name
    having count(distinct area_code) = 1

)

select
    within_name,
    area_name,
    area_code
from pairs
