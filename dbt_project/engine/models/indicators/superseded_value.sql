{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['history'],
    indexes=[{'columns': ['indicator_code', 'area_code', 'period_code']}, {'columns': ['until_build']}]
) }}

-- The strategy of indicator_area_period fills it.
select
    null::text as indicator_code,
    null::text as area_code,
    null::text as period_code,
    null::numeric(20, 6) as value,
    null::numeric(20, 6) as ytd,
    null::numeric(20, 6) as to_date,
    null::numeric(20, 6) as numerator,
    null::numeric(20, 6) as denominator,
    null::bigint as since_build,
    null::bigint as until_build
where false
