{{ config(tags=['structure']) }}

-- The towns of a county, and the counties of a city, never have more than it on the same day, beside what its source allows;
-- where all of them have a figure, they have as much.
with parts as (

    select
        wholes.measure_code,
        wholes.area_code,
        wholes.as_of_date,
        wholes.quantity,
        wholes.tolerance,
        spells.area_level as part_level,
        count(*) as areas_count,
        count(figures.area_code) as figures_count,
        sum(figures.quantity) as parts_quantity
    from {{ ref('area_figure') }} as wholes
    inner join {{ ref('area_membership') }} as memberships
        on
            wholes.area_code = memberships.ancestor_code
            and wholes.area_code <> memberships.area_code
            and wholes.as_of_date between memberships.valid_from_date and memberships.valid_until_date
    inner join {{ ref('area_spell') }} as spells
        on
            memberships.area_code = spells.area_code
            and wholes.as_of_date between spells.valid_from_date and spells.valid_until_date
    left join {{ ref('area_figure') }} as figures
        on
            wholes.measure_code = figures.measure_code
            and memberships.area_code = figures.area_code
            and wholes.as_of_date = figures.as_of_date
    where spells.area_level in ('county', 'town')
    group by
        wholes.measure_code, wholes.area_code, wholes.as_of_date, wholes.quantity, wholes.tolerance, spells.area_level

)

select * from parts
where
    parts_quantity - quantity > tolerance
    or (figures_count = areas_count and abs(parts_quantity - quantity) > tolerance)
