{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['area_code']}, {'columns': ['parent_code']}]
) }}

with divisions as (

    select * from {{ ref('divisions') }}

),

closed as (

    select distinct on (spells.code) spells.*
    from {{ ref('division_spell') }} as spells
    where
        not exists (
            select 1 from divisions
            where divisions.code = spells.code
        )
    order by spells.code asc, spells.valid_until_date desc

),

listed as (

    select
        code,
        name,
        short_name,
        level,
        kind,
        parent_code,
        zone_code,
        is_statutory,
        true as is_current
    from divisions

    union all

    select
        code,
        name,
        short_name,
        level,
        kind,
        parent_code,
        zone_code,
        is_statutory,
        false as is_current
    from closed

),

levels as (

    {{ area_levels() }}

)

select
    listed.code as area_code,
    listed.name as area_name,
    listed.short_name,
    listed.level as area_level,
    levels.level_rank as area_level_rank,
    listed.kind as area_kind,
    listed.parent_code,
    listed.zone_code,
    listed.is_statutory = 1 as is_statutory,
    listed.is_current and levels.has_values as has_values,
    listed.is_current
from listed
inner join levels on listed.level = levels.level
