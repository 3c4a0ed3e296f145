{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ remove_all_rows() }}",
    indexes=[{'columns': ['area_code', 'ancestor_code'], 'unique': true}, {'columns': ['ancestor_code']}]
) }}

with recursive climb as (

    select
        area_code,
        area_code as ancestor_code
    from {{ ref('dim_area') }}

    union all

    select
        climb.area_code,
        areas.parent_code as ancestor_code
    from climb
    inner join {{ ref('dim_area') }} as areas on climb.ancestor_code = areas.area_code
    where areas.parent_code is not null

),

zones as (

    select distinct
        climb.area_code,
        areas.zone_code as ancestor_code
    from climb
    inner join {{ ref('dim_area') }} as areas on climb.ancestor_code = areas.area_code
    where areas.zone_code is not null

)

select
    area_code,
    ancestor_code
from climb

union

select
    area_code,
    ancestor_code
from zones
