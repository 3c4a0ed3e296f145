{{ config(tags=['structure']) }}

-- A figure is of an area that has values, under the code that it had on the day, and of a measure that is a stock and added up.
select figures.*
from {{ ref('area_figure') }} as figures
where
    not exists (
        select 1
        from {{ ref('area_spell') }} as spells
        where
            spells.area_code = figures.area_code
            and spells.has_values
            and figures.as_of_date between spells.valid_from_date and spells.valid_until_date
    )
    or not exists (
        select 1
        from {{ ref('measure') }} as measures
        where
            measures.measure_code = figures.measure_code
            and measures.aggregation = 'sum'
            and measures.is_stock
            and not measures.is_sensitive
    )
