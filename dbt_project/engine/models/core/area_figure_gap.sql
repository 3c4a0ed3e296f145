{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['measure_code', 'series_code']}]
) }}

with spells as (

    select *
    from {{ ref('area_spell') }}
    where has_values and area_level <> 'zone'

),

measures as (

    select distinct measure_code from {{ ref('area_figure') }}

),

-- The days on which something changes: between two of them all is as on the first.
changing_days as (

    select '-infinity'::date as from_date

    union

    select figures.as_of_date as from_date
    from {{ ref('area_figure') }} as figures

    union

    select figures.until_date as from_date
    from {{ ref('area_figure') }} as figures
    where figures.until_date is not null

    union

    select memberships.valid_from_date as from_date
    from {{ ref('area_membership') }} as memberships

    union

    select memberships.valid_until_date + 1 as from_date
    from {{ ref('area_membership') }} as memberships
    where memberships.valid_until_date < 'infinity'

),

stretches as (

    select
        from_date,
        coalesce(lead(from_date) over (order by from_date), 'infinity') as until_date
    from changing_days

),

-- The lowest areas that exist: an area is known where it has a figure, or all of these in it are.
leaves as (

    select
        stretches.from_date,
        spells.area_code
    from stretches
    inner join spells on stretches.from_date between spells.valid_from_date and spells.valid_until_date
    where
        not exists (
            select 1
            from spells as below
            where
                below.parent_code = spells.area_code
                and stretches.from_date between below.valid_from_date and below.valid_until_date
        )

),

in_force as (

    select
        figures.measure_code,
        figures.area_code,
        stretches.from_date
    from {{ ref('area_figure') }} as figures
    inner join stretches
        on figures.as_of_date <= stretches.from_date and coalesce(figures.until_date, 'infinity') > stretches.from_date

),

-- A leaf is covered by a figure of its own, of an area that it lies in, or of a closed area that counts for it.
covers as (

    select
        in_force.measure_code,
        in_force.from_date,
        in_force.area_code as by_code,
        leaves.area_code as leaf_code
    from in_force
    inner join {{ ref('area_membership') }} as memberships
        on
            in_force.area_code = memberships.ancestor_code
            and in_force.from_date between memberships.valid_from_date and memberships.valid_until_date
    inner join leaves on memberships.area_code = leaves.area_code and in_force.from_date = leaves.from_date

    union

    select
        in_force.measure_code,
        in_force.from_date,
        in_force.area_code as by_code,
        leaves.area_code as leaf_code
    from in_force
    inner join {{ ref('area_membership') }} as memberships
        on
            in_force.area_code = memberships.area_code
            and in_force.from_date between memberships.valid_from_date and memberships.valid_until_date
    inner join leaves on memberships.ancestor_code = leaves.area_code and in_force.from_date = leaves.from_date

),

-- The areas whose figures count in a series: those in it, but not a zone beside the counties.
counting as (

    select
        members.area_code,
        members.series_code,
        members.valid_from_date,
        members.valid_until_date
    from {{ ref('series_member') }} as members
    inner join {{ ref('area_series') }} as series on members.series_code = series.series_code
    inner join {{ ref('dim_area') }} as areas on members.area_code = areas.area_code
    where areas.area_level <> 'zone' or areas.area_code = series.area_code

),

covered as (

    select distinct
        covers.measure_code,
        covers.from_date,
        counting.series_code,
        covers.leaf_code
    from covers
    inner join counting
        on
            covers.by_code = counting.area_code
            and covers.from_date between counting.valid_from_date and counting.valid_until_date

),

known as (

    select
        measures.measure_code,
        leaves.from_date,
        members.series_code
    from leaves
    inner join {{ ref('series_member') }} as members
        on
            leaves.area_code = members.area_code
            and leaves.from_date between members.valid_from_date and members.valid_until_date
    cross join measures
    left join covered
        on
            measures.measure_code = covered.measure_code
            and leaves.from_date = covered.from_date
            and members.series_code = covered.series_code
            and leaves.area_code = covered.leaf_code
    group by measures.measure_code, leaves.from_date, members.series_code
    having bool_and(covered.leaf_code is not null)

)

select
    measures.measure_code,
    series.series_code,
    stretches.from_date,
    stretches.until_date
from measures
cross join {{ ref('area_series') }} as series
cross join stretches
left join known
    on
        measures.measure_code = known.measure_code
        and series.series_code = known.series_code
        and stretches.from_date = known.from_date
where known.measure_code is null
