with divisions as (

    select * from {{ ref('divisions') }}

),

levels as (

    select
        level,
        level_rank
    from (
        values ('province', 0), ('city', 1), ('county', 2), ('zone', 3), ('town', 4), ('village', 5)
    ) as ranked (level, level_rank)

)

select
    divisions.code as area_code,
    divisions.name as area_name,
    divisions.short_name,
    divisions.level as area_level,
    levels.level_rank as area_level_rank,
    divisions.kind as area_kind,
    divisions.parent_code,
    divisions.zone_code,
    divisions.is_statutory = 1 as is_statutory,
    divisions.level in ('city', 'county', 'zone', 'town') as has_values
from divisions
inner join levels on divisions.level = levels.level
