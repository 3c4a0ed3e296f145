-- Where all evidence knows its county, sums and counts of the counties make the city's. Functional zones overlap counties and are
-- left out: whoever adds them too counts twice.
with measures_by_county as (

    select evidence.indicator_code as measure_code
    from {{ ref('evidence') }} as evidence
    inner join {{ ref('dim_area') }} as areas on evidence.area_code = areas.area_code
    inner join {{ ref('measure') }} as measures on evidence.indicator_code = measures.measure_code
    where measures.aggregation in ('sum', 'count')
    group by evidence.indicator_code
    having bool_and(areas.area_level in ('county', 'town', 'village'))

),

parts as (

    select
        held.measure_code,
        held.period_code,
        areas.parent_code as area_code,
        sum(held.value) as value,
        sum(held.to_date) as to_date
    from {{ ref('measure_value') }} as held
    inner join measures_by_county on held.measure_code = measures_by_county.measure_code
    inner join {{ ref('dim_area') }} as areas on held.area_code = areas.area_code
    where areas.area_level = 'county'
    group by held.measure_code, held.period_code, areas.parent_code

)

select
    held.*,
    parts.value as value_of_parts,
    parts.to_date as to_date_of_parts
from {{ ref('measure_value') }} as held
inner join parts
    on
        held.measure_code = parts.measure_code
        and held.period_code = parts.period_code
        and held.area_code = parts.area_code
where abs(held.value - parts.value) > 0.0001 or abs(held.to_date - parts.to_date) > 0.0001
