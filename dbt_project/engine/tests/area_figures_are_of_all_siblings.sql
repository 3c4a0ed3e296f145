{{ config(tags=['structure'], severity='warn') }}

-- Where one town has a figure of a day, those beside it have one as well; without it they have no value per head.
with siblings as (

    select
        figures.measure_code,
        figures.as_of_date,
        spells.area_level,
        spells.parent_code
    from {{ ref('area_figure') }} as figures
    inner join {{ ref('area_spell') }} as spells
        on
            figures.area_code = spells.area_code
            and figures.as_of_date between spells.valid_from_date and spells.valid_until_date
    where spells.area_level = 'town'
    group by figures.measure_code, figures.as_of_date, spells.area_level, spells.parent_code

)

select
    siblings.*,
    spells.area_code as missing_code
from siblings
inner join {{ ref('area_spell') }} as spells
    on
        siblings.area_level = spells.area_level
        and siblings.parent_code = spells.parent_code
        and siblings.as_of_date between spells.valid_from_date and spells.valid_until_date
where
    not exists (
        select 1
        from {{ ref('area_figure') }} as figures
        where
            figures.measure_code = siblings.measure_code
            and figures.area_code = spells.area_code
            and figures.as_of_date = siblings.as_of_date
    )
