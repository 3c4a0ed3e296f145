with statutory_towns as (

    select
        ancestors.ancestor_code as area_code,
        count(*) as towns_count
    from {{ ref('area_ancestor') }} as ancestors
    inner join {{ ref('dim_area') }} as towns on ancestors.area_code = towns.area_code
    where towns.area_level = 'town' and towns.is_statutory and towns.is_current and ancestors.ancestor_has_values
    group by ancestors.ancestor_code

)

select
    ancestors.area_code,
    ancestors.ancestor_code,
    above.area_level_rank as ancestor_level_rank,
    coalesce(below_towns.towns_count, 0)::numeric / above_towns.towns_count as towns_share
from {{ ref('area_ancestor') }} as ancestors
inner join {{ ref('dim_area') }} as below on ancestors.area_code = below.area_code and below.has_values
inner join {{ ref('dim_area') }} as above on ancestors.ancestor_code = above.area_code and above.has_values
inner join statutory_towns as above_towns on ancestors.ancestor_code = above_towns.area_code
left join statutory_towns as below_towns on ancestors.area_code = below_towns.area_code
