{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['area_code']}, {'columns': ['ancestor_code', 'area_code']}]
) }}

with recursive hierarchy as (

    select
        area_code,
        area_code as ancestor_code
    from {{ ref('dim_area') }}

    union all

    select
        hierarchy.area_code,
        areas.parent_code as ancestor_code
    from hierarchy
    inner join {{ ref('dim_area') }} as areas on hierarchy.ancestor_code = areas.area_code
    where areas.parent_code is not null

),

zones as (

    select distinct
        hierarchy.area_code,
        areas.zone_code as ancestor_code
    from hierarchy
    inner join {{ ref('dim_area') }} as areas on hierarchy.ancestor_code = areas.area_code
    where areas.zone_code is not null

),

pairs as (

    select * from hierarchy

    union

    select * from zones

)

select
    pairs.area_code,
    pairs.ancestor_code,
    ancestors.has_values as ancestor_has_values,
    ancestors.area_level as ancestor_level
from pairs
inner join {{ ref('dim_area') }} as ancestors on pairs.ancestor_code = ancestors.area_code
