{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['area_code']}]
) }}

with divisions as (

    select * from {{ ref('divisions') }}

),

listed as (

    select
        spells.code,
        coalesce(spells.name, divisions.name) as name,
        coalesce(spells.short_name, divisions.short_name) as short_name,
        coalesce(spells.level, divisions.level) as level,
        coalesce(spells.is_statutory, divisions.is_statutory) as is_statutory,
        spells.parent_code,
        spells.zone_code,
        coalesce(spells.valid_from_date, '-infinity') as valid_from_date,
        coalesce(spells.valid_until_date, 'infinity') as valid_until_date,
        spells.successor_code
    from {{ ref('division_spell') }} as spells
    left join divisions on spells.code = divisions.code

),

-- After its last spell a division is as in the list of divisions; one without spells at all times.
present as (

    select
        divisions.code,
        divisions.name,
        divisions.short_name,
        divisions.level,
        divisions.is_statutory,
        divisions.parent_code,
        divisions.zone_code,
        coalesce(max(listed.valid_until_date) + 1, '-infinity') as valid_from_date,
        'infinity'::date as valid_until_date,
        null::text as successor_code
    from divisions
    left join listed on divisions.code = listed.code
    group by
        divisions.code, divisions.name, divisions.short_name, divisions.level, divisions.is_statutory, divisions.parent_code,
        divisions.zone_code
    having coalesce(max(listed.valid_until_date), '-infinity') < 'infinity'

),

united as (

    select * from listed

    union all

    select * from present

),

levels as (

    {{ area_levels() }}

)

select
    united.code as area_code,
    united.name as area_name,
    united.short_name,
    united.level as area_level,
    levels.level_rank as area_level_rank,
    united.is_statutory = 1 as is_statutory,
    levels.has_values,
    united.parent_code,
    united.zone_code,
    united.valid_from_date,
    united.valid_until_date,
    united.successor_code
from united
inner join levels on united.level = levels.level
