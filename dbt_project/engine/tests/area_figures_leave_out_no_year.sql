{{ config(tags=['structure']) }}

-- Between its first and its last figure, an area has one of each year. While it has one, it has one of each day that an area
-- below has: else an old figure of the county would outlive newer ones of its towns.
with followed as (

    select
        measure_code,
        area_code,
        as_of_date,
        lead(as_of_date) over (partition by measure_code, area_code order by as_of_date) as next_date
    from {{ ref('area_figure') }}

)

select
    measure_code,
    area_code,
    as_of_date,
    next_date as later_date,
    null as part_code
from followed
where extract(year from next_date) - extract(year from as_of_date) > 1

union all

select
    wholes.measure_code,
    wholes.area_code,
    wholes.as_of_date,
    parts.as_of_date as later_date,
    parts.area_code as part_code
from {{ ref('area_figure') }} as wholes
inner join {{ ref('area_membership') }} as memberships
    on
        wholes.area_code = memberships.ancestor_code
        and wholes.area_code <> memberships.area_code
        and wholes.as_of_date between memberships.valid_from_date and memberships.valid_until_date
inner join {{ ref('area_figure') }} as parts
    on
        wholes.measure_code = parts.measure_code
        and memberships.area_code = parts.area_code
        and wholes.as_of_date < parts.as_of_date
        and parts.as_of_date < coalesce(wholes.until_date, 'infinity')
