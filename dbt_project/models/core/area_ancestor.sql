{{ config(
    materialized='table_in_place',
    keep='same_rows',
    indexes=[{'columns': ['area_code']}, {'columns': ['ancestor_code']}]
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

),

pairs as (

    select * from climb

    union

    select * from zones

)

select
    pairs.area_code,
    pairs.ancestor_code,
    ancestors.has_values as ancestor_has_values
from pairs
inner join {{ ref('dim_area') }} as ancestors on pairs.ancestor_code = ancestors.area_code
