with snapshots as (

    select * from {{ ref('stg_civil_affairs__town_coverage') }}

),

-- A town that became another one, with a new code, goes on there.
towns as (

    select
        ancestors.area_code,
        ancestors.ancestor_code as town_code
    from {{ ref('area_ancestor') }} as ancestors
    inner join {{ ref('dim_area') }} as areas on ancestors.ancestor_code = areas.area_code
    where areas.area_level = 'town'

)

select
    snapshots.town_code as area_code,
    snapshots.period_quarter as quarter_code,
    snapshots.period_end as as_of_date,
    min(snapshots.period_end) over (
        partition by coalesce(towns.town_code, snapshots.town_code)
        order by snapshots.period_end
        groups between 1 following and 1 following
    ) as next_as_of_date,
    snapshots.has_federation,
    snapshots.federation_name,
    snapshots.federation_date,
    snapshots.has_volunteer_association,
    snapshots.volunteer_association_name,
    snapshots.volunteer_association_date,
    snapshots.submission_id,
    snapshots.sheet,
    snapshots.row_number
from snapshots
left join towns on snapshots.town_code = towns.area_code
