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

ancestors as (

    select
        area_code,
        array_agg(ancestor_code) as ancestor_codes
    from {{ ref('area_ancestor') }}
    where ancestor_has_values
    group by area_code

),

-- A unit that is no area, such as a fund, has a row of its own, and counts for the largest area. Who owes what is computed from
-- all documents, so it is read once.
counted as (

    select
        owed.*,
        areas.area_code
    from owed
    left join {{ ref('dim_area') }} as known on owed.unit_code = known.area_code
    left join ancestors on owed.unit_code = ancestors.area_code
    left join largest_area on known.area_code is null
    cross join
        lateral unnest(
            array_remove(ancestors.ancestor_codes, owed.unit_code)
            || owed.unit_code
            || array_remove(array[largest_area.area_code], null)
        ) as areas (area_code)

)

select
    counted.report,
    counted.period_code,
    counted.period_start_date,
    counted.area_code,
    dim_area.area_name,
    coalesce(dim_area.area_level, 'unit') as area_level,
    count(*) as expected_units_count,
    count(*) filter (where counted.is_received) as received_units_count,
    count(*) filter (where counted.is_on_time) as on_time_units_count,
    count(*) filter (where counted.is_accepted) as accepted_units_count,
    count(*) filter (where counted.is_approved) as approved_units_count,
    count(*) filter (where counted.is_nothing_declared) as nothing_declared_units_count,
    count(*) filter (where counted.is_missing) as missing_units_count,
    (100.0 * count(*) filter (where counted.is_received) / count(*))::numeric(5, 1) as reporting_rate_pct,
    (100.0 * count(*) filter (where counted.is_on_time) / count(*))::numeric(5, 1) as on_time_rate_pct
from counted
left join {{ ref('dim_area') }} as dim_area on counted.area_code = dim_area.area_code
group by
    counted.report,
    counted.period_code,
    counted.period_start_date,
    counted.area_code,
    dim_area.area_name,
    dim_area.area_level
