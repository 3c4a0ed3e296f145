{{ config(tags=['structure']) }}

-- An area without a path to the city would be missing from the city's figures.
select areas.*
from {{ ref('dim_area') }} as areas
where
    areas.has_values
    and not exists (
        select 1
        from {{ ref('area_ancestor') }} as ancestors
        where ancestors.area_code = areas.area_code and ancestors.ancestor_code = '{{ env_var("HUIMIN_DBT_ROOT_DIVISION") }}'
    )
