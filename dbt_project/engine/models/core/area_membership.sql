{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['area_code']}, {'columns': ['ancestor_code']}]
) }}

with recursive spells as (

    select * from {{ ref('area_spell') }}

),

-- The days on which something changes: between two of them all areas belong together as on the first.
changing_days as (

    select valid_from_date as from_date
    from spells

    union

    select valid_until_date + 1 as from_date
    from spells
    where valid_until_date < 'infinity'

    union

    select '-infinity'::date as from_date

),

stretches as (

    select
        from_date,
        coalesce(lead(from_date) over (order by from_date) - 1, 'infinity') as until_date,
        row_number() over (order by from_date) as ordinal
    from changing_days

),

existing as (

    select
        stretches.from_date,
        spells.area_code,
        spells.parent_code,
        spells.zone_code
    from spells
    inner join stretches on stretches.from_date between spells.valid_from_date and spells.valid_until_date

),

missing as (

    select
        stretches.from_date,
        bounded.area_code,
        bounded.first_date
    from (
        select
            area_code,
            min(valid_from_date) as first_date
        from spells
        group by area_code
        having not (min(valid_from_date) = '-infinity' and max(valid_until_date) = 'infinity' and count(*) = 1)
    ) as bounded
    cross join stretches
    where
        not exists (
            select 1
            from existing
            where existing.area_code = bounded.area_code and existing.from_date = stretches.from_date
        )

),

-- An area that is closed counts for what took its place. One that does not exist yet counts for what it took the place of, if
-- that is one area; else for the area above.
links as (

    select
        from_date,
        area_code,
        true as is_existing,
        parent_code as next_code,
        zone_code
    from existing

    union all

    select
        missing.from_date,
        missing.area_code,
        false as is_existing,
        case
            when missing.from_date >= missing.first_date
                then (
                    select coalesce(earlier.successor_code, earlier.parent_code)
                    from spells as earlier
                    where earlier.area_code = missing.area_code and earlier.valid_until_date < missing.from_date
                    order by earlier.valid_until_date desc
                    limit 1
                )
            else
                coalesce(
                    (
                        select min(predecessors.area_code)
                        from spells as predecessors
                        where
                            predecessors.successor_code = missing.area_code
                            and predecessors.valid_until_date = missing.first_date - 1
                        having count(*) = 1
                    ),
                    (
                        select firsts.parent_code
                        from spells as firsts
                        where firsts.area_code = missing.area_code and firsts.valid_from_date = missing.first_date
                    )
                )
        end as next_code,
        null::text as zone_code
    from missing

),

-- Not "union all": a list with a circle must not run for ever.
hierarchy as (

    select
        from_date,
        area_code,
        area_code as node_code
    from links

    union

    select
        hierarchy.from_date,
        hierarchy.area_code,
        links.next_code as node_code
    from hierarchy
    inner join links on hierarchy.node_code = links.area_code and hierarchy.from_date = links.from_date
    where links.next_code is not null

),

pairs as (

    select
        hierarchy.from_date,
        hierarchy.area_code,
        hierarchy.node_code as ancestor_code
    from hierarchy
    inner join links on hierarchy.node_code = links.area_code and hierarchy.from_date = links.from_date
    where links.is_existing

    union

    select
        hierarchy.from_date,
        hierarchy.area_code,
        links.zone_code as ancestor_code
    from hierarchy
    inner join links on hierarchy.node_code = links.area_code and hierarchy.from_date = links.from_date
    where links.is_existing and links.zone_code is not null

),

-- Stretches that follow each other are one.
numbered as (

    select
        pairs.area_code,
        pairs.ancestor_code,
        stretches.from_date,
        stretches.until_date,
        stretches.ordinal
        - row_number() over (partition by pairs.area_code, pairs.ancestor_code order by stretches.ordinal) as spell_number
    from pairs
    inner join stretches on pairs.from_date = stretches.from_date

)

select
    area_code,
    ancestor_code,
    min(from_date) as valid_from_date,
    max(until_date) as valid_until_date
from numbered
group by area_code, ancestor_code, spell_number
