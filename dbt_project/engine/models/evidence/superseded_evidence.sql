{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['history'],
    indexes=[{'columns': ['indicator_code', 'area_code']}, {'columns': ['until_build']}]
) }}

-- The strategy of evidence fills it.
select
    null::text as indicator_code,
    null::text as area_code,
    null::date as event_date,
    null::date as end_date,
    null::numeric as quantity,
    null::text as subject_key,
    null::bigint as submission_id,
    null::text as sheet,
    null::integer as row_number,
    null::text as model_name,
    null::bigint as since_build,
    null::bigint as until_build
where false
