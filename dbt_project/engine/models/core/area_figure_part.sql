-- The engine adds areas up, so the parts of an area make its own figure, if it has one: 10 of the county beside 4 and 5 of its
-- towns leave 1 that is of no town. Where there are only towns, the county's is their sum.
with figures as (

    select
        figures.measure_code,
        figures.area_code,
        figures.as_of_date,
        figures.until_date,
        figures.quantity,
        areas.area_level
    from {{ ref('area_figure') }} as figures
    inner join {{ ref('dim_area') }} as areas on figures.area_code = areas.area_code

),

of_towns as (

    {{ figure_parts('figures', 'town', []) }}

),

of_counties as (

    {{ figure_parts('figures', 'county', ['of_towns']) }}

),

of_cities as (

    {{ figure_parts('figures', 'city', ['of_towns', 'of_counties']) }}

),

of_zones as (

    {{ figure_parts('figures', 'zone', ['of_towns']) }}

),

united as (

    select
        *,
        area_code as counts_in_code
    from of_towns

    union all

    select
        *,
        area_code as counts_in_code
    from of_counties
    where quantity <> 0

    union all

    select
        *,
        area_code as counts_in_code
    from of_cities
    where quantity <> 0

    union all

    select
        *,
        area_code as counts_in_code
    from of_zones
    where quantity <> 0

    union all

    -- What a zone has beside its towns is in the counties already: the area above the zone is as before.
    select
        of_zones.measure_code,
        of_zones.area_code,
        of_zones.as_of_date,
        of_zones.from_date,
        of_zones.until_date,
        -of_zones.quantity as quantity,
        areas.parent_code as counts_in_code
    from of_zones
    inner join {{ ref('dim_area') }} as areas on of_zones.area_code = areas.area_code
    where of_zones.quantity <> 0

)

select
    united.measure_code,
    united.area_code,
    united.as_of_date,
    united.from_date,
    united.until_date,
    united.counts_in_code,
    united.quantity
from united
