{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['measure_code', 'area_code']}]
) }}

with listed as (

    select * from {{ ref('listed_area_figure') }}

),

closed as (

    select
        area_code,
        max(valid_until_date) as last_date
    from {{ ref('area_spell') }}
    group by area_code
    having max(valid_until_date) < 'infinity'

),

-- What a closed area counts for has figures of its own from some day on, or the areas in it have: its last figure ends there.
replaced as (

    select
        listed.measure_code,
        listed.area_code,
        listed.as_of_date,
        min(later.as_of_date) as replaced_date
    from listed
    inner join closed on listed.area_code = closed.area_code
    inner join listed as later on listed.measure_code = later.measure_code and closed.last_date < later.as_of_date
    cross join
        lateral (
            select memberships.ancestor_code
            from {{ ref('area_membership') }} as memberships
            inner join {{ ref('dim_area') }} as areas on memberships.ancestor_code = areas.area_code
            where
                memberships.area_code = listed.area_code
                and later.as_of_date between memberships.valid_from_date and memberships.valid_until_date
                and areas.area_level <> 'zone'
            order by areas.area_level_rank desc
            limit 1
        ) as successors
    inner join {{ ref('area_membership') }} as within_successor
        on
            later.area_code = within_successor.area_code
            and successors.ancestor_code = within_successor.ancestor_code
            and later.as_of_date between within_successor.valid_from_date and within_successor.valid_until_date
    group by listed.measure_code, listed.area_code, listed.as_of_date

)

select
    listed.measure_code,
    listed.area_code,
    listed.as_of_date,
    least(
        lead(listed.as_of_date) over (partition by listed.measure_code, listed.area_code order by listed.as_of_date),
        replaced.replaced_date
    ) as until_date,
    listed.quantity,
    coalesce(listed.tolerance, 0) as tolerance,
    listed.basis,
    listed.source,
    listed.note
from listed
left join replaced
    on
        listed.measure_code = replaced.measure_code
        and listed.area_code = replaced.area_code
        and listed.as_of_date = replaced.as_of_date
