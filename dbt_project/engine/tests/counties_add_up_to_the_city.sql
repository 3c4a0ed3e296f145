{{ config(tags=['structure']) }}

-- The engine can break this, and no row: tested in whole builds.
-- If all evidence of a measure has a county, its sums and counts of the counties equal the city's, under today's hierarchy and
-- under that of the time. Functional zones overlap counties and are not added.
with measures_by_county as (

    select evidence.indicator_code as measure_code
    from {{ ref('evidence') }} as evidence
    inner join {{ ref('dim_area') }} as areas on evidence.area_code = areas.area_code
    inner join {{ ref('measure') }} as measures on evidence.indicator_code = measures.measure_code
    where measures.aggregation in ('sum', 'count')
    group by evidence.indicator_code
    having bool_and(areas.area_level in ('county', 'town', 'village'))

),

series as (

    select
        hierarchies.hierarchy,
        area_series.series_code,
        area_series.area_code
    from {{ ref('area_series') }} as area_series
    inner join (values ('today'), ('then')) as hierarchies (hierarchy)
        on area_series.hierarchy in (hierarchies.hierarchy, 'both')

),

parts as (

    select
        measured.measure_code,
        measured.period_code,
        series.hierarchy,
        areas.parent_code as area_code,
        sum(measured.value) as value,
        sum(measured.to_date) as to_date
    from {{ ref('measure_value') }} as measured
    inner join measures_by_county on measured.measure_code = measures_by_county.measure_code
    inner join series on measured.area_code = series.series_code
    inner join {{ ref('dim_area') }} as areas on series.area_code = areas.area_code
    where areas.area_level = 'county'
    group by measured.measure_code, measured.period_code, series.hierarchy, areas.parent_code

)

select
    measured.*,
    parts.hierarchy,
    parts.value as value_of_parts,
    parts.to_date as to_date_of_parts
from {{ ref('measure_value') }} as measured
inner join series on measured.area_code = series.series_code
inner join parts
    on
        measured.measure_code = parts.measure_code
        and measured.period_code = parts.period_code
        and series.area_code = parts.area_code
        and series.hierarchy = parts.hierarchy
where abs(measured.value - parts.value) > 0.0001 or abs(measured.to_date - parts.to_date) > 0.0001
