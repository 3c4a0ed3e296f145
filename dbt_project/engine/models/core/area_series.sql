{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['series_code']}, {'columns': ['area_code']}]
) }}

-- Only areas that had other parts at some time than today have a second series: all others have the same values in both.
with moved as (

    select distinct ancestor_code as area_code
    from {{ ref('area_membership') }}
    where valid_from_date > '-infinity' or valid_until_date < 'infinity'

),

former as (

    select
        moved.area_code,
        max(spells.area_level_rank) as area_level_rank
    from moved
    inner join {{ ref('area_spell') }} as spells on moved.area_code = spells.area_code
    where spells.has_values
    group by moved.area_code

)

select
    areas.area_code as series_code,
    areas.area_code,
    case when former.area_code is null then 'both' else 'today' end as hierarchy,
    areas.area_level_rank
from {{ ref('dim_area') }} as areas
left join former on areas.area_code = former.area_code
where areas.has_values

union all

select
    {{ then_series('area_code') }} as series_code,
    area_code,
    'then' as hierarchy,
    area_level_rank
from former
