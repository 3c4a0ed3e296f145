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

-- Documents of the time, and late ones, name areas as they were called and where they were.
former_names as (

    select distinct
        spells.area_code,
        spells.area_level,
        spells.parent_code,
        spells.zone_code,
        spellings.area_name
    from {{ ref('area_spell') }} as spells
    cross join lateral (values (spells.area_name), (spells.short_name)) as spellings (area_name)
    where spells.has_values and spellings.area_name <> ''

),

all_names as (

    select
        area_code,
        area_name
    from names

    union

    select
        area_code,
        area_name
    from former_names

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

),

former_pairs as (

    select
        above.area_name as within_name,
        former_names.area_name,
        min(former_names.area_code) as area_code
    from former_names
    inner join all_names as above on above.area_code in (former_names.parent_code, former_names.zone_code)
    where former_names.area_level = 'town'
    group by above.area_name, former_names.area_name
    having count(distinct former_names.area_code) = 1

    union all

    select
        '' as within_name,
        area_name,
        min(area_code) as area_code
    from former_names
    where
        not exists (
            select 1 from names
            where names.area_name = former_names.area_name
        )
    group by area_name
    having count(distinct area_code) = 1

)

select
    within_name,
    area_name,
    area_code
from pairs

union all

-- A name that an area bears today is that area's.
select
    former_pairs.within_name,
    former_pairs.area_name,
    former_pairs.area_code
from former_pairs
where
    not exists (
        select 1 from pairs
        where pairs.within_name = former_pairs.within_name and pairs.area_name = former_pairs.area_name
    )
