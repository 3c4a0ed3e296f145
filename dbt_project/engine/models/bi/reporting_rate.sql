with owed as (

    select *
    from {{ ref('stg_ops__reporting_status') }}
    where is_expected

),

largest_area as (

    select area_code
    from {{ ref('dim_area') }}
    where has_values
    order by area_level_rank, area_code
    limit 1

),

-- A unit that is no area, such as a fund, has a row of its own, and counts for the largest area.
areas as (

    select
        area_code as unit_code,
        ancestor_code as area_code
    from {{ ref('area_ancestor') }}
    where ancestor_has_values

    union

    select
        unit_code,
        unit_code as area_code
    from owed

    union

    select
        owed.unit_code,
        largest_area.area_code
    from owed
    cross join largest_area
    left join {{ ref('dim_area') }} as known on owed.unit_code = known.area_code
    where known.area_code is null

)

select
    owed.report,
    owed.period_code,
    owed.period_start_date,
    areas.area_code,
    dim_area.area_name,
    coalesce(dim_area.area_level, 'unit') as area_level,
    count(*) as expected_units_count,
    count(*) filter (where owed.is_received) as received_units_count,
    count(*) filter (where owed.is_on_time) as on_time_units_count,
    count(*) filter (where owed.is_accepted) as accepted_units_count,
    count(*) filter (where owed.is_approved) as approved_units_count,
    count(*) filter (where owed.is_nothing_declared) as nothing_declared_units_count,
    count(*) filter (where owed.is_missing) as missing_units_count,
    (100.0 * count(*) filter (where owed.is_received) / count(*))::numeric(5, 1) as reporting_rate_pct,
    (100.0 * count(*) filter (where owed.is_on_time) / count(*))::numeric(5, 1) as on_time_rate_pct
from owed
inner join areas on owed.unit_code = areas.unit_code
left join {{ ref('dim_area') }} as dim_area on areas.area_code = dim_area.area_code
group by owed.report, owed.period_code, owed.period_start_date, areas.area_code, dim_area.area_name, dim_area.area_level
