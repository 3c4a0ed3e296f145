with last_months as (

    select distinct on (year_number)
        year_number,
        period_code,
        end_date
    from {{ ref('dim_period') }}
    where period_kind = 'month'
    order by year_number asc, end_date desc

),

measured as (

    select
        numbers.area_code,
        last_months.year_number,
        last_months.period_code,
        last_months.end_date,
        max(numbers.value) filter (where numbers.measure_code = 'resident_persons') as resident_persons,
        max(numbers.value) filter (where numbers.measure_code = 'household_count') as household_count,
        max(numbers.value) filter (where numbers.measure_code = 'area_km2') as area_km2
    from {{ ref('measure_value') }} as numbers
    inner join last_months on numbers.period_code = last_months.period_code
    where numbers.measure_code in ('resident_persons', 'household_count', 'area_km2')
    group by numbers.area_code, last_months.year_number, last_months.period_code, last_months.end_date

),

in_force as (

    select
        ancestors.ancestor_code as area_code,
        last_months.year_number,
        figures.area_code = ancestors.ancestor_code as is_own,
        figures.as_of_date,
        figures.basis
    from {{ ref('area_figure') }} as figures
    inner join {{ ref('area_ancestor') }} as ancestors on figures.area_code = ancestors.area_code
    inner join last_months
        on
            figures.as_of_date <= last_months.end_date
            and (figures.until_date is null or figures.until_date > last_months.end_date)
    where figures.measure_code = 'resident_persons'

),

-- An area's own figure tells what the number is; without one it is a sum, and a sample if any part is.
bases as (

    select
        area_code,
        year_number,
        coalesce(
            max(basis) filter (where is_own),
            case when bool_or(basis = 'sample') then 'sample' else 'published' end
        ) as basis,
        coalesce(max(as_of_date) filter (where is_own), min(as_of_date)) as as_of_date,
        coalesce(bool_or(is_own), false) as is_stated
    from in_force
    group by area_code, year_number

)

select
    measured.area_code,
    areas.area_name,
    areas.area_level,
    measured.year_number,
    measured.period_code,
    measured.resident_persons,
    measured.household_count,
    measured.area_km2,
    (measured.resident_persons / nullif(measured.area_km2, 0))::numeric(20, 6) as residents_per_km2,
    (measured.resident_persons / nullif(measured.household_count, 0))::numeric(20, 6) as residents_per_household,
    bases.as_of_date,
    bases.basis,
    bases.is_stated
from measured
inner join {{ ref('dim_area') }} as areas on measured.area_code = areas.area_code
left join bases
    on
        measured.area_code = bases.area_code
        and measured.year_number = bases.year_number
        and measured.resident_persons is not null
