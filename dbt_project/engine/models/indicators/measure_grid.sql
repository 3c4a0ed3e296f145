{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key='measure_code',
    meta={'scope': 'table'}
) }}

-- The increments are looked up by their index: one look per measure and area, however many months they have.
with periods as (

    select md5(string_agg(period_code, ',' order by period_code)) as periods_hash
    from {{ ref('dim_period') }}

),

levels as (

    select
        measures.measure_code,
        max(areas.area_level_rank) as deepest_level_rank
    from {{ ref('measure') }} as measures
    inner join {{ ref('area_series') }} as areas
        on
            exists (
                select 1
                from {{ ref('flow_increment') }} as flows
                where flows.measure_code = measures.measure_code and flows.area_code = areas.series_code
            )
            or exists (
                select 1
                from {{ ref('stock_increment') }} as stocks
                where stocks.measure_code = measures.measure_code and stocks.area_code = areas.series_code
            )
            -- Not known is a value, too.
            or exists (
                select 1
                from {{ ref('area_figure_gap') }} as gaps
                where gaps.measure_code = measures.measure_code and gaps.series_code = areas.series_code
            )
    group by measures.measure_code

)

select
    measures.measure_code,
    levels.deepest_level_rank,
    periods.periods_hash,
    {{ build_horizon().number }}::bigint as since_build
from {{ ref('measure') }} as measures
left join levels on measures.measure_code = levels.measure_code
cross join periods
where not measures.is_ratio
