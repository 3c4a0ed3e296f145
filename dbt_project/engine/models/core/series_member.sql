{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['area_code']}]
) }}

with members as (

    select
        ancestors.area_code,
        ancestors.ancestor_code as series_code,
        '-infinity'::date as valid_from_date,
        'infinity'::date as valid_until_date
    from {{ ref('area_ancestor') }} as ancestors
    where ancestors.ancestor_has_values

    union all

    select
        memberships.area_code,
        series.series_code,
        memberships.valid_from_date,
        memberships.valid_until_date
    from {{ ref('area_membership') }} as memberships
    inner join {{ ref('area_series') }} as series on memberships.ancestor_code = series.area_code and series.hierarchy = 'then'

)

select
    area_code,
    series_code,
    valid_from_date,
    valid_until_date,
    valid_from_date = '-infinity' and valid_until_date = 'infinity' as is_permanent
from members
