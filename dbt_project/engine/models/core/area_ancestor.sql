{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['area_code']}, {'columns': ['ancestor_code', 'area_code']}]
) }}

select
    memberships.area_code,
    memberships.ancestor_code,
    ancestors.has_values as ancestor_has_values,
    ancestors.area_level as ancestor_level
from {{ ref('area_membership') }} as memberships
inner join {{ ref('dim_area') }} as ancestors on memberships.ancestor_code = ancestors.area_code
-- Of today's hierarchy, which has no end.
where memberships.valid_until_date = 'infinity'
